// Package agent is the part of k3s that every node runs: it fetches its
// certificates with the token and the node password, and runs the hollow
// kubelet and flannel.
package agent

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"hollow-k3s/internal/access"
	"hollow-k3s/internal/flags"
	"hollow-k3s/internal/hostnet"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/localport"
	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/nodepass"
	"hollow-k3s/internal/supervisor"
)

// Config is what a node is started with.
type Config struct {
	Values *flags.Values
	Data   layout.Data
	Token  string
	// ServerURL is the server as configured; SupervisorURL is where it is
	// reached from here: through the load balancer, or locally on a server.
	ServerURL     string
	SupervisorURL string
	Release       string
	// KubeletFails is for hollowkubelet.Config.
	KubeletFails time.Duration
}

// node is what became known on the way to a running kubelet.
type node struct {
	Config
	name     string
	ip       string
	password string
	cluster  supervisor.ClusterConfig
	access   *access.Access
}

// Prepare checks what can be checked without a server; k3s fails at once here.
func Prepare(config Config) (name, ip string, err error) {
	values := config.Values
	ip, err = hostnet.NodeIP(values.List("node-ip"), values.Text("flannel-iface"))
	if err != nil {
		return "", "", err
	}
	name, err = hostnet.NodeName(values.Text("node-name"))
	if err != nil {
		return "", "", err
	}
	if values.On("with-node-id") {
		id, err := ensureNodeID()
		if err != nil {
			return "", "", err
		}
		name += "-" + id
	}
	if file := values.Text("resolv-conf"); file != "" {
		if _, err := os.Stat(file); err != nil {
			return "", "", fmt.Errorf("resolv-conf: %w", err)
		}
	}
	return name, ip, nil
}

func ensureNodeID() (string, error) {
	content, err := os.ReadFile(layout.NodeIDFile)
	if err == nil {
		return strings.TrimSpace(string(content)), nil
	}
	if err := os.MkdirAll(filepath.Dir(layout.NodeIDFile), 0o755); err != nil {
		return "", err
	}
	password, err := nodepass.Ensure(layout.NodePasswordFile)
	if err != nil {
		return "", err
	}
	return password[:8], os.WriteFile(layout.NodeIDFile, []byte(password[:8]+"\n"), 0o644)
}

// Run joins the cluster and calls ready once the kubelet runs. It retries
// what a server may still come to accept, for ever, as k3s does.
func Run(ctx context.Context, config Config, name, ip string, ready func()) error {
	for _, directory := range []string{config.Data.Agent(), config.Data.Agent("etc"), config.Data.Agent("containerd"), layout.RunDirectory, layout.KubeletDirectory} {
		if err := os.MkdirAll(directory, 0o755); err != nil {
			return err
		}
	}
	password, err := nodepass.Ensure(layout.NodePasswordFile)
	if err != nil {
		return err
	}
	self := &node{Config: config, name: name, ip: ip, password: password}
	if err := self.connect(ctx); err != nil {
		return err
	}
	if err := self.fetchConfig(ctx); err != nil {
		return err
	}
	if err := self.checkFamilies(); err != nil {
		return err
	}
	if err := self.startKubelet(ctx); err != nil {
		return err
	}
	if !config.Values.On("disable-kube-proxy") {
		// There is no kube-proxy; what is asked about it is whether it runs.
		localport.Healthz(ctx, "kube-proxy", "0.0.0.0", 10256)
		localport.Healthz(ctx, "kube-proxy", "127.0.0.1", 10249)
	}
	ready()
	return self.startFlannel(ctx)
}

// connect waits for a server whose CA matches the token.
func (n *node) connect(ctx context.Context) error {
	for {
		validated, err := access.Validate(n.SupervisorURL, n.Token, "node")
		if err == nil {
			n.access = validated.WithCertificate(n.Data.Agent("client-kubelet.crt"), n.Data.Agent("client-kubelet.key"))
			return nil
		}
		logline.Errorf("Failed to validate connection to cluster at %s: %v", n.ServerURL, err)
		if err := pause(ctx, 2*time.Second); err != nil {
			return err
		}
	}
}

// fetchConfig waits until the server hands out this node's certificates.
func (n *node) fetchConfig(ctx context.Context) error {
	for {
		err := n.tryFetchConfig()
		if err == nil {
			return nil
		}
		logline.Infof("Waiting to retrieve agent configuration; server is not ready: %v", err)
		if err := pause(ctx, 3*time.Second); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, duration time.Duration) error {
	select {
	case <-time.After(duration):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
