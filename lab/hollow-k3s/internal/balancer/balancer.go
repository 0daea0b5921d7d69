// Package balancer is the agent's local way to the servers: a TCP proxy on
// 127.0.0.1:6444 that goes to any server that answers, so that an agent
// survives the loss of the server it joined through.
package balancer

import (
	"encoding/json"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const dialTimeout = 3 * time.Second

// Balancer proxies connections to the first server that can be reached.
type Balancer struct {
	listener net.Listener
	file     string

	mutex   sync.Mutex
	servers []string
	active  map[net.Conn]string
}

type stored struct {
	ServerURL       string   `json:"ServerURL"`
	ServerAddresses []string `json:"ServerAddresses"`
}

// Listen opens the local port. first is the host:port the agent was told to
// join; servers learned earlier are read back from file and tried too.
func Listen(address, first, file string) (*Balancer, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	balancer := &Balancer{listener: listener, file: file, servers: []string{first}, active: map[net.Conn]string{}}
	var known stored
	if content, err := os.ReadFile(file); err == nil && json.Unmarshal(content, &known) == nil {
		balancer.servers = unique(append(balancer.servers, known.ServerAddresses...))
	}
	go balancer.accept()
	return balancer, nil
}

// SetServers takes the servers that are in the cluster now. Connections to
// one that has left are closed, so that clients reconnect to another.
func (b *Balancer) SetServers(servers []string) {
	if len(servers) == 0 {
		return
	}
	b.mutex.Lock()
	defer b.mutex.Unlock()
	slices.Sort(servers)
	kept := servers[:0:0]
	for _, server := range b.servers {
		if slices.Contains(servers, server) {
			kept = append(kept, server)
		}
	}
	b.servers = unique(append(kept, servers...))
	for connection, server := range b.active {
		if !slices.Contains(b.servers, server) {
			connection.Close()
		}
	}
	b.remember()
}

// Servers is the list in the order in which they are tried.
func (b *Balancer) Servers() []string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return slices.Clone(b.servers)
}

// Close ends the proxy.
func (b *Balancer) Close() error { return b.listener.Close() }

func (b *Balancer) remember() {
	content, err := json.MarshalIndent(stored{ServerURL: "https://" + b.servers[0], ServerAddresses: b.servers}, "", "  ")
	if err != nil || os.MkdirAll(filepath.Dir(b.file), 0o700) != nil {
		return
	}
	_ = os.WriteFile(b.file, append(content, '\n'), 0o600)
}

func (b *Balancer) accept() {
	for {
		connection, err := b.listener.Accept()
		if err != nil {
			return
		}
		go b.proxy(connection)
	}
}

func (b *Balancer) proxy(client net.Conn) {
	defer client.Close()
	for _, server := range b.Servers() {
		upstream, err := net.DialTimeout("tcp", server, dialTimeout)
		if err != nil {
			b.demote(server)
			continue
		}
		b.track(upstream, server)
		defer b.forget(upstream)
		go func() {
			_, _ = io.Copy(upstream, client)
			upstream.Close()
		}()
		_, _ = io.Copy(client, upstream)
		return
	}
}

// demote moves a server that does not answer to the end of the list.
func (b *Balancer) demote(server string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	if at := slices.Index(b.servers, server); at >= 0 && len(b.servers) > 1 {
		b.servers = append(slices.Delete(b.servers, at, at+1), server)
	}
}

func (b *Balancer) track(connection net.Conn, server string) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.active[connection] = server
}

func (b *Balancer) forget(connection net.Conn) {
	connection.Close()
	b.mutex.Lock()
	defer b.mutex.Unlock()
	delete(b.active, connection)
}

func unique(list []string) []string {
	var found []string
	for _, item := range list {
		if !slices.Contains(found, item) {
			found = append(found, item)
		}
	}
	return found
}
