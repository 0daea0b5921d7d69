import { takesPods, type Impact } from "../../desired/host/impact";
import type { Plan, PlanNode } from "../model";
import type { Change, HostVerdict } from "./difference";
import { SETTINGS_DOCUMENT } from "./documents";
import { impactOn } from "./impactOn";
import { ownNotes } from "./nodeNotes";

/** A machine to which something happens, and what. */
export interface HostFate {
  readonly name: string;
  readonly role: "server" | "agent";
  readonly is: "joins" | "leaves" | "changes" | "is given up" | "is forgotten";
  readonly before: PlanNode | undefined;
  readonly after: PlanNode | undefined;
  readonly change: Change;
  /** Of a member that stays one; undefined for the others. */
  readonly impact: Impact | undefined;
  /** Whether it is drained in fact: an impact that asks for it, and another node that can take the pods. */
  readonly drained: boolean;
}

/** What happens to each machine that does not stay as it is, in the order in which the changes are shown. */
export function fatesOf(before: Plan | undefined, after: Plan, changes: readonly Change[]): HostFate[] {
  const [old, now] = [before?.nodes ?? [], after.nodes].map((nodes) => new Map(nodes.map((node) => [node.name, node])));
  return changes
    .filter(({ kind }) => kind === "node")
    .flatMap((change) => {
      const [was, is] = [old?.get(change.name), now?.get(change.name)];
      const role = (is ?? was)?.role;
      return role === undefined ? [] : [fateOf(change, { role, was, is, all: before?.nodes ?? [] })];
    });
}

interface Of {
  readonly role: "server" | "agent";
  readonly was: PlanNode | undefined;
  readonly is: PlanNode | undefined;
  /** Every node that is there before. */
  readonly all: readonly PlanNode[];
}

function fateOf(change: Change, { role, was, is, all }: Of): HostFate {
  const other = all.some((node) => node.name !== change.name && node.lost !== true && takesPods(node.taints));
  const fate = { name: change.name, role, before: was, after: is, change, impact: undefined };
  if (is?.lost === true) return { ...fate, is: "is given up", drained: false };
  if (is === undefined) {
    return was?.lost === true
      ? { ...fate, is: "is forgotten", drained: false }
      : { ...fate, is: "leaves", drained: other };
  }
  if (was === undefined || was.lost === true) return { ...fate, is: "joins", drained: false };
  const impact = impactOn(was, is);
  return { ...fate, is: "changes", impact, drained: impact.drained === "yes" && other };
}

/** The rows of the table of hosts. */
export function hostVerdicts(fates: readonly HostFate[], { rollout }: Plan): HostVerdict[] {
  const names = new Set(fates.map(({ name }) => name));
  const waves = rollout
    .map(({ units }) => units.filter(({ name, kind }) => names.has(name) && kind !== "release" && kind !== "resource"))
    .filter((units) => units.length > 0);
  return fates.map((fate) => {
    const wave = waves.findIndex((units) => units.some(({ name }) => name === fate.name));
    return {
      name: fate.name,
      role: fate.role,
      changes: whatChanges(fate),
      k3s: whatOfK3s(fate),
      drain: whatOfPods(fate),
      order: fate.is === "leaves" ? "last" : wave < 0 ? "" : String(wave + 1),
    };
  });
}

function whatChanges({ is, before, after, change }: HostFate): string {
  if (is === "joins") return after?.adopt === true ? "its k3s is taken over" : "joins";
  if (is === "leaves") return "leaves the cluster; its data are deleted";
  if (is !== "changes") return change.notes.join("; ");
  const own = before === undefined || after === undefined ? [] : ownNotes(before, after);
  const words = change.documents.flatMap((document) => {
    if (document.name.startsWith("script ")) return ["its scripts"];
    if (document.name !== SETTINGS_DOCUMENT) return [document.name.slice(document.name.lastIndexOf("/") + 1)];
    const lines = document.hunks.flatMap(({ lines: all }) => all.filter(({ sign }) => sign !== " "));
    return lines.map(({ text }) => text.slice(0, text.indexOf(":"))).map((fact) => READ_AS.get(fact) ?? fact);
  });
  return [...new Set([...own, ...words])].filter((word) => word !== "").join(", ");
}

/** Facts by the words that people know them by; those whose note says them already by none. */
const READ_AS: ReadonlyMap<string, string> = new Map([
  ["k3s_version", ""],
  ["role", ""],
  ["sha256_amd64", ""],
  ["sha256_arm64", ""],
  ["sha256_arm", ""],
  ["drain_when", "rollout.drain"],
  ["max_unavailable", "rollout.maxUnavailable"],
  ["host_key", "hostKey"],
]);

function whatOfK3s({ is, after, impact }: HostFate): string {
  switch (is) {
    case "joins":
      return after?.adopt === true ? "restarts" : "starts";
    case "leaves":
      return "is uninstalled";
    case "is given up":
    case "is forgotten":
      return "is not asked";
    default:
      return `${impact?.restarts === true ? "restarts" : "goes on"}${impact?.restartsCoreDns === true ? ", CoreDNS restarts" : ""}`;
  }
}

function whatOfPods({ is, impact, drained }: HostFate): string {
  if (drained) return "yes";
  if (is === "leaves") return "no: no other node takes its pods";
  switch (impact?.drained) {
    case "yes":
      return "no: no other node takes its pods";
    case "never":
      return "no: rollout.drain is never";
    case "same version":
      return "no: rollout.drain is upgrade";
    default:
      return "";
  }
}
