package hollowkubelet

import (
	"encoding/binary"
	"net"
)

// addresses hands out a node's pod addresses in a circle, from the second
// one on: the first is the bridge's. A circle is enough for hollow pods, which
// own no socket; with at most 110 pods on 253 addresses none meet.
type addresses struct {
	subnet *net.IPNet
	last   uint32
}

func newAddresses(cidr string) (*addresses, error) {
	_, subnet, err := net.ParseCIDR(cidr)
	if err != nil {
		return nil, err
	}
	return &addresses{subnet: subnet, last: 1}, nil
}

func (a *addresses) next() string {
	ones, bits := a.subnet.Mask.Size()
	size := uint32(1) << (bits - ones)
	if a.last++; a.last >= size-1 {
		a.last = 2
	}
	ip := make(net.IP, net.IPv4len)
	binary.BigEndian.PutUint32(ip, binary.BigEndian.Uint32(a.subnet.IP.To4())+a.last)
	return ip.String()
}
