package balancer

import (
	"io"
	"net"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// answers is a server that says its name and closes.
func answers(t *testing.T, name string) (address string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(connection, name)
			connection.Close()
		}
	}()
	t.Cleanup(func() { listener.Close() })
	return listener.Addr().String(), func() { listener.Close() }
}

func ask(t *testing.T, address string) string {
	t.Helper()
	connection, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	content, _ := io.ReadAll(connection)
	return string(content)
}

func TestAgentSurvivesTheLossOfTheServerItJoined(t *testing.T) { // docs.k3s.io/architecture: client load-balancer
	first, stopFirst := answers(t, "first")
	second, _ := answers(t, "second")
	file := filepath.Join(t.TempDir(), "etc", "lb.json")
	lb, err := Listen("127.0.0.1:0", first, file)
	if err != nil {
		t.Fatal(err)
	}
	address := lb.listener.Addr().String()
	if got := ask(t, address); got != "first" {
		t.Errorf("%q", got)
	}
	lb.SetServers([]string{second, first})
	stopFirst()
	if got := ask(t, address); got != "second" {
		t.Errorf("%q", got)
	}
	lb.Close()
	again, err := Listen("127.0.0.1:0", first, file)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if !slices.Contains(again.Servers(), second) {
		t.Error("the servers are forgotten over a restart")
	}
}

func TestServerThatLeftIsDropped(t *testing.T) {
	first, _ := answers(t, "first")
	second, _ := answers(t, "second")
	lb, err := Listen("127.0.0.1:0", first, filepath.Join(t.TempDir(), "lb.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer lb.Close()
	lb.SetServers([]string{second})
	if got := lb.Servers(); !slices.Equal(got, []string{second}) {
		t.Errorf("%v", got)
	}
}
