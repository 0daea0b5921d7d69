package hostnet

import (
	"strings"
	"testing"
)

func TestInterfaceErrorsAreK3sWords(t *testing.T) { // pkg/util/net.go, GetIPFromInterface
	_, err := InterfaceIP("nope0")
	if err == nil || err.Error() != "interface nope0 does not have a correct global unicast ip: route ip+net: no such network interface" {
		t.Error(err)
	}
	if _, err := InterfaceIP("lo"); err == nil || !strings.Contains(err.Error(), "can't find ip for interface lo") {
		t.Error(err)
	}
}

func TestNodeIP(t *testing.T) { // docs.k3s.io/cli/agent, node-ip
	if ip, err := NodeIP([]string{"10.0.0.1"}, "nope0"); err != nil || ip != "10.0.0.1" {
		t.Error("node-ip comes before flannel-iface", ip, err)
	}
	if _, err := NodeIP([]string{"nonsense"}, ""); err == nil || err.Error() != "invalid node-ip: invalid ip format 'nonsense'" {
		t.Error(err)
	}
	if ip, err := NodeIP([]string{"10.0.0.1", "fd00::1"}, ""); err != nil || ip != "10.0.0.1" {
		t.Error("the first is the primary one", ip, err)
	}
	if _, err := NodeIP([]string{"fd00::1"}, ""); err == nil || !strings.HasPrefix(err.Error(), "not imitated") {
		t.Error(err)
	}
}

func TestNodeNameIsLowerCase(t *testing.T) { // pkg/util/net.go, GetHostnameAndIPs
	if name, err := NodeName("Node-A"); err != nil || name != "node-a" {
		t.Error(name, err)
	}
}
