import { isGroup } from "../config/schema/secretPaths";
import { parseTaint, type Taint } from "../config/schema/kubernetesNames";
import type { EntryHost } from "./entry";

/** A toleration of pods, as Kubernetes has it. */
export interface Toleration {
  readonly key?: string | undefined;
  readonly operator?: string | undefined;
  readonly value?: string | undefined;
  readonly effect?: string | undefined;
}

/** What says where pods may run. */
export interface PlacementRules {
  readonly tolerations: readonly Toleration[];
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Whether there are rules that are not read here: an affinity. */
  readonly hasMore: boolean;
}

/** Where pods may run, by what the settings say of the nodes. */
export interface Placement<T> {
  /** Those that no taint and no label keeps out. */
  readonly nodes: readonly T[];
  /** Those that no taint keeps out. */
  readonly tolerated: readonly T[];
  /** Whether each of `nodes` really takes one: false where labels or rules count that only the cluster knows. */
  readonly isCertain: boolean;
}

/** Decides which nodes may run pods with these rules. */
export function placementOf<T extends Omit<EntryHost, "address">>(
  hosts: readonly T[],
  { tolerations, nodeSelector, hasMore }: PlacementRules,
): Placement<T> {
  const tolerated = hosts.filter(({ taints }) =>
    taints.flatMap((text) => parseTaint(text) ?? []).every((taint) => isTolerated(taint, tolerations)),
  );
  const selected = tolerated.map((host) => ({ host, fits: fitsSelector(host, nodeSelector) }));
  return {
    nodes: selected.flatMap(({ host, fits }) => (fits === false ? [] : [host])),
    tolerated,
    isCertain: !hasMore && selected.every(({ fits }) => fits !== undefined),
  };
}

/** Kubernetes: k8s.io/api/core/v1, Toleration.ToleratesTaint. A PreferNoSchedule keeps no pod out. */
function isTolerated({ key, value, effect }: Taint, tolerations: readonly Toleration[]): boolean {
  if (effect === "PreferNoSchedule") return true;
  return tolerations.some((toleration) => {
    const { operator = "Equal" } = toleration;
    if ((toleration.effect ?? "") !== "" && toleration.effect !== effect) return false;
    if ((toleration.key ?? "") === "") return operator === "Exists";
    return toleration.key === key && (operator === "Exists" || (toleration.value ?? "") === value);
  });
}

/** Whether a node has these labels; undefined where one is Kubernetes's own, which only the node tells. */
function fitsSelector(
  { name, role, labels }: Omit<EntryHost, "address">,
  selector: Readonly<Record<string, string>>,
): boolean | undefined {
  // k3s: pkg/server/server.go sets the roles of a server with embedded etcd.
  const roles = role === "server" ? ["control-plane", "etcd"] : [];
  const known: Readonly<Record<string, string>> = {
    "kubernetes.io/os": "linux",
    "kubernetes.io/hostname": name,
    ...Object.fromEntries(roles.map((each) => [`node-role.kubernetes.io/${each}`, "true"])),
    ...labels,
  };
  const wanted = Object.entries(selector);
  if (wanted.some(([key, value]) => known[key] !== undefined && known[key] !== value)) return false;
  const unknown = wanted.filter(([key]) => known[key] === undefined).map(([key]) => key);
  if (unknown.length === 0) return true;
  const isOwn = (key: string): boolean => /(^|\.)kubernetes\.io\//.test(key) && !key.startsWith("node-role.");
  return unknown.every(isOwn) ? undefined : false;
}

/** Rules of a chart's values; what is not of the right kind counts as a rule that is not read. */
export function rulesOf(values: Readonly<Record<string, unknown>>): PlacementRules {
  const { tolerations = [], nodeSelector = {}, affinity } = values;
  const isReadable =
    Array.isArray(tolerations) &&
    tolerations.every(isGroup) &&
    isGroup(nodeSelector) &&
    Object.values(nodeSelector).every((value) => typeof value === "string");
  if (!isReadable) return { tolerations: [], nodeSelector: {}, hasMore: true };
  return {
    tolerations,
    nodeSelector: nodeSelector as Record<string, string>,
    hasMore: isGroup(affinity) && Object.keys(affinity).length > 0,
  };
}
