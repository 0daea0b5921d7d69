import type { WebAppSettings } from "../../workloads/objects/webApp";
import type { WorkloadObject } from "../../workloads/objects/text";

/** An object of Kubernetes, to be looked at freely. */
export type Loose = ReturnType<typeof JSON.parse>;

/** What every workload needs. */
export const pod = {
  namespace: "shop",
  image: "registry.example.org/shop:1.4.2",
  resources: { cpu: "100m", memory: "256Mi" },
} as const;

/** The smallest web application. */
export const web: WebAppSettings = { ...pod, port: 8080, probes: { readiness: { path: "/healthz" } } };

/** One of the objects. */
export function objectOf(objects: readonly WorkloadObject[], kind: string): Loose {
  const found = objects.filter((object) => object.kind === kind);
  if (found.length !== 1) throw new Error(`${found.length} of ${kind} among ${objects.map((o) => o.kind).join(", ")}`);
  return found[0];
}

/** The pod's spec of the one object that runs pods. */
export function podOf(objects: readonly WorkloadObject[]): Loose {
  const { spec } = objects.find(({ part }) => part === "") as Loose;
  return (spec.jobTemplate?.spec ?? spec).template.spec;
}
