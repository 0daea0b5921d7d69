import { error } from "../../config/checks/check";
import type { AddonCheck } from "../addon";
import { isCsiDriver } from "../nfs-provisioner/settings";
import { NFS_DRIVER } from "./values";

/** The class is a resource beside the chart (values.ts): another one of the chart's would be a second default, or clash with it. */
const oneClass: AddonCheck = ({ storage: { nfs } }) => {
  if (!isCsiDriver(nfs)) return [];
  const { storageClass, storageClasses, driver } = nfs.values as Readonly<Record<string, unknown>>;
  const at = (key: string): string => `storage.nfs.values.${key}`;
  const create = (storageClass as Readonly<Record<string, unknown>> | undefined)?.["create"];
  const name = (driver as Readonly<Record<string, unknown>> | undefined)?.["name"];
  const more = Array.isArray(storageClasses) && storageClasses.length > 0;
  const problem = "makes a second StorageClass, beside the one that Groundwork makes";
  const remedy = "take it out; storage.nfs.storageClass is its name, storage.nfs.default makes it the default";
  return [
    ...(create === undefined || create === false ? [] : [error(at("storageClass.create"), problem, remedy)]),
    ...(more ? [error(at("storageClasses"), problem, remedy)] : []),
    ...(name === undefined || name === NFS_DRIVER
      ? []
      : [error(at("driver.name"), `is not ${NFS_DRIVER}, which the class and its volumes name`, "take it out")]),
  ];
};

export const csiDriverNfsChecks: readonly AddonCheck[] = [oneClass];
