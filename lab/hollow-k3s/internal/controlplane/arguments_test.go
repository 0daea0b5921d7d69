package controlplane

import (
	"slices"
	"strings"
	"testing"
)

func TestArgumentsFollowTheSettings(t *testing.T) { // docs.k3s.io/cli/server
	settings := Settings{Data: "/d", BindAddress: "0.0.0.0", Port: 6443, AdvertiseAddress: "10.0.0.1", ClusterCIDR: "10.42.0.0/16",
		ServiceCIDR: "10.43.0.0/16", NodePortRange: "1-65535", ClusterDomain: "cluster.local", LeaderElect: true, EncryptSecrets: true}
	api := settings.APIServer(nil)
	for _, wanted := range []string{"service-node-port-range=1-65535", "advertise-address=10.0.0.1", "anonymous-auth=false",
		"authorization-mode=Node,RBAC", "encryption-provider-config=/d/server/cred/encryption-config.json"} {
		if !slices.Contains(api, wanted) {
			t.Errorf("%s is missing", wanted)
		}
	}
	if !slices.Contains(settings.ControllerManager(nil), "cluster-cidr=10.42.0.0/16") || !slices.Contains(settings.Scheduler(nil), "leader-elect=true") {
		t.Error("controllers")
	}
}

func TestTheUsersArgumentReplacesOurs(t *testing.T) { // docs.k3s.io/cli/server, kube-apiserver-arg
	api := Settings{Data: "/d"}.APIServer([]string{"anonymous-auth=true", "--v=2"})
	if slices.Contains(api, "anonymous-auth=false") || !slices.Contains(api, "anonymous-auth=true") || !slices.Contains(api, "v=2") {
		t.Error(strings.Join(api, " "))
	}
}
