package flags

// imitated: names, defaults and variables from docs.k3s.io/cli/server and
// docs.k3s.io/cli/agent.
var imitated = []Flag{
	{Name: "config", Alias: "c", Env: "K3S_CONFIG_FILE", Default: "/etc/rancher/k3s/config.yaml", Scope: OnBoth},
	{Name: "debug", Kind: Switch, Env: "K3S_DEBUG", Scope: OnBoth},
	{Name: "v", Kind: Number, Scope: OnBoth, Default: "0"},
	{Name: "data-dir", Alias: "d", Env: "K3S_DATA_DIR", Default: "/var/lib/rancher/k3s", Scope: OnBoth},

	{Name: "token", Alias: "t", Env: "K3S_TOKEN", Scope: OnBoth},
	{Name: "token-file", Env: "K3S_TOKEN_FILE", Scope: OnBoth},
	{Name: "agent-token", Env: "K3S_AGENT_TOKEN", Scope: OnServer},
	{Name: "agent-token-file", Env: "K3S_AGENT_TOKEN_FILE", Scope: OnServer},
	{Name: "server", Alias: "s", Env: "K3S_URL", Scope: OnBoth},
	{Name: "cluster-init", Kind: Switch, Env: "K3S_CLUSTER_INIT", Scope: OnServer},
	{Name: "cluster-reset", Kind: Switch, Env: "K3S_CLUSTER_RESET", Scope: OnServer},
	{Name: "cluster-reset-restore-path", Scope: OnServer},

	{Name: "bind-address", Scope: OnServer},
	{Name: "https-listen-port", Kind: Number, Default: "6443", Scope: OnServer},
	{Name: "advertise-address", Scope: OnServer},
	{Name: "tls-san", Kind: List, Scope: OnServer},
	{Name: "cluster-cidr", Kind: List, Scope: OnServer},
	{Name: "service-cidr", Kind: List, Scope: OnServer},
	{Name: "service-node-port-range", Default: "30000-32767", Scope: OnServer},
	{Name: "cluster-dns", Kind: List, Scope: OnServer},
	{Name: "cluster-domain", Default: "cluster.local", Scope: OnServer},
	{Name: "flannel-backend", Default: "vxlan", Scope: OnServer},
	{Name: "flannel-external-ip", Kind: Switch, Scope: OnServer},
	{Name: "flannel-ipv6-masq", Kind: Switch, Scope: OnServer},

	{Name: "write-kubeconfig", Alias: "o", Env: "K3S_KUBECONFIG_OUTPUT", Scope: OnServer},
	{Name: "write-kubeconfig-mode", Env: "K3S_KUBECONFIG_MODE", Scope: OnServer},
	{Name: "write-kubeconfig-group", Env: "K3S_KUBECONFIG_GROUP", Scope: OnServer},

	{Name: "kube-apiserver-arg", Kind: List, Scope: OnServer},
	{Name: "kube-controller-manager-arg", Kind: List, Scope: OnServer},
	{Name: "kube-controller-arg", Kind: List, Scope: OnServer},
	{Name: "kube-scheduler-arg", Kind: List, Scope: OnServer},
	{Name: "kubelet-arg", Kind: List, Scope: OnBoth},

	{Name: "etcd-expose-metrics", Kind: Switch, Scope: OnServer},
	{Name: "etcd-disable-snapshots", Kind: Switch, Scope: OnServer},
	{Name: "etcd-snapshot-name", Default: "etcd-snapshot", Scope: OnServer},
	{Name: "etcd-snapshot-schedule-cron", Default: "0 */12 * * *", Scope: OnServer},
	{Name: "etcd-snapshot-retention", Kind: Number, Default: "5", Scope: OnServer},
	{Name: "etcd-snapshot-dir", Scope: OnServer},

	{Name: "disable", Kind: List, Scope: OnServer},
	{Name: "disable-scheduler", Kind: Switch, Scope: OnServer},
	{Name: "disable-cloud-controller", Kind: Switch, Scope: OnServer},
	{Name: "default-local-storage-path", Scope: OnServer},
	{Name: "secrets-encryption", Kind: Switch, Scope: OnServer},

	{Name: "node-name", Env: "K3S_NODE_NAME", Scope: OnBoth},
	{Name: "with-node-id", Kind: Switch, Scope: OnBoth},
	{Name: "node-label", Kind: List, Scope: OnBoth},
	{Name: "node-taint", Kind: List, Scope: OnBoth},
	{Name: "node-ip", Alias: "i", Kind: List, Scope: OnBoth},
	{Name: "node-external-ip", Kind: List, Scope: OnBoth},
	{Name: "flannel-iface", Scope: OnBoth},
	{Name: "resolv-conf", Env: "K3S_RESOLV_CONF", Scope: OnBoth},
	{Name: "protect-kernel-defaults", Kind: Switch, Scope: OnBoth},
	{Name: "lb-server-port", Kind: Number, Env: "K3S_LB_SERVER_PORT", Default: "6444", Scope: OnBoth},
}
