import * as assert from "node:assert/strict";
import { Secret } from "../../config/secret";
import { desiredCluster } from "../../desired/cluster";
import { S3_SECRET } from "../../desired/snapshots";
import { nodes, settingsOf } from "../program";

const S3 = {
  endpoint: "s3.example.org",
  bucket: "etcd",
  folder: "prod",
  accessKey: Secret.of("AKIA-CANARY"),
  secretKey: Secret.of("S3CRET-CANARY"),
};

function configOf(snapshots: object, role: "server" | "agent" = "server"): string {
  const { first, agents } = desiredCluster(
    settingsOf({ nodes: nodes("server:s1", "agent:a1"), k3s: { snapshots } }),
    "p",
  ).nodes;
  const node = role === "server" ? first : agents[0]!;
  return node.files.put.find(({ path }) => path === "/etc/rancher/k3s/config.yaml")!.content;
}

const groupsOf = (snapshots: object) =>
  desiredCluster(settingsOf({ nodes: nodes("server:s1"), k3s: { snapshots } }), "p").groups;

describe("snapshots of etcd, as they are decided", () => {
  it("are k3s's own where nothing is set", () => {
    assert.doesNotMatch(configOf({}), /etcd-/);
    assert.ok(!groupsOf({}).some(({ name }) => name === "snapshots"));
  });

  it("are in the configuration of servers only", () => {
    const set = { schedule: "0 */6 * * *", retention: 28, directory: "/mnt/etcd", compress: true };
    assert.deepEqual(configOf(set).match(/^etcd-.*$/gm), [
      "etcd-snapshot-schedule-cron: 0 */6 * * *",
      "etcd-snapshot-retention: 28",
      "etcd-snapshot-dir: /mnt/etcd",
      "etcd-snapshot-compress: true",
    ]);
    assert.doesNotMatch(configOf(set, "agent"), /etcd-/);
    assert.deepEqual(configOf({ enabled: false }).match(/^etcd-.*$/gm), ["etcd-disable-snapshots: true"]);
  });

  it("find their way to S3 in a Secret, which alone has the keys", () => {
    assert.deepEqual(configOf({ s3: S3 }).match(/^etcd-.*$/gm), [
      "etcd-s3: true",
      `etcd-s3-config-secret: ${S3_SECRET}`,
    ]);
    const group = groupsOf({ s3: S3 }).find(({ name }) => name === "snapshots")!;
    assert.deepEqual(
      group.resources.map((one) => one.is === "object" && [one.name, one.kind, one.fields]),
      [
        [
          "etcd-s3",
          "Secret",
          {
            metadata: { name: S3_SECRET, namespace: "kube-system" },
            type: "etcd.k3s.cattle.io/s3-config-secret",
            stringData: {
              "etcd-s3-endpoint": "s3.example.org",
              "etcd-s3-bucket": "etcd",
              "etcd-s3-region": "us-east-1",
              "etcd-s3-folder": "prod",
              "etcd-s3-access-key": S3.accessKey,
              "etcd-s3-secret-key": S3.secretKey,
            },
          },
        ],
      ],
    );
    assert.doesNotMatch(
      JSON.stringify(desiredCluster(settingsOf({ nodes: nodes("server:s1"), k3s: { snapshots: { s3: S3 } } }), "p")),
      /CANARY/,
    );
  });

  it("are found in a Secret that somebody else keeps, and Groundwork makes none", () => {
    assert.deepEqual(configOf({ s3: { existingSecret: "mine" } }).match(/^etcd-.*$/gm), [
      "etcd-s3: true",
      "etcd-s3-config-secret: mine",
    ]);
    assert.ok(!groupsOf({ s3: { existingSecret: "mine" } }).some(({ name }) => name === "snapshots"));
  });
});
