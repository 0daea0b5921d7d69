import { clusterWideKeys, nodeKeys, reservedKeys, secretKeys, serverKeys } from "../k3sKeys";
import { nearest } from "../nearest";
import { pathText } from "../problem";
import type { Settings } from "../settings";
import { error, warning, type Check, type Finding } from "./check";

/** A group of k3s's own settings: where it stands, for whom, and its keys without the `+` that appends to a list. */
interface Group {
  readonly path: readonly (string | number)[];
  readonly role: "server" | "agent";
  readonly entries: readonly (readonly [key: string, plainKey: string, value: unknown])[];
}

/** What Groundwork writes itself is set where Groundwork reads it. */
export const reserved: Check = (settings) =>
  eachKey(settings, ({ path, plainKey }) => {
    const instead = Object.hasOwn(reservedKeys, plainKey) ? reservedKeys[plainKey] : undefined;
    return instead === undefined ? undefined : error(path, "is written by Groundwork", instead);
  });

/** No secret in k3s's config.yaml. */
export const secrets: Check = (settings) =>
  eachKey(settings, ({ path, plainKey }) => {
    const instead = Object.hasOwn(secretKeys, plainKey) ? secretKeys[plainKey] : undefined;
    return instead === undefined
      ? undefined
      : error(path, "is a secret, and would stand in plain text on the nodes and in the state", instead);
  });

/** An agent that is given a server's setting does not start. */
export const serverOnly: Check = (settings) =>
  eachKey(settings, ({ path, plainKey, role }) =>
    role === "agent" &&
    isServerKey(plainKey) &&
    !Object.hasOwn(reservedKeys, plainKey) &&
    !Object.hasOwn(secretKeys, plainKey)
      ? error(path, "is a setting of servers, and an agent does not start with it", "write it under k3s.server")
      : undefined,
  );

/** What must be the same on all servers is said once for all of them. */
export const clusterWide: Check = (settings) =>
  eachKey(settings, ({ path, plainKey, role }) =>
    role === "server" && path.startsWith("nodes[") && clusterWideKeys.includes(plainKey)
      ? error(path, "must be the same on all servers, or they refuse to join", "write it under k3s.server")
      : undefined,
  );

/** A key that k3s does not know stops it from starting; a newer k3s may know more than this list. */
export const known: Check = (settings) =>
  eachKey(settings, ({ path, plainKey }) => {
    const all = [...nodeKeys, ...serverKeys] as readonly string[];
    if (all.includes(plainKey)) return undefined;
    const near = nearest(plainKey, all);
    return warning(
      path,
      "is not a k3s setting that is known here",
      near === undefined ? "see docs.k3s.io/cli" : `did you mean ${near}?`,
    );
  });

/** Two ways of switching one component off must not contradict each other in what they leave running. */
export const kubeProxyArguments: Check = ({ k3s }) =>
  k3s.server["disable-kube-proxy"] === true &&
  (k3s.server["kube-proxy-arg"] ?? k3s.agent["kube-proxy-arg"]) !== undefined
    ? [
        error(
          "k3s.server.kube-proxy-arg",
          "configures kube-proxy, but disable-kube-proxy leaves it out",
          "remove one of the two",
        ),
      ]
    : [];

/** A join token is one word: k3s reads it from a line of a file. */
export const tokens: Check = ({ k3s }) =>
  (["token", "agentToken"] as const).flatMap((key) => {
    const token = k3s[key];
    if (token?.isKnown !== true || /^\S+$/.test(token.reveal())) return [];
    return [
      error(
        `k3s.${key}`,
        "is empty, or has a space or a line break in it",
        "set one word without spaces, or remove it to have one generated",
      ),
    ];
  });

export const k3sSettingsChecks: readonly Check[] = [
  tokens,
  reserved,
  secrets,
  serverOnly,
  clusterWide,
  known,
  kubeProxyArguments,
];

function isServerKey(key: string): boolean {
  return (serverKeys as readonly string[]).includes(key);
}

function eachKey(
  settings: Settings,
  judge: (at: { path: string; plainKey: string; role: Group["role"] }) => Finding | undefined,
): Finding[] {
  return groups(settings).flatMap(({ path, role, entries }) =>
    entries.flatMap(([key, plainKey]) => judge({ path: pathText([...path, key]), plainKey, role }) ?? []),
  );
}

function groups({ k3s, nodes }: Settings): Group[] {
  const group = (path: Group["path"], role: Group["role"], values: Record<string, unknown>): Group => ({
    path,
    role,
    entries: Object.entries(values).map(([key, value]) => [key, key.replace(/\+$/, ""), value] as const),
  });
  return [
    group(["k3s", "server"], "server", k3s.server),
    group(["k3s", "agent"], "agent", k3s.agent),
    ...nodes.map((node, index) => group(["nodes", index, "k3s"], node.role, node.k3s)),
  ];
}
