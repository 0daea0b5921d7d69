import { GroundworkError } from "../../config/groundworkError";
import { compareKubernetes, parseVersion } from "../../config/versions/version";

/** What a host says of the cluster's certificate authorities. */
export interface AuthorityState {
  readonly node: string;
  readonly role: "server" | "agent";
  /** SHA-256 of the server authority's file; empty where there is none. */
  readonly authority: string;
  /** Of the k3s that is installed. */
  readonly version: string;
  /** k3s's unit runs. */
  readonly isActive: boolean;
  /** What else a server says; undefined for an agent. */
  readonly server: ServerState | undefined;
}

/** What a server says beside that. */
export interface ServerState {
  readonly hasOpenssl: boolean;
  /** A rotation was begun there, and is not finished. */
  readonly isBegun: boolean;
  /** Authorities that k3s did not make itself: `server`, `etcd/peer`, … */
  readonly strangers: readonly string[];
  /** All nodes of the cluster; undefined where its API does not answer. */
  readonly nodes: readonly NodeState[] | undefined;
}

/** A node as Kubernetes knows it. */
export interface NodeState {
  readonly name: string;
  readonly isReady: boolean;
  /** A voter of etcd. */
  readonly isVoter: boolean;
}

/** What is to be done. */
export interface AuthorityRotation {
  /** Name of the server that makes the authorities. */
  readonly server: string;
  /** One that was begun goes on. */
  readonly goesOn: boolean;
}

/** Since when k3s takes new roots that the old ones have signed (k3s-io/k3s#7082 and its kin). */
const LOWEST = "v1.26.3";

/**
 * Decides whether the authorities can be rotated, and on which server.
 *
 * @param states Of all machines of the stack, in roll-out order.
 * @throws GroundworkError with all that is in the way.
 */
export function decideAuthorities(states: readonly AuthorityState[]): AuthorityRotation {
  const servers = states.flatMap(({ node, server }) => (server === undefined ? [] : [{ node, ...server }]));
  const [first] = servers;
  if (first === undefined) {
    throw new GroundworkError(
      "usage",
      "the stack has no server: whoever runs the cluster rotates its certificate authorities",
    );
  }
  const begun = servers.find(({ isBegun }) => isBegun);
  if (begun !== undefined) return { server: begun.node, goesOn: true };
  const problems = [
    ...tooOld(states),
    ...unequal(states),
    ...ofOthers(first),
    ...(first.hasOpenssl
      ? []
      : [`${first.node} has no openssl, which makes the new authorities: install the package openssl there`]),
    ...unwell(states, servers.find(({ nodes }) => nodes !== undefined)?.nodes),
  ];
  if (problems.length === 0) return { server: first.node, goesOn: false };
  throw new GroundworkError("failed", ["the certificate authorities are not rotated:", ...problems].join("\n  "), {
    remedy: "nothing was changed",
  });
}

function tooOld(states: readonly AuthorityState[]): string[] {
  return states
    .filter(({ version: text, role }) => {
      const [version, lowest] = [text, LOWEST].map(parseVersion);
      return (
        role === "server" && version !== undefined && lowest !== undefined && compareKubernetes(version, lowest) < 0
      );
    })
    .map(
      ({ node, version }) =>
        `${node} runs ${version}, which cannot rotate its own authorities; write k3s.version ${LOWEST}+k3s1 or newer first`,
    );
}

/** Servers that have different authorities: a restart is due on some, or somebody rotates by hand. */
function unequal(states: readonly AuthorityState[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { node, authority } of states) groups.set(authority, [...(groups.get(authority) ?? []), node]);
  if (groups.size <= 1) return [];
  const shown = [...groups].map(
    ([authority, nodes]) => `${authority === "" ? "none" : authority.slice(0, 12)} on ${nodes.join(", ")}`,
  );
  return [
    `the nodes do not have the same authority (${shown.join("; ")}): if somebody rotated it by hand, restart k3s on those that are behind, servers first`,
  ];
}

function ofOthers({ node, strangers }: { readonly node: string; readonly strangers: readonly string[] }): string[] {
  if (strangers.length === 0) return [];
  return [
    `k3s did not make these authorities itself (${strangers.join(", ")}, on ${node}): rotate them with the root that they are from (docs.k3s.io/cli/certificate)`,
  ];
}

/** Who could not take them up: a node that is down would find no way back with the token that it has. */
function unwell(states: readonly AuthorityState[], nodes: readonly NodeState[] | undefined): string[] {
  if (nodes === undefined) return ["no server's API answers: bring a server back first"];
  const ours = new Map(states.map((state) => [state.node, state]));
  const down = nodes.filter(
    ({ name, isReady, isVoter }) => !isReady || (ours.get(name)?.server !== undefined && !isVoter),
  );
  const strange = nodes.filter(({ name }) => !ours.has(name));
  const missing = states.filter(({ node, isActive }) => !isActive || !nodes.some(({ name }) => name === node));
  const names = new Set([...down.map(({ name }) => name), ...missing.map(({ node }) => node)]);
  return [
    ...(names.size === 0
      ? []
      : [
          `these nodes are not Ready, or no voters of etcd: ${[...names].join(", ")}; bring them back, or take them out`,
        ]),
    ...(strange.length === 0
      ? []
      : [
          `these nodes are not of this stack, and would not find back: ${strange.map(({ name }) => name).join(", ")}; add them to 'nodes', or take them out of the cluster`,
        ]),
  ];
}
