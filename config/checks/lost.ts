import type { Settings } from "../settings";
import { error, warning, type Check, type Finding } from "./check";

/** Where the ways back are told. */
const GUIDE = "docs/operating.md, 'Lost machines'";

/**
 * More than half of etcd's members must live, or none can be taken out. Whether etcd was brought back before, and has the servers that
 * live as its only members, is not known here: then it is what there is to do, and otherwise the host refuses (scripts/forget.sh).
 */
export const lostServers: Check = ({ nodes }) => {
  const servers = nodes.flatMap((node, index) => (node.role === "server" ? [{ ...node, index }] : []));
  const lost = servers.filter((node) => node.lost);
  const [first] = lost;
  if (first === undefined || (servers.length - lost.length) * 2 > servers.length) return [];
  const path = `nodes[${first.index}].lost`;
  if (lost.length === servers.length) {
    const which = servers.length === 1 ? "the only server" : "every server";
    return [
      error(
        path,
        `is set on ${which}, and the cluster's data went with ${servers.length === 1 ? "it" : "them"}`,
        `take lost out of one of them, write the address and hostKey of a new machine, and bring the data back onto it with 'groundwork snapshot restore' (${GUIDE})`,
      ),
    ];
  }
  const which = lost.map(({ name }) => name).join(", ");
  const living = servers.find((node) => !node.lost)?.name ?? "";
  const without = lost.map(({ name }) => `--without ${name}`).join(" ");
  return [
    warning(
      path,
      `is set on ${lost.length} of ${servers.length} servers (${which}): without more than half of its members etcd has no quorum, and 'up' is refused`,
      `bring the cluster back first, with 'groundwork snapshot restore --from-survivor ${living} ${without}' or from a snapshot (${GUIDE})`,
    ),
  ];
};

/** Nothing is taken over on a machine that is gone. */
export const lostAndAdopted: Check = ({ nodes }) =>
  nodes.flatMap((node, index) =>
    node.lost && node.adopt
      ? [
          error(
            `nodes[${index}].adopt`,
            `is set on ${node.name}, which is lost: nothing can be taken over there`,
            "take adopt out; or lost, if the machine lives",
          ),
        ]
      : [],
  );

export const lostChecks: readonly Check[] = [lostServers, lostAndAdopted];

/**
 * A check that sees the machines only that live: what a lost one says of itself (its address, its key, its labels) counts
 * no more. What it finds names the entries as the stack's file counts them.
 */
export function amongLiving(check: Check): Check {
  return (settings, options) => {
    let places: readonly number[] | undefined;
    // Not a copy: whoever reads a part of the settings that is broken is noticed (config/read/guardedView.ts).
    const living = new Proxy(settings, {
      get(target, key): unknown {
        if (key !== "nodes") return Reflect.get(target, key);
        const all = target.nodes as Settings["nodes"] | undefined;
        const kept = [...(all ?? [])].map((node, place) => ({ node, place })).filter(({ node }) => !isLost(node));
        if (all === undefined || kept.length === all.length) return all;
        places = kept.map(({ place }) => place);
        return kept.map(({ node }) => node);
      },
    });
    const findings = check(living, options);
    return places === undefined ? findings : findings.map((finding) => atPlaces(finding, places ?? []));
  };
}

/** A node that is broken as a whole is not there. */
function isLost(node: Settings["nodes"][number] | undefined): boolean {
  return node?.lost === true;
}

function atPlaces(finding: Finding, places: readonly number[]): Finding {
  const renumbered = (text: string): string =>
    text.replaceAll(/\bnodes\[(\d+)\]/g, (_, index: string) => `nodes[${places[Number(index)] ?? Number(index)}]`);
  const { path, problem, remedy } = finding;
  return { ...finding, path: renumbered(path), problem: renumbered(problem), remedy: renumbered(remedy) };
}
