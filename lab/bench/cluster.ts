import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { isMap, isSeq, parseDocument } from "yaml";
import { convergeScript } from "../../components/k3s/script";
import { type NodePlan, planNode } from "../../components/k3s/nodePlan";
import { loadSettings } from "../../config/read/load";
import type { Settings } from "../../config/settings";
import { stackFileSource } from "../../config/read/stackFile";
import { buildInventory } from "../../inventory/inventory";
import { stackName } from "../naming";
import type { LabPaths } from "../paths";
import { type Outcome, run } from "../../process/run";
import { writeFileAtomically } from "../state";
import { BENCH_LAB } from "./options";

/** The settings of the lab's stack; its secrets stay sealed. */
function benchSettings(paths: LabPaths): Settings {
  const source = stackFileSource(readFileSync(paths.stackFile, "utf8"), basename(paths.stackFile), () => undefined);
  return loadSettings(source, stackName(BENCH_LAB));
}

/** The script that `up` runs on a node. */
export function renderedConverge(paths: LabPaths, name: string): string {
  const settings = benchSettings(paths);
  const inventory = buildInventory(settings);
  const node = [...inventory.servers, ...inventory.agents].find((one) => one.name === name);
  if (node === undefined) throw new Error(`there is no node ${name}`);
  return convergeScript({ project: "groundwork", settings, plan: planNode(settings, inventory, node), node });
}

/** What one host would be as the only server of a cluster. */
export interface Alone {
  readonly host: string;
  readonly plan: NodePlan;
  /** URL of its k3s binary. */
  readonly release: string;
}

export function aloneAsServer(paths: LabPaths, host: string): Alone {
  const settings = benchSettings(paths);
  const nodes = settings.nodes.filter(({ name }) => name === host).map((one) => ({ ...one, role: "server" as const }));
  const alone = { ...settings, nodes };
  const inventory = buildInventory(alone);
  const plan = planNode(alone, inventory, inventory.first);
  return { host, plan, release: `${settings.k3s.mirror}/${encodeURIComponent(plan.version)}/k3s` };
}

/** Leaves one node in the stack's file, and nothing beside k3s: no storage, so no packages that the host must get. */
export function keepOnly(paths: LabPaths, host: string): void {
  const file = parseDocument(readFileSync(paths.stackFile, "utf8"));
  for (const key of ["storage", "ingress", "certificates", "issuers", "namespaces"]) {
    file.deleteIn(["config", `groundwork:${key}`]);
  }
  const nodes = file.getIn(["config", "groundwork:nodes"]);
  if (isSeq(nodes)) nodes.items = nodes.items.filter((node) => isMap(node) && node.get("name") === host);
  writeFileAtomically(paths.stackFile, file.toString({ lineWidth: 120 }));
}

export interface Timed extends Outcome {
  readonly seconds: number;
}

/** Runs a command on a host over a new SSH connection; the time is from the start of the client to its end. */
export async function timedSsh(paths: LabPaths, host: string, command: string, input = ""): Promise<Timed> {
  const begun = performance.now();
  const args = ["-F", paths.sshConfig, "-o", "BatchMode=yes", host, command];
  const outcome = await run("ssh", args, { input, timeoutMs: 300_000 });
  const seconds = (performance.now() - begun) / 1000;
  if (outcome.code !== 0) throw new Error(`on ${host}: exit code ${String(outcome.code)}: ${outcome.stderr.trim()}`);
  return { ...outcome, seconds };
}
