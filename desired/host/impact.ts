import type { HostFile } from "./hostFile";

/** What a node is given, as far as its own scripts decide by it what happens to its k3s. */
export interface Given {
  /** Version of k3s. */
  readonly version: string;
  readonly role: "server" | "agent";
  /** The facts of all its steps, by name. */
  readonly facts: ReadonlyMap<string, string>;
}

/** What becomes of a member's k3s when it is given something else. */
export interface Impact {
  /** k3s restarts, once (converge.sh). */
  readonly restarts: boolean;
  /** Its pods move away before that (drain.sh), where another node can take them. */
  readonly drained: "yes" | "never" | "same version" | "no restart";
  /** CoreDNS restarts on it (ready.sh). */
  readonly restartsCoreDns: boolean;
}

/** Whether k3s reads a file at its start only, and so restarts when the file changes; the fingerprint is of these files. */
export function restartsK3s({ effect }: Pick<HostFile, "effect">): boolean {
  return effect === "restart" || effect === "unit";
}

/**
 * What the scripts of a member will do when they are given `after`, and were given `before` in the `up` before: decided by the very
 * facts by which the scripts decide. What is not as it was left on the host is not known here.
 */
export function impactOf(before: Given, after: Given): Impact {
  const differs = (name: string): boolean =>
    before.facts.has(name) && after.facts.has(name) && before.facts.get(name) !== after.facts.get(name);
  const repairs = after.facts.get("repair_drain") === "yes" && before.facts.get("repair") !== after.facts.get("repair");
  const restarts = differs("fingerprint") || repairs;
  return {
    restarts,
    drained: restarts ? drainedBy(before, after) : "no restart",
    restartsCoreDns: differs("resolvers"),
  };
}

/** `rollout.drain`, as drain.sh takes it. */
function drainedBy(before: Given, after: Given): Impact["drained"] {
  const when = after.facts.get("drain_when");
  if (when === "never") return "never";
  return when === "upgrade" && before.version === after.version ? "same version" : "yes";
}

/** How many agents may be drained at the same time (drain.sh). */
export function mostUnavailable({ facts }: Pick<Given, "facts">): number {
  return Number(facts.get("max_unavailable") ?? "1");
}

/** Whether pods without a toleration may come to a node (pods.sh). */
export function takesPods(taints: readonly string[]): boolean {
  return !taints.some((taint) => /:No(Schedule|Execute)$/.test(taint));
}
