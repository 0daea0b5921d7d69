//go:build integration

// Runs the built binary as a single server, in network and mount namespaces
// of its own, so that it neither meets nor leaves anything on the machine:
//
//	sh build.sh /tmp/k3s && HOLLOW_K3S=/tmp/k3s go test -tags integration .
//
// It needs root and a kernel with VXLAN and veth devices.
package main

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// namespaces gives the server an /etc, /run and /var/lib of its own and one
// interface with an address and the default route.
const namespaces = `set -eu
mkdir -p "$2/etc" "$2/lib"
cp /etc/passwd /etc/group /etc/os-release "$2/etc"
echo 0123456789abcdef0123456789abcdef > "$2/etc/machine-id"
mount --bind "$2/etc" /etc
mount -t tmpfs none /run
mount --bind "$2/lib" /var/lib
ip link set lo up
ip link add wan0 type veth peer name wan1
ip address add 192.0.2.10/24 dev wan0
ip link set wan1 up
ip link set wan0 up
ip route add default dev wan0
exec "$1" server --token s3cret --node-name n1 --disable traefik --node-label kind=test
`

type server struct {
	t       *testing.T
	binary  string
	state   string
	process *exec.Cmd
}

func (s *server) start() {
	s.t.Helper()
	socket := filepath.Join(s.t.TempDir(), "notify")
	notified, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		s.t.Fatal(err)
	}
	defer notified.Close()
	s.process = exec.Command("sh", "-c", namespaces, "sh", s.binary, s.state)
	s.process.Env = append(os.Environ(), "NOTIFY_SOCKET="+socket)
	s.process.Stdout, s.process.Stderr = os.Stdout, os.Stderr
	s.process.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS, Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	_ = notified.SetReadDeadline(time.Now().Add(2 * time.Minute))
	message := make([]byte, 64)
	length, err := notified.Read(message)
	if err != nil || string(message[:length]) != "READY=1" {
		s.stop()
		s.t.Fatalf("systemd was not told: %q %v", message[:length], err)
	}
}

func (s *server) stop() {
	if s.process == nil {
		return
	}
	_ = s.process.Process.Signal(syscall.SIGTERM)
	done := make(chan error, 1)
	go func() { done <- s.process.Wait() }()
	select {
	case err := <-done:
		if err != nil {
			s.t.Errorf("stopping: %v", err)
		}
	case <-time.After(30 * time.Second):
		_ = s.process.Process.Kill()
		s.t.Error("it does not stop on SIGTERM")
	}
	s.process = nil
}

// run executes a command where the server runs.
func (s *server) run(command ...string) (string, error) {
	arguments := append([]string{"-t", strconv.Itoa(s.process.Process.Pid), "-n", "-m"}, command...)
	output, err := exec.Command("nsenter", arguments...).CombinedOutput()
	return strings.TrimSpace(string(output)), err
}

func (s *server) kubectl(arguments ...string) string {
	s.t.Helper()
	output, err := s.run(append([]string{s.binary, "kubectl"}, arguments...)...)
	if err != nil {
		s.t.Errorf("kubectl %v: %v\n%s", arguments, err, output)
	}
	return output
}

func TestSingleServer(t *testing.T) {
	binary := os.Getenv("HOLLOW_K3S")
	if binary == "" || os.Geteuid() != 0 {
		t.Skip("needs HOLLOW_K3S, the built binary, and root")
	}
	s := &server{t: t, binary: binary, state: t.TempDir()}
	s.start()
	defer s.stop()

	s.kubectl("wait", "--for=condition=Ready", "node/n1", "--timeout=60s")
	if labels := s.kubectl("get", "node", "n1", "-o", "jsonpath={.metadata.labels}"); !strings.Contains(labels, `"kind":"test"`) || !strings.Contains(labels, `"node-role.kubernetes.io/control-plane":"true"`) {
		t.Errorf("labels: %s", labels)
	}
	if conditions := s.kubectl("get", "node", "n1", "-o", "jsonpath={.status.conditions[*].type}"); strings.Contains(conditions, "EtcdIsVoter") {
		t.Error("a server without --cluster-init has no etcd condition")
	}
	s.kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=60s")
	if deployments := s.kubectl("-n", "kube-system", "get", "deployments", "-o", "name"); strings.Contains(deployments, "traefik") || !strings.Contains(deployments, "local-path-provisioner") {
		t.Errorf("packaged components: %s", deployments)
	}
	s.kubectl("create", "job", "one", "--image=any")
	s.kubectl("wait", "--for=condition=complete", "job/one", "--timeout=60s")
	if device, err := s.run("ip", "-d", "link", "show", "flannel.1"); err != nil || !strings.Contains(device, "vxlan id 1 local 192.0.2.10 dev wan0") || !strings.Contains(device, "dstport 8472 nolearning") {
		t.Errorf("flannel.1: %s", device)
	}
	for _, file := range []string{"/etc/rancher/k3s/k3s.yaml", "/etc/rancher/node/password", "/var/lib/rancher/k3s/server/node-token", "/var/lib/rancher/k3s/agent/kubelet.kubeconfig", "/run/flannel/subnet.env"} {
		if _, err := s.run("test", "-e", file); err != nil {
			t.Errorf("%s is missing", file)
		}
	}
	kept := s.kubectl("create", "configmap", "kept", "-o", "name")
	s.stop()
	s.start()
	if again := s.kubectl("get", kept, "-o", "name"); again != kept {
		t.Errorf("after a restart: %s", again)
	}
}
