import assert from "node:assert/strict";
import { checkEtcd } from "../../../operate/doctor/etcd";
import { clockIn, healthIn } from "../../../operate/doctor/host";
import { checkHosts } from "../../../operate/doctor/hosts";
import { checkNodes } from "../../../operate/doctor/nodes";
import type { KubeNode } from "../../../operate/kubeObjects";
import { ALL, NOW, SERVERS, asked, bad, etcd, known, node } from "./wellCluster";

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

  it("names nodes that do not hear of each other in the mesh, and an interface that is gone", () => {
    const mesh = (silentFor: Record<string, number | "never">, isThere = true): object => ({
      mesh: { isThere, silentFor: new Map(Object.entries(silentFor)) },
    });
    const well = asked({ s1: mesh({ s2: 12, laptop: "never" }), s2: mesh({ s1: 100 }) });
    assert.deepEqual(bad(checkHosts(well, NOW)), []);
    assert.ok(checkHosts(well, NOW).some(({ message }) => message === "2 nodes hear of each other in the mesh"));
    const ill = asked({ s1: mesh({ s2: 900, a1: "never" }), s2: mesh({}, false) });
    assert.deepEqual(bad(checkHosts(ill, NOW)), [
      "error mesh s1: it has not heard of s2 for 900 s, a1 ever in the mesh",
      "error mesh s2: its interface  is gone",
    ]);
  });

  it("reads what a host says of its mesh", () => {
    const said = (...lines: string[]): string =>
      ["unit=k3s|active", "disk=/|10|5|", ...lines, "looked=yes", ""].join("\n");
    const meshIn = (...lines: string[]): unknown =>
      healthIn({ code: 0, stdout: said(...lines), stderr: "" }, { ahead: 0, within: 0 }).mesh;
    assert.equal(meshIn(), undefined);
    assert.deepEqual(meshIn("mesh=gone"), { isThere: false, silentFor: new Map() });
    assert.deepEqual(meshIn("mesh=s2|12", "mesh=laptop|never"), {
      isThere: true,
      silentFor: new Map<string, number | string>([
        ["s2", 12],
        ["laptop", "never"],
      ]),
    });
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

  it("reads a clock with the way there and back, and judges none that was not told", () => {
    const given = (code: number, stdout: string) => clockIn({ code, stdout, stderr: "" }, 1_000_000, 1_002_000);
    assert.deepEqual(given(0, "1005.5\n"), { ahead: 4.5, within: 1 });
    assert.deepEqual(given(0, "1005.N\n"), { ahead: 4, within: 1 });
    assert.throws(() => given(127, "sh: date: not found\n"), /it does not tell its time: sh: date: not found/);
    assert.throws(() => given(0, ""), /it does not tell its time/);
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

describe("what a host says to doctor", () => {
  it("is an error when it was cut off, and never an empty diagnosis", () => {
    const clock = { ahead: 0, within: 0 };
    assert.throws(() => healthIn({ code: 0, stdout: "unit=k3s|active\n", stderr: "" }, clock), {
      message: "the look at the host was cut off",
    });
    assert.throws(() => healthIn({ code: 1, stdout: "", stderr: "error: a1: no\n" }, clock), { message: "a1: no" });
  });
});
