package flannel

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"time"

	"github.com/vishvananda/netlink"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/logline"
)

// Annotations by which nodes tell each other how to be reached.
const (
	dataAnnotation = "flannel.alpha.coreos.com/backend-data"
	typeAnnotation = "flannel.alpha.coreos.com/backend-type"
	kubeAnnotation = "flannel.alpha.coreos.com/kube-subnet-manager"
	ipAnnotation   = "flannel.alpha.coreos.com/public-ip"
)

// Config is what a node's flannel is started with.
type Config struct {
	Data        layout.Data
	Client      kubernetes.Interface
	Node        string
	Interface   string
	SourceIP    string
	PublicIP    string
	ClusterCIDR string
	// Recover re-creates a lost device, as k3s does since k3s#14142.
	Recover bool
}

type backendData struct {
	VNI     int
	VtepMAC string
}

type flannel struct {
	Config
	subnet *net.IPNet
	device *netlink.Vxlan
	peers  map[string]peer
}

// Run keeps the device and the ways to the other nodes until ctx ends. It
// returns an error only when the device cannot be made at first.
func Run(ctx context.Context, config Config) error {
	state := &flannel{Config: config, peers: map[string]peer{}}
	if err := state.awaitSubnet(ctx); err != nil {
		return err
	}
	if err := state.setUp(ctx); err != nil {
		return err
	}
	if err := writeFiles(config.Data, config.ClusterCIDR, state.subnet, state.device.Attrs().MTU); err != nil {
		return err
	}
	logline.Infof("Flannel is up: %s (vni %d) on %s, subnet %s", DeviceName, vni, config.Interface, state.subnet)
	go state.follow(ctx)
	return nil
}

func (f *flannel) awaitSubnet(ctx context.Context) error {
	for {
		node, err := f.Client.CoreV1().Nodes().Get(ctx, f.Node, metav1.GetOptions{})
		if err == nil && node.Spec.PodCIDR != "" {
			_, f.subnet, err = net.ParseCIDR(node.Spec.PodCIDR)
			return err
		}
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (f *flannel) setUp(ctx context.Context) error {
	underlay, err := netlink.LinkByName(f.Interface)
	if err != nil {
		return fmt.Errorf("flannel exited: failed to find interface %s: %w", f.Interface, err)
	}
	device, err := ensureDevice(underlay, net.ParseIP(f.SourceIP).To4())
	if err != nil {
		return fmt.Errorf("flannel exited: %w", err)
	}
	if err := setAddress(device, f.subnet); err != nil {
		return fmt.Errorf("flannel exited: %w", err)
	}
	f.device, f.peers = device, map[string]peer{}
	return f.announce(ctx)
}

func (f *flannel) announce(ctx context.Context) error {
	data, err := json.Marshal(backendData{VNI: vni, VtepMAC: f.device.Attrs().HardwareAddr.String()})
	if err != nil {
		return err
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{
		dataAnnotation: string(data), typeAnnotation: "vxlan", kubeAnnotation: "true", ipAnnotation: f.PublicIP,
	}}})
	if err != nil {
		return err
	}
	_, err = f.Client.CoreV1().Nodes().Patch(ctx, f.Node, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	return err
}

// follow watches the nodes. The watch ends now and then, which is also when
// the device is looked after.
func (f *flannel) follow(ctx context.Context) {
	for ctx.Err() == nil {
		f.reviveIfLost(ctx)
		if err := f.syncOnce(ctx); err != nil {
			time.Sleep(2 * time.Second)
		}
	}
}

func (f *flannel) syncOnce(ctx context.Context) error {
	nodes, err := f.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{ResourceVersion: "0"})
	if err != nil {
		return err
	}
	f.apply(nodes.Items)
	seconds := int64(300)
	watch, err := f.Client.CoreV1().Nodes().Watch(ctx, metav1.ListOptions{ResourceVersion: nodes.ResourceVersion, TimeoutSeconds: &seconds})
	if err != nil {
		return err
	}
	defer watch.Stop()
	check := time.NewTicker(5 * time.Second)
	defer check.Stop()
	changed := false
	for {
		select {
		case _, open := <-watch.ResultChan():
			if !open {
				return nil
			}
			changed = true
			// One list serves a burst of heartbeats.
			time.Sleep(300 * time.Millisecond)
			for len(watch.ResultChan()) > 0 {
				<-watch.ResultChan()
			}
			return nil
		case <-check.C:
			if lost := f.reviveIfLost(ctx); lost || changed {
				return nil
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// reviveIfLost brings back a device that went with its interface.
func (f *flannel) reviveIfLost(ctx context.Context) bool {
	if !f.Recover {
		return false
	}
	if _, err := netlink.LinkByName(DeviceName); err == nil {
		return false
	}
	if _, err := netlink.LinkByName(f.Interface); err != nil {
		return false
	}
	if err := f.setUp(ctx); err != nil {
		logline.Warnf("Failed to re-create %s: %v", DeviceName, err)
		return false
	}
	logline.Infof("Re-created %s after %s came back", DeviceName, f.Interface)
	return true
}

func (f *flannel) apply(nodes []corev1.Node) {
	wanted := map[string]peer{}
	for _, node := range nodes {
		if found, ok := peerOf(node); ok && node.Name != f.Node {
			wanted[node.Name] = found
		}
	}
	for name, old := range f.peers {
		if now, ok := wanted[name]; !ok || !now.equal(old) {
			old.remove(f.device)
			delete(f.peers, name)
		}
	}
	for name, one := range wanted {
		if _, ok := f.peers[name]; ok {
			continue
		}
		if err := one.add(f.device); err != nil {
			logline.Warnf("Failed to add the way to node %s: %v", name, err)
			continue
		}
		f.peers[name] = one
	}
}

func (p peer) equal(other peer) bool {
	return p.subnet.String() == other.subnet.String() && p.mac.String() == other.mac.String() && p.publicIP.Equal(other.publicIP)
}

func peerOf(node corev1.Node) (peer, bool) {
	var data backendData
	if json.Unmarshal([]byte(node.Annotations[dataAnnotation]), &data) != nil || data.VtepMAC == "" {
		return peer{}, false
	}
	mac, err := net.ParseMAC(data.VtepMAC)
	if err != nil {
		return peer{}, false
	}
	_, subnet, err := net.ParseCIDR(node.Spec.PodCIDR)
	if err != nil {
		return peer{}, false
	}
	address := net.ParseIP(node.Annotations[ipAnnotation]).To4()
	return peer{subnet: subnet, mac: mac, publicIP: address}, address != nil
}
