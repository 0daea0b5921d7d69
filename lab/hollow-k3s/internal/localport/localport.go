// Package localport opens the ports that a real node has and that nothing
// hollow needs: whoever looks for them on a host finds them.
package localport

import (
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"hollow-k3s/internal/logline"
)

// Healthz answers /healthz with ok until ctx ends. Like the kubelet and
// kube-proxy, it lives without its port when that is taken.
func Healthz(ctx context.Context, component, address string, port int) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil {
		logline.Errorf("Failed to start healthz server of %s: %v", component, err)
		return
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	go func() { _ = server.Serve(listener) }()
}

// Forward takes connections at from and hands them on to to. A k3s server's
// API server itself is on 127.0.0.1:6444, behind the supervisor on 6443; here
// both are one, so the local port leads there.
func Forward(ctx context.Context, from, to string) error {
	listener, err := net.Listen("tcp", from)
	if err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		listener.Close()
	}()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go pass(client, to)
		}
	}()
	return nil
}

func pass(client net.Conn, to string) {
	defer client.Close()
	server, err := net.DialTimeout("tcp", to, 3*time.Second)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client)
		server.Close()
	}()
	_, _ = io.Copy(client, server)
}
