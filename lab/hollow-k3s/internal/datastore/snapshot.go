package datastore

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/etcdutl/v3/snapshot"
	"go.uber.org/zap"

	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/logline"
)

// Snapshot is a file in the snapshot directory.
type Snapshot struct {
	Name    string
	Path    string
	Size    int64
	Created time.Time
}

// SnapshotDirectory is etcd-snapshot-dir or k3s's default. Only the default is
// made when it is missing (pkg/etcd/snapshot.go, snapshotDir).
func SnapshotDirectory(data layout.Data, given string) (string, error) {
	standard := data.Server("db", "snapshots")
	if given == "" || given == standard {
		return standard, os.MkdirAll(standard, 0o700)
	}
	info, err := os.Stat(given)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a directory", given)
	}
	if err != nil {
		return given, fmt.Errorf("failed to get etcd-snapshot-dir: %w", err)
	}
	return given, nil
}

// Save writes a snapshot of the local member, named <base>-<node>-<time> as
// k3s names them.
func (c Config) Save(ctx context.Context, directory, base, node string) (string, error) {
	name := fmt.Sprintf("%s-%s-%d", base, node, time.Now().Unix())
	logline.Infof("Saving etcd snapshot to %s", filepath.Join(directory, name))
	identity := transport.TLSInfo{
		CertFile: c.Data.TLS("etcd", "client.crt"), KeyFile: c.Data.TLS("etcd", "client.key"), TrustedCAFile: c.Data.TLS("etcd", "server-ca.crt"),
	}
	tls, err := identity.ClientConfig()
	if err != nil {
		return "", err
	}
	client := clientv3.Config{Endpoints: []string{Endpoint}, TLS: tls, DialTimeout: 5 * time.Second, Logger: zap.NewNop()}
	_, err = snapshot.NewV3(zap.NewNop()).Save(ctx, client, filepath.Join(directory, name))
	return name, err
}

// Snapshots lists a directory, oldest first.
func Snapshots(directory string) ([]Snapshot, error) {
	entries, err := os.ReadDir(directory)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var found []Snapshot
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && info.Mode().IsRegular() && !strings.HasSuffix(entry.Name(), ".part") {
			found = append(found, Snapshot{Name: entry.Name(), Path: filepath.Join(directory, entry.Name()), Size: info.Size(), Created: info.ModTime()})
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].Created.Before(found[j].Created) })
	return found, nil
}

// Prune removes all but the newest snapshots with a name base, and tells which.
func Prune(directory, base string, keep int) ([]string, error) {
	all, err := Snapshots(directory)
	if err != nil || keep < 1 {
		return nil, err
	}
	var mine []Snapshot
	for _, one := range all {
		if strings.HasPrefix(one.Name, base+"-") {
			mine = append(mine, one)
		}
	}
	var removed []string
	for len(mine) > keep {
		if err := os.Remove(mine[0].Path); err != nil {
			return removed, err
		}
		removed = append(removed, mine[0].Name)
		mine = mine[1:]
	}
	return removed, nil
}

// Restore puts a snapshot in the place of the data; the old data is kept
// beside it.
func (c Config) Restore(file, nodeName string) error {
	info, err := os.Stat(file)
	if os.IsNotExist(err) {
		return fmt.Errorf("etcd: snapshot path does not exist: %s", file)
	}
	if err != nil {
		return err
	}
	if info.IsDir() {
		return fmt.Errorf("etcd: snapshot path must be a file, not a directory: %s", file)
	}
	if _, err := os.Stat(c.Directory()); err == nil {
		if err := os.Rename(c.Directory(), fmt.Sprintf("%s-old-%d", c.Directory(), time.Now().Unix())); err != nil {
			return err
		}
	}
	scratch := c.Directory() + "-restoring"
	_ = os.RemoveAll(scratch)
	name, err := c.memberName(nodeName, true)
	if err != nil {
		return err
	}
	err = snapshot.NewV3(zap.NewNop()).Restore(snapshot.RestoreConfig{
		SnapshotPath: file, Name: name, OutputDataDir: scratch, PeerURLs: []string{c.peerURL()},
		InitialCluster:      name + "=" + c.peerURL(), // Another cluster id: former members that still run must not be heard.
		InitialClusterToken: "restored-" + name,
	})
	if err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(scratch, "member"), filepath.Join(c.Directory(), "member")); err != nil {
		return err
	}
	return os.RemoveAll(scratch)
}

// Reset starts the member as the only one of its cluster.
func Reset(ctx context.Context, config Config, nodeName string) (*Member, error) {
	name, err := config.memberName(nodeName, false)
	if err != nil {
		return nil, err
	}
	embedded := config.embedded(name)
	embedded.ForceNewCluster = true
	member, err := config.launch(ctx, embedded)
	if err != nil {
		return nil, err
	}
	return member, member.settle(ctx)
}
