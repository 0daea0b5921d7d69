// Package layout knows where k3s keeps its files: an uninstall is tested
// against exactly these places.
package layout

import "path/filepath"

// Places outside the data directory.
const (
	NodePasswordFile = "/etc/rancher/node/password"
	NodeIDFile       = "/etc/rancher/node/id"
	Kubeconfig       = "/etc/rancher/k3s/k3s.yaml"
	RunDirectory     = "/run/k3s"
	FlannelDirectory = "/run/flannel"
	KubeletDirectory = "/var/lib/kubelet"
)

// Data is the data directory, /var/lib/rancher/k3s by default.
type Data string

// Server is a path below <data>/server.
func (d Data) Server(parts ...string) string {
	return filepath.Join(append([]string{string(d), "server"}, parts...)...)
}

// TLS is a path below <data>/server/tls.
func (d Data) TLS(parts ...string) string {
	return d.Server(append([]string{"tls"}, parts...)...)
}

// Agent is a path below <data>/agent.
func (d Data) Agent(parts ...string) string {
	return filepath.Join(append([]string{string(d), "agent"}, parts...)...)
}

// CNI is the directory whose configuration makes a node's network ready.
func (d Data) CNI(parts ...string) string {
	return d.Agent(append([]string{"etc", "cni", "net.d"}, parts...)...)
}
