package server

import (
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"hollow-k3s/internal/flags"
	"hollow-k3s/internal/supervisor"
)

// criticalValues resolves defaults, so that a server that writes a default
// out agrees with one that leaves it.
func criticalValues(values *flags.Values) (supervisor.Critical, error) {
	found := supervisor.Critical{
		ClusterCIDR:            all(values, "cluster-cidr", "10.42.0.0/16"),
		ServiceCIDR:            all(values, "service-cidr", "10.43.0.0/16"),
		ClusterDomain:          values.Text("cluster-domain"),
		DisableCloudController: values.On("disable-cloud-controller"),
		DisableHelmController:  values.On("disable-helm-controller"),
		DisableNetworkPolicy:   values.On("disable-network-policy"),
		DisableServiceLB:       slices.Contains(values.List("disable"), "servicelb"),
		EgressSelectorMode:     values.Text("egress-selector-mode"),
		FlannelBackend:         values.Text("flannel-backend"),
		FlannelExternalIP:      values.On("flannel-external-ip"),
		FlannelIPv6Masq:        values.On("flannel-ipv6-masq"),
		SecretsEncryption:      values.On("secrets-encryption"),
	}
	if _, err := networks("cluster-cidr", found.ClusterCIDR); err != nil {
		return found, err
	}
	services, err := networks("service-cidr", found.ServiceCIDR)
	if err != nil {
		return found, err
	}
	// pkg/agent/run.go; k3s says it once its agent runs.
	if families(found.ClusterCIDR) != families(found.ServiceCIDR) {
		return found, fmt.Errorf("cluster-cidr: [%s] and service-cidr: [%s], must share the same IP version (IPv4, IPv6 or dual-stack)", found.ClusterCIDR, found.ServiceCIDR)
	}
	service := services[0]
	found.ClusterDNS = one(values, "cluster-dns", nth(service, 10))
	if net.ParseIP(found.ClusterDNS) == nil {
		return found, fmt.Errorf("invalid cluster-dns address %s", found.ClusterDNS)
	}
	return found, checkPortRange(values.Text("service-node-port-range"))
}

func one(values *flags.Values, name, otherwise string) string {
	if list := values.List(name); len(list) > 0 {
		return list[0]
	}
	return otherwise
}

// all is a list as it is handed on: with commas.
func all(values *flags.Values, name, otherwise string) string {
	if list := values.List(name); len(list) > 0 {
		return strings.Join(list, ",")
	}
	return otherwise
}

// networks reads one block, or one of each family with the IPv4 one first: others have no devices here.
func networks(name, text string) ([]*net.IPNet, error) {
	var found []*net.IPNet
	for _, block := range strings.Split(text, ",") {
		_, network, err := net.ParseCIDR(block)
		if err != nil {
			return nil, fmt.Errorf("invalid %s %s: %w", name, block, err)
		}
		found = append(found, network)
	}
	if kinds := families(text); kinds != "4" && kinds != "46" {
		return nil, fmt.Errorf("not imitated by hollow k3s: a %s that is not IPv4, or IPv4 and IPv6 in this order", name)
	}
	return found, nil
}

// families are 4 or 6 for each of a list of addresses or blocks.
func families(text string) string {
	kinds := ""
	for _, one := range strings.Split(text, ",") {
		if strings.Contains(one, ":") {
			kinds += "6"
		} else {
			kinds += "4"
		}
	}
	return kinds
}

func nth(network *net.IPNet, n uint32) string {
	address := make(net.IP, net.IPv4len)
	binary.BigEndian.PutUint32(address, binary.BigEndian.Uint32(network.IP.To4())+n)
	return address.String()
}

func checkPortRange(text string) error {
	low, high, found := strings.Cut(text, "-")
	if !found {
		low, high, found = strings.Cut(text, "+")
	}
	from, errLow := strconv.Atoi(low)
	to, errHigh := strconv.Atoi(high)
	if !found || errLow != nil || errHigh != nil || from < 0 || to > 65535 || to < from {
		return fmt.Errorf("invalid port range %s: a valid port range must be like 30000-32767", text)
	}
	return nil
}
