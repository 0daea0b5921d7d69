import { isPublicAddress } from "../../config/addresses";
import { error, warning } from "../../config/checks/check";
import type { AddonCheck } from "../addon";
import { LOCAL_PATH_CLASS } from "../storageClass";
import { isCsiDriver } from "./settings";
import { NFS_PROVISIONER } from "./values";

/** NFS is neither encrypted nor authenticated by itself. */
const nfsServer: AddonCheck = ({ storage }) => {
  const server = storage.nfs?.server;
  if (server === undefined || !isPublicAddress(server)) return [];
  return [
    warning(
      "storage.nfs.server",
      `${server} is a public address, and NFS is not encrypted`,
      "reach it through the VPN",
    ),
  ];
};

/** Names of classes do not clash; k3s's own is not free even where it is left out, for older volumes name it. */
const className: AddonCheck = (settings, _, all) => {
  const name = settings.storage.nfs?.storageClass;
  const others = all.filter(({ path }) => path !== "storage.nfs").map((other) => other.storageClass?.(settings)?.name);
  if (name === undefined || ![LOCAL_PATH_CLASS, ...others].includes(name)) return [];
  return [
    error(
      "storage.nfs.storageClass",
      `'${name}' is the name of another StorageClass`,
      "write a name of its own, e.g. nfs-client",
    ),
  ];
};

/** The class is a resource beside the chart (values.ts): another one of the chart's would be a second default, or clash with it. */
const oneClass: AddonCheck = ({ storage: { nfs } }) => {
  if (nfs === undefined || isCsiDriver(nfs)) return [];
  const { create, provisionerName } = (nfs.values["storageClass"] ?? {}) as Readonly<Record<string, unknown>>;
  const at = (key: string): string => `storage.nfs.values.storageClass.${key}`;
  return [
    ...(create === undefined || create === false
      ? []
      : [
          error(
            at("create"),
            "makes a second StorageClass, beside the one that Groundwork makes",
            "take it out; storage.nfs.storageClass is its name, storage.nfs.default makes it the default",
          ),
        ]),
    ...(provisionerName === undefined || provisionerName === NFS_PROVISIONER
      ? []
      : [
          error(
            at("provisionerName"),
            `is not ${NFS_PROVISIONER}, which the class and its volumes name`,
            "take it out",
          ),
        ]),
  ];
};

export const nfsChecks: readonly AddonCheck[] = [nfsServer, className, oneClass];
