import type { ResourceChange } from "../../automation/stacks";
import { element, type Content } from "../../plan/render/html/element";
import { dataTable, details, list } from "../../plan/render/html/parts";
import { resourceTable, type ResourceRow } from "../../plan/render/html/resourceTable";
import type { Operation } from "../store/operations";
import { count } from "./words";

/** The changes that a preview found; none where it has not ended well. */
export function changesOf({ kind, outcome }: Pick<Operation, "kind" | "outcome">): readonly ResourceChange[] {
  const changes = kind === "preview" ? outcome?.result?.["changes"] : undefined;
  return Array.isArray(changes) ? (changes as readonly ResourceChange[]) : [];
}

/** What an `up` would do, said before everything else: the verdict, what cannot be taken back, machines, and each change. */
export function previewDiff(changes: readonly ResourceChange[]): {
  readonly verdict: Content;
  readonly concerns: Content | undefined;
  readonly hosts: Content | undefined;
  readonly changes: Content | undefined;
} {
  const hosts = hostRows(changes);
  const lost = changes.filter(({ operation }) => operation === "delete" || operation === "replace");
  return {
    verdict: element("p", { class: "verdict" }, verdictLine(changes, hosts)),
    concerns:
      lost.length === 0
        ? undefined
        : element(
            "ul",
            { class: "notes" },
            ...lost.map((change) => element("li", { class: "refused" }, lossOf(change))),
          ),
    hosts:
      hosts.length === 0
        ? undefined
        : dataTable("Table of hosts", {
            header: ["host", "k3s", "what changes"],
            rows: hosts.map(({ name, k3s, what }) => [name, k3s, what]),
          }),
    changes: resourceTable(changes.map(changeRow)),
  };
}

/** Type of the steps of a node. */
const COMMAND = "command:remote:Command";

interface HostRow {
  readonly name: string;
  readonly is: "joins" | "leaves" | "may restart" | "goes on";
  readonly k3s: string;
  readonly what: string;
}

/** Steps of a node by the end of their names (desired/host/steps.ts), for people. */
const STEPS: readonly (readonly [ending: string, words: string])[] = [
  ["-token", "its token or mark"],
  ["-drain", "what its drain goes by"],
  ["-ready", "its place in Kubernetes"],
];

/**
 * What becomes of the machines. Whether k3s restarts is decided on the host by a fingerprint, which the drain is given too: where the
 * drain is given the same as before, k3s goes on.
 */
function hostRows(changes: readonly ResourceChange[]): HostRow[] {
  const nodes = [...new Set(changes.flatMap(({ resource }) => resource.node ?? []))];
  return nodes.map((name) => {
    const own = changes.filter(({ resource }) => resource.node === name);
    const operationOn = (resourceName: string): string | undefined =>
      own.find(({ resource }) => resource.name === resourceName && resource.type === COMMAND)?.operation;
    const host = operationOn(name);
    if (host === "create") return { name, is: "joins", k3s: "starts", what: "joins the cluster" };
    if (host === "delete") {
      return { name, is: "leaves", k3s: "is uninstalled", what: "leaves the cluster; its data are deleted" };
    }
    const restarts = operationOn(`${name}-drain`) !== undefined || host === "replace";
    const parts = STEPS.filter(([ending]) => operationOn(`${name}${ending}`) !== undefined).map(([, words]) => words);
    return {
      name,
      is: restarts ? "may restart" : "goes on",
      k3s: restarts ? "may restart, drained first" : "goes on",
      what: [...(host === undefined ? [] : ["its files and settings"]), ...parts].join(", "),
    };
  });
}

function verdictLine(changes: readonly ResourceChange[], hosts: readonly HostRow[]): string {
  if (changes.length === 0) return "nothing changes";
  const named = (is: HostRow["is"], words: string): string[] => {
    const names = hosts.filter((host) => host.is === is).map(({ name }) => name);
    return names.length === 0 ? [] : [`${words}: ${names.join(", ")}`];
  };
  const of = (operation: string, done: string): string[] => {
    const number = changes.filter((change) => change.operation === operation).length;
    return number === 0 ? [] : [`${count(number, "resource")} ${done}`];
  };
  const restarts = named("may restart", "k3s may restart on");
  return [
    ...named("joins", "joins"),
    ...named("leaves", "leaves"),
    ...(hosts.length > 0 && restarts.length === 0 && hosts.some(({ is }) => is === "goes on")
      ? ["k3s restarts on no host that is there"]
      : restarts),
    ...of("create", "created"),
    ...of("update", "updated"),
    ...of("replace", "replaced"),
    ...(changes.some(({ operation }) => operation === "delete") ? of("delete", "deleted") : ["nothing is deleted"]),
  ].join("; ");
}

function lossOf({ resource: { name, type }, operation, properties }: ResourceChange): Content {
  const because = properties.filter(({ replaces }) => replaces).map(({ path }) => path);
  return [
    element("strong", {}, `${operation === "delete" ? "Deleted" : "Replaced"}: ${name}`),
    ` (${type})`,
    because.length === 0 ? undefined : `, because of ${because.join(", ")}`,
  ];
}

const ACTIONS: Readonly<Record<string, ResourceRow["action"]>> = {
  create: "added",
  delete: "removed",
  replace: "replaced",
  update: "changed",
};

function changeRow({ resource: { name, type, node }, operation, properties }: ResourceChange): ResourceRow {
  const lines = properties.map(({ path, change, replaces }) => [
    type === COMMAND && path === "stdin"
      ? "its script, or what that is given, is another one"
      : [element("code", {}, path), ` ${CHANGES[change]}`],
    replaces ? ", which replaces it" : undefined,
  ]);
  const shown = lines.length === 0 ? undefined : list(lines, { class: "plain" });
  return {
    action: ACTIONS[operation] ?? "changed",
    name,
    type,
    more: [
      ACTIONS[operation] === undefined ? operation : undefined,
      node === undefined || node === name ? undefined : `on ${node}`,
      lines.length <= MOST_SHOWN ? shown : details(`${lines.length} properties`, shown),
    ],
  };
}

/** Properties of a resource that are shown without being opened. */
const MOST_SHOWN = 3;

const CHANGES = { add: "is set", delete: "is not set any more", update: "is another one" } as const;
