import * as assert from "node:assert/strict";
import { errors, stack } from "../../config/fixtures";

describe("values of a chart", () => {
  it("do not contradict the settings that decide them", () => {
    const values = { persistence: { defaultClass: true }, defaultSettings: { defaultDataPath: "/var/lib/longhorn" } };
    assert.deepEqual(errors(stack({ storage: { localPath: { default: true }, longhorn: { values } } })), [
      "storage.longhorn.values.persistence.defaultClass: true is not what storage.longhorn.default says (false); write it there and leave it out of values",
    ]);
    const ingress = { controller: "ingress-nginx", values: { controller: { service: { type: "NodePort" } } } };
    assert.deepEqual(errors(stack({ ingress, k3s: { disable: ["traefik"] } })), [
      'ingress.values.controller.service.type: "NodePort" is not what ingress.serviceType says ("LoadBalancer"); write it there and leave it out of values',
    ]);
  });

  it("make no second class of NFS beside Groundwork's", () => {
    const nfs = { server: "192.0.2.50", path: "/export" };
    const values = {
      nfs: { path: "/other" },
      storageClass: { create: true, defaultClass: true, provisionerName: "x" },
    };
    assert.deepEqual(errors(stack({ storage: { localPath: { default: true }, nfs: { ...nfs, values } } })), [
      'storage.nfs.values.nfs.path: "/other" is not what storage.nfs.path says ("/export"); write it there and leave it out of values',
      "storage.nfs.values.storageClass.create: makes a second StorageClass, beside the one that Groundwork makes; take it out; storage.nfs.storageClass is its name, storage.nfs.default makes it the default",
      "storage.nfs.values.storageClass.provisionerName: is not cluster.local/nfs-subdir-external-provisioner, which the class and its volumes name; take it out",
    ]);
  });

  it("may say the same, and anything else", () => {
    const values = { persistence: { defaultClass: true }, longhornUI: { replicas: 1 } };
    assert.deepEqual(errors(stack({ storage: { longhorn: { default: true, values } } })), []);
  });
});
