package datastore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"

	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/token"
)

var (
	// ErrRemoved: the member was removed while it ran or was away.
	ErrRemoved = errors.New("this node has been removed from the cluster please restart k3s to rejoin the cluster")
	// ErrDuplicateName: another server with this node's name is a member.
	ErrDuplicateName = errors.New("duplicate node name found, please use a unique name for this node")
)

// Directory is where the data lies. A lone server keeps its own, so that
// adding --cluster-init later is the migration it is in k3s.
func (c Config) Directory() string {
	if c.Lone {
		return c.Data.Server("db", "standalone")
	}
	return c.Data.Server("db", "etcd")
}

// Initialized tells whether there is data from an earlier start.
func (c Config) Initialized() bool {
	_, err := os.Stat(filepath.Join(c.Directory(), "member", "wal"))
	return err == nil
}

func (c Config) tombstone() string { return filepath.Join(c.Directory(), "tombstone") }

// Bury marks the data as of a removed member: the next start discards it.
func (c Config) Bury() {
	_ = os.WriteFile(c.tombstone(), nil, 0o600)
}

// Exhume moves the data of a removed member away, as k3s does before the
// server joins again.
func (c Config) Exhume() error {
	if _, err := os.Stat(c.tombstone()); err != nil {
		return nil
	}
	logline.Infof("tombstone file has been detected, removing data dir to rejoin the cluster")
	return os.Rename(c.Directory(), fmt.Sprintf("%s-old-%d", c.Directory(), time.Now().Unix()))
}

// Start begins a new cluster, or goes on with the one on disk.
func Start(ctx context.Context, config Config, nodeName string) (*Member, error) {
	if err := config.bringBack(); err != nil {
		return nil, err
	}
	if err := config.migrate(); err != nil {
		return nil, err
	}
	name, err := config.memberName(nodeName, false)
	if err != nil {
		return nil, err
	}
	if config.Lone {
		if err := config.standIn(); err != nil {
			return nil, err
		}
	}
	member, err := config.launch(ctx, config.embedded(name))
	if err != nil {
		return nil, err
	}
	return member, member.settle(ctx)
}

// settle corrects the peer address of a sole member: after a migration, a
// restore, or with a new node-ip.
func (m *Member) settle(ctx context.Context) error {
	members, err := m.Client.MemberList(ctx)
	if err != nil {
		return err
	}
	if len(members.Members) != 1 || members.Members[0].PeerURLs[0] == m.peerURL() {
		return nil
	}
	_, err = m.Client.MemberUpdate(ctx, members.Members[0].ID, []string{m.peerURL()})
	return err
}

// Join adds this server to the cluster of the given members as a learner and
// waits until it votes.
func Join(ctx context.Context, config Config, nodeName string, members []*etcdserverpb.Member) (*Member, error) {
	name, err := config.memberName(nodeName, false)
	if err != nil {
		return nil, err
	}
	var endpoints []string
	for _, member := range members {
		endpoints = append(endpoints, member.ClientURLs...)
	}
	client, err := config.Dial(endpoints...)
	if err != nil {
		return nil, err
	}
	defer client.Close()
	short, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	current, err := client.MemberList(short)
	if err != nil {
		return nil, fmt.Errorf("ETCD join failed: %w", err)
	}
	cluster, present, err := config.place(name, nodeName, current.Members)
	if err != nil {
		os.Remove(filepath.Join(config.Directory(), "name"))
		return nil, fmt.Errorf("ETCD join failed: %w", err)
	}
	if !present {
		logline.Infof("Adding member %s=%s to etcd cluster %v", name, config.peerURL(), cluster)
		if _, err := client.MemberAddAsLearner(short, []string{config.peerURL()}); err != nil {
			return nil, fmt.Errorf("ETCD join failed: %w", err)
		}
		cluster = append(cluster, name+"="+config.peerURL())
	}
	logline.Infof("Starting etcd for cluster %v", cluster)
	embedded := config.embedded(name)
	embedded.InitialCluster = strings.Join(cluster, ",")
	embedded.ClusterState = "existing"
	member, err := config.launch(ctx, embedded)
	if err != nil {
		return nil, err
	}
	return member, member.awaitVote(ctx)
}

// place lists the cluster this member is to start in, and whether it is in
// it already.
func (c Config) place(name, nodeName string, members []*etcdserverpb.Member) (cluster []string, present bool, err error) {
	for _, member := range members {
		memberName := member.Name
		for _, peer := range member.PeerURLs {
			address, err := url.Parse(peer)
			if err != nil {
				return nil, false, err
			}
			if address.Hostname() == c.NodeIP && (memberName == "" || memberName == name) {
				memberName, present = name, true
			}
		}
		if memberName != name && NodeOf(memberName) == nodeName {
			return nil, false, ErrDuplicateName
		}
		if len(member.PeerURLs) > 0 {
			cluster = append(cluster, memberName+"="+member.PeerURLs[0])
		}
	}
	return cluster, present, nil
}

// NodeOf is the node name in a member name, which is <node>-<8 hex digits>.
func NodeOf(member string) string {
	if hyphen := strings.LastIndex(member, "-"); hyphen > 0 {
		return member[:hyphen]
	}
	return member
}

func (c Config) memberName(nodeName string, renew bool) (string, error) {
	file := filepath.Join(c.Directory(), "name")
	if content, err := os.ReadFile(file); err == nil && !renew {
		return string(content), nil
	}
	name := nodeName + "-" + token.Random()[:8]
	if err := os.MkdirAll(c.Directory(), 0o700); err != nil {
		return "", err
	}
	return name, os.WriteFile(file, []byte(name), 0o600)
}
