import { isDeepStrictEqual } from "node:util";
import { currentCluster } from "../kubeconfigFile";
import { originOf, type Origin } from "../origin";
import { clusterSchema } from "../schema/cluster";
import { k3sSchema } from "../schema/k3s";
import { networkSchema } from "../schema/network";
import { rolloutSchema } from "../schema/rollout";
import { sshSchema } from "../schema/ssh";
import { error, type Check, type Finding } from "./check";

/** A cluster comes from one place. */
export const oneOrigin: Check = ({ nodes, cluster }) => {
  const given = [
    ...(nodes.length > 0 ? ["nodes"] : []),
    ...(cluster.kubeconfig === undefined ? [] : ["cluster.kubeconfig"]),
    ...(cluster.k3d === undefined ? [] : ["cluster.k3d"]),
  ];
  if (given.length < 2) return [];
  return [
    error(
      given.at(-1) ?? "",
      `is set, and so is ${given.slice(0, -1).join(" and ")}; a cluster comes from one place`,
      "keep 'nodes' for machines of your own, cluster.k3d for containers on this machine, or cluster.kubeconfig for a cluster that is there",
    ),
  ];
};

/** The kubeconfig can be one. */
export const usableKubeconfig: Check = ({ cluster: { kubeconfig } }) => {
  const found = kubeconfig?.isKnown === true ? currentCluster(kubeconfig.reveal()) : undefined;
  if (typeof found !== "string") return [];
  const remedy =
    "set it with: kubectl config view --minify --flatten | pulumi config set --secret --path 'groundwork:cluster.kubeconfig'";
  return [error("cluster.kubeconfig", found, remedy)];
};

/** What acts on machines of the stack's own, and what of it k3d takes as well. */
const OF_MACHINES = {
  ssh: { schema: sshSchema, k3d: [] },
  rollout: { schema: rolloutSchema, k3d: [] },
  k3s: { schema: k3sSchema, k3d: ["version", "disable", "tlsSans", "secretsEncryption", "server", "agent"] },
  network: { schema: networkSchema, k3d: ["podCidr", "serviceCidr", "nodePortRange", "flannelBackend"] },
} as const;

/** Settings that act on machines are not given where there are none: they would be read by nobody. */
export const noEffect: Check = (settings) => {
  const origin = originOf(settings);
  if (origin === "machines") return [];
  const found = Object.entries(OF_MACHINES).flatMap(([group, { schema, k3d }]): Finding[] => {
    const defaults = schema.parse({}) as Readonly<Record<string, unknown>>;
    const given = settings[group as keyof typeof OF_MACHINES] as Readonly<Record<string, unknown>>;
    const taken: readonly string[] = origin === "k3d" ? k3d : [];
    return Object.keys(given)
      .filter((key) => !taken.includes(key) && !isDeepStrictEqual(given[key], defaults[key]))
      .map((key) => ineffective(`${group}.${key}`, origin));
  });
  const { dns, cluster } = settings;
  const ofDns = [
    ...(origin === "existing" && dns.upstream !== undefined ? ["dns.upstream"] : []),
    ...(origin === "existing" && dns.searchDomains.length > 0 ? ["dns.searchDomains"] : []),
  ];
  // What the cluster is called and whether it is protected goes for any.
  const {
    name: _name,
    kubeconfig: _kubeconfig,
    k3d: _k3d,
    allowEvenServers: _even,
    protect: _protect,
    ...wayIn
  } = cluster;
  const defaultCluster = clusterSchema.parse({}) as Readonly<Record<string, unknown>>;
  const ofCluster = Object.entries(wayIn)
    .filter(([key, value]) => !isDeepStrictEqual(value, defaultCluster[key]))
    .map(([key]) => `cluster.${key}`);
  return [...found, ...[...ofDns, ...ofCluster].map((path) => ineffective(path, origin))];
};

function ineffective(path: string, origin: Exclude<Origin, "machines">): Finding {
  const whose =
    origin === "k3d" ? "k3d makes this cluster" : "this cluster is not made by the stack (cluster.kubeconfig)";
  return error(path, `has no effect: ${whose}`, "take it out");
}

export const originChecks: readonly Check[] = [oneOrigin, usableKubeconfig, noEffect];
