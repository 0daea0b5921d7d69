import { z } from "zod";
import { settingsShape } from "../settings";
import { secretPatternsOf } from "./secretPaths";

/**
 * The keys of k3s's config.yaml, from its command line (k3s-io/k3s pkg/cli/cmds/server.go and agent.go; docs.k3s.io/cli).
 * A key that is not listed may belong to a newer k3s: it is a warning, never an error.
 */

/** Keys that servers and agents both know. */
export const nodeKeys = [
  "alsologtostderr",
  "bind-address",
  "container-runtime-endpoint",
  "data-dir",
  "debug",
  "default-runtime",
  "disable-apiserver-lb",
  "disable-default-registry-endpoint",
  "docker",
  "enable-pprof",
  "flannel-cni-conf",
  "flannel-conf",
  "flannel-iface",
  "image-credential-provider-bin-dir",
  "image-credential-provider-config",
  "image-service-endpoint",
  "kube-proxy-arg",
  "kubelet-arg",
  "lb-server-port",
  "log",
  "node-external-dns",
  "node-external-ip",
  "node-internal-dns",
  "node-ip",
  "node-label",
  "node-name",
  "node-taint",
  "nonroot-devices",
  "pause-image",
  "prefer-bundled-bin",
  "private-registry",
  "protect-kernel-defaults",
  "resolv-conf",
  "rootless",
  "selinux",
  "server",
  "snapshotter",
  "token",
  "token-file",
  "v",
  "vmodule",
  "vpn-auth",
  "vpn-auth-file",
  "with-node-id",
] as const;

/** Keys that only servers know. */
export const serverKeys = [
  "advertise-address",
  "advertise-port",
  "agent-token",
  "agent-token-file",
  "cluster-cidr",
  "cluster-dns",
  "cluster-domain",
  "cluster-init",
  "cluster-reset",
  "cluster-reset-restore-path",
  "datastore-cafile",
  "datastore-certfile",
  "datastore-endpoint",
  "datastore-keyfile",
  "default-local-storage-path",
  "disable",
  "disable-agent",
  "disable-apiserver",
  "disable-cloud-controller",
  "disable-controller-manager",
  "disable-etcd",
  "disable-helm-controller",
  "disable-kube-proxy",
  "disable-network-policy",
  "disable-scheduler",
  "egress-selector-mode",
  "embedded-registry",
  "etcd-arg",
  "etcd-disable-snapshots",
  "etcd-expose-metrics",
  "etcd-s3",
  "etcd-s3-access-key",
  "etcd-s3-bucket",
  "etcd-s3-config-secret",
  "etcd-s3-endpoint",
  "etcd-s3-endpoint-ca",
  "etcd-s3-folder",
  "etcd-s3-insecure",
  "etcd-s3-proxy",
  "etcd-s3-region",
  "etcd-s3-retention",
  "etcd-s3-secret-key",
  "etcd-s3-session-token",
  "etcd-s3-skip-ssl-verify",
  "etcd-s3-timeout",
  "etcd-snapshot-compress",
  "etcd-snapshot-dir",
  "etcd-snapshot-name",
  "etcd-snapshot-retention",
  "etcd-snapshot-schedule-cron",
  "flannel-backend",
  "flannel-external-ip",
  "flannel-ipv6-masq",
  "helm-job-image",
  "https-listen-port",
  "kube-apiserver-arg",
  "kube-cloud-controller-manager-arg",
  "kube-controller-manager-arg",
  "kube-scheduler-arg",
  "secrets-encryption",
  "secrets-encryption-provider",
  "service-cidr",
  "service-node-port-range",
  "servicelb-namespace",
  "supervisor-metrics",
  "system-default-registry",
  "tls-san",
  "tls-san-security",
  "write-kubeconfig",
  "write-kubeconfig-group",
  "write-kubeconfig-mode",
] as const;

/**
 * Other names of a key. k3s takes the short and old names of its options in config.yaml as well (pkg/cli/cmds: server.go,
 * agent.go, log.go, config.go, each option's second name; kube-controller-arg and kube-cloud-controller-arg of server.go).
 */
export const keyAliases: Readonly<Record<string, string>> = {
  c: "config",
  "cluster-secret": "token",
  d: "data-dir",
  i: "node-ip",
  "kube-cloud-controller-arg": "kube-cloud-controller-manager-arg",
  "kube-controller-arg": "kube-controller-manager-arg",
  l: "log",
  "no-deploy": "disable",
  o: "write-kubeconfig",
  s: "server",
  "storage-cafile": "datastore-cafile",
  "storage-certfile": "datastore-certfile",
  "storage-endpoint": "datastore-endpoint",
  "storage-keyfile": "datastore-keyfile",
  t: "token",
};

/** The name that the lists here have for a key of config.yaml, without the `+` that appends to a list. */
export function canonicalKey(key: string): string {
  const plain = key.replace(/\+$/, "");
  return Object.hasOwn(keyAliases, plain) ? (keyAliases[plain] ?? plain) : plain;
}

/** Whether a key can be the name of an option; `token=x` would become the option `--token=x`, past every other check. */
export function isOptionName(key: string): boolean {
  return /^[A-Za-z0-9][-A-Za-z0-9_]*\+?$/.test(key);
}

/** Keys that Groundwork writes itself, and the settings that they are written from; one of `nodes[]` for one node. */
export const settingsOfKeys: Readonly<Record<string, readonly string[]>> = {
  token: ["k3s.token"],
  "token-file": ["k3s.token"],
  "agent-token": ["k3s.agentToken"],
  "agent-token-file": ["k3s.agentToken"],
  server: ["cluster.joinAddress"],
  "node-name": ["nodes[].name"],
  "node-ip": ["nodes[].internalIp"],
  "node-external-ip": ["nodes[].externalIp"],
  "node-label": ["nodes[].labels"],
  "node-taint": ["nodes[].taints"],
  "flannel-iface": ["network.interface", "nodes[].interface"],
  "flannel-backend": ["network.flannelBackend"],
  "flannel-ipv6-masq": ["network.ipv6Masquerade"],
  "cluster-cidr": ["network.podCidr"],
  "service-cidr": ["network.serviceCidr"],
  "service-node-port-range": ["network.nodePortRange"],
  "cluster-domain": ["dns.clusterDomain"],
  "resolv-conf": ["dns.upstream"],
  "tls-san": ["k3s.tlsSans"],
  disable: ["k3s.disable"],
  "https-listen-port": ["cluster.apiPort"],
  "secrets-encryption": ["k3s.secretsEncryption"],
  "etcd-disable-snapshots": ["k3s.snapshots.enabled"],
  "etcd-snapshot-schedule-cron": ["k3s.snapshots.schedule"],
  "etcd-snapshot-retention": ["k3s.snapshots.retention"],
  "etcd-snapshot-dir": ["k3s.snapshots.directory"],
  "etcd-snapshot-compress": ["k3s.snapshots.compress"],
  "etcd-s3": ["k3s.snapshots.s3"],
  "etcd-s3-endpoint": ["k3s.snapshots.s3.endpoint"],
  "etcd-s3-bucket": ["k3s.snapshots.s3.bucket"],
  "etcd-s3-folder": ["k3s.snapshots.s3.folder"],
  "etcd-s3-region": ["k3s.snapshots.s3.region"],
  "etcd-s3-access-key": ["k3s.snapshots.s3.accessKey"],
  "etcd-s3-secret-key": ["k3s.snapshots.s3.secretKey"],
  "etcd-s3-skip-ssl-verify": ["k3s.snapshots.s3.skipSslVerify"],
  "etcd-s3-endpoint-ca": ["k3s.snapshots.s3.endpointCa"],
  "etcd-s3-proxy": ["k3s.snapshots.s3.proxy"],
  "etcd-s3-config-secret": ["k3s.snapshots.s3.existingSecret"],
};

/** Keys that Groundwork writes itself, and what to do instead. */
export const reservedKeys: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(settingsOfKeys).map(([key, settings]) => [key, `set ${settings.map(shownSetting).join(" or ")}`]),
  ),
  config: "leave it out; the settings are kept in /etc/rancher/k3s/config.yaml",
  "no-flannel": "set network.flannelBackend: none",
  "cluster-init": "leave it out; the first server of nodes starts the cluster",
  "cluster-reset": "leave it out; it belongs to a restore, not to the settings",
  "cluster-reset-restore-path": "leave it out; it belongs to a restore, not to the settings",
  "datastore-endpoint": "leave it out; servers keep their data in embedded etcd",
  "with-node-id": "leave it out; nodes[].name is the node's name",
  "write-kubeconfig": "leave it out; the kubeconfig is a secret output of the stack",
  "write-kubeconfig-mode": "leave it out; the kubeconfig is a secret output of the stack",
  "data-dir": "leave it out; the data is kept in /var/lib/rancher/k3s",
  // Beside a Secret, k3s would take what stands here, and ignore the Secret.
  "etcd-s3-insecure": "leave it out; snapshots have the cluster's secrets in them, and go over TLS only",
  "etcd-s3-retention": "set k3s.snapshots.retention, which counts in S3 as well",
  "etcd-s3-session-token": "leave it out; a session ends, and snapshots with it: give k3s.snapshots.s3 keys that last",
  "etcd-s3-timeout": "leave it out; k3s gives up after five minutes",
};

function shownSetting(setting: string): string {
  return secretPatternsOf(z.strictObject(settingsShape)).some((pattern) => pattern.join(".") === setting)
    ? `${setting} (a secret)`
    : setting;
}

/** Keys whose value is a secret: k3s's config.yaml and the stack's file would show it, so there is another way. */
export const secretKeys: Readonly<Record<string, string>> = {
  "vpn-auth": "use vpn-auth-file with a file on the node",
};

/**
 * Keys that must be the same on every server, or new servers are refused with "critical configuration value mismatch"
 * (docs.k3s.io/cli/server, Critical Configuration Values), without those that Groundwork writes itself.
 */
export const clusterWideKeys: readonly string[] = [
  "cluster-dns",
  "disable-cloud-controller",
  "disable-helm-controller",
  "disable-network-policy",
  "egress-selector-mode",
  "embedded-registry",
  "flannel-external-ip",
  "secrets-encryption-provider",
];
