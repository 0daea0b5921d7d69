import * as assert from "node:assert/strict";
import { resourcesOf, type DesiredObject, type DesiredResource } from "../../addons/resources";
import { Secret } from "../../config/secret";
import { errors, node, stack } from "../config/fixtures";
import { desiredNode, desiredOf, nodes } from "../program";

const s3 = {
  backupTarget: "s3://bucket@eu-1/",
  backupCredentials: { AWS_ACCESS_KEY_ID: Secret.of("id"), AWS_SECRET_ACCESS_KEY: Secret.of("key") },
};

function decided(longhorn: Record<string, unknown>): DesiredResource[] {
  return resourcesOf(desiredOf({ storage: { longhorn: { default: true, ...longhorn } } }).groups);
}

function problems(longhorn: Record<string, unknown>): string[] {
  return errors(stack({ storage: { longhorn: { default: true, ...longhorn } } }));
}

describe("Longhorn", () => {
  it("is given its credentials as a Secret that is there before it, and its name in the values", () => {
    const all = decided(s3);
    const release = all.find((one) => one.is === "release")!;
    const secret = release.after.find((one) => one.is === "object" && one.kind === "Secret") as DesiredObject;
    assert.ok(all.includes(secret));
    assert.deepEqual(secret.fields["stringData"], s3.backupCredentials);
    assert.deepEqual(release.values["defaultBackupStore"], {
      backupTarget: "s3://bucket@eu-1/",
      backupTargetCredentialSecret: (secret.fields["metadata"] as { name: string }).name,
    });
  });

  it("has its jobs made once it is there, with seven kept where nothing is said", () => {
    const all = decided({
      ...s3,
      recurringJobs: {
        nightly: { task: "backup", schedule: "0 3 * * *" },
        trim: { task: "filesystem-trim", schedule: "@weekly", groups: ["databases"], concurrency: 2 },
      },
    });
    const jobs = all.filter((one): one is DesiredObject => one.is === "object" && one.kind === "RecurringJob");
    assert.deepEqual(
      jobs.map(({ fields }) => fields["spec"]),
      [
        { name: "nightly", task: "backup", cron: "0 3 * * *", retain: 7, concurrency: 1, groups: ["default"] },
        { name: "trim", task: "filesystem-trim", cron: "@weekly", retain: 0, concurrency: 2, groups: ["databases"] },
      ],
    );
    for (const job of jobs) assert.ok(job.after.some((one) => one.is === "release" && all.includes(one)));
  });

  it("refuses credentials that its target does not read or that nobody reads", () => {
    const key = { AWS_ACCESS_KEY_ID: Secret.of("id") };
    const at = "storage.longhorn.backupCredentials";
    assert.deepEqual(problems({ backupCredentials: key }), [
      `${at}: is for a backupTarget, and there is none; write backupTarget, or take it out`,
    ]);
    assert.deepEqual(problems({ backupTarget: "nfs://10.0.0.9:/backup", backupCredentials: key }), [
      `${at}.AWS_ACCESS_KEY_ID: Longhorn reads nothing of that name for a target of nfs://; take it out`,
    ]);
    assert.deepEqual(
      problems({ ...s3, backupCredentials: { ...s3.backupCredentials, AWS_ENDPOINT: Secret.of("x") } }),
      [
        `${at}.AWS_ENDPOINT: Longhorn reads nothing of that name for a target of s3://; write one of AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINTS, AWS_CERT, AWS_IAM_ROLE_ARN, VIRTUAL_HOSTED_STYLE, HTTP_PROXY, HTTPS_PROXY and NO_PROXY`,
      ],
    );
  });

  it("asks for no credentials where a Secret of one's own has them, and takes no second ones", () => {
    const values = { defaultBackupStore: { backupTargetCredentialSecret: "own" } };
    const { backupTarget } = s3;
    assert.deepEqual(problems({ backupTarget, values }), []);
    assert.deepEqual(problems({ ...s3, values }), [
      "storage.longhorn.values.defaultBackupStore.backupTargetCredentialSecret: names another Secret than the one that backupCredentials becomes; take one of the two out",
    ]);
    assert.match(
      errors(stack({ storage: { longhorn: { default: true, backupTarget } } })).join(),
      /AWS_ACCESS_KEY_ID: is not set, and a target of s3:\/\/ needs it; set it with: pulumi config set --secret/,
    );
  });

  it("refuses jobs that could not do what they are for", () => {
    const jobs = {
      a: { task: "backup", schedule: "0 3 * * *" },
      b: { task: "snapshot-cleanup", schedule: "@daily", retain: 3 },
    };
    assert.deepEqual(problems({ recurringJobs: jobs }), [
      "storage.longhorn.recurringJobs.a.task: is backup, and there is no backupTarget; write one, or task: snapshot",
      "storage.longhorn.recurringJobs.b.retain: snapshot-cleanup makes nothing that is kept; take it out",
    ]);
  });

  it("learns a node's disks and tags from the node, and makes its own disk on the others", () => {
    const longhorn = {
      disks: [
        { path: "/mnt/ssd 1", tags: ["ssd", "fast"], reserved: "20Gi" },
        { path: "/mnt/hdd", scheduling: false },
      ],
      tags: ["storage"],
    };
    const [s1, a1] = nodes("server:s1", "agent:a1");
    const settings = { nodes: [s1, { ...a1, longhorn, labels: { rack: "r1" } }], storage: { longhorn: {} } };
    const { labels, annotations } = desiredNode("a1", settings).marks;
    assert.deepEqual(labels, { "node.longhorn.io/create-default-disk": "config", rack: "r1" });
    assert.deepEqual(
      Object.entries(annotations).map(([key, value]) => [key, JSON.parse(value)]),
      [
        [
          "node.longhorn.io/default-disks-config",
          [
            { path: "/mnt/ssd 1", allowScheduling: true, storageReserved: 21474836480, tags: ["ssd", "fast"] },
            { path: "/mnt/hdd", allowScheduling: false },
          ],
        ],
        ["node.longhorn.io/default-node-tags", ["storage"]],
      ],
    );
    assert.deepEqual(desiredNode("s1", settings).marks.labels, { "node.longhorn.io/create-default-disk": "true" });
    const release = resourcesOf(desiredOf(settings).groups).find((one) => one.is === "release")!;
    assert.equal((release.values["defaultSettings"] as Record<string, unknown>)["createDefaultDiskLabeledNodes"], true);
  });

  it("is told of a node's disks once, and only where it is", () => {
    const at = (more: object): Record<string, unknown>[] => [node("s1", { role: "server", ...more })];
    const longhorn = { disks: [{ path: "/mnt/a", reserved: "a lot" }, { path: "/mnt/a/" }] };
    assert.deepEqual(errors(stack({ nodes: at({ longhorn }) })), [
      "nodes[0].longhorn: is for Longhorn, and the stack has none; write storage.longhorn, or take it out",
    ]);
    const labels = { "node.longhorn.io/create-default-disk": "true" };
    const all = errors(stack({ nodes: at({ longhorn, labels }), storage: { longhorn: { default: true } } }));
    assert.deepEqual(all, [
      "nodes[0].longhorn.disks[1].path: /mnt/a is there already; write each disk once",
      'nodes[0].longhorn.disks[0].reserved: "a lot" is not a quantity; write one like 20Gi',
      'nodes[0].labels["node.longhorn.io/create-default-disk"]: is what nodes[].longhorn becomes; take one of the two out',
    ]);
  });
});
