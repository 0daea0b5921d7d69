import type { Settings } from "../../config/settings";
import { object, type DesiredGroup, type DesiredObject } from "../resources";
import type { Addon } from "../addon";
import { addonNamespace } from "../helmAddon";
import { UNCHANGEABLE_CLASS_FIELDS } from "../storageClass";
import { images, localPathClass, localPathConfig, localPathPlace, localPathPodSpec, localPathRules } from "./objects";
import { localPathClaim, localPathIsDefault, localPathSource } from "./source";

const NAMESPACE = "local-path-storage";
const NAME = "local-path-provisioner";
const CLUSTER_NAME = `groundwork-${NAME}`;

/**
 * The local-path class where it must not be the default one (see `localPathSource`). But for the class all names differ
 * from those of k3s's own objects, which k3s removes within seconds of a start with local-storage disabled.
 */
export const localPath: Addon = {
  name: "local-path",
  path: "storage.localPath",
  installedBy: "storage",
  isInstalled,
  images,
  namespace: NAMESPACE,
  replaces: (settings, all) => (localPathSource(settings, all) === "k3s" ? [] : ["local-storage"]),
  storageClass: localPathClaim,
  decide: (settings, all) => ({
    addon: isInstalled(settings, all) ? provisioner(settings, localPathIsDefault(settings, all)) : undefined,
  }),
};

function isInstalled(settings: Settings, all: readonly Addon[]): boolean {
  return localPathSource(settings, all) === "groundwork";
}

function provisioner(settings: Settings, isDefault: boolean): DesiredGroup {
  const place = localPathPlace(settings.k3s);
  const here = { name: NAME, namespace: NAMESPACE };
  // Its helper pods mount directories of the host.
  const namespace = addonNamespace(NAMESPACE, "privileged");
  const account = object({
    name: NAME,
    apiVersion: "v1",
    kind: "ServiceAccount",
    fields: { metadata: here },
    after: [namespace],
  });
  const config = object({
    name: NAME,
    apiVersion: "v1",
    kind: "ConfigMap",
    fields: { metadata: here, data: localPathConfig(place) },
    after: [namespace],
  });
  const rights = [
    ...bound("ClusterRole", { name: CLUSTER_NAME }, localPathRules.cluster, [], [account]),
    ...bound("Role", here, localPathRules.namespace, [namespace], [namespace]),
  ];
  const labels = { app: NAME };
  const deployment = object({
    name: NAME,
    apiVersion: "apps/v1",
    kind: "Deployment",
    fields: {
      metadata: { ...here, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
        template: { metadata: { labels }, spec: localPathPodSpec(place, NAME, NAME) },
      },
    },
    after: [account, config, ...rights],
  });
  const storageClass = object({
    name: "local-path",
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    fields: localPathClass(isDefault),
    after: [deployment],
    fixedFields: UNCHANGEABLE_CLASS_FIELDS,
  });
  return {
    type: "groundwork:addons:LocalPath",
    name: "local-path",
    resources: [namespace, account, config, ...rights, deployment, storageClass],
    groups: [],
    outputs: { storageClass: "local-path" },
  };
}

/** A role, and its binding to the provisioner's account. */
function bound(
  kind: "ClusterRole" | "Role",
  metadata: { readonly name: string; readonly namespace?: string },
  rules: (typeof localPathRules)["cluster"],
  roleAfter: readonly DesiredObject[],
  bindingAfter: readonly DesiredObject[],
): DesiredObject[] {
  const apiVersion = "rbac.authorization.k8s.io/v1";
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind, name: metadata.name };
  const subjects = [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }];
  return [
    object({ name: NAME, apiVersion, kind, fields: { metadata, rules }, after: roleAfter }),
    object({
      name: NAME,
      apiVersion,
      kind: `${kind}Binding`,
      fields: { metadata, roleRef, subjects },
      after: bindingAfter,
    }),
  ];
}
