// Package hostnet answers what a node's addresses and interfaces are, with
// k3s's rules and k3s's words when they cannot be told.
package hostnet

import (
	"fmt"
	"net"
	"os"
	"strings"

	"github.com/vishvananda/netlink"
)

// InterfaceIP is the address k3s takes as node-ip from flannel-iface
// (pkg/util/net.go).
func InterfaceIP(name string) (string, error) {
	address, err := interfaceIP(name)
	if err != nil {
		return "", fmt.Errorf("interface %s does not have a correct global unicast ip: %w", name, err)
	}
	return address, nil
}

func interfaceIP(name string) (string, error) {
	device, err := net.InterfaceByName(name)
	if err != nil {
		return "", err
	}
	if device.Flags&net.FlagUp == 0 {
		return "", fmt.Errorf("the interface %s is not up", name)
	}
	addresses, err := device.Addrs()
	if err != nil {
		return "", err
	}
	var found []string
	for _, address := range addresses {
		ip, _, err := net.ParseCIDR(address.String())
		if err == nil && ip.To4() != nil && ip.IsGlobalUnicast() {
			found = append(found, ip.String())
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("can't find ip for interface %s", name)
	case 1:
		return found[0], nil
	default:
		return "", fmt.Errorf("multiple global unicast addresses defined for %s, please set ip from one of %v", name, found)
	}
}

// DefaultInterface is the interface of the default route.
func DefaultInterface() (string, error) {
	routes, err := netlink.RouteList(nil, netlink.FAMILY_V4)
	if err != nil {
		return "", err
	}
	for _, route := range routes {
		if route.Dst != nil && !route.Dst.IP.IsUnspecified() {
			continue
		}
		link, err := netlink.LinkByIndex(route.LinkIndex)
		if err == nil {
			return link.Attrs().Name, nil
		}
	}
	return "", fmt.Errorf("unable to find default route")
}

// NodeIP is node-ip when given, then the address of flannel-iface, then the
// one of the default route.
func NodeIP(given []string, flannelInterface string) (string, error) {
	if len(given) > 0 {
		for i, address := range given {
			ip := net.ParseIP(address)
			if ip == nil {
				return "", fmt.Errorf("invalid node-ip: invalid ip format '%s'", address)
			}
			if (ip.To4() == nil) != (i == 1) {
				return "", fmt.Errorf("not imitated by hollow k3s: a node-ip that is not IPv4, or IPv4 and IPv6 in this order: %s", strings.Join(given, ","))
			}
		}
		return given[0], nil
	}
	if flannelInterface != "" {
		return InterfaceIP(flannelInterface)
	}
	name, err := DefaultInterface()
	if err != nil {
		return "", err
	}
	device, err := net.InterfaceByName(name)
	if err != nil {
		return "", err
	}
	addresses, err := device.Addrs()
	if err != nil {
		return "", err
	}
	for _, address := range addresses {
		if ip, _, err := net.ParseCIDR(address.String()); err == nil && ip.To4() != nil && ip.IsGlobalUnicast() {
			return ip.String(), nil
		}
	}
	return "", fmt.Errorf("unable to select an IP from default routes")
}

// NodeName is node-name or the hostname, in lower case as Kubernetes wants it.
func NodeName(given string) (string, error) {
	if given != "" {
		return strings.ToLower(given), nil
	}
	name, err := os.Hostname()
	return strings.ToLower(name), err
}
