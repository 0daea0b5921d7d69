import type { Addon } from "./addon";
import { certManager } from "./cert-manager/addon";
import { coredns } from "./coredns/addon";
import { ingressNginx } from "./ingress-nginx/addon";
import { localPath } from "./local-path/addon";
import { longhorn } from "./longhorn/addon";
import { nfsProvisioner } from "./nfs-provisioner/addon";

/** Every add-on that there is, in the order in which they are made. A new one is a folder and a line here. */
export const addons: readonly Addon[] = [coredns, localPath, nfsProvisioner, longhorn, ingressNginx, certManager];
