import {
  canonicalKey,
  clusterWideKeys,
  isOptionName,
  keyAliases,
  nodeKeys,
  reservedKeys,
  secretKeys,
  serverKeys,
} from "../schema/k3sKeys";
import { nearest } from "../schema/nearest";
import { pathText } from "../problem";
import type { Settings } from "../settings";
import { error, warning, type Check, type Finding } from "./check";

/** A group of k3s's own settings: where it stands, for whom, and its keys by the names that the lists have. */
interface Group {
  readonly path: readonly (string | number)[];
  readonly role: "server" | "agent";
  readonly entries: readonly (readonly [key: string, plainKey: string])[];
}

/** A key is the name of one option, and a name of its own only once. */
export const optionNames: Check = (settings) =>
  groups(settings).flatMap(({ path, entries }) =>
    entries.flatMap(([key, plainKey]): Finding[] => {
      const at = pathText([...path, key]);
      if (!isOptionName(key)) {
        return [
          error(at, "is not the name of a k3s setting", "write it without '-' before it, and its value after ': '"),
        ];
      }
      const plain = key.replace(/\+$/, "");
      const twin = entries.find(
        ([other, canonical]) => canonical === plainKey && other.replace(/\+$/, "") === plainKey,
      );
      return Object.hasOwn(keyAliases, plain) && twin !== undefined
        ? [error(at, `is another name of ${plainKey}, which is there too`, `write ${plainKey} only`)]
        : [];
    }),
  );

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
    if (all.includes(plainKey) || Object.hasOwn(reservedKeys, plainKey)) return undefined;
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

/**
 * A join token is one word that k3s takes as a password: not the form of its short-lived tokens, which it looks up in the
 * cluster, nor a whole token with user or CA hash (k3s-io/k3s pkg/clientaccess/token.go). The text is never shown.
 */
export const tokens: Check = ({ k3s }) =>
  (["token", "agentToken"] as const).flatMap((key) => {
    const token = k3s[key];
    const found = token?.isKnown === true ? tokenProblem(token.reveal()) : undefined;
    return found === undefined ? [] : [error(`k3s.${key}`, ...found)];
  });

export const k3sSettingsChecks: readonly Check[] = [
  tokens,
  optionNames,
  reserved,
  secrets,
  serverOnly,
  clusterWide,
  known,
  kubeProxyArguments,
];

function tokenProblem(token: string): [problem: string, remedy: string] | undefined {
  const generated = "or remove it to have one generated";
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return [
      "is empty, or has a space, a line break or a letter outside of ASCII in it",
      `set one word without them (printf %s, not echo), ${generated}`,
    ];
  }
  if (/(^|::)[a-z0-9]{6}\.[a-z0-9]{16}$/.test(token)) {
    return [
      "has the form of a bootstrap token (6 letters, a point, 16 letters), which k3s looks up in the cluster instead",
      `set a password of another form, ${generated}`,
    ];
  }
  if (/^K10|::|^(server|node):/.test(token)) {
    return ["is a whole token, with a CA's hash or a user in it", `set only the part after the last ':', ${generated}`];
  }
  return undefined;
}

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
    entries: Object.keys(values).map((key) => [key, canonicalKey(key)] as const),
  });
  return [
    group(["k3s", "server"], "server", k3s.server),
    group(["k3s", "agent"], "agent", k3s.agent),
    ...nodes.map((node, index) => group(["nodes", index, "k3s"], node.role, node.k3s)),
  ];
}
