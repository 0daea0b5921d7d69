import { isPublicAddress } from "../../config/addresses";
import { error, warning } from "../../config/checks/check";
import type { AddonCheck } from "../addon";
import { LOCAL_PATH_CLASS } from "../storageClass";

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

export const nfsChecks: readonly AddonCheck[] = [nfsServer, className];
