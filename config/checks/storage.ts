import { isPublicAddress } from "../addresses";
import { defaultStorageClass, LOCAL_PATH_CLASS, LONGHORN_CLASS } from "../storageClass";
import { error, listed, warning, type Check } from "./check";

/** At most one StorageClass is the default one. */
export const oneDefaultClass: Check = ({ storage }) => {
  const claimed = (["localPath", "nfs", "longhorn"] as const)
    .filter((key) => storage[key]?.default === true)
    .map((key) => `storage.${key}.default`);
  if (claimed.length < 2) return [];
  return [
    error(
      claimed.at(-1) ?? "storage",
      `is true, and so is ${listed(claimed.slice(0, -1))}; a cluster has one default StorageClass`,
      "write true in one place only",
    ),
  ];
};

/** A claim that names no class is answered by somebody. */
export const someDefaultClass: Check = (settings) => {
  if (defaultStorageClass(settings) !== undefined) return [];
  return [
    warning(
      "storage",
      "has no default StorageClass, so claims that name no class stay Pending",
      "write default: true under localPath, nfs or longhorn, unless you bring a class of your own",
    ),
  ];
};

/** NFS is neither encrypted nor authenticated by itself. */
export const nfsServer: Check = ({ storage }) => {
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

/** Names of classes do not clash. */
export const classNames: Check = ({ storage }) => {
  const name = storage.nfs?.storageClass;
  if (name !== LOCAL_PATH_CLASS && !(name === LONGHORN_CLASS && storage.longhorn !== undefined)) return [];
  return [
    error(
      "storage.nfs.storageClass",
      `'${name}' is the name of another StorageClass`,
      "write a name of its own, e.g. nfs-client",
    ),
  ];
};

export const storageChecks: readonly Check[] = [oneDefaultClass, someDefaultClass, nfsServer, classNames];
