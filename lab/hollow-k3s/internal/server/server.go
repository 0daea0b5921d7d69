// Package server is `k3s server`: datastore, control plane, supervisor, the
// loops k3s adds to Kubernetes, and a node of its own.
package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/kubernetes"

	"hollow-k3s/internal/agent"
	"hollow-k3s/internal/controlplane"
	"hollow-k3s/internal/datastore"
	"hollow-k3s/internal/flags"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/localport"
	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/sdnotify"
	"hollow-k3s/internal/supervisor"
	"hollow-k3s/internal/tuning"
)

// stopTime is how long a stopping API server may take to say goodbye.
const stopTime = 5 * time.Second

// server is what a starting server knows.
type server struct {
	values   *flags.Values
	data     layout.Data
	release  string
	nodeName string
	nodeIP   string
	port     int
	critical supervisor.Critical
	member   *datastore.Member
	client   kubernetes.Interface
	lone     bool
	tuning   tuning.Settings

	passwords       supervisor.Passwords
	agentTokenGiven bool
}

// Run is the whole life of a server process; it returns when ctx ends.
func Run(ctx context.Context, values *flags.Values, release string) error {
	s, err := settle(values, release)
	if err != nil {
		return err
	}
	config := agent.Config{Values: values, Data: s.data, Release: release, KubeletFails: s.tuning.KubeletFails}
	if s.nodeName, s.nodeIP, err = agent.Prepare(config); err != nil {
		return err
	}
	if s.critical, err = criticalValues(values); err != nil {
		return err
	}
	if values.On("cluster-reset") {
		return s.reset(ctx)
	}
	_ = os.Remove(s.resetFlag())
	if err := s.openDatastore(ctx); err != nil {
		return fmt.Errorf("starting kubernetes: preparing server: %w", err)
	}
	defer func() { s.member.Close() }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	watched, unwatch := context.WithCancel(ctx)
	defer unwatch()
	go s.endWhenRemoved(watched)
	if err := s.takeAuthorities(ctx, unwatch); err != nil {
		return fmt.Errorf("starting kubernetes: preparing server: %w", err)
	}
	stopped, err := s.startControlPlane(ctx)
	if err != nil {
		return err
	}
	// k3s is ready when its API and etcd are; whether a node will ever come up
	// beside them is not known yet (pkg/cli/server/server.go).
	logline.Infof("k3s is up and running")
	sdnotify.Ready()
	go s.startNode(ctx, config)
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	select {
	case <-stopped:
	case <-time.After(stopTime):
	}
	return nil
}

func settle(values *flags.Values, release string) (*server, error) {
	tuned, err := tuning.Load(os.Getenv)
	if err != nil {
		return nil, err
	}
	s := &server{values: values, data: layout.Data(values.Text("data-dir")), release: release, port: values.Number("https-listen-port"), tuning: tuned}
	if os.Geteuid() != 0 {
		return nil, errors.New("server must run as root, or with --rootless and/or --disable-agent")
	}
	if values.IsSet("cluster-reset-restore-path") && !values.On("cluster-reset") {
		return nil, errors.New("invalid flag use; --cluster-reset required with --cluster-reset-restore-path")
	}
	switch backend := values.Text("flannel-backend"); backend {
	case "vxlan", "none":
	case "host-gw", "wireguard-native", "ipsec", "tailscale":
		return nil, fmt.Errorf("not imitated by hollow k3s: --flannel-backend=%s (vxlan and none are)", backend)
	default:
		return nil, fmt.Errorf("cannot configure flannel backend '%s'", backend)
	}
	for _, name := range values.List("disable") {
		if !isPackaged(name) {
			logline.Warnf("hollow k3s: --disable %s names no packaged component", name)
		}
	}
	return s, nil
}

func (s *server) startControlPlane(ctx context.Context) (stopped <-chan error, err error) {
	if err := s.ensureCertificates(); err != nil {
		return nil, err
	}
	if s.client, err = s.adminClient(); err != nil {
		return nil, err
	}
	settings := s.controlPlaneSettings()
	guard := s.newSupervisor()
	ended := make(chan error, 3)
	arguments := settings.APIServer(s.values.Raw("kube-apiserver-arg"))
	logline.Infof("Running kube-apiserver --%s", strings.Join(arguments, " --"))
	go func() {
		ended <- wrap("apiserver exited", controlplane.RunAPIServer(ctx, arguments, guard.Front(func() bool { return s.apiReady(ctx) })))
	}()
	if err := s.awaitAPI(ctx, ended); err != nil {
		return nil, err
	}
	logline.Infof("Kube API server is now running")
	if err := s.openLocalPort(ctx); err != nil {
		return nil, err
	}
	controllers := append(s.values.Raw("kube-controller-manager-arg"), s.values.Raw("kube-controller-arg")...)
	go func() {
		ended <- wrap("controller-manager exited", controlplane.RunControllerManager(ctx, settings.ControllerManager(controllers)))
	}()
	if !s.values.On("disable-scheduler") {
		go func() {
			ended <- wrap("scheduler exited", controlplane.RunScheduler(ctx, settings.Scheduler(s.values.Raw("kube-scheduler-arg"))))
		}()
	}
	if err := s.writeAdminKubeconfig(); err != nil {
		return nil, err
	}
	s.startLoops(ctx)
	return ended, nil
}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}

func (s *server) controlPlaneSettings() controlplane.Settings {
	bind := s.values.Text("bind-address")
	if bind == "" {
		bind = "0.0.0.0"
	}
	return controlplane.Settings{
		Data:             s.data,
		BindAddress:      bind,
		Port:             s.port,
		AdvertiseAddress: s.advertised(),
		ClusterCIDR:      s.critical.ClusterCIDR,
		ServiceCIDR:      s.critical.ServiceCIDR,
		NodePortRange:    s.values.Text("service-node-port-range"),
		ClusterDomain:    s.critical.ClusterDomain,
		LeaderElect:      !s.lone,
		EncryptSecrets:   s.encrypts(),
	}
}

// advertised follows k3s: advertise-address, node-external-ip, node-ip.
func (s *server) advertised() string {
	if address := s.values.Text("advertise-address"); address != "" {
		return address
	}
	if external := s.values.List("node-external-ip"); len(external) > 0 {
		return external[0]
	}
	return s.nodeIP
}

func (s *server) localURL() string {
	return "https://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port))
}

// startNode runs this server's own agent, which ends the process when it fails.
func (s *server) startNode(ctx context.Context, config agent.Config) {
	select {
	case <-time.After(s.tuning.KubeletDelay):
	case <-ctx.Done():
		return
	}
	if err := s.runNode(ctx, config); err != nil && ctx.Err() == nil {
		logline.Fatalf("%v", err)
	}
}

func (s *server) runNode(ctx context.Context, config agent.Config) error {
	passwords, err := supervisor.ReadPasswords(s.data)
	if err != nil {
		return err
	}
	config.Token = s.fullToken("node", passwords.Agent)
	config.ServerURL = s.localURL()
	config.SupervisorURL = s.localURL()
	return agent.Run(ctx, config, s.nodeName, s.nodeIP, func() { s.labelNode(ctx) })
}

// openLocalPort: lb-server-port on a server is the API server's own.
func (s *server) openLocalPort(ctx context.Context) error {
	from := net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port+1))
	return localport.Forward(ctx, from, net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)))
}
