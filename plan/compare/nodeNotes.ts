import { isOlder } from "../../config/versions/version";
import type { PlanNode } from "../model";
import { impactOn } from "./impactOn";
import type { Subject } from "./subjects";

/** What happens when something new comes. */
export function addedNotes({ node }: Subject): string[] {
  if (node === undefined) return [];
  const role = node.role === "server" ? "a server" : "an agent";
  return [node.adopt ? `its k3s is taken over, as ${role}` : `joins as ${role}`];
}

/** What happens when something goes. */
export function removedNotes({ node, protect, kind }: Subject): string[] {
  const refused = protect ? ["it is protected: 'pulumi up' refuses until 'pulumi state unprotect'"] : [];
  if (node !== undefined) {
    return [
      ...refused,
      "is drained and deleted from the cluster, then k3s is uninstalled on its host, its data included",
    ];
  }
  return kind === "release" ? [...refused, "is uninstalled"] : refused;
}

/** What happens when a node or resource changes, beyond the lines that differ. */
export function changedNotes(before: Subject, after: Subject): string[] {
  if (before.node === undefined || after.node === undefined) return [];
  return [...ownNotes(before.node, after.node), ...restartNotes(before.node, after.node)];
}

/** What is said of a node itself, apart from what becomes of its k3s. */
export function ownNotes(before: PlanNode, after: PlanNode): string[] {
  return [...roleNote(before, after), ...versionNote(before, after), ...modeNotes(before, after)];
}

function roleNote(before: PlanNode, after: PlanNode): string[] {
  return before.role === after.role ? [] : [`role ${before.role} becomes ${after.role}`];
}

function versionNote(before: PlanNode, after: PlanNode): string[] {
  if (before.version === after.version) return [];
  const isDowngrade = isOlder(after.version, before.version);
  return [`k3s ${isDowngrade ? "downgrade" : "upgrade"} ${before.version} to ${after.version}`];
}

function modeNotes(before: PlanNode, after: PlanNode): string[] {
  const old = new Map(before.files.map((file) => [file.path, file.mode]));
  return after.files.flatMap(({ path, mode }) => {
    const was = old.get(path);
    return was === undefined || was === mode ? [] : [`mode of ${path} ${was} becomes ${mode}`];
  });
}

function restartNotes(before: PlanNode, after: PlanNode): string[] {
  const { restarts, drained, restartsCoreDns } = impactOn(before, after);
  return [
    ...(restarts ? [drained === "yes" ? "k3s restarts after a drain" : "k3s restarts without a drain"] : []),
    ...(restartsCoreDns ? ["CoreDNS restarts"] : []),
  ];
}
