import { planNode } from "../../components/k3s/nodePlan";
import { convergeScript, drainScript, readyScript, tokenScript, type ScriptArgs } from "../../components/k3s/script";
import { buildInventory } from "../../inventory/inventory";
import { settingsOf } from "../program";
import type { Cluster } from "./fake/cluster";

export type Verb = "token" | "converge" | "uninstall" | "drain" | "ready" | "leave";
export const VERBS: readonly Verb[] = ["token", "converge", "uninstall", "drain", "ready", "leave"];

/** The real scripts of one node of a stack, by verb. */
export type Scripts = Readonly<Record<Verb, string>>;

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
  const settings = { ...settingsOf(stack), stack: given.stackName };
  const inventory = buildInventory(settings);
  const node = inventory.nodes.find((one) => one.name === name)!;
  const args: ScriptArgs = { project: "groundwork", settings, plan: planNode(settings, inventory, node), node };
  const converge = convergeScript(args);
  const ready = readyScript(args);
  const server = inventory.first.name === name ? serverToken : cluster.pinned("server", serverToken);
  const tokens = node.role === "server" ? { server, agent: agentToken } : { agent: cluster.pinned("node", agentToken) };
  return {
    token: tokenScript(args, tokens),
    converge,
    uninstall: converge,
    drain: drainScript(args),
    ready,
    leave: ready,
  };
}
