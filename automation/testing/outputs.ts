import type { PlanValue } from "../../plan/values";
import { Secret } from "../../config/secret";
import type { ClusterOutputs } from "../outputs";

/** What a test stack tells: as the program gave it; there is no cluster, so its kubeconfig is none. Pure. */
export function outputsOf(outputs: Readonly<Record<string, PlanValue>>, showSecrets: boolean): Partial<ClusterOutputs> {
  if (!("kubeconfig" in outputs)) return {};
  const kubeconfig = showSecrets ? Secret.of("# a test stack has no cluster\n") : Secret.sealed();
  return { ...outputs, kubeconfig };
}
