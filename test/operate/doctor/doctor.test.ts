import assert from "node:assert/strict";
import type { DesiredNode } from "../../../desired/nodes";
import {
  checkClasses,
  checkReadyz,
  checkReleases,
  checkVolumes,
  checkWorkloads,
} from "../../../operate/doctor/cluster";
import { checkEtcd } from "../../../operate/doctor/etcd";
import { healthIn, type HostHealth } from "../../../operate/doctor/host";
import { checkHosts } from "../../../operate/doctor/hosts";
import { checkNodes } from "../../../operate/doctor/nodes";
import { checkSnapshots } from "../../../operate/doctor/snapshots";
import type { Finding } from "../../../operate/finding";
import type { Condition, KubeNode } from "../../../operate/kubeObjects";
import { desiredNode, nodes, settingsOf } from "../../program";

const NOW = new Date("2026-06-01T12:00:00Z");
const VERSION = "v1.36.4+k3s1";
const STACK = { nodes: nodes("server:s1", "server:s2", "server:s3", "agent:a1"), k3s: { version: VERSION } };
const SERVERS = ["s1", "s2", "s3"];

const node = (name: string): DesiredNode => desiredNode(name, STACK);

/** A host that is well, with changes. */
function health(changes: Partial<HostHealth> = {}): HostHealth {
  return {
    unit: { name: "k3s", active: "active" },
    disk: { place: "/var/lib/rancher/k3s", all: 100 * 1024 ** 2, free: 60 * 1024 ** 2, inodes: 90 },
    certificates: [
      { path: "server/tls/client-admin.crt", endsAt: new Date("2027-05-01T00:00:00Z"), isAuthority: false },
    ],
    left: [],
    etcd: etcd(),
    snapshot: { at: new Date("2026-06-01T00:00:00Z"), bytes: 1000, path: "/var/lib/snapshots/one" },
    clock: { ahead: 0, within: 0.05 },
    ...changes,
  };
}
function etcd(changes: Partial<NonNullable<HostHealth["etcd"]>> = {}): NonNullable<HostHealth["etcd"]> {
  const well = {
    isSilent: false,
    hasLeader: true,
    isLearner: false,
    size: 3e6,
    quota: 2e9,
    health: '{"health":"true","reason":""}',
  };
  return { ...well, members: ["1", "2", "3"], ...changes };
}

/** A Node that is well, with changes. */
function known(
  name: string,
  changes: { conditions?: Condition[]; version?: string } & Partial<KubeNode["metadata"]> & KubeNode["spec"] = {},
): KubeNode {
  const { conditions = [], version = VERSION, unschedulable = false, labels, ...metadata } = changes;
  const isServer = SERVERS.includes(name);
  const well = [
    { type: "Ready", status: "True" },
    { type: "DiskPressure", status: "False" },
    ...(isServer ? [{ type: "EtcdIsVoter", status: "True", reason: "MemberNotLearner" }] : []),
  ];
  const other = new Set(conditions.map(({ type }) => type));
  return {
    kind: "Node",
    metadata: {
      name,
      labels: { ...(isServer ? { "node-role.kubernetes.io/etcd": "true" } : {}), ...labels },
      ...metadata,
    },
    spec: { unschedulable },
    status: {
      conditions: [...well.filter(({ type }) => !other.has(type)), ...conditions],
      nodeInfo: { kubeletVersion: version },
    },
  };
}
const ALL = [...SERVERS, "a1"];
const asked = (changes: Readonly<Record<string, Partial<HostHealth>>> = {}) =>
  ALL.map((name) => ({
    node: node(name),
    health: health({ ...(name === "a1" ? { etcd: undefined, snapshot: undefined } : {}), ...changes[name] }),
  }));

/** What is not well, in short. */
function bad(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ level }) => level !== "ok")
    .map(({ level, check, where, message, remedy }) => {
      assert.notEqual(remedy, "", `${message}: without a remedy`);
      return `${level} ${check}${where === undefined ? "" : ` ${where}`}: ${message}`;
    });
}

describe("doctor on hosts", () => {
  it("finds nothing where all is well", () => {
    assert.deepEqual(bad(checkHosts(asked(), NOW)), []);
  });

  it("names a service that is down, a disk that runs full, and what a run that was cut off left", () => {
    const disk = { place: "/var/lib/rancher/k3s", all: 100 * 1024 ** 2, free: 4 * 1024 ** 2, inodes: 3 };
    const changes = { s2: { left: ["leaving"] }, a1: { unit: { name: "k3s-agent", active: "failed" }, disk } };
    assert.deepEqual(bad(checkHosts(asked(changes), NOW)), [
      "error cut-off s2: it began to leave the cluster, and that was cut off",
      "error service a1: k3s-agent is failed",
      "error disk a1: 4.0 of 100.0 GiB free for /var/lib/rancher/k3s",
      "error disk a1: 3 % of the inodes free for /var/lib/rancher/k3s",
    ]);
  });

  it("warns of certificates 60 days ahead, and of authorities apart", () => {
    const certificate = (path: string, endsAt: string, isAuthority = false) => ({
      path,
      endsAt: new Date(endsAt),
      isAuthority,
    });
    const certificates = [
      certificate("server/tls/client-admin.crt", "2026-07-31T11:00:00Z"),
      certificate("server/tls/client-controller.crt", "2026-07-31T13:00:00Z"),
      certificate("server/tls/client-ca.crt", "2026-06-11T13:00:00Z", true),
      certificate("server/tls/serving-kube-apiserver.crt", "2026-05-31T11:00:00Z"),
    ];
    assert.deepEqual(bad(checkHosts(asked({ s1: { certificates } }), NOW)), [
      "error certificate s1: server/tls/serving-kube-apiserver.crt and 1 more ended 2 days ago",
      "warning certificate s1: server/tls/client-ca.crt ends in 10 days",
    ]);
  });

  it("compares clocks with the middle one, and forgives what the way took", () => {
    const clocks = {
      s1: { clock: { ahead: 7200, within: 0.1 } },
      s2: { clock: { ahead: 2.0, within: 0.2 } },
      s3: { clock: { ahead: 0.9, within: 0.3 } },
    };
    assert.deepEqual(bad(checkHosts(asked(clocks), NOW)), [
      "error clock s1: its clock is 7199.0 s ahead of the others'",
    ]);
  });
});

describe("doctor on nodes", () => {
  const check = (...list: KubeNode[]): string[] => bad(checkNodes(ALL.map(node), list, NOW));

  it("finds nothing where all is well", () => {
    assert.deepEqual(check(...ALL.map((name) => known(name))), []);
  });

  it("names nodes that are not Ready, under pressure, gone, or nobody's", () => {
    const conditions = [
      { type: "Ready", status: "Unknown", message: "Kubelet stopped posting node status." },
      { type: "DiskPressure", status: "True", message: "kubelet has disk pressure" },
    ];
    assert.deepEqual(check(known("s1"), known("s2", { conditions }), known("s3"), known("x")), [
      "error node s2: not Ready: Kubelet stopped posting node status.",
      "error node s2: DiskPressure: kubelet has disk pressure",
      "error node a1: it is not a member of the cluster",
      "warning node x: it is a member, and not in the stack file",
    ]);
  });

  it("names versions that differ, and those that Kubernetes does not allow", () => {
    const list = [
      known("s1", { version: "v1.35.6+k3s1" }),
      known("s2"),
      known("s3"),
      known("a1", { version: "v1.36.5+k3s1" }),
    ];
    assert.deepEqual(
      check(...list).filter((text) => text.startsWith("error") || text.includes("s1") || text.includes("a1")),
      [
        "warning version s1: k3s v1.35.6+k3s1 runs, the stack says v1.36.4+k3s1",
        "error version s2: its kubelet v1.36.4+k3s1 is newer than a server's",
        "error version s3: its kubelet v1.36.4+k3s1 is newer than a server's",
        "warning version a1: k3s v1.36.5+k3s1 runs, the stack says v1.36.4+k3s1",
        "error version a1: its kubelet v1.36.5+k3s1 is newer than a server's",
      ],
    );
  });

  it("names what runs and people left on them", () => {
    const marks = [
      known("s1", { annotations: { "etcd.k3s.cattle.io/remove": "true" } }),
      known("s2", { annotations: { "groundwork/down": String(NOW.getTime() / 1000 - 1000) }, unschedulable: true }),
      known("s3", {
        annotations: { "groundwork/down": String(NOW.getTime() / 1000 - 10) },
        labels: { "groundwork/drained": "true" },
        unschedulable: true,
      }),
      known("a1", { annotations: { "groundwork/maintenance": "2026-05-30T08:00:00Z" }, unschedulable: true }),
    ];
    assert.deepEqual(check(...marks), [
      "error cut-off s1: its member is asked to leave etcd, and has not left",
      "warning cordoned s2: it is cordoned",
      "warning cut-off s2: its turn to restart was not ended by the run that began it",
      "warning cordoned s3: a run drained it and did not end",
      "warning cordoned a1: it is drained for maintenance since 2026-05-30T08:00:00Z",
    ]);
  });
});

describe("doctor on etcd", () => {
  const check = (list: KubeNode[], changes: Parameters<typeof asked>[0] = {}): string[] =>
    bad(checkEtcd(asked(changes), list, SERVERS));
  const well = ALL.map((name) => known(name));

  it("finds nothing where every server votes", () => {
    assert.deepEqual(check(well), []);
  });

  it("names a learner that stays one, and that no further server may fail", () => {
    const conditions = [{ type: "EtcdIsVoter", status: "False", reason: "MemberIsLearner" }];
    assert.deepEqual(check([known("s1"), known("s2"), known("s3", { conditions })]), [
      "error etcd s3: its member is still a learner and has no vote",
      "warning etcd: 2 of 3 members vote: no further server may fail",
    ]);
  });

  it("names a member too many, data near their limit, an alarm, and a lost leader", () => {
    const changes = {
      s1: { etcd: etcd({ members: ["1", "2", "3", "4"], size: 1.9e9 }) },
      s2: { etcd: etcd({ hasLeader: false, health: '{"health":"false","reason":"ALARM NOSPACE"}' }) },
      s3: { etcd: etcd({ isSilent: true, members: [], hasLeader: undefined, health: "" }) },
    };
    assert.deepEqual(check(well, changes), [
      "error etcd-size s1: etcd's data is 1812 MiB of at most 1907 MiB",
      "error etcd s2: its member sees no leader: etcd has no quorum",
      'error etcd s2: etcd says of itself: {"health":"false","reason":"ALARM NOSPACE"}',
      "error etcd-members: etcd has 4 members, and the stack 3 servers",
    ]);
  });
});

describe("doctor on what is in the cluster", () => {
  it("wants the stack's default StorageClass and no other", () => {
    const named = (name: string, isDefault: boolean) => ({
      metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": String(isDefault) } },
      provisioner: "x",
    });
    assert.deepEqual(bad(checkClasses([named("a", true), named("b", false)], "a")), []);
    assert.deepEqual(bad(checkClasses([named("b", false)], "")), []);
    assert.deepEqual(bad(checkClasses([named("b", true), named("a", true)], "a")), [
      "error storage-class: there are 2 default StorageClasses: a, b",
    ]);
    assert.deepEqual(bad(checkClasses([named("a", false)], "a")), [
      "error storage-class: there is no default StorageClass, expected a",
    ]);
    assert.deepEqual(bad(checkClasses([named("b", true)], "a")), [
      "warning storage-class: b is the default StorageClass, expected a",
    ]);
  });

  it("names volumes and claims that are lost, and Longhorn's with too few copies", () => {
    const claim = (name: string, phase: string, creationTimestamp: string) => ({
      metadata: { name, namespace: "apps", creationTimestamp },
      status: { phase },
    });
    const found = checkVolumes(
      {
        volumes: [
          { metadata: { name: "pv-1" }, status: { phase: "Failed", message: "no such host" } },
          { metadata: { name: "pv-2" }, status: { phase: "Bound" } },
        ],
        claims: [
          claim("gone", "Lost", ""),
          claim("old", "Pending", "2026-06-01T11:00:00Z"),
          claim("new", "Pending", "2026-06-01T11:55:00Z"),
        ],
        longhorn: ["healthy", "degraded", "faulted"].map((robustness) => ({
          metadata: { name: robustness, namespace: "longhorn-system" },
          status: { robustness },
        })),
      },
      NOW,
    );
    assert.deepEqual(bad(found), [
      "error volume pv-1: the volume failed: no such host",
      "error claim apps/gone: its volume is gone, and with it the data",
      "warning claim apps/old: it waits for a volume since 2026-06-01T11:00:00Z",
      "warning volume degraded: Longhorn has fewer copies of it than it should",
      "error volume faulted: Longhorn has no good copy of it left",
    ]);
  });

  it("names checks of the API that fail, workloads of ours that are not ready, and releases", () => {
    assert.deepEqual(bad(checkReadyz("[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed")), [
      "error api: the API's own checks fail: etcd",
    ]);
    assert.deepEqual(bad(checkReadyz("[+]ping ok\nreadyz check passed")), []);
    const deployment = (namespace: string, readyReplicas?: number) => ({
      kind: "Deployment",
      metadata: { name: "coredns", namespace },
      spec: { replicas: 1 },
      status: readyReplicas === undefined ? {} : { readyReplicas },
    });
    const daemonSet = {
      kind: "DaemonSet",
      metadata: { name: "speaker", namespace: "ours" },
      spec: {},
      status: { desiredNumberScheduled: 3, numberReady: 2 },
    };
    const workloads = [deployment("kube-system"), deployment("ours", 1), deployment("somebody-elses"), daemonSet];
    assert.deepEqual(bad(checkWorkloads(workloads, new Set(["kube-system", "ours"]))), [
      "error workload kube-system: Deployment coredns: 0 of 1 pods are ready",
      "error workload ours: DaemonSet speaker: 2 of 3 pods are ready",
    ]);
    const release = (name: string, status: string) => ({ namespace: "n", secret: "s", name, revision: 2, status });
    assert.deepEqual(
      bad(checkReleases([release("a", "deployed"), release("b", "pending-upgrade"), release("c", "failed")])),
      ["error release b: revision 2 in n is pending-upgrade", "error release c: revision 2 in n is failed"],
    );
  });

  it("wants a snapshot of the last day from any server", () => {
    const of = (hours: number): Partial<HostHealth> => ({
      snapshot: { at: new Date(NOW.getTime() - hours * 3_600_000), bytes: 1, path: "/s" },
    });
    const check = (hours: readonly number[], server: Record<string, unknown> = {}): string[] => {
      const changes = Object.fromEntries(hours.map((each, at) => [SERVERS[at] ?? "", of(each)]));
      return bad(checkSnapshots(asked(changes), settingsOf({ ...STACK, k3s: { version: VERSION, server } }), NOW));
    };
    assert.deepEqual(check([400, 20, 300]), []);
    assert.deepEqual(check([400, 30, 300]), ["warning snapshot: the newest snapshot of etcd is 30 h old (s2: /s)"]);
    assert.deepEqual(check([400, 300, 300]), ["error snapshot: the newest snapshot of etcd is 300 h old (s2: /s)"]);
    assert.deepEqual(check([400, 100, 300], { "etcd-snapshot-schedule-cron": "0 3 * * 0" }), []);
    const none = asked(Object.fromEntries(SERVERS.map((name) => [name, { snapshot: "none" as const }])));
    assert.deepEqual(bad(checkSnapshots(none, settingsOf(STACK), NOW)), [
      "warning snapshot: there is no snapshot of etcd yet; k3s makes one at noon and at midnight",
    ]);
  });
});

describe("what a host says to doctor", () => {
  it("is an error when it was cut off, and never an empty diagnosis", () => {
    const clock = { ahead: 0, within: 0 };
    assert.throws(() => healthIn({ code: 0, stdout: "unit=k3s|active\n", stderr: "" }, clock), {
      message: "the look at the host was cut off",
    });
    assert.throws(() => healthIn({ code: 1, stdout: "", stderr: "error: a1: no\n" }, clock), { message: "a1: no" });
  });
});
