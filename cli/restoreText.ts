import type { Restored } from "../operate/snapshots/restore";
import type { RestorePlan } from "../operate/snapshots/restorePlan";
import { labelled } from "../plan/render/layout";
import { sizeText } from "./sizeText";
import type { Terminal } from "./terminal";

type Page = Pick<Terminal, "paint" | "width">;

/** What a restore is about to do, for the person who is asked. */
export function planText(plan: RestorePlan, undo: boolean, { paint, width }: Page): string {
  const { restore, facts, goesOn, without } = plan;
  const { chosen, servers, from, snapshot } = restore;
  const line = (label: string, text: string): string[] => labelled(`  ${label}`, 14, text, width);
  const title = undo
    ? "Take back the restore that was begun"
    : `${goesOn ? "Go on with the restore of" : "Restore"} etcd on ${String(servers.length)} ${servers.length === 1 ? "server" : "servers"}`;
  const others = servers.filter(({ name }) => name !== chosen.name).map(({ name }) => name);
  const source =
    from === "survivor"
      ? line("from", `the data that ${chosen.name} has now`)
      : [
          ...line(
            "from",
            snapshot.startsWith("s3:")
              ? `${snapshot.slice(3)} in S3, which ${chosen.name} fetches; whether it is whole is seen only then`
              : `${snapshot} on ${chosen.name}`,
          ),
          ...(facts === undefined
            ? []
            : [
                ...line(
                  "",
                  `of ${facts.time.slice(0, 16).replace("T", " ")} UTC, ${sizeText(facts.bytes)}, k3s ${facts.version === "" ? "unknown" : facts.version}; whole, by etcd's sum`,
                ),
                ...line("token", tokenText(facts.oldToken)),
              ]),
        ];
  return [
    paint.heading(title),
    ...source,
    ...(undo ? undoSteps(chosen.name, others, line) : steps(plan, others, line)),
    ...(undo ? [] : nodeNotes(plan).flatMap((note) => line("", note).map((each) => paint.warning(each)))),
    ...without.flatMap((name) =>
      line(
        "without",
        `${name} is not asked and not waited for. If its machine comes back, it must not start with its old data: wipe it, or say lost: true on its entry and run up`,
      ).map((each) => paint.warning(each)),
    ),
    "",
    "",
  ].join("\n");
}

type Line = (label: string, text: string) => string[];

function steps(
  { restore: { chosen, from, nodes, servers }, looks }: RestorePlan,
  others: readonly string[],
  line: Line,
): string[] {
  const agents = nodes.filter((name) => !servers.some((server) => server.name === name)).length;
  const all = [
    `stop k3s on ${servers.map(({ name }) => name).join(", ")}; pods go on, the API does not answer until ${chosen.name} has started`,
    from === "survivor"
      ? `copy the data of ${chosen.name} aside, and make it the only member of etcd`
      : `move the data of ${chosen.name} aside, and put the snapshot in its place`,
    ...looks.flatMap(({ host, version }) =>
      version === host.node.version
        ? []
        : [`install k3s ${host.node.version}, as the stack says, on ${host.name}, which has ${version}`],
    ),
    `start ${chosen.name}, and wait until it is Ready`,
    ...(others.length === 0
      ? []
      : [
          `move the data of ${others.join(", ")} aside, and let ${others.length === 1 ? "it" : "them, one by one,"} join`,
        ]),
    ...(agents === 0 ? [] : ["restart k3s on the agents; their pods go on"]),
  ];
  return all.flatMap((text, index) => line(index === 0 ? "steps" : "", `${String(index + 1)}. ${text}`));
}

function undoSteps(chosen: string, others: readonly string[], line: Line): string[] {
  return line("steps", `put back what ${[chosen, ...others].join(", ")} had before, and start k3s there`);
}

function tokenText(old: string | undefined): string {
  return old === undefined
    ? "the stack's own opens it"
    : `it is sealed with the one in ${old}; the stack's own takes its place`;
}

/** Which Nodes the snapshot's keys name and the stack does not, and the other way round. */
function nodeNotes({ facts, restore }: RestorePlan): string[] {
  if (facts === undefined || facts.nodes.length === 0) return [];
  const strangers = facts.nodes.filter((name) => !restore.nodes.includes(name));
  const missing = restore.nodes.filter((name) => !facts.nodes.includes(name));
  return [
    ...(strangers.length === 0 ? [] : [`the snapshot knows ${strangers.join(", ")}, which the stack does not have`]),
    ...(missing.length === 0 ? [] : [`the snapshot does not know ${missing.join(", ")}, which will join as new`]),
  ];
}

/** What came of it, and what is left to do. */
export function afterText(
  { members, before, stray }: Restored,
  { restore, without }: Pick<RestorePlan, "restore" | "without">,
  { paint, width }: Page,
): string {
  const { strangers, missing } = members;
  const absent = missing.filter((name) => !without.includes(name));
  const note = (text: string): string[] => labelled("", 0, text, width).map((each) => paint.warning(each));
  return [
    "",
    paint.heading(`Restored on ${restore.servers.map(({ name }) => name).join(", ")}`),
    ...beforeLines(before),
    ...strangers.flatMap((name) =>
      note(`Node ${name} was in the snapshot and is not in the stack; remove it with: kubectl delete node ${name}`),
    ),
    ...absent.flatMap((name) =>
      note(`${name} is in the stack and no Node of the cluster; 'pulumi up --refresh' makes it one`),
    ),
    ...without.flatMap((name) =>
      note(`${name} was left out: wipe its machine, or say lost: true on its entry and run up`),
    ),
    ...stray.flatMap(({ node, reason }) => note(`${node} does not follow: ${reason}`)),
    ...labelled(
      "",
      0,
      "What was changed in the cluster after that time is gone. Where the stack changed since, 'pulumi up --refresh' brings it back.",
      width,
    ),
    "",
  ].join("\n");
}

/** Each path once, with the servers that have it. */
function beforeLines(before: Restored["before"]): string[] {
  const paths = [...new Set(before.map(({ path }) => path))];
  if (paths.length === 0) return [];
  const rows = paths.map((path) => {
    const nodes = before.filter((one) => one.path === path).map(({ node }) => node);
    return `  ${path} on ${nodes.join(", ")}`;
  });
  return ["What was there before stays until you remove it:", ...rows];
}
