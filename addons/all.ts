import type { Addon } from "./addon";
import { certManager } from "./cert-manager/addon";
import { csiDriverNfs } from "./csi-driver-nfs/addon";
import { coredns } from "./coredns/addon";
import { ingressNginx } from "./ingress-nginx/addon";
import { localPath } from "./local-path/addon";
import { longhorn } from "./longhorn/addon";
import { metallb } from "./metallb/addon";
import { nfsProvisioner } from "./nfs-provisioner/addon";
import { traefik } from "./traefik/addon";

/** Every add-on that there is, in the order in which they are made. A new one is a folder and its name here. */
const list = [
  coredns,
  localPath,
  nfsProvisioner,
  csiDriverNfs,
  longhorn,
  metallb,
  ingressNginx,
  traefik,
  certManager,
] as const;

export const addons: readonly Addon[] = list;

/** Their types, for the settings that they have of their own. */
export type ListedAddon = (typeof list)[number];
