import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Secret } from "../config/secret";
import type { DesiredObject, DesiredRelease, DesiredResource, Value } from "../addons/resources";

/** Revisions that Helm keeps for `helm rollback`; the provider's default keeps every one, a Secret each. */
const MAX_HISTORY = 10;

type Class = new (name: string, args: never, options: pulumi.CustomResourceOptions) => pulumi.CustomResource;

/** The provider's class of each kind that Groundwork makes; kinds of others' definitions have one for all. */
const CLASSES: Readonly<Record<string, Class>> = {
  "v1 Namespace": kubernetes.core.v1.Namespace,
  "v1 NamespacePatch": kubernetes.core.v1.NamespacePatch,
  "v1 ConfigMap": kubernetes.core.v1.ConfigMap,
  "v1 Secret": kubernetes.core.v1.Secret,
  "v1 ServiceAccount": kubernetes.core.v1.ServiceAccount,
  "v1 ServiceAccountPatch": kubernetes.core.v1.ServiceAccountPatch,
  "v1 ResourceQuota": kubernetes.core.v1.ResourceQuota,
  "v1 LimitRange": kubernetes.core.v1.LimitRange,
  "apps/v1 Deployment": kubernetes.apps.v1.Deployment,
  "networking.k8s.io/v1 IngressClass": kubernetes.networking.v1.IngressClass,
  "networking.k8s.io/v1 NetworkPolicy": kubernetes.networking.v1.NetworkPolicy,
  "rbac.authorization.k8s.io/v1 ClusterRole": kubernetes.rbac.v1.ClusterRole,
  "rbac.authorization.k8s.io/v1 ClusterRoleBinding": kubernetes.rbac.v1.ClusterRoleBinding,
  "rbac.authorization.k8s.io/v1 Role": kubernetes.rbac.v1.Role,
  "rbac.authorization.k8s.io/v1 RoleBinding": kubernetes.rbac.v1.RoleBinding,
  "storage.k8s.io/v1 StorageClass": kubernetes.storage.v1.StorageClass,
};

/** Creates one resource in the cluster as it is to be. */
export function createResource(desired: DesiredResource, options: pulumi.CustomResourceOptions): pulumi.Resource {
  return desired.is === "release" ? createRelease(desired, options) : createObject(desired, options);
}

function createObject(desired: DesiredObject, options: pulumi.CustomResourceOptions): pulumi.Resource {
  const { name, apiVersion, kind, fields, fixedFields } = desired;
  const inputs = withSecrets(fields) as Record<string, pulumi.Input<unknown>>;
  const known = CLASSES[`${apiVersion} ${kind}`];
  const replaced = fixedFields.length === 0 ? {} : { replaceOnChanges: [...fixedFields], deleteBeforeReplace: true };
  const all = { ...options, ...replaced };
  return known === undefined
    ? new kubernetes.apiextensions.CustomResource(name, { apiVersion, kind, ...inputs }, all)
    : new known(name, inputs as never, all);
}

function createRelease(desired: DesiredRelease, options: pulumi.CustomResourceOptions): pulumi.Resource {
  const { name, namespace, chart, values, wait, atomic, timeoutSeconds, description } = desired;
  return new kubernetes.helm.v3.Release(
    name,
    {
      name,
      // The plain name and not the namespace's output, which is unknown in a preview before the cluster exists:
      // the provider checks a chart only when every input is known.
      namespace,
      ...chart,
      ...(description === undefined ? {} : { description }),
      values: withSecrets(values as Value) as Record<string, pulumi.Input<unknown>>,
      ...(wait ? {} : { skipAwait: true }),
      atomic,
      cleanupOnFail: atomic,
      timeout: timeoutSeconds,
      maxHistory: MAX_HISTORY,
    },
    // In another namespace it would meet the cluster-wide objects of itself.
    { ...options, deleteBeforeReplace: true },
  );
}

/** Plain data for the engine, in which every secret stays one. */
function withSecrets(value: Value): unknown {
  if (value instanceof Secret) return pulumi.secret(value.reveal());
  if (Array.isArray(value)) return value.map(withSecrets);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, withSecrets(field)]));
}
