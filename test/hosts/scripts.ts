import { scriptOf } from "../../components/k3s/script";
import type { MeasuredFiles } from "../../config/upload";
import { desiredCluster } from "../../desired/cluster";
import type { Settings } from "../../config/settings";
import { allNodes, type DesiredNode } from "../../desired/nodes";
import { agentBackProgram, authoritiesProgram, type NewAuthorities } from "../../operate/authorities/programs";
import { agentProgram, restoreProgram, snapshotProgram } from "../../operate/snapshots/programs";
import { settingsOf } from "../program";
import type { Cluster } from "./fake/cluster";

/** What `up` asks for. */
export type UpVerb = "token" | "converge" | "uninstall" | "drain" | "ready" | "leave" | "forget";
/** The parts of a restore. */
export type RestoreVerb =
  | "save_now"
  | "check_snapshot"
  | "hold"
  | "reset_etcd"
  | "start_restored"
  | "rejoin"
  | "finish_restore"
  | "undo_restore"
  | "restart_agent";
/** The parts of a rotation of the certificate authorities. */
export type CaVerb = "look_at_ca" | "make_ca" | "expect_ca" | "store_ca" | "take_up_ca" | "await_agent" | "finish_ca";
export type Verb = UpVerb | RestoreVerb | CaVerb;
export const VERBS: readonly UpVerb[] = ["token", "converge", "uninstall", "drain", "ready", "leave", "forget"];

/** The real scripts of one node of a stack, by verb. */
export type Scripts = Readonly<Partial<Record<Verb, string>>>;

export interface Given {
  readonly cluster: Cluster;
  /** The server token that the settings ask for. */
  readonly token: string;
  readonly agentToken: string;
  readonly stackName: string;
  /** The restore that is under way, for its verbs. */
  readonly restore: RestoreOf;
  /** The authorities that a rotation made, for its verbs after that. */
  readonly made: NewAuthorities | undefined;
}

/** A restore in the words of tests. */
export interface RestoreOf {
  readonly from: "snapshot" | "survivor";
  /** Name of the server that is reset. */
  readonly chosen: string;
  readonly snapshot: string;
}

/** Renders what Pulumi would send for a node. */
export function scriptsOf(stack: Record<string, unknown>, name: string, given: Given): Scripts {
  const { cluster, token: serverToken, agentToken } = given;
  const { measured, ...raw } = stack as { readonly measured?: MeasuredFiles };
  const settings = { ...settingsOf(raw), stack: given.stackName, measured };
  const { nodes } = desiredCluster(settings, "groundwork");
  const lost = nodes.lost.find((one) => one.name === name);
  if (lost !== undefined) return { forget: scriptOf(lost.forget.program) };
  const all = allNodes(nodes);
  const node = all.find((one) => one.name === name)!;
  const { role, steps } = node;
  const converge = scriptOf(steps.host.program);
  const ready = scriptOf(steps.ready.program);
  const server = nodes.first.name === name ? serverToken : cluster.pinned("server", serverToken);
  const tokens =
    role === "server"
      ? { server_token: server, agent_token: agentToken }
      : { server_token: "", agent_token: cluster.pinned("node", agentToken) };
  const servers = all.filter((one) => one.role === "server");
  const restore = scriptOf(
    restoreProgram(settings, node, {
      ...given.restore,
      id: "20260101000000-abcd",
      chosen: servers.find((one) => one.name === given.restore.chosen) ?? nodes.first,
      servers,
      nodes: all.map((one) => one.name),
    }),
  );
  const snapshots = scriptOf(snapshotProgram(settings, node, { name: "mine", path: given.restore.snapshot }));
  return {
    save_now: snapshots,
    check_snapshot: snapshots,
    hold: restore,
    reset_etcd: restore,
    start_restored: restore,
    rejoin: restore,
    finish_restore: restore,
    undo_restore: restore,
    restart_agent: scriptOf(agentProgram(settings, node)),
    ...caScripts(settings, node, all, given.made),
    token: scriptOf(steps.token.program, tokens),
    converge,
    uninstall: converge,
    drain: scriptOf(steps.drain.program),
    ready,
    leave: ready,
  };
}

function caScripts(
  settings: Settings,
  node: DesiredNode,
  all: readonly DesiredNode[],
  made: NewAuthorities | undefined,
): Scripts {
  const own = scriptOf(authoritiesProgram(settings, node, made));
  const agent = all.find(({ role }) => role === "agent");
  return {
    look_at_ca: own,
    make_ca: own,
    expect_ca: own,
    store_ca: own,
    take_up_ca: own,
    finish_ca: own,
    ...(agent === undefined ? {} : { await_agent: scriptOf(agentBackProgram(settings, agent, node.name)) }),
  };
}
