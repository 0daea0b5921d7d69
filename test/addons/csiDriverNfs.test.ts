import * as assert from "node:assert/strict";
import { resourcesOf, type DesiredObject } from "../../addons/resources";
import { errors, stack } from "../config/fixtures";
import { desiredOf } from "../program";

const nfs = { server: "10.0.0.9", path: "/export" };
const csi = { ...nfs, provisioner: "csi-driver-nfs" };

function decided(settings: Record<string, unknown>): ReturnType<typeof resourcesOf> {
  return resourcesOf(desiredOf({ storage: { nfs: settings } }).groups);
}

function theClass(settings: Record<string, unknown>): DesiredObject {
  return decided(settings).find((one) => one.is === "object" && one.kind === "StorageClass") as DesiredObject;
}

describe("NFS by the CSI driver", () => {
  it("is one release, in the other provisioner's place", () => {
    const releases = (settings: Record<string, unknown>): string[] =>
      decided(settings).flatMap((one) => (one.is === "release" ? [`${one.namespace}/${one.name}`] : []));
    assert.deepEqual(releases(nfs), ["nfs-provisioner/nfs-subdir-external-provisioner"]);
    assert.deepEqual(releases(csi), ["csi-driver-nfs/csi-driver-nfs"]);
  });

  it("names a volume's directory as the other one, and archives it as the settings say", () => {
    assert.deepEqual(theClass(csi).fields["parameters"], {
      server: "10.0.0.9",
      share: "/export",
      subDir: "${pvc.metadata.namespace}-${pvc.metadata.name}-${pv.metadata.name}",
      onDelete: "archive",
    });
    const { onDelete } = theClass({ ...csi, archiveOnDelete: false }).fields["parameters"] as Record<string, string>;
    assert.equal(onDelete, "delete");
  });

  it("deletes a directory with the mount options of the volumes, which the class leads it to", () => {
    const settings = { ...csi, mountOptions: ["nfsvers=4.1", "hard"] };
    const { fields, after } = theClass(settings);
    const parameters = fields["parameters"] as Record<string, string>;
    const name = parameters["csi.storage.k8s.io/provisioner-secret-name"];
    const secret = after.find((one) => one.is === "object" && one.kind === "Secret") as DesiredObject;
    assert.deepEqual(secret.fields["metadata"], {
      name,
      namespace: parameters["csi.storage.k8s.io/provisioner-secret-namespace"],
    });
    assert.deepEqual(secret.fields["stringData"], { mountOptions: "nfsvers=4.1,hard" });
    assert.deepEqual(fields["mountOptions"], settings.mountOptions);
  });

  it("has the class of the other one replaced, and not made a second time beside it", () => {
    const groupOf = (settings: Record<string, unknown>): unknown[] =>
      desiredOf({ storage: { nfs: settings } }).groups.flatMap(({ type, name, resources }) =>
        resources.some((one) => one.is === "object" && one.kind === "StorageClass") ? [[type, name]] : [],
      );
    assert.deepEqual(groupOf(csi), groupOf(nfs));
    assert.equal(theClass(csi).name, theClass(nfs).name);
    assert.ok(theClass(csi).fixedFields.includes("provisioner"));
  });

  it("refuses values by which the chart would make a class of its own", () => {
    const values = { storageClass: { create: true }, storageClasses: [{ name: "nfs-retain" }], driver: { name: "x" } };
    const remedy =
      "makes a second StorageClass, beside the one that Groundwork makes; take it out; storage.nfs.storageClass is its name, storage.nfs.default makes it the default";
    assert.deepEqual(errors(stack({ storage: { localPath: { default: true }, nfs: { ...csi, values } } })), [
      `storage.nfs.values.storageClass.create: ${remedy}`,
      `storage.nfs.values.storageClasses: ${remedy}`,
      "storage.nfs.values.driver.name: is not nfs.csi.k8s.io, which the class and its volumes name; take it out",
    ]);
  });

  it("takes its chart's values where the other one's would be decided by the settings", () => {
    const values = { controller: { replicas: 2 } };
    assert.deepEqual(errors(stack({ storage: { localPath: { default: true }, nfs: { ...csi, values } } })), []);
  });
});
