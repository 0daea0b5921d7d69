import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/settings";
import type { ClusterTarget } from "../clusterTarget";
import { CertManager } from "./certManager";
import { CoreDns } from "./coredns";
import { corednsFiles } from "./corednsFiles";
import { IngressNginx } from "./ingressNginx";
import { LocalPath } from "./localPath";
import { localPathPlace } from "./localPathObjects";
import { Longhorn } from "./longhorn";
import { NfsProvisioner } from "./nfsProvisioner";
import { localPathIsDefault, localPathSource } from "../../config/storageClass";
import { workerCount } from "./workers";

export interface AddonsArgs {
  readonly settings: Settings;
  readonly target: ClusterTarget;
}

/** What is installed in the cluster: storage, ingress, certificates and name resolution, as far as the settings ask for it. */
export class Addons extends pulumi.ComponentResource {
  /** What issuers and certificates wait for: cert-manager's definitions and its webhook. */
  readonly certificates: readonly pulumi.Resource[];
  /** What Ingress objects wait for: the controller and its webhook. */
  readonly ingress: readonly pulumi.Resource[];
  /** What claims wait for: the StorageClasses and those who serve them. */
  readonly storage: readonly pulumi.Resource[];

  constructor(name: string, args: AddonsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:addons:Addons", name, {}, opts);
    const { settings, target } = args;
    const child = { parent: this };

    const files = corednsFiles(settings.dns);
    if (Object.keys(files).length > 0) new CoreDns("coredns", { files, target }, child);

    const { nfs, longhorn } = settings.storage;
    const localPath =
      localPathSource(settings) === "groundwork"
        ? [
            new LocalPath(
              "local-path",
              { isDefault: localPathIsDefault(settings), place: localPathPlace(settings.k3s), target },
              child,
            ),
          ]
        : [];
    this.storage = [
      ...localPath.map((addon) => addon.storageClass),
      ...(nfs === undefined
        ? []
        : [new NfsProvisioner("nfs-provisioner", { settings: nfs, target }, child).storageClass]),
      ...(longhorn === undefined
        ? []
        : [
            new Longhorn("longhorn", { settings: longhorn, workers: workerCount(settings.nodes), target }, child)
              .release,
          ]),
    ];
    this.ingress =
      settings.ingress.controller === "ingress-nginx"
        ? [
            new IngressNginx(
              "ingress-nginx",
              { settings: settings.ingress, serviceCidr: settings.network.serviceCidr, target },
              child,
            ).release,
          ]
        : [];
    this.certificates = settings.certificates.certManager
      ? [new CertManager("cert-manager", { settings: settings.certificates, target }, child).release]
      : [];
    this.registerOutputs({});
  }
}
