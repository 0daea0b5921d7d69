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
		ClusterCIDR:            one(values, "cluster-cidr", "10.42.0.0/16"),
		ServiceCIDR:            one(values, "service-cidr", "10.43.0.0/16"),
		ClusterDomain:          values.Text("cluster-domain"),
		DisableCloudController: values.On("disable-cloud-controller"),
		DisableHelmController:  values.On("disable-helm-controller"),
		DisableNetworkPolicy:   values.On("disable-network-policy"),
		DisableServiceLB:       slices.Contains(values.List("disable"), "servicelb"),
		EgressSelectorMode:     values.Text("egress-selector-mode"),
		FlannelBackend:         values.Text("flannel-backend"),
		FlannelExternalIP:      values.On("flannel-external-ip"),
		SecretsEncryption:      values.On("secrets-encryption"),
	}
	if _, _, err := net.ParseCIDR(found.ClusterCIDR); err != nil {
		return found, fmt.Errorf("invalid cluster-cidr %s: %w", found.ClusterCIDR, err)
	}
	_, service, err := net.ParseCIDR(found.ServiceCIDR)
	if err != nil {
		return found, fmt.Errorf("invalid service-cidr %s: %w", found.ServiceCIDR, err)
	}
	if len(values.List("cluster-cidr")) > 1 || len(values.List("service-cidr")) > 1 || service.IP.To4() == nil {
		return found, fmt.Errorf("not imitated by hollow k3s: dual-stack or IPv6 cluster-cidr and service-cidr")
	}
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
