import * as assert from "node:assert/strict";
import { isCronLine } from "../../../config/schema/cron";
import { Secret } from "../../../config/secret";
import { errors, node, stack, warnings } from "../fixtures";

const server = (name: string, more: object = {}): Record<string, unknown> => node(name, { role: "server", ...more });
const KEYS = { accessKey: Secret.of("AKIA"), secretKey: Secret.of("s3cret") };

describe("the settings of snapshots", () => {
  it("say nothing of the defaults", () => {
    assert.deepEqual(errors(stack({ k3s: { snapshots: {} } })), []);
    assert.deepEqual(warnings(stack({ k3s: { snapshots: {} } })), []);
  });

  it("take what cron and k3s take for a schedule, and nothing else", () => {
    for (const line of ["0 */6 * * *", "@daily", "@every 6h", "TZ=UTC 30 2 * * sun", "0 0 1-15/2 jan,jul mon-fri"]) {
      assert.ok(isCronLine(line), line);
    }
    for (const line of [
      "",
      "0 */6 * *",
      "60 * * * *",
      "0 24 * * *",
      "@never",
      "* * * * 7",
      "0 */0 * * *",
      "5-1 * * * *",
    ]) {
      assert.ok(!isCronLine(line), line);
    }
    assert.deepEqual(errors(stack({ k3s: { snapshots: { schedule: "every day" } } })), [
      'k3s.snapshots.schedule: "every day" is not a line of cron; write five fields like 0 */6 * * *, or a name like @daily',
    ]);
  });

  it("want a bucket and both keys for S3", () => {
    assert.deepEqual(errors(stack({ k3s: { snapshots: { s3: {} } } })), [
      "k3s.snapshots.s3.bucket: is not set; write the bucket's name",
      "k3s.snapshots.s3.accessKey: is not set; set it with: pulumi config set --secret --path 'groundwork:k3s.snapshots.s3.accessKey'",
      "k3s.snapshots.s3.secretKey: is not set; set it with: pulumi config set --secret --path 'groundwork:k3s.snapshots.s3.secretKey'",
    ]);
    assert.deepEqual(errors(stack({ k3s: { snapshots: { s3: { bucket: "etcd", ...KEYS } } } })), []);
  });

  it("want nothing beside a Secret that somebody else keeps", () => {
    assert.deepEqual(errors(stack({ k3s: { snapshots: { s3: { existingSecret: "mine" } } } })), []);
    assert.deepEqual(errors(stack({ k3s: { snapshots: { s3: { existingSecret: "mine", bucket: "etcd" } } } })), [
      "k3s.snapshots.s3.bucket: has no effect beside existingSecret, which has all of it; take one of the two out",
    ]);
  });

  it("refuse S3 where a server's k3s reads no Secret for it", () => {
    const s3 = { bucket: "etcd", ...KEYS };
    const old = server("s1", { k3sVersion: "v1.30.3+k3s1" });
    assert.deepEqual(
      errors(stack({ nodes: [old, node("a1", { k3sVersion: "v1.30.3+k3s1" })], k3s: { snapshots: { s3 } } })),
      [
        "nodes[0].k3sVersion: v1.30.3+k3s1 does not read its S3 configuration from a Secret, as k3s.snapshots.s3 needs it; take 1.30.4 or newer (1.29.8, 1.28.13)",
      ],
    );
  });

  it("say that nothing is saved without snapshots", () => {
    assert.deepEqual(errors(stack({ k3s: { snapshots: { enabled: false, retention: 5 } } })), [
      "k3s.snapshots.retention: has no effect with enabled: false; take one of the two out",
    ]);
    assert.deepEqual(warnings(stack({ k3s: { snapshots: { enabled: false } } })), [
      "k3s.snapshots.enabled: without snapshots nothing brings a damaged etcd back; leave it out; 'groundwork snapshot save' keeps one now and then at least",
    ]);
  });

  it("take the place of k3s's own keys", () => {
    const own = {
      "etcd-snapshot-schedule-cron": "@daily",
      "etcd-snapshot-retention": 3,
      "etcd-s3": true,
      "etcd-s3-secret-key": "x",
      "etcd-s3-config-secret": "mine",
      "etcd-s3-timeout": "1m",
    };
    assert.deepEqual(errors(stack({ k3s: { server: own } })), [
      "k3s.server.etcd-snapshot-schedule-cron: is written by Groundwork; set k3s.snapshots.schedule",
      "k3s.server.etcd-snapshot-retention: is written by Groundwork; set k3s.snapshots.retention",
      "k3s.server.etcd-s3: is written by Groundwork; set k3s.snapshots.s3",
      "k3s.server.etcd-s3-secret-key: is written by Groundwork; set k3s.snapshots.s3.secretKey (a secret)",
      "k3s.server.etcd-s3-config-secret: is written by Groundwork; set k3s.snapshots.s3.existingSecret",
      "k3s.server.etcd-s3-timeout: is written by Groundwork; leave it out; k3s gives up after five minutes",
    ]);
  });
});
