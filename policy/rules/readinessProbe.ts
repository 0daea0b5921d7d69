import { group, groups, type Fields, type PolicyObject } from "../object";
import { podLabels, podSpec, RUNNING_KINDS, runningContainers } from "./pods";
import type { Rule } from "./rule";
import { takes } from "./selector";

export const readinessProbe: Rule = {
  reason: "a pod gets requests, and a roll-out goes on, before it can answer any",
  remedy: "write a readinessProbe on the container that answers",
  needsAll: true,
  find: (object, all) => {
    if (!RUNNING_KINDS.includes(object.kind)) return [];
    const containers = runningContainers(podSpec(object) ?? {});
    if (containers.some(({ readinessProbe: probe }) => group(probe) === probe)) return [];
    const answers = containers.some(hasPorts) || all.some((other) => isServiceFor(other, object));
    return answers ? ["answers requests, and no container has a readinessProbe"] : [];
  },
};

function hasPorts({ ports }: Fields): boolean {
  return groups(ports).length > 0;
}

function isServiceFor({ kind, namespace, fields }: PolicyObject, object: PolicyObject): boolean {
  if (kind !== "Service" || namespace !== object.namespace) return false;
  const selector = group(group(fields["spec"])["selector"]);
  return Object.keys(selector).length > 0 && takes(selector, podLabels(object));
}
