//go:build integration

// Runs the built binary in network and mount namespaces of its own, so that it
// neither meets nor leaves anything on the machine:
//
//	sh build.sh /tmp/k3s && HOLLOW_K3S=/tmp/k3s go test -tags integration .
//
// It needs root and a kernel with VXLAN, veth and bridge devices.
package main

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// namespaces gives a server an /etc, /run, /var/lib and /var/log of its own,
// and one interface with an address and the default route. Servers that are to
// meet are plugged into the bridge of a hub.
const namespaces = `set -eu
binary=$1 state=$2 index=$3 hub=$4; shift 4
mkdir -p "$state/etc" "$state/lib" "$state/log"
cp /etc/passwd /etc/group /etc/os-release "$state/etc"
printf '%032d\n' "$index" > "$state/etc/machine-id"
mount --bind "$state/etc" /etc
mount -t tmpfs none /run
mount --bind "$state/lib" /var/lib
mount --bind "$state/log" /var/log
ip link set lo up
if [ -z "$hub" ]; then
  ip link add wan0 type veth peer name wan1
  ip link set wan1 up
else
  ip link add wan0 type veth peer name "hub$index" netns "$hub"
  nsenter -t "$hub" -n ip link set "hub$index" master br0 up
fi
ip address add "192.0.2.1$index/24" dev wan0
ip address add "fd00::1$index/64" dev wan0 nodad
ip link set wan0 up
ip route add default dev wan0
exec "$binary" server --token "$TOKEN" --node-name "n$index" --disable traefik "$@"
`

// newHub is a namespace with a bridge; it outlives the servers.
func newHub(t *testing.T) string {
	t.Helper()
	hub := exec.Command("sh", "-c", "ip link add br0 type bridge && ip link set br0 up && echo up && exec sleep 600")
	hub.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	output, err := hub.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := hub.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = hub.Process.Kill(); _ = hub.Wait() })
	if _, err := output.Read(make([]byte, 3)); err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(hub.Process.Pid)
}

type server struct {
	t         *testing.T
	binary    string
	state     string
	index     int
	hub       string
	token     string
	variables []string
	process   *exec.Cmd
	ended     chan error
	journal   *journal
}

// journal is what a server has written; it also goes to the test's output.
type journal struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (j *journal) Write(content []byte) (int, error) {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	_, _ = os.Stderr.Write(content)
	return j.text.Write(content)
}

func (j *journal) has(words string) bool {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return strings.Contains(j.text.String(), words)
}

func newServer(t *testing.T, index int) *server {
	t.Helper()
	binary := os.Getenv("HOLLOW_K3S")
	if binary == "" || os.Geteuid() != 0 {
		t.Skip("needs HOLLOW_K3S, the built binary, and root")
	}
	return &server{t: t, binary: binary, state: t.TempDir(), index: index, token: "s3cret"}
}

// start returns when systemd would be told that the server is up.
func (s *server) start(arguments ...string) {
	s.t.Helper()
	socket := filepath.Join(s.t.TempDir(), "notify")
	notified, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		s.t.Fatal(err)
	}
	defer notified.Close()
	arguments = append([]string{"-c", namespaces, "sh", s.binary, s.state, strconv.Itoa(s.index), s.hub}, arguments...)
	s.process = exec.Command("sh", arguments...)
	s.process.Env = append(append(os.Environ(), "NOTIFY_SOCKET="+socket, "TOKEN="+s.token), s.variables...)
	s.journal = &journal{}
	s.process.Stdout, s.process.Stderr = s.journal, s.journal
	s.process.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET | syscall.CLONE_NEWNS, Unshareflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.ended = make(chan error, 1)
	go func(process *exec.Cmd, ended chan error) { ended <- process.Wait() }(s.process, s.ended)
	_ = notified.SetReadDeadline(time.Now().Add(2 * time.Minute))
	message := make([]byte, 64)
	length, err := notified.Read(message)
	if err != nil || string(message[:length]) != "READY=1" {
		s.stop()
		s.t.Fatalf("systemd was not told: %q %v", message[:length], err)
	}
}

// awaitEnd wants the exit code that a unit shows as failed.
func (s *server) awaitEnd(limit time.Duration) {
	s.t.Helper()
	select {
	case err := <-s.ended:
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 {
			s.t.Errorf("it ended with %v", err)
		}
	case <-time.After(limit):
		_ = s.process.Process.Kill()
		s.t.Error("it does not end")
	}
	s.process = nil
}

func (s *server) stop() {
	s.t.Helper()
	if s.process != nil {
		_ = s.process.Process.Signal(syscall.SIGTERM)
		s.awaitEnd(30 * time.Second)
	}
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
