import { policySchema, type PolicyRule } from "../../config/schema/policy";
import { policyObject, type Fields } from "../../policy/object";
import { rules } from "../../policy/rules";

/** Settings of the policy with these parts of them. */
export const policyWith = (raw: object) => policySchema.parse(raw);

/** A Deployment `shop/web` that keeps to every rule, with some parts of its pods and of their container replaced. */
export function deployment(pod: Fields = {}, container: Fields = {}, spec: Fields = {}): Fields {
  const labels = { app: "web" };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { namespace: "shop", name: "web" },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: "web",
              image: "registry.example.org/shop:1.4.2",
              ports: [{ containerPort: 8080 }],
              readinessProbe: { httpGet: { path: "/healthz", port: 8080 } },
              resources: { requests: { cpu: "100m", memory: "256Mi" } },
              ...container,
            },
          ],
          ...pod,
        },
      },
      ...spec,
    },
  };
}

/** What a rule finds at the first of these manifests. */
export function found(rule: PolicyRule, ...manifests: readonly Fields[]): readonly string[] {
  const [first, ...others] = manifests.map((manifest) => policyObject(manifest));
  return rules[rule].find(first!, [first!, ...others]);
}
