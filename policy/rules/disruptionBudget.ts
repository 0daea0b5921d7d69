import { group, number, type PolicyObject } from "../object";
import { podLabels } from "./pods";
import type { Rule } from "./rule";
import { selects } from "./selector";

export const disruptionBudget: Rule = {
  reason: "drains of two nodes may end all of its pods at once",
  remedy: "write a PodDisruptionBudget with maxUnavailable: 1 that selects its pods",
  needsAll: true,
  find: (object, all) => {
    if (object.kind !== "Deployment" && object.kind !== "StatefulSet") return [];
    const replicas = number(group(object.fields["spec"])["replicas"]);
    if (replicas === undefined || replicas < 2) return [];
    return all.some((other) => isBudgetFor(other, object))
      ? []
      : [`has ${replicas} replicas and no PodDisruptionBudget`];
  },
};

function isBudgetFor({ kind, namespace, fields }: PolicyObject, object: PolicyObject): boolean {
  if (kind !== "PodDisruptionBudget" || namespace !== object.namespace) return false;
  return selects(group(group(fields["spec"])["selector"]), podLabels(object));
}
