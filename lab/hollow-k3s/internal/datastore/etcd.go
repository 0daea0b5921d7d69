// Package datastore is the embedded etcd: a lone one in place of k3s's
// SQLite, or a member of a cluster that others join and leave.
package datastore

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"

	"hollow-k3s/internal/layout"
)

// Endpoint is where the local member serves clients.
const Endpoint = "https://127.0.0.1:2379"

// Config says which member this server runs.
type Config struct {
	Data   layout.Data
	NodeIP string
	// Lone: no --cluster-init and no --server; k3s would use SQLite. The
	// member then listens on loopback only.
	Lone          bool
	ExposeMetrics bool
}

// Member is a running etcd member.
type Member struct {
	Config
	Name   string
	server *embed.Etcd
	Client *clientv3.Client
}

func (c Config) peerURL() string   { return c.url(2380) }
func (c Config) clientURL() string { return c.url(2379) }

func (c Config) url(port int) string {
	if c.Lone {
		return fmt.Sprintf("https://127.0.0.1:%d", port)
	}
	return fmt.Sprintf("https://%s:%d", c.NodeIP, port)
}

// embedded follows k3s's etcd options, with two differences. Ticks are shorter
// (k3s: 500 ms and 5 s): a joining member waits up to two election times and
// 5 s for its first proposal. And fsync is off: a lab's data has to survive a
// killed process, not a lost power supply.
func (c Config) embedded(name string) *embed.Config {
	config := embed.NewConfig()
	config.Name = name
	config.Dir = c.Directory()
	config.TickMs, config.ElectionMs = 200, 2000
	config.UnsafeNoFsync = true
	config.ListenPeerUrls = urls("https://127.0.0.1:2380")
	config.ListenClientUrls = urls(Endpoint)
	if !c.Lone {
		config.ListenPeerUrls = urls(c.peerURL(), "https://127.0.0.1:2380")
		config.ListenClientUrls = urls(c.clientURL(), Endpoint)
	}
	config.AdvertisePeerUrls = urls(c.peerURL())
	config.AdvertiseClientUrls = urls(c.clientURL())
	config.InitialCluster = name + "=" + c.peerURL()
	config.ListenMetricsUrls = urls("http://127.0.0.1:2381")
	if c.ExposeMetrics {
		config.ListenMetricsUrls = urls("http://0.0.0.0:2381")
	}
	config.ClientTLSInfo = transport.TLSInfo{
		CertFile: c.Data.TLS("etcd", "server-client.crt"), KeyFile: c.Data.TLS("etcd", "server-client.key"),
		TrustedCAFile: c.Data.TLS("etcd", "server-ca.crt"), ClientCertAuth: true,
	}
	config.PeerTLSInfo = transport.TLSInfo{
		CertFile: c.Data.TLS("etcd", "peer-server-client.crt"), KeyFile: c.Data.TLS("etcd", "peer-server-client.key"),
		TrustedCAFile: c.Data.TLS("etcd", "peer-ca.crt"), ClientCertAuth: true,
	}
	config.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop())
	return config
}

// launch starts etcd and waits until it serves: for a member of a cluster
// that is until quorum is reached, however long that takes.
func (c Config) launch(ctx context.Context, config *embed.Config) (*Member, error) {
	server, err := embed.StartEtcd(config)
	if err != nil {
		return nil, fmt.Errorf("starting etcd: %w", err)
	}
	select {
	case <-server.Server.ReadyNotify():
	case err := <-server.Err():
		return nil, c.whyNotReady(server, fmt.Errorf("etcd: %w", err))
	case <-server.Server.StopNotify():
		return nil, c.whyNotReady(server, errors.New("etcd stopped by itself"))
	case <-ctx.Done():
		server.Close()
		return nil, ctx.Err()
	}
	client, err := c.Dial(Endpoint)
	if err != nil {
		server.Close()
		return nil, err
	}
	return &Member{Config: c, Name: config.Name, server: server, Client: client}, nil
}

// whyNotReady finds out whether a member was removed while it was away: its
// peers then tell it so, and it stops before it ever served.
func (c Config) whyNotReady(server *embed.Etcd, otherwise error) error {
	select {
	case <-server.Server.StopNotify():
	case <-time.After(5 * time.Second):
		return otherwise
	}
	if c.Lone || len(server.Server.Cluster().Members()) < 2 {
		return otherwise
	}
	c.Bury()
	return ErrRemoved
}

// Dial opens a client with this server's etcd certificate.
func (c Config) Dial(endpoints ...string) (*clientv3.Client, error) {
	authority, err := os.ReadFile(c.Data.TLS("etcd", "server-ca.crt"))
	if err != nil {
		return nil, err
	}
	certificate, err := tls.LoadX509KeyPair(c.Data.TLS("etcd", "client.crt"), c.Data.TLS("etcd", "client.key"))
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	return clientv3.New(clientv3.Config{
		Endpoints:   endpoints,
		DialTimeout: 5 * time.Second,
		Logger:      zap.NewNop(),
		TLS:         &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12},
	})
}

// Stopped is closed when etcd has stopped by itself, which it does when its
// member was removed from the cluster.
func (m *Member) Stopped() <-chan struct{} { return m.server.Server.StopNotify() }

// Removed tells whether the cluster has dropped this member.
func (m *Member) Removed() bool {
	return m.server.Server.IsIDRemoved(uint64(m.server.Server.MemberID()))
}

// Close stops the member; leadership is handed over first.
func (m *Member) Close() {
	m.Client.Close()
	m.server.Close()
}

func urls(list ...string) []url.URL {
	var parsed []url.URL
	for _, text := range list {
		one, err := url.Parse(text)
		if err != nil {
			panic(err)
		}
		parsed = append(parsed, *one)
	}
	return parsed
}
