import * as assert from "node:assert/strict";
import { errors, stack, warnings } from "../../config/fixtures";

describe("storage", () => {
  it("has one default class", () => {
    assert.deepEqual(
      errors(
        stack({
          storage: {
            localPath: { default: true },
            nfs: { server: "10.0.0.5", path: "/x", default: true },
            longhorn: { default: true },
          },
        }),
      ),
      [
        "storage.longhorn.default: is true, and so is storage.localPath.default and storage.nfs.default; a cluster has one default StorageClass; write true in one place only",
      ],
    );
  });

  it("lets another class be the default without a word about local-path", () => {
    const raw = stack({ storage: { localPath: {}, nfs: { server: "10.0.0.5", path: "/x", default: true } } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), []);
  });

  it("is warned about without a default class", () => {
    const raw = stack({ storage: { localPath: { default: false } } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "storage: has no default StorageClass, so claims that name no class stay Pending; write default: true under one of storage.localPath, storage.nfs and storage.longhorn, unless you bring a class of your own",
    ]);
  });

  it("is warned about on a public NFS server", () => {
    const raw = stack({ storage: { nfs: { server: "203.0.113.5", path: "/x" } } });
    assert.deepEqual(errors(raw), []);
    assert.deepEqual(warnings(raw), [
      "storage.nfs.server: 203.0.113.5 is a public address, and NFS is not encrypted; reach it through the VPN",
    ]);
  });

  it("has class names of their own", () => {
    assert.deepEqual(
      errors(stack({ storage: { nfs: { server: "10.0.0.5", path: "/x", storageClass: "local-path" } } })),
      [
        "storage.nfs.storageClass: 'local-path' is the name of another StorageClass; write a name of its own, e.g. nfs-client",
      ],
    );
  });
});
