import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { inCluster, type ClusterTarget } from "../clusterTarget";
import { podSecurityLabels } from "../namespaces/podSecurity";
import {
  localPathClass,
  localPathConfig,
  localPathPodSpec,
  localPathRules,
  type LocalPathPlace,
} from "./localPathObjects";

export interface LocalPathArgs {
  /** Whether local-path is the default class. */
  readonly isDefault: boolean;
  readonly place: LocalPathPlace;
  readonly target: ClusterTarget;
}

const NAMESPACE = "local-path-storage";
const NAME = "local-path-provisioner";

/**
 * The local-path class where it must not be the default one (see `localPathSource`). But for the class all names differ
 * from those of k3s's own objects, which k3s removes within seconds of a start with local-storage disabled.
 */
export class LocalPath extends pulumi.ComponentResource {
  readonly storageClass: kubernetes.storage.v1.StorageClass;

  constructor(name: string, args: LocalPathArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:addons:LocalPath", name, {}, opts);
    const child = (options: pulumi.CustomResourceOptions = {}): pulumi.CustomResourceOptions =>
      inCluster(args.target, this, options);
    const namespace = new kubernetes.core.v1.Namespace(
      NAMESPACE,
      // Its helper pods mount directories of the host.
      { metadata: { name: NAMESPACE, labels: podSecurityLabels("privileged") } },
      child(),
    );
    const here = { name: NAME, namespace: NAMESPACE };
    const within = child({ dependsOn: [namespace] });
    const account = new kubernetes.core.v1.ServiceAccount(NAME, { metadata: here }, within);
    const config = new kubernetes.core.v1.ConfigMap(
      NAME,
      { metadata: here, data: localPathConfig(args.place) },
      within,
    );
    const rights = [
      ...bind(
        "ClusterRole",
        new kubernetes.rbac.v1.ClusterRole(
          NAME,
          { metadata: { name: `groundwork-${NAME}` }, rules: localPathRules.cluster },
          child(),
        ),
        child({ dependsOn: [account] }),
      ),
      ...bind(
        "Role",
        new kubernetes.rbac.v1.Role(NAME, { metadata: here, rules: localPathRules.namespace }, within),
        within,
      ),
    ];
    const labels = { app: NAME };
    const deployment = new kubernetes.apps.v1.Deployment(
      NAME,
      {
        metadata: { ...here, labels },
        spec: {
          replicas: 1,
          selector: { matchLabels: labels },
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1 } },
          template: { metadata: { labels }, spec: localPathPodSpec(args.place, NAME, NAME) },
        },
      },
      child({ dependsOn: [account, config, ...rights] }),
    );
    this.storageClass = new kubernetes.storage.v1.StorageClass(
      "local-path",
      localPathClass(args.isDefault),
      child({
        dependsOn: [deployment],
        replaceOnChanges: ["reclaimPolicy", "volumeBindingMode"],
        deleteBeforeReplace: true,
      }),
    );
    this.registerOutputs({ storageClass: this.storageClass.metadata.name });
  }
}

/** Binds a role to the provisioner's account. */
function bind(
  kind: "ClusterRole" | "Role",
  role: kubernetes.rbac.v1.ClusterRole | kubernetes.rbac.v1.Role,
  options: pulumi.CustomResourceOptions,
): pulumi.Resource[] {
  const subjects = [{ kind: "ServiceAccount", name: NAME, namespace: NAMESPACE }];
  const roleRef = {
    apiGroup: "rbac.authorization.k8s.io",
    kind,
    name: kind === "ClusterRole" ? `groundwork-${NAME}` : NAME,
  };
  return kind === "ClusterRole"
    ? [
        role,
        new kubernetes.rbac.v1.ClusterRoleBinding(
          NAME,
          { metadata: { name: roleRef.name }, roleRef, subjects },
          options,
        ),
      ]
    : [
        role,
        new kubernetes.rbac.v1.RoleBinding(
          NAME,
          { metadata: { name: NAME, namespace: NAMESPACE }, roleRef, subjects },
          options,
        ),
      ];
}
