import type { PlanNode, PlanStep } from "./model";

/** Name of the document with what the steps are told in words. */
export const SETTINGS_DOCUMENT = "settings";

/**
 * Words that only repeat, for the scripts, what stands in a file or another word: digests, the list of files, what
 * config.yaml, its join part, resolv.k3s.conf and the interface's drop-in say, and whose stack it is. One change is to show
 * as one line.
 */
const REPEATED = new Set([
  "project",
  "stack",
  "node",
  "fingerprint",
  "resolvers",
  "managed_files",
  "upstream",
  "join",
  "starts_cluster",
  "interface",
  "interface_wait",
  "project",
  "stack",
  "critical",
  "disabled",
  "config_keys",
]);

/** What a node is made of, each fact once: its words, its files, and the scripts without both. */
export function nodeDocuments(node: PlanNode): Map<string, string> {
  const words = new Map<string, string>([
    ["address", node.address],
    ["ssh", node.ssh],
    ...(node.protect ? ([["protected", "yes"]] as const) : []),
  ]);
  const scripts: [string, string][] = [];
  for (const step of node.steps) {
    const { assignments, body } = takeApart(step, node);
    for (const [name, value] of assignments) if (value !== "" && !REPEATED.has(name)) words.set(name, value);
    scripts.push([`script ${step.name}`, `${step.command}\n${body}`]);
  }
  const settings = [...words].map(([name, value]) => `${name}: ${value}\n`).join("");
  return new Map([
    [SETTINGS_DOCUMENT, settings],
    ...node.files.map(({ path, content }) => [path, content] as const),
    ...scripts,
  ]);
}

/** The words that a node's scripts are given: `k3s_version`, `fingerprint`, `labels`. */
export function wordsOf(node: PlanNode): Map<string, string> {
  return new Map(node.steps.flatMap((step) => [...takeApart(step, node).assignments]));
}

interface Parts {
  readonly assignments: ReadonlyMap<string, string>;
  readonly body: string;
}

/** A script begins with a line on what it is for and `name='value'` lines; the first empty line ends them. */
function takeApart({ script }: PlanStep, node: PlanNode): Parts {
  const end = script.indexOf("\n\n");
  if (end < 0) return { assignments: new Map(), body: script };
  const head = script.slice(0, end).split("\n");
  const assigned = head.flatMap((line) => {
    const [, name, value] = /^([a-z0-9_]+)='(.*)'$/.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value.replaceAll(String.raw`'\''`, "'")] as const];
  });
  const others = head.filter((line) => !/^([a-z0-9_]+)='(.*)'$/.test(line));
  const body = [...others, withoutFiles(script.slice(end + 2), node)].join("\n");
  return { assignments: new Map(assigned), body };
}

/** The files that a script writes stand beside it. */
function withoutFiles(script: string, node: PlanNode): string {
  let rest = script;
  for (const { path, content } of node.files) {
    const call = rest.indexOf(`put_file '${path}' `);
    const start = call < 0 ? -1 : rest.indexOf(content, call);
    if (start >= 0) rest = rest.slice(0, start) + rest.slice(start + content.length);
  }
  return rest.replaceAll(/^put_file '.*<<'(\w+)'\n\1\n/gm, "").replaceAll(/^drop_file '.*\n/gm, "");
}
