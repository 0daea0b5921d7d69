import { scriptOf } from "../../components/k3s/script";
import { desiredCluster } from "../../desired/cluster";
import { allNodes } from "../../desired/nodes";
import { settingsOf } from "../program";
import type { Cluster } from "./fake/cluster";

export type Verb = "token" | "converge" | "uninstall" | "drain" | "ready" | "leave" | "forget";
export const VERBS: readonly Verb[] = ["token", "converge", "uninstall", "drain", "ready", "leave", "forget"];

/** The real scripts of one node of a stack, by verb. */
export type Scripts = Readonly<Partial<Record<Verb, string>>>;

export interface Given {
  readonly cluster: Cluster;
  /** The server token that the settings ask for. */
  readonly token: string;
  readonly agentToken: string;
  readonly stackName: string;
}

/** Renders what Pulumi would send for a node. */
export function scriptsOf(stack: Record<string, unknown>, name: string, given: Given): Scripts {
  const { cluster, token: serverToken, agentToken } = given;
  const { nodes } = desiredCluster({ ...settingsOf(stack), stack: given.stackName }, "groundwork");
  const lost = nodes.lost.find((one) => one.name === name);
  if (lost !== undefined) return { forget: scriptOf(lost.forget.program) };
  const { role, steps } = allNodes(nodes).find((one) => one.name === name)!;
  const converge = scriptOf(steps.host.program);
  const ready = scriptOf(steps.ready.program);
  const server = nodes.first.name === name ? serverToken : cluster.pinned("server", serverToken);
  const tokens =
    role === "server"
      ? { server_token: server, agent_token: agentToken }
      : { server_token: "", agent_token: cluster.pinned("node", agentToken) };
  return {
    token: scriptOf(steps.token.program, tokens),
    converge,
    uninstall: converge,
    drain: scriptOf(steps.drain.program),
    ready,
    leave: ready,
  };
}
