package agent

import (
	"bytes"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"

	"hollow-k3s/internal/access"
	"hollow-k3s/internal/kubeconf"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/supervisor"
)

func (n *node) tryFetchConfig() error {
	if err := n.access.GetJSON("/v1-k3s/config", &n.cluster); err != nil {
		return fmt.Errorf("failed to retrieve configuration from server: %w", err)
	}
	if name := n.Values.Text("flannel-iface"); name != "" && n.cluster.FlannelBackend != "none" {
		if _, err := net.InterfaceByName(name); err != nil {
			return fmt.Errorf("unable to find interface %s: %w", name, err)
		}
	}
	for _, name := range []string{"client-ca.crt", "server-ca.crt"} {
		content, err := n.access.Get("/v1-k3s/"+name, nil)
		if err != nil {
			return err
		}
		if err := os.WriteFile(n.Data.Agent(name), content, 0o600); err != nil {
			return err
		}
	}
	for _, base := range []string{"serving-kubelet", "client-kubelet", "client-k3s-controller"} {
		if err := n.fetchPair(base); err != nil {
			return err
		}
	}
	return n.writeKubeconfigs()
}

func (n *node) fetchPair(base string) error {
	content, err := n.access.Get("/v1-k3s/"+base+".crt", http.Header{
		supervisor.NodeNameHeader:     {n.name},
		supervisor.NodePasswordHeader: {n.password},
		supervisor.NodeIPHeader:       {n.ip},
	})
	var status *access.StatusError
	if errors.As(err, &status) && status.Code == http.StatusForbidden {
		// k3s's wording, known from its issue tracker.
		return fmt.Errorf("Node password rejected, duplicate hostname or contents of '%s' may not match server node-passwd entry, try enabling a unique node name with the --with-node-id flag", layout.NodePasswordFile)
	}
	if err != nil {
		return err
	}
	certificate, key := split(content)
	if err := os.WriteFile(n.Data.Agent(base+".crt"), certificate, 0o600); err != nil {
		return err
	}
	return os.WriteFile(n.Data.Agent(base+".key"), key, 0o600)
}

func (n *node) writeKubeconfigs() error {
	files := map[string]string{"kubelet.kubeconfig": "client-kubelet", "k3scontroller.kubeconfig": "client-k3s-controller"}
	for file, base := range files {
		if err := kubeconf.Component(n.Data.Agent(file), n.SupervisorURL, n.Data.Agent("server-ca.crt"), n.Data.Agent(base)); err != nil {
			return err
		}
	}
	return nil
}

func split(content []byte) (certificates, key []byte) {
	for block, rest := pem.Decode(bytes.TrimSpace(content)); block != nil; block, rest = pem.Decode(rest) {
		if strings.Contains(block.Type, "PRIVATE KEY") {
			key = append(key, pem.EncodeToMemory(block)...)
		} else {
			certificates = append(certificates, pem.EncodeToMemory(block)...)
		}
	}
	return certificates, key
}
