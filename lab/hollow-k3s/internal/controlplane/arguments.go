package controlplane

import (
	"sort"
	"strconv"
	"strings"

	"hollow-k3s/internal/layout"
)

// Settings are the values that decide the components' arguments.
type Settings struct {
	Data             layout.Data
	BindAddress      string
	Port             int
	AdvertiseAddress string
	ClusterCIDR      string
	ServiceCIDR      string
	NodePortRange    string
	ClusterDomain    string
	// LeaderElect is off for a lone server with its own datastore, as in k3s.
	LeaderElect    bool
	EncryptSecrets bool
}

// APIServer are kube-apiserver's arguments, the user's last so that they win.
func (s Settings) APIServer(extra []string) []string {
	tls := func(name string) string { return s.Data.TLS(name) }
	arguments := map[string]string{
		"advertise-address":        s.AdvertiseAddress,
		"allow-privileged":         "true",
		"anonymous-auth":           "false",
		"api-audiences":            "https://kubernetes.default.svc." + s.ClusterDomain + ",k3s",
		"authorization-mode":       "Node,RBAC",
		"bind-address":             s.BindAddress,
		"secure-port":              strconv.Itoa(s.Port),
		"cert-dir":                 s.Data.TLS("temporary-certs"),
		"client-ca-file":           tls("client-ca.crt"),
		"tls-cert-file":            tls("serving-kube-apiserver.crt"),
		"tls-private-key-file":     tls("serving-kube-apiserver.key"),
		"etcd-servers":             "https://127.0.0.1:2379",
		"etcd-cafile":              s.Data.TLS("etcd", "server-ca.crt"),
		"etcd-certfile":            s.Data.TLS("etcd", "client.crt"),
		"etcd-keyfile":             s.Data.TLS("etcd", "client.key"),
		"enable-admission-plugins": "NodeRestriction",
		// Nothing listens behind a Service, so a webhook could only time out.
		"disable-admission-plugins":          "ValidatingAdmissionWebhook,MutatingAdmissionWebhook",
		"kubelet-certificate-authority":      tls("server-ca.crt"),
		"kubelet-client-certificate":         tls("client-kube-apiserver.crt"),
		"kubelet-client-key":                 tls("client-kube-apiserver.key"),
		"kubelet-preferred-address-types":    "InternalIP,ExternalIP,Hostname",
		"profiling":                          "false",
		"proxy-client-cert-file":             tls("client-auth-proxy.crt"),
		"proxy-client-key-file":              tls("client-auth-proxy.key"),
		"requestheader-allowed-names":        "system:auth-proxy",
		"requestheader-client-ca-file":       tls("request-header-ca.crt"),
		"requestheader-extra-headers-prefix": "X-Remote-Extra-",
		"requestheader-group-headers":        "X-Remote-Group",
		"requestheader-username-headers":     "X-Remote-User",
		"service-account-issuer":             "https://kubernetes.default.svc." + s.ClusterDomain,
		"service-account-key-file":           tls("service.key"),
		"service-account-signing-key-file":   tls("service.current.key"),
		"service-cluster-ip-range":           s.ServiceCIDR,
		"service-node-port-range":            s.NodePortRange,
		"storage-backend":                    "etcd3",
	}
	if s.EncryptSecrets {
		arguments["encryption-provider-config"] = s.Data.Server("cred", "encryption-config.json")
		arguments["encryption-provider-config-automatic-reload"] = "true"
	}
	return withExtra(arguments, extra)
}

// ControllerManager are kube-controller-manager's arguments.
func (s Settings) ControllerManager(extra []string) []string {
	kubeconfig := s.Data.Server("cred", "controller.kubeconfig")
	return withExtra(map[string]string{
		"allocate-node-cidrs":              "true",
		"authentication-kubeconfig":        kubeconfig,
		"authorization-kubeconfig":         kubeconfig,
		"kubeconfig":                       kubeconfig,
		"bind-address":                     "127.0.0.1",
		"cluster-cidr":                     s.ClusterCIDR,
		"service-cluster-ip-range":         s.ServiceCIDR,
		"configure-cloud-routes":           "false",
		"controllers":                      "*,tokencleaner,-service-lb-controller,-cloud-node-lifecycle-controller",
		"leader-elect":                     strconv.FormatBool(s.LeaderElect),
		"profiling":                        "false",
		"root-ca-file":                     s.Data.TLS("server-ca.crt"),
		"service-account-private-key-file": s.Data.TLS("service.current.key"),
		"use-service-account-credentials":  "true",
		"cluster-signing-kube-apiserver-client-cert-file": s.Data.TLS("client-ca.nochain.crt"),
		"cluster-signing-kube-apiserver-client-key-file":  s.Data.TLS("client-ca.key"),
		"cluster-signing-kubelet-client-cert-file":        s.Data.TLS("client-ca.nochain.crt"),
		"cluster-signing-kubelet-client-key-file":         s.Data.TLS("client-ca.key"),
		"cluster-signing-kubelet-serving-cert-file":       s.Data.TLS("server-ca.nochain.crt"),
		"cluster-signing-kubelet-serving-key-file":        s.Data.TLS("server-ca.key"),
		"cluster-signing-legacy-unknown-cert-file":        s.Data.TLS("server-ca.nochain.crt"),
		"cluster-signing-legacy-unknown-key-file":         s.Data.TLS("server-ca.key"),
	}, extra)
}

// Scheduler are kube-scheduler's arguments.
func (s Settings) Scheduler(extra []string) []string {
	kubeconfig := s.Data.Server("cred", "scheduler.kubeconfig")
	return withExtra(map[string]string{
		"authentication-kubeconfig": kubeconfig,
		"authorization-kubeconfig":  kubeconfig,
		"kubeconfig":                kubeconfig,
		"bind-address":              "127.0.0.1",
		"leader-elect":              strconv.FormatBool(s.LeaderElect),
		"profiling":                 "false",
	}, extra)
}

// withExtra appends the user's arguments. One that names a flag of ours
// replaces it; with `key+=value` or `key-=value` k3s would add to it or take
// from it, which nobody here needs.
func withExtra(own map[string]string, extra []string) []string {
	for _, argument := range extra {
		name, _, _ := strings.Cut(strings.TrimLeft(argument, "-"), "=")
		delete(own, name)
	}
	arguments := make([]string, 0, len(own)+len(extra))
	for name, value := range own {
		if value != "" {
			arguments = append(arguments, name+"="+value)
		}
	}
	sort.Strings(arguments)
	for _, argument := range extra {
		arguments = append(arguments, strings.TrimLeft(argument, "-"))
	}
	return arguments
}
