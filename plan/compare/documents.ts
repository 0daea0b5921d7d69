import type { PlanNode } from "../model";

/** Name of the document with what the steps are given, in words. */
export const SETTINGS_DOCUMENT = "settings";

/**
 * Facts that only repeat, for the scripts, what stands in a file or in another fact: digests, the list of files, what
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
  "critical",
  "disabled",
  "config_keys",
  "internal_ip",
]);

/** What a node is made of, each fact once: its facts, its files, and what the scripts do. */
export function nodeDocuments(node: PlanNode): Map<string, string> {
  const facts = [...factsOf(node)].filter(([name, value]) => value !== "" && !REPEATED.has(name));
  const words = new Map<string, string>([
    ["address", node.address],
    ["ssh", node.ssh],
    ...(node.protect ? ([["protected", "yes"]] as const) : []),
    ...facts,
  ]);
  return new Map([
    [SETTINGS_DOCUMENT, [...words].map(([name, value]) => `${name}: ${value}\n`).join("")],
    ...node.files.map(({ path, content }) => [path, content] as const),
    ...node.steps.map(({ name, command, body }) => [`script ${name}`, `${command}\n${body}`] as const),
  ]);
}

/** What a node's scripts are given: `k3s_version`, `fingerprint`, `labels`. */
export function factsOf(node: PlanNode): Map<string, string> {
  return new Map(node.steps.flatMap(({ facts }) => Object.entries(facts)));
}
