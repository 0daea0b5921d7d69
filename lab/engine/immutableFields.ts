import { concerns } from "./propertyPath";
import { isObject, type Values } from "./propertyValues";

const WORKLOAD = ["spec.selector"];
const CONTAINERS = ["containers", "initContainers"].map((list) => `spec.${list}`);

/** Fields that no object can change in place, by `<group>/<kind>` (pulumi-kubernetes 4.34, `provider/diff.go`). */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "apps/DaemonSet": WORKLOAD,
  "apps/Deployment": WORKLOAD,
  "apps/StatefulSet": [
    ...WORKLOAD,
    ...["spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.serviceName", "spec.volumeClaimTemplates"],
  ],
  "batch/Job": [...WORKLOAD, "spec.completions", "spec.parallelism", "spec.template"],
  "rbac.authorization.k8s.io/ClusterRoleBinding": ["roleRef"],
  "rbac.authorization.k8s.io/RoleBinding": ["roleRef"],
  "storage.k8s.io/StorageClass": ["parameters", "provisioner"],
  "/PersistentVolume": ["nfs", "hostPath", "local", "csi", "iscsi"].map((source) => `spec.${source}`),
  "/PersistentVolumeClaim": ["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeName"],
  "/Pod": ["spec.volumes", "spec.nodeName", "spec.restartPolicy", "spec.serviceAccountName", ...CONTAINERS],
  "/ResourceQuota": ["spec.scopes"],
  "/Service": ["spec.clusterIP"],
};

/**
 * Whether a change replaces an object of the API. The contents of a ConfigMap or a Secret replace it, too, unless the
 * provider says `enableConfigMapMutable` or `enableSecretMutable`: that is how pods are made to see the new ones.
 */
export function replacesObject(
  path: readonly (string | number)[],
  inputs: Values,
  provider: Values | undefined,
): boolean {
  const [group, version] = String(inputs["apiVersion"]).split("/");
  const kind = `${version === undefined ? "" : group}/${String(inputs["kind"])}`;
  return ["metadata.name", "metadata.namespace", ...(FIELDS[kind] ?? []), ...contents(kind, inputs, provider)].some(
    (field) => concerns(field, path),
  );
}

function contents(kind: string, inputs: Values, provider: Values | undefined): readonly string[] {
  const isFixed = (option: string) => !isOn(provider, option) || inputs["immutable"] === true;
  if (kind === "/ConfigMap" && isFixed("enableConfigMapMutable")) return ["data", "binaryData"];
  if (kind === "/Secret") return isFixed("enableSecretMutable") ? ["data", "stringData", "type"] : ["type"];
  return [];
}

/** The SDK hands a provider's switches on as JSON. */
export function isOn(provider: Values | undefined, option: string): boolean {
  return isObject(provider) && String(provider[option]) === "true";
}
