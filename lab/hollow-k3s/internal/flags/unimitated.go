package flags

const (
	noContainers = "there is no containerd and no image: containers are hollow"
	noProxy      = "there is no kube-proxy: nothing listens behind a Service"
	noPolicy     = "there is no network policy controller: pods send nothing"
	noHelm       = "there is no HelmChart controller in hollow k3s"
	ownLogs      = "hollow k3s logs to stderr only"
)

// harmless: a hollow node behaves the same with and without them.
var harmless = []Flag{
	{Name: "vmodule", Scope: OnBoth, Effect: Harmless, Why: ownLogs},
	{Name: "log", Alias: "l", Scope: OnBoth, Effect: Harmless, Why: ownLogs},
	{Name: "alsologtostderr", Kind: Switch, Scope: OnBoth, Effect: Harmless, Why: ownLogs},
	{Name: "private-registry", Scope: OnBoth, Effect: Harmless, Why: noContainers},
	{Name: "pause-image", Scope: OnBoth, Effect: Harmless, Why: noContainers},
	{Name: "snapshotter", Scope: OnBoth, Effect: Harmless, Why: noContainers},
	{Name: "default-runtime", Scope: OnBoth, Effect: Harmless, Why: noContainers},
	{Name: "disable-default-registry-endpoint", Kind: Switch, Scope: OnBoth, Effect: Harmless, Why: noContainers},
	{Name: "airgap-extra-registry", Kind: List, Scope: OnBoth, Effect: Harmless, Why: noContainers},
	{Name: "system-default-registry", Env: "K3S_SYSTEM_DEFAULT_REGISTRY", Scope: OnServer, Effect: Harmless, Why: noContainers},
	{Name: "image-credential-provider-bin-dir", Scope: OnBoth, Effect: Harmless, Why: noContainers},
	{Name: "image-credential-provider-config", Scope: OnBoth, Effect: Harmless, Why: noContainers},
	{Name: "selinux", Kind: Switch, Env: "K3S_SELINUX", Scope: OnBoth, Effect: Harmless, Why: noContainers},
	{Name: "nonroot-devices", Kind: Switch, Scope: OnBoth, Effect: Harmless, Why: noContainers},
	{Name: "prefer-bundled-bin", Kind: Switch, Scope: OnBoth, Effect: Harmless, Why: "hollow k3s bundles no host tools"},
	{Name: "kube-proxy-arg", Kind: List, Scope: OnBoth, Effect: Harmless, Why: noProxy},
	{Name: "disable-kube-proxy", Kind: Switch, Scope: OnServer, Effect: Harmless, Why: noProxy},
	{Name: "disable-network-policy", Kind: Switch, Scope: OnServer, Effect: Harmless, Why: noPolicy},
	{Name: "disable-helm-controller", Kind: Switch, Scope: OnServer, Effect: Harmless, Why: noHelm},
	{Name: "helm-job-image", Env: "K3S_HELM_JOB_IMAGE", Scope: OnServer, Effect: Harmless, Why: noHelm},
	{Name: "servicelb-namespace", Default: "kube-system", Scope: OnServer, Effect: Harmless, Why: "there is no service load balancer: nothing listens behind a Service"},
	{Name: "tls-san-security", Kind: Switch, Default: "true", Scope: OnServer, Effect: Harmless, Why: "the serving certificate only ever has the names it was started with"},
	{Name: "egress-selector-mode", Default: "agent", Scope: OnServer, Effect: Harmless, Why: "logs and exec, which use the egress tunnel, are not imitated"},
	{Name: "kube-cloud-controller-manager-arg", Kind: List, Scope: OnServer, Effect: Harmless, Why: "the cloud controller is a small loop of hollow k3s's own"},
	{Name: "supervisor-metrics", Kind: Switch, Scope: OnServer, Effect: Harmless, Why: "the supervisor has no metrics of its own"},
	{Name: "enable-pprof", Kind: Switch, Scope: OnBoth, Effect: Harmless, Why: "profiling is not served"},
	{Name: "etcd-snapshot-reconcile-interval", Scope: OnServer, Effect: Harmless, Why: "snapshots are listed from the directory each time"},
}

const (
	noOther = "hollow k3s always runs the whole of a server"
	noS3    = "snapshots stay on the host; there is no S3 client"
	noStore = "embedded etcd is the only datastore"
	noVPN   = "there is no VPN client"
	noCRI   = "containers are hollow; no container runtime is talked to"
)

// refused: taking them silently would promise something that is not there.
var refused = []Flag{
	{Name: "datastore-endpoint", Env: "K3S_DATASTORE_ENDPOINT", Scope: OnServer, Effect: Refused, Why: noStore},
	{Name: "datastore-cafile", Env: "K3S_DATASTORE_CAFILE", Scope: OnServer, Effect: Refused, Why: noStore},
	{Name: "datastore-certfile", Env: "K3S_DATASTORE_CERTFILE", Scope: OnServer, Effect: Refused, Why: noStore},
	{Name: "datastore-keyfile", Env: "K3S_DATASTORE_KEYFILE", Scope: OnServer, Effect: Refused, Why: noStore},
	{Name: "kine-tls", Kind: Switch, Scope: OnServer, Effect: Refused, Why: noStore},
	{Name: "advertise-port", Kind: Number, Scope: OnServer, Effect: Refused, Why: "the API is advertised on https-listen-port"},
	{Name: "etcd-arg", Kind: List, Scope: OnServer, Effect: Refused, Why: "etcd is embedded with fixed options"},
	{Name: "etcd-snapshot-compress", Kind: Switch, Scope: OnServer, Effect: Refused, Why: "snapshots are written uncompressed"},
	{Name: "etcd-s3", Kind: Switch, Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-endpoint", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-endpoint-ca", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-skip-ssl-verify", Kind: Switch, Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-access-key", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-secret-key", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-session-token", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-bucket", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-bucket-lookup-type", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-region", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-folder", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-proxy", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-config-secret", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-insecure", Kind: Switch, Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-timeout", Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "etcd-s3-retention", Kind: Number, Scope: OnServer, Effect: Refused, Why: noS3},
	{Name: "secrets-encryption-provider", Scope: OnServer, Effect: Refused, Why: "only the default provider, aescbc"},
	{Name: "disable-agent", Kind: Switch, Scope: OnServer, Effect: Refused, Why: noOther},
	{Name: "disable-apiserver", Kind: Switch, Scope: OnServer, Effect: Refused, Why: noOther},
	{Name: "disable-controller-manager", Kind: Switch, Scope: OnServer, Effect: Refused, Why: noOther},
	{Name: "disable-etcd", Kind: Switch, Scope: OnServer, Effect: Refused, Why: noOther},
	{Name: "embedded-registry", Kind: Switch, Scope: OnServer, Effect: Refused, Why: noCRI},
	{Name: "rootless", Kind: Switch, Scope: OnBoth, Effect: Refused, Why: "hollow k3s runs as root"},
	{Name: "docker", Kind: Switch, Scope: OnBoth, Effect: Refused, Why: noCRI},
	{Name: "container-runtime-endpoint", Scope: OnBoth, Effect: Refused, Why: noCRI},
	{Name: "image-service-endpoint", Scope: OnBoth, Effect: Refused, Why: noCRI},
	{Name: "flannel-conf", Scope: OnBoth, Effect: Refused, Why: "flannel is a VXLAN device with fixed options"},
	{Name: "flannel-cni-conf", Scope: OnBoth, Effect: Refused, Why: "no CNI plugin is called"},
	{Name: "vpn-auth", Env: "K3S_VPN_AUTH", Scope: OnBoth, Effect: Refused, Why: noVPN},
	{Name: "vpn-auth-file", Env: "K3S_VPN_AUTH_FILE", Scope: OnBoth, Effect: Refused, Why: noVPN},
	{Name: "node-internal-dns", Kind: List, Scope: OnBoth, Effect: Refused, Why: "nodes have addresses only"},
	{Name: "node-external-dns", Kind: List, Scope: OnBoth, Effect: Refused, Why: "nodes have addresses only"},
	{Name: "disable-apiserver-lb", Kind: Switch, Scope: OnAgent, Effect: Refused, Why: "an agent always has its load balancer"},
}
