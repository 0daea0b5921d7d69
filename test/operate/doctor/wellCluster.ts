import assert from "node:assert/strict";
import type { DesiredNode } from "../../../desired/nodes";
import type { HostHealth } from "../../../operate/doctor/host";
import type { Finding } from "../../../operate/finding";
import type { Condition, KubeNode } from "../../../operate/kubeObjects";
import { desiredNode, nodes } from "../../program";

export const NOW = new Date("2026-06-01T12:00:00Z");
export const VERSION = "v1.36.4+k3s1";
export const STACK = { nodes: nodes("server:s1", "server:s2", "server:s3", "agent:a1"), k3s: { version: VERSION } };
export const SERVERS = ["s1", "s2", "s3"];

export const node = (name: string): DesiredNode => desiredNode(name, STACK);

/** A host that is well, with changes. */
export function health(changes: Partial<HostHealth> = {}): HostHealth {
  return {
    unit: { name: "k3s", active: "active" },
    disk: { place: "/var/lib/rancher/k3s", all: 100 * 1024 ** 2, free: 60 * 1024 ** 2, inodes: 90 },
    certificates: [
      { path: "server/tls/client-admin.crt", endsAt: new Date("2027-05-01T00:00:00Z"), isAuthority: false },
    ],
    left: [],
    mesh: undefined,
    etcd: etcd(),
    snapshot: { at: new Date("2026-06-01T00:00:00Z"), bytes: 1000, path: "/var/lib/snapshots/one" },
    clock: { ahead: 0, within: 0.05 },
    ...changes,
  };
}
export function etcd(changes: Partial<NonNullable<HostHealth["etcd"]>> = {}): NonNullable<HostHealth["etcd"]> {
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
export function known(
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
export const ALL = [...SERVERS, "a1"];
export const asked = (changes: Readonly<Record<string, Partial<HostHealth>>> = {}) =>
  ALL.map((name) => ({
    node: node(name),
    health: health({ ...(name === "a1" ? { etcd: undefined, snapshot: undefined } : {}), ...changes[name] }),
  }));

/** What is not well, in short. */
export function bad(findings: readonly Finding[]): string[] {
  return findings
    .filter(({ level }) => level !== "ok")
    .map(({ level, check, where, message, remedy }) => {
      assert.notEqual(remedy, "", `${message}: without a remedy`);
      return `${level} ${check}${where === undefined ? "" : ` ${where}`}: ${message}`;
    });
}
