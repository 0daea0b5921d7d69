import assert from "node:assert/strict";
import {
  checkClasses,
  checkReadyz,
  checkReleases,
  checkVolumes,
  checkWorkloads,
} from "../../../operate/doctor/cluster";
import type { HostHealth } from "../../../operate/doctor/host";
import { checkSnapshots } from "../../../operate/doctor/snapshots";
import { settingsOf } from "../../program";
import { NOW, SERVERS, STACK, VERSION, asked, bad } from "./wellCluster";

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
    assert.deepEqual(bad(checkReadyz("\nThe connection to the server 127.0.0.1:6443 was refused\n")), [
      "error api: the API does not tell its own checks: The connection to the server 127.0.0.1:6443 was refused",
    ]);
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
