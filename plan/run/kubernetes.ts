import { resourcesOf, type DesiredGroup } from "../../addons/resources";
import type { Registration } from "./registration";
import type { PlanIssuer, PlanNamespace, PlanRelease } from "../model";
import { byText } from "../order";
import type { PlanValue } from "../values";

type Fields = Readonly<Record<string, PlanValue>>;

/** The Helm releases, by name. */
export function releasesOf(registrations: readonly Registration[]): PlanRelease[] {
  return ofType(registrations, /^kubernetes:helm\.sh\/v3:Release$/).map(({ name, inputs, protect }) => {
    const { name: release, namespace, chart, version, repositoryOpts, values, ...options } = inputs;
    return {
      name: text(release, name),
      namespace: text(namespace),
      chart: text(chart),
      version: text(version),
      repo: text(fields(repositoryOpts)["repo"]),
      protect,
      values: values ?? {},
      options,
    };
  });
}

/** The ClusterIssuers, by name. */
export function issuersOf(registrations: readonly Registration[], groups: readonly DesiredGroup[]): PlanIssuer[] {
  const decided = new Map(resourcesOf(groups).map((each) => [`${each.is} ${each.name}`, each]));
  return ofType(registrations, /^kubernetes:cert-manager\.io\/[^:]+:ClusterIssuer$/).map(({ name, inputs }) => {
    const issuer = decided.get(`object ${name}`);
    const summary = issuer?.is === "object" ? issuer.summary : undefined;
    return { name, summary: summary ?? "part of another issuer", spec: inputs["spec"] ?? {} };
  });
}

/** The namespaces that the stack names, with what limits them. */
export function namespacesOf(registrations: readonly Registration[]): PlanNamespace[] {
  const inNamespace = (type: RegExp, name: string): Registration[] =>
    ofType(registrations, type).filter(({ inputs }) => text(fields(inputs["metadata"])["namespace"]) === name);
  return ofType(registrations, /^kubernetes:core\/v1:Namespace$/).map(({ name, inputs }) => {
    const metadata = fields(inputs["metadata"]);
    const kubernetesName = text(metadata["name"], name);
    const quotas = inNamespace(/^kubernetes:core\/v1:ResourceQuota$/, kubernetesName);
    const ranges = inNamespace(/^kubernetes:core\/v1:LimitRange$/, kubernetesName);
    const policies = inNamespace(/^kubernetes:networking\.k8s\.io\/v1:NetworkPolicy$/, kubernetesName);
    return {
      name: kubernetesName,
      labels: fields(metadata["labels"]),
      quota: Object.assign({}, ...quotas.map((quota) => fields(fields(quota.inputs["spec"])["hard"]))) as Fields,
      limits: ranges.flatMap((range) => fields(range.inputs["spec"])["limits"] ?? []),
      networkPolicies: policies.map((policy) => policy.name),
    };
  });
}

function ofType(registrations: readonly Registration[], type: RegExp): Registration[] {
  return registrations.filter((each) => type.test(each.type)).sort((a, b) => byText(a.name, b.name));
}

function fields(value: PlanValue | undefined): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function text(value: PlanValue | undefined, otherwise = ""): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : otherwise;
}
