import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { NamespaceSettings } from "../../config/settings";
import { inCluster, type ClusterTarget } from "../clusterTarget";
import { containerLimits, denyByDefault, namespaceLabels, quotaHard } from "./namespaceObjects";

export interface NamespacesArgs {
  /** Settings by the namespace's name. */
  readonly namespaces: Readonly<Record<string, NamespaceSettings>>;
  readonly target: ClusterTarget;
}

/** Namespaces that Kubernetes makes itself and does not let go: their labels are added, and taken back at the end. */
const BUILT_IN = new Set(["default", "kube-system", "kube-public", "kube-node-lease"]);

/** Namespaces with their quotas, limits and network policies: `<namespace>`, `<namespace>-quota`, `<namespace>-limits`, `<namespace>-<policy>`. */
export class Namespaces extends pulumi.ComponentResource {
  constructor(name: string, args: NamespacesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:namespaces:Namespaces", name, {}, opts);
    for (const [namespace, settings] of Object.entries(args.namespaces)) this.#create(namespace, settings, args.target);
    this.registerOutputs({ names: Object.keys(args.namespaces) });
  }

  #create(namespace: string, settings: NamespaceSettings, target: ClusterTarget): void {
    const metadata = { name: namespace, labels: namespaceLabels(settings) };
    const object = BUILT_IN.has(namespace)
      ? new kubernetes.core.v1.NamespacePatch(namespace, { metadata }, inCluster(target, this))
      : // With a namespace goes everything in it, volumes too.
        new kubernetes.core.v1.Namespace(namespace, { metadata }, inCluster(target, this, { protect: target.protect }));
    const within = inCluster(target, this, { dependsOn: [object] });
    const hard = quotaHard(settings.quota);
    if (Object.keys(hard).length > 0) {
      new kubernetes.core.v1.ResourceQuota(
        `${namespace}-quota`,
        { metadata: { name: "quota", namespace }, spec: { hard } },
        within,
      );
    }
    const limits = containerLimits(settings.limits);
    if (limits !== undefined) {
      new kubernetes.core.v1.LimitRange(
        `${namespace}-limits`,
        { metadata: { name: "limits", namespace }, spec: { limits } },
        within,
      );
    }
    if (!settings.defaultDeny) return;
    for (const [policy, spec] of Object.entries(denyByDefault)) {
      new kubernetes.networking.v1.NetworkPolicy(
        `${namespace}-${policy}`,
        { metadata: { name: policy, namespace }, spec },
        within,
      );
    }
  }
}
