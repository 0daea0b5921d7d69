import { group, groups, type Fields, type PolicyObject } from "../object";

/** Kinds whose pods run until somebody ends them. */
export const RUNNING_KINDS = ["Deployment", "StatefulSet", "DaemonSet"];

/** What pods of an object are made of; undefined for an object without any. */
export function podTemplate({ kind, fields }: PolicyObject): Fields | undefined {
  const spec = group(fields["spec"]);
  switch (kind) {
    case "Pod":
      return fields;
    case "CronJob":
      return group(group(group(spec["jobTemplate"])["spec"])["template"]);
    case "Deployment":
    case "StatefulSet":
    case "DaemonSet":
    case "ReplicaSet":
    case "ReplicationController":
    case "Job":
      return group(spec["template"]);
    default:
      return undefined;
  }
}

/** The pods' own spec. */
export function podSpec(object: PolicyObject): Fields | undefined {
  const template = podTemplate(object);
  return template === undefined ? undefined : group(template["spec"]);
}

/** Containers that run for as long as the pod does: sidecars among them. */
export function runningContainers(spec: Fields): Fields[] {
  const sidecars = groups(spec["initContainers"]).filter((container) => container["restartPolicy"] === "Always");
  return [...groups(spec["containers"]), ...sidecars];
}

/** Every container. */
export function allContainers(spec: Fields): Fields[] {
  return [...groups(spec["containers"]), ...groups(spec["initContainers"])];
}

/** `container web`. */
export function called({ name }: Fields): string {
  return `container ${typeof name === "string" ? name : "?"}`;
}

/** Labels of the pods. */
export function podLabels(object: PolicyObject): Fields {
  return group(group(podTemplate(object)?.["metadata"])["labels"]);
}
