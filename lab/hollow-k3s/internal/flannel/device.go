// Package flannel is flannel's vxlan backend as far as hosts can see it: the
// device flannel.1 bound to an interface, and a route, a neighbour and a
// forwarding entry towards every other node.
package flannel

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"

	"github.com/vishvananda/netlink"

	"hollow-k3s/internal/layout"
)

const (
	// DeviceName, vni and port are flannel's defaults on Linux.
	DeviceName = "flannel.1"
	vni        = 1
	port       = 8472
	// overhead is what VXLAN takes from the underlay's MTU.
	overhead = 50
)

// ensureDevice makes flannel.1 on the interface, or keeps it when it is there
// and bound to the same one.
func ensureDevice(underlay netlink.Link, source net.IP) (*netlink.Vxlan, error) {
	wanted := &netlink.Vxlan{
		LinkAttrs:    netlink.LinkAttrs{Name: DeviceName, MTU: underlay.Attrs().MTU - overhead},
		VxlanId:      vni,
		VtepDevIndex: underlay.Attrs().Index,
		SrcAddr:      source,
		Port:         port,
		Learning:     false,
	}
	if existing, err := netlink.LinkByName(DeviceName); err == nil {
		device, ok := existing.(*netlink.Vxlan)
		if ok && device.VxlanId == vni && device.VtepDevIndex == wanted.VtepDevIndex && device.SrcAddr.Equal(source) && device.Port == port {
			return device, netlink.LinkSetUp(device)
		}
		if err := netlink.LinkDel(existing); err != nil {
			return nil, fmt.Errorf("failed to delete interface: %w", err)
		}
	}
	if err := netlink.LinkAdd(wanted); err != nil {
		return nil, fmt.Errorf("failed to create vxlan device: %w", err)
	}
	made, err := netlink.LinkByName(DeviceName)
	if err != nil {
		return nil, err
	}
	return made.(*netlink.Vxlan), netlink.LinkSetUp(made)
}

// setAddress gives the device the network address of the node's pod subnet,
// as a host address.
func setAddress(device netlink.Link, subnet *net.IPNet) error {
	wanted := &netlink.Addr{IPNet: &net.IPNet{IP: subnet.IP, Mask: net.CIDRMask(32, 32)}}
	present, err := netlink.AddrList(device, netlink.FAMILY_V4)
	if err != nil {
		return err
	}
	for _, address := range present {
		if address.Equal(*wanted) {
			return nil
		}
		if err := netlink.AddrDel(device, &address); err != nil {
			return err
		}
	}
	return netlink.AddrAdd(device, wanted)
}

// peer is another node as its annotations describe it.
type peer struct {
	subnet   *net.IPNet
	mac      net.HardwareAddr
	publicIP net.IP
}

func (p peer) add(device netlink.Link) error {
	if err := netlink.NeighSet(p.neighbour(device)); err != nil {
		return fmt.Errorf("neighbour: %w", err)
	}
	if err := netlink.NeighSet(p.forwarding(device)); err != nil {
		return fmt.Errorf("fdb: %w", err)
	}
	if err := netlink.RouteReplace(p.route(device)); err != nil {
		return fmt.Errorf("route: %w", err)
	}
	return nil
}

func (p peer) remove(device netlink.Link) {
	_ = netlink.RouteDel(p.route(device))
	_ = netlink.NeighDel(p.forwarding(device))
	_ = netlink.NeighDel(p.neighbour(device))
}

func (p peer) neighbour(device netlink.Link) *netlink.Neigh {
	return &netlink.Neigh{
		LinkIndex: device.Attrs().Index, State: netlink.NUD_PERMANENT, Type: syscall.RTN_UNICAST,
		IP: p.subnet.IP, HardwareAddr: p.mac,
	}
}

func (p peer) forwarding(device netlink.Link) *netlink.Neigh {
	return &netlink.Neigh{
		LinkIndex: device.Attrs().Index, State: netlink.NUD_PERMANENT, Family: syscall.AF_BRIDGE,
		Flags: netlink.NTF_SELF, IP: p.publicIP, HardwareAddr: p.mac,
	}
}

func (p peer) route(device netlink.Link) *netlink.Route {
	return &netlink.Route{
		LinkIndex: device.Attrs().Index, Scope: netlink.SCOPE_UNIVERSE, Dst: p.subnet, Gw: p.subnet.IP,
		Flags: int(netlink.FLAG_ONLINK),
	}
}

// EnsureBridge makes cni0 with the first address of the subnet: the bridge
// plugin does so when a node's first pod comes.
func EnsureBridge(podCIDR string) error {
	address, subnet, err := net.ParseCIDR(podCIDR)
	if err != nil {
		return err
	}
	bridge := &netlink.Bridge{LinkAttrs: netlink.LinkAttrs{Name: "cni0", MTU: 1450}}
	if err := netlink.LinkAdd(bridge); err != nil && !errors.Is(err, syscall.EEXIST) {
		return err
	}
	link, err := netlink.LinkByName("cni0")
	if err != nil {
		return err
	}
	gateway := address.To4()
	gateway[3]++
	if err := netlink.AddrReplace(link, &netlink.Addr{IPNet: &net.IPNet{IP: gateway, Mask: subnet.Mask}}); err != nil {
		return err
	}
	return netlink.LinkSetUp(link)
}

// writeFiles leaves what flannel and k3s leave: the subnet file, and the CNI
// configuration that makes the node's network ready.
func writeFiles(data layout.Data, clusterCIDR string, subnet *net.IPNet, mtu int) error {
	gateway := append(net.IP{}, subnet.IP.To4()...)
	gateway[3]++
	ones, _ := subnet.Mask.Size()
	environment := fmt.Sprintf("FLANNEL_NETWORK=%s\nFLANNEL_SUBNET=%s/%d\nFLANNEL_MTU=%d\nFLANNEL_IPMASQ=true\n", clusterCIDR, gateway, ones, mtu)
	if err := os.MkdirAll(layout.FlannelDirectory, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(layout.FlannelDirectory, "subnet.env"), []byte(environment), 0o644); err != nil {
		return err
	}
	if err := os.MkdirAll(data.CNI(), 0o755); err != nil {
		return err
	}
	return os.WriteFile(data.CNI("10-flannel.conflist"), []byte(conflist), 0o600)
}

const conflist = `{
  "name": "cbr0",
  "cniVersion": "1.0.0",
  "plugins": [
    {"type": "flannel", "delegate": {"hairpinMode": true, "forceAddress": true, "isDefaultGateway": true}},
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`
