import { addons } from "../addons/all";
import { originOf } from "../config/origin";
import type { NamespaceSettings, Settings } from "../config/settings";
import { limitsOf } from "./containerDefaults";
import { pullSecretObjects, teamObjects } from "./namespaceAccess";
import {
  allowFrom,
  containerLimits,
  denyByDefault,
  namespaceLabels,
  quotaHard,
  traefikPods,
  type NetworkPolicySpec,
  type Pods,
} from "./namespaceObjects";
import { object, type DesiredGroup, type DesiredObject } from "../addons/resources";

/** The namespace that Kubernetes makes itself and does not let go: its labels are added, and taken back at the end. */
const BUILT_IN = "default";

/**
 * Namespaces with their quotas, limits and network policies: `<namespace>`, `<namespace>-quota`, `<namespace>-limits`,
 * `<namespace>-<policy>`; with pull secrets and teams: `<namespace>.<name>`, `<namespace>.team-<team>`.
 */
export function namespacesGroup(settings: Settings): DesiredGroup {
  const { namespaces, cluster } = settings;
  const controllers = ingressControllers(settings);
  return {
    type: "groundwork:namespaces:Namespaces",
    name: "namespaces",
    resources: Object.entries(namespaces).flatMap(([name, namespace]) =>
      objectsOf(name, namespace, { protect: cluster.protect, policies: policiesOf(namespace, controllers) }),
    ),
    groups: [],
    outputs: { names: Object.keys(namespaces) },
  };
}

/** The pods that requests from outside come from: of the stack's add-ons, and of the controller that k3s brings. */
function ingressControllers(settings: Settings): Pods[] {
  const ours = addons.filter(
    ({ passesRequestsOn, isInstalled }) => passesRequestsOn === true && isInstalled(settings, addons),
  );
  const isTraefikThere = originOf(settings) !== "existing" && !settings.k3s.disable.includes("traefik");
  return [
    ...ours.flatMap(({ namespace }) => (namespace === undefined ? [] : [{ namespace }])),
    ...(isTraefikThere ? [traefikPods] : []),
  ];
}

type Policies = Readonly<Record<string, NetworkPolicySpec>>;

function policiesOf(
  { defaultDeny, allowIngressController }: NamespaceSettings,
  controllers: readonly Pods[],
): Policies {
  if (!defaultDeny) return {};
  if (!allowIngressController || controllers.length === 0) return denyByDefault;
  return { ...denyByDefault, "allow-ingress-controller": allowFrom(controllers) };
}

interface Given {
  readonly protect: boolean;
  readonly policies: Policies;
}

function objectsOf(namespace: string, settings: NamespaceSettings, { protect, policies }: Given): DesiredObject[] {
  const isBuiltIn = namespace === BUILT_IN;
  const itself = object({
    name: namespace,
    apiVersion: "v1",
    kind: isBuiltIn ? "NamespacePatch" : "Namespace",
    fields: { metadata: { name: namespace, labels: namespaceLabels(settings) } },
    // With a namespace goes everything in it, volumes too.
    protect: protect && !isBuiltIn,
  });
  const within = (
    name: string,
    apiVersion: string,
    kind: string,
    spec: DesiredObject["fields"][string],
  ): DesiredObject =>
    object({
      name: `${namespace}-${name}`,
      apiVersion,
      kind,
      fields: { metadata: { name, namespace }, spec },
      after: [itself],
    });
  const hard = quotaHard(settings.quota);
  const limits = containerLimits(limitsOf(settings));
  return [
    itself,
    ...(Object.keys(hard).length === 0 ? [] : [within("quota", "v1", "ResourceQuota", { hard })]),
    ...(limits === undefined ? [] : [within("limits", "v1", "LimitRange", { limits })]),
    ...Object.entries(policies).map(([policy, spec]) => within(policy, "networking.k8s.io/v1", "NetworkPolicy", spec)),
    ...pullSecretObjects(namespace, settings.pullSecrets, itself),
    ...Object.entries(settings.access).flatMap(([team, access]) => teamObjects(namespace, team, access, itself)),
  ];
}
