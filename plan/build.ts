import type { Settings } from "../config/settings";
import { problemLine, type Problem } from "../config/problem";
import type { Inventory } from "../inventory/inventory";
import type { NodePlan } from "../components/k3s/nodePlan";
import type { Collected } from "./collect";
import { issuersOf, namespacesOf, releasesOf } from "./kubernetes";
import { PLAN_FORMAT, type Plan, type PlanResource } from "./model";
import { NODE_TYPE, nodesOf } from "./nodes";
import { byText, firstOf } from "./order";
import { rolloutOf } from "./rollout";
import { summaryOf } from "./summary";
import { nameOfUrn } from "./values";

/** What a run of the program gave. */
export interface Evaluation {
  readonly project: string;
  readonly settings: Settings;
  readonly inventory: Inventory;
  /** What each host is to be, in the inventory's order. */
  readonly hosts: readonly NodePlan[];
  readonly collected: Collected;
  readonly warnings: readonly Problem[];
}

/** The plan of a run. Pure, and the same for the same run: what has no order of its own is sorted. */
export function buildPlan({ project, settings, inventory, hosts, collected, warnings }: Evaluation): Plan {
  const { registrations, outputs } = collected;
  const nodes = nodesOf(settings, inventory, hosts, registrations);
  const releases = releasesOf(registrations);
  return {
    format: PLAN_FORMAT,
    project,
    stack: settings.stack,
    summary: summaryOf({ settings, inventory, releases, defaultStorageClass: outputs["defaultStorageClass"] }),
    warnings: warnings.map(problemLine),
    nodes,
    rollout: rolloutOf(registrations, new Map(nodes.map((node) => [node.name, node.role]))),
    releases,
    issuers: issuersOf(registrations, settings.issuers),
    namespaces: namespacesOf(registrations),
    resources: resourcesOf(collected),
    outputs,
  };
}

function resourcesOf({ registrations }: Collected): PlanResource[] {
  const parents = new Map(registrations.map((each) => [each.urn, each]));
  return registrations
    .map((each) => ({
      type: each.type,
      name: each.name,
      parent: parents.get(each.parent)?.name ?? "",
      inputs: parents.get(each.parent)?.type === NODE_TYPE ? withoutScript(each.inputs) : each.inputs,
      dependsOn: [...new Set(each.dependsOn.map(nameOfUrn))].sort(),
      protect: each.protect,
    }))
    .sort((a, b) => firstOf(byText(a.type, b.type), byText(a.name, b.name), byText(a.parent, b.parent)));
}

/** The nodes' scripts are long, and in the steps of the nodes already. */
function withoutScript({ stdin: _script, ...inputs }: PlanResource["inputs"]): PlanResource["inputs"] {
  return inputs;
}
