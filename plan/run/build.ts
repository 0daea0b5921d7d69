import { problemLine, type Problem } from "../../config/problem";
import type { DesiredStack } from "../../desired/cluster";
import type { Violation } from "../../policy/judge";
import { PLAN_FORMAT, type Plan, type PlanResource } from "../model";
import { byText, firstOf } from "../order";
import { nameOfUrn } from "../values";
import type { Collected } from "./collect";
import { certificatesOf, issuersOf, namespacesOf, releasesOf } from "./kubernetes";
import { NODE_TYPE, nodesOf } from "./nodes";
import { rolloutOf } from "./rollout";

/** What a run of the program gave. */
export interface Evaluation {
  readonly desired: DesiredStack;
  readonly collected: Collected;
  readonly warnings: readonly Problem[];
  readonly violations: readonly Violation[];
}

/** The plan of a run. Pure, and the same for the same run: what has no order of its own is sorted. */
export function buildPlan({ desired, collected, warnings, violations }: Evaluation): Plan {
  const { registrations, outputs } = collected;
  const nodes = desired.is === "machines" ? nodesOf(desired.nodes) : [];
  return {
    format: PLAN_FORMAT,
    project: desired.project,
    stack: desired.stack,
    summary: desired.summary,
    warnings: warnings.map(problemLine),
    policy: violations,
    nodes,
    rollout: rolloutOf(
      registrations,
      new Map(nodes.map((node) => [node.name, node.lost === true ? "lost" : node.role])),
    ),
    releases: releasesOf(registrations),
    issuers: issuersOf(registrations, desired.groups),
    certificates: certificatesOf(registrations, desired.groups),
    namespaces: namespacesOf(registrations, desired.groups),
    resources: resourcesOf(collected),
    outputs,
  };
}

export function resourcesOf({ registrations }: Collected): PlanResource[] {
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
