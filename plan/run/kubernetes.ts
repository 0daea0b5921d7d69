import { isGroup } from "../../config/schema/secretPaths";
import { resourcesOf, type DesiredGroup, type DesiredObject } from "../../addons/resources";
import type { Registration } from "./registration";
import type { PlanCertificate, PlanIssuer, PlanNamespace, PlanRelease } from "../model";
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
  const decided = decidedOf(groups, "ClusterIssuer");
  return ofType(registrations, /^kubernetes:cert-manager\.io\/[^:]+:ClusterIssuer$/).map(({ name, inputs }) => {
    return { name, summary: decided.get(name)?.summary ?? "part of another issuer", spec: inputs["spec"] ?? {} };
  });
}

/** The certificates that the stack names, by name; the one of an authority made in the cluster is part of its issuer. */
export function certificatesOf(
  registrations: readonly Registration[],
  groups: readonly DesiredGroup[],
): PlanCertificate[] {
  const decided = decidedOf(groups, "Certificate");
  return ofType(registrations, /^kubernetes:cert-manager\.io\/[^:]+:Certificate$/).flatMap(({ name, inputs }) => {
    const summary = decided.get(name)?.summary;
    if (summary === undefined) return [];
    return [{ name, namespace: text(fields(inputs["metadata"])["namespace"]), summary, spec: inputs["spec"] ?? {} }];
  });
}

/** The namespaces that the stack names, with what limits them. */
export function namespacesOf(registrations: readonly Registration[], groups: readonly DesiredGroup[]): PlanNamespace[] {
  const summaries = (kind: string, namespace: string): string[] =>
    [...decidedOf(groups, kind).values()].flatMap(({ fields: { metadata }, summary }) =>
      summary !== undefined && isGroup(metadata) && metadata["namespace"] === namespace ? [summary] : [],
    );
  const inNamespace = (type: RegExp, name: string): Registration[] =>
    ofType(registrations, type).filter(({ inputs }) => text(fields(inputs["metadata"])["namespace"]) === name);
  return ofType(registrations, /^kubernetes:core\/v1:Namespace(Patch)?$/).map(({ name, inputs }) => {
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
      pullSecrets: summaries("Secret", kubernetesName),
      access: summaries("ServiceAccount", kubernetesName),
    };
  });
}

/** Objects of one kind as they were decided, by name. */
function decidedOf(groups: readonly DesiredGroup[], kind: string): Map<string, DesiredObject> {
  const objects = resourcesOf(groups).flatMap((each) => (each.is === "object" && each.kind === kind ? [each] : []));
  return new Map(objects.map((each) => [each.name, each]));
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
