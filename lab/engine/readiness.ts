import type { KubernetesObject } from "./kubernetesClient";

interface Counts {
  readonly replicas?: number;
  readonly observedGeneration?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly readyReplicas?: number;
  readonly desiredNumberScheduled?: number;
  readonly updatedNumberScheduled?: number;
  readonly numberAvailable?: number;
  readonly succeeded?: number;
  readonly conditions?: readonly { type: string; status: string; message?: string }[];
}

/** What an object still lacks to be ready, in a few words; undefined when it is, or when its kind is not waited for. */
export function readiness(object: KubernetesObject): string | undefined {
  const status = (object["status"] ?? {}) as Counts;
  const spec = (object["spec"] ?? {}) as Counts & { completions?: number };
  const wanted = spec.replicas ?? 1;
  const isSeen = (status.observedGeneration ?? 0) >= Number(object.metadata["generation"] ?? 0);
  switch (object.kind) {
    case "Deployment":
      return missing(isSeen, Math.min(status.updatedReplicas ?? 0, status.availableReplicas ?? 0), wanted);
    case "StatefulSet":
      return missing(isSeen, Math.min(status.updatedReplicas ?? 0, status.readyReplicas ?? 0), wanted);
    case "DaemonSet": {
      const available = Math.min(status.updatedNumberScheduled ?? 0, status.numberAvailable ?? 0);
      return missing(isSeen, available, status.desiredNumberScheduled ?? 0);
    }
    case "Job": {
      const failed = condition(status, "Failed");
      if (failed) throw new Error(`job ${object.metadata.name} failed: ${failed.message ?? "no message"}`);
      return condition(status, "Complete") ? undefined : missing(true, status.succeeded ?? 0, spec.completions ?? 1);
    }
    case "CustomResourceDefinition":
      return condition(status, "Established") ? undefined : "waiting for the definition to be established";
    default:
      return undefined;
  }
}

function missing(isSeen: boolean, have: number, wanted: number): string | undefined {
  if (!isSeen) return "waiting for its controller";
  return have >= wanted ? undefined : `waiting: ${have} of ${wanted} ready`;
}

function condition(status: Counts, type: string) {
  return status.conditions?.find((each) => each.type === type && each.status === "True");
}
