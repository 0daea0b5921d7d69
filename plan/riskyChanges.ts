import { parse } from "yaml";
import { compareVersions, minorSteps } from "./k3sVersion";
import type { Plan, PlanNode } from "./model";

const K3S_CONFIG = "/etc/rancher/k3s/config.yaml";

/** k3s reads these once, when the cluster starts; later values are refused or break it (https://docs.k3s.io/cli/server). */
const FIXED_KEYS = ["cluster-cidr", "service-cidr", "cluster-domain"];

/** Releases whose removal takes volumes with it. */
const STORAGE = /^(longhorn|nfs-|csi-driver-nfs)/;

/** Changes that a careful person would ask about before they go out. */
export function bitingChanges(before: Plan, after: Plan): string[] {
  return [
    ...versionWarnings(before, after),
    ...roleWarnings(before, after),
    ...serverWarnings(before, after),
    ...fixedKeyWarnings(before, after),
    ...storageWarnings(before, after),
  ];
}

function versionWarnings(before: Plan, after: Plan): string[] {
  const old = new Map(before.nodes.map((node) => [node.name, node.version]));
  const moves = new Map<string, string[]>();
  for (const { name, version } of after.nodes) {
    const was = old.get(name);
    if (was === undefined || was === version) continue;
    moves.set(`${was} ${version}`, [...(moves.get(`${was} ${version}`) ?? []), name]);
  }
  return [...moves].flatMap(([move, names]) => {
    const [from = "", to = ""] = move.split(" ");
    const which = `${names.join(", ")}: k3s ${from} to ${to}`;
    if ((compareVersions(to, from) ?? 0) < 0) {
      return [`${which} is a downgrade; etcd cannot go back: restore a snapshot of the older version instead`];
    }
    return minorSteps(from, to) > 1 ? [`${which} skips a minor version; Kubernetes goes up one at a time`] : [];
  });
}

// scripts/preflight.sh refuses a host that runs k3s as the other role.
function roleWarnings(before: Plan, after: Plan): string[] {
  const old = new Map(before.nodes.map((node) => [node.name, node.role]));
  return after.nodes
    .filter(({ name, role }) => old.has(name) && old.get(name) !== role)
    .map(
      ({ name, role }) =>
        `${name}: a role cannot change in place; remove the node, run up, and add it with role: ${role} afterwards`,
    );
}

function serverWarnings(before: Plan, after: Plan): string[] {
  const [old, now] = [serversOf(before), serversOf(after)];
  const gone = old.filter((name) => !now.includes(name));
  if (gone.length === old.length) {
    return ["no server stays: this is another cluster, and the data of the old one is lost"];
  }
  const warnings: string[] = [];
  if (now.length % 2 === 0 && now.length !== old.length) {
    warnings.push(`${now.length} servers bear no more failures than ${now.length - 1}; etcd wants an odd number`);
  }
  if (gone.length * 2 >= old.length) {
    warnings.push(
      `${gone.join(", ")}: ${gone.length} of ${old.length} servers go, and etcd loses its quorum; remove one at a time`,
    );
  }
  if (old[0] !== now[0]) {
    warnings.push(`the first server changes from ${old[0] ?? ""} to ${now[0] ?? ""}, which should be a member already`);
  }
  return warnings;
}

function fixedKeyWarnings(before: Plan, after: Plan): string[] {
  const [old, now] = [firstConfig(before), firstConfig(after)];
  if (old === undefined || now === undefined) return [];
  return FIXED_KEYS.filter((key) => old[key] !== now[key]).map(
    (key) =>
      `${key} changes from ${String(old[key])} to ${String(now[key])}; a living cluster keeps the one that it started with`,
  );
}

function storageWarnings(before: Plan, after: Plan): string[] {
  const now = new Set(after.releases.map((release) => release.name));
  return before.releases
    .filter(({ name }) => STORAGE.test(name) && !now.has(name))
    .map(({ name }) => `${name} is uninstalled; volumes that it made can no longer be used`);
}

function serversOf({ nodes }: Plan): string[] {
  return nodes.filter((node) => node.role === "server").map((node) => node.name);
}

function firstConfig({ nodes }: Plan): Record<string, unknown> | undefined {
  const config = (node: PlanNode | undefined): string | undefined =>
    node?.files.find((file) => file.path === K3S_CONFIG)?.content;
  const text = config(nodes.find((node) => node.role === "server"));
  return text === undefined ? undefined : (parse(text) as Record<string, unknown>);
}
