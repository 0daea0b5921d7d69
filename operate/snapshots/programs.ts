import { stringify } from "yaml";
import { hostPort, primary } from "../../config/addresses";
import { Secret } from "../../config/secret";
import type { Settings } from "../../config/settings";
import type { HostProgram } from "../../desired/host/program";
import type { DesiredNode } from "../../desired/nodes";
import { s3Keys } from "../../desired/snapshots";
import type { Restore } from "./model";

const COMMON = ["report", "owner", "files", "lock"];

/** Looks at the snapshots on a server, or saves one there. Verbs: `list_snapshots`, `check_snapshot`, `save_now`. */
export function snapshotProgram(
  settings: Settings,
  node: DesiredNode,
  about: { readonly name?: string; readonly path?: string } = {},
): HostProgram {
  return {
    title: `snapshots of etcd on ${node.name}`,
    facts: {
      ...whose(node),
      snapshot_dir: snapshotDirectory(settings) ?? "",
      snapshot_name: about.name ?? "",
      restore_snapshot: about.path ?? "",
    },
    secrets: [],
    files: undefined,
    parts: [...COMMON, "snapshot", "snapshotFiles"],
    verbs: ["list_snapshots", "check_snapshot", "save_now"],
  };
}

/** Looks at what a restore has to know of a server. Verb: `look_for_restore`. */
export function lookProgram(node: DesiredNode): HostProgram {
  return {
    title: `look at ${node.name} before a restore`,
    facts: whose(node),
    secrets: [],
    files: undefined,
    parts: [...COMMON, "status", "restoreState"],
    verbs: ["look_for_restore"],
  };
}

/** The parts of a restore on one server. Verbs: `hold`, `reset_etcd`, `start_restored`, `rejoin`, `finish_restore`, `undo_restore`. */
export function restoreProgram(settings: Settings, node: DesiredNode, restore: Restore): HostProgram {
  const { chosen, nodes } = restore;
  return {
    title: `restore etcd on ${node.name}`,
    facts: {
      ...whose(node),
      ...starting(settings, node),
      ...binaryOf(node),
      api_port: String(settings.cluster.apiPort),
      snapshot_dir: snapshotDirectory(settings) ?? "",
      restore_id: restore.id,
      restore_from: restore.from,
      restore_chosen: chosen.name,
      restore_snapshot: isInS3(restore.snapshot) ? restore.snapshot.slice(S3_PREFIX.length) : restore.snapshot,
      restore_servers: restore.servers.map(({ name }) => name).join(" "),
      restore_nodes: nodes.filter((name) => name !== chosen.name).join(" "),
      join_chosen_at: hostPort(
        primary(chosen.settings.internalIp) ?? chosen.settings.address,
        settings.cluster.apiPort,
      ),
    },
    secrets: isInS3(restore.snapshot) ? ["s3_config"] : [],
    files: undefined,
    parts: [
      ...[...COMMON, "api", "restart", "preflight", "health", "putToken", "newTokens"],
      ...[
        "proxy",
        "binary",
        "snapshot",
        "versions",
        "snapshotFiles",
        "rotate",
        "restoreState",
        "restore",
        "restoreStart",
      ],
    ],
    verbs: ["hold", "reset_etcd", "start_restored", "rejoin", "finish_restore", "undo_restore"],
  };
}

const S3_PREFIX = "s3:";

/** Whether a snapshot is named as one in S3: `s3:NAME`. */
export function isInS3(snapshot: string): boolean {
  return snapshot.startsWith(S3_PREFIX);
}

/** What {@link restoreProgram} is given beside its facts: for a snapshot in S3, the way there as k3s's config.yaml has it. */
export function restoreSecrets({ k3s }: Settings, { snapshot }: Restore): Record<string, string> {
  const { s3 } = k3s.snapshots;
  if (!isInS3(snapshot) || s3 === undefined) return {};
  const revealed = Object.entries(s3Keys(s3)).map(([key, value]): [string, string] => {
    const text = value instanceof Secret ? value.reveal() : value;
    // A file's path, or base64 (k3s-io/k3s pkg/etcd/s3/s3.go, readS3EndpointCA).
    return [key, key === "etcd-s3-endpoint-ca" ? Buffer.from(text).toString("base64") : text];
  });
  return { s3_config: stringify({ "etcd-s3": true, ...Object.fromEntries(revealed) }, { lineWidth: 0 }).trimEnd() };
}

/** Lets an agent follow the restored servers. Verb: `restart_agent`. */
export function agentProgram(settings: Settings, node: DesiredNode): HostProgram {
  return {
    title: `let ${node.name} follow the restored servers`,
    facts: { ...whose(node), ...starting(settings, node) },
    secrets: [],
    files: undefined,
    parts: [...COMMON, "restart", "preflight", "health", "authority", "restoreAgent"],
    verbs: ["restart_agent"],
  };
}

/** The program by which `up` sees that a node is Ready, allowed to work while a restore is under way, on another operator if need be. */
export function readyProgram(node: DesiredNode, operator: string): HostProgram {
  const { program } = node.steps.ready;
  return { ...program, facts: { ...program.facts, operator, restoring: "yes" } };
}

/** Where k3s keeps what it saves by its schedule; undefined for its own default, below its data. */
export function snapshotDirectory({ k3s }: Settings): string | undefined {
  return k3s.snapshots.directory;
}

function whose({ steps }: DesiredNode): Record<string, string> {
  const { project = "", stack = "", node = "", role = "" } = steps.host.program.facts;
  return { project, stack, node, role, restoring: "yes" };
}

/** The k3s that the node is to have, as its own program has it. */
function binaryOf({ steps }: DesiredNode): Record<string, string> {
  const names = ["k3s_version", "mirror", "sha256_amd64", "sha256_arm64", "sha256_arm"];
  return Object.fromEntries(names.map((name) => [name, steps.host.program.facts[name] ?? ""]));
}

/** What is known of k3s's start, as the node's own program has it. */
function starting({ rollout }: Settings, { steps, interface: watched }: DesiredNode): Record<string, string> {
  const { interface_wait: wait = "0" } = steps.host.program.facts;
  return { start_timeout: String(rollout.readyTimeoutSeconds), interface: watched ?? "", interface_wait: wait };
}
