package cli

import (
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"hollow-k3s/internal/access"
	"hollow-k3s/internal/agent"
	"hollow-k3s/internal/balancer"
	"hollow-k3s/internal/flags"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/sdnotify"
	"hollow-k3s/internal/stamp"
	"hollow-k3s/internal/tuning"
)

const refreshInterval = 10 * time.Second

func runAgent(ctx context.Context, arguments []string) int {
	values, code := load("agent", arguments)
	if values == nil {
		return code
	}
	logline.Infof("Starting k3s agent %s (hollow)", stamp.Release())
	return ended(ctx, joinAndServe(ctx, values), "kubelet exited: context canceled")
}

func joinAndServe(ctx context.Context, values *flags.Values) error {
	if os.Geteuid() != 0 {
		return errors.New("agent must be run as root")
	}
	token := strings.TrimSpace(values.Text("token"))
	if file := values.Text("token-file"); file != "" {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		token = strings.TrimSpace(string(content))
	}
	server := values.Text("server")
	if token == "" {
		return errors.New("--token is required")
	}
	if server == "" {
		return errors.New("--server is required")
	}
	parsed, err := url.Parse(server)
	if err != nil || parsed.Scheme != "https" {
		return errors.New("only https:// URLs are supported, invalid scheme: " + server)
	}
	port := parsed.Port()
	if port == "" {
		port = "443"
	}
	tuned, err := tuning.Load(os.Getenv)
	if err != nil {
		return err
	}
	config := agent.Config{Values: values, Data: layout.Data(values.Text("data-dir")), Token: token, ServerURL: server, Release: stamp.Release(), KubeletFails: tuned.KubeletFails}
	name, ip, err := agent.Prepare(config)
	if err != nil {
		return err
	}
	local := net.JoinHostPort("127.0.0.1", strconv.Itoa(values.Number("lb-server-port")))
	lb, err := balancer.Listen(local, net.JoinHostPort(parsed.Hostname(), port), config.Data.Agent("etc", "k3s-agent-load-balancer.json"))
	if err != nil {
		return err
	}
	defer lb.Close()
	logline.Infof("Running load balancer k3s-agent-load-balancer %s -> %v", local, lb.Servers())
	config.SupervisorURL = "https://" + local
	err = agent.Run(ctx, config, name, ip, func() {
		logline.Infof("k3s agent is up and running")
		sdnotify.Ready()
	})
	if err != nil {
		return err
	}
	keepServers(ctx, lb, config)
	return nil
}

// keepServers follows which servers there are until ctx ends.
func keepServers(ctx context.Context, lb *balancer.Balancer, config agent.Config) {
	var way *access.Access
	for {
		if way == nil {
			if validated, err := access.Validate(config.SupervisorURL, config.Token, "node"); err == nil {
				way = validated.WithCertificate(config.Data.Agent("client-kubelet.crt"), config.Data.Agent("client-kubelet.key"))
			}
		}
		var servers []string
		if way != nil && way.GetJSON("/v1-k3s/apiservers", &servers) == nil {
			lb.SetServers(servers)
		}
		select {
		case <-time.After(refreshInterval):
		case <-ctx.Done():
			return
		}
	}
}
