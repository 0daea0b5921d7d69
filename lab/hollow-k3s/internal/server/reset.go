package server

import (
	"context"
	"errors"
	"fmt"
	"os"

	clientv3 "go.etcd.io/etcd/client/v3"

	"hollow-k3s/internal/datastore"
	"hollow-k3s/internal/logline"
)

func (s *server) resetFlag() string { return s.data.Server("db", "reset-flag") }

// reset is --cluster-reset: this server becomes the only member, with its own
// data or with a snapshot's, and the process ends (docs.k3s.io/cli/etcd-snapshot).
//
// What it refuses first, and in which order: a URL to join
// (pkg/cli/server/server.go), and a second reset without a snapshot while the
// flag of the last one lies there (pkg/cluster/managed.go, start); with a
// snapshot k3s does not look at the flag.
func (s *server) reset(ctx context.Context) error {
	if s.values.Text("server") != "" {
		return errors.New("cannot perform cluster-reset while server URL is set - remove server from configuration before resetting")
	}
	if _, err := os.Stat(s.resetFlag()); err == nil && s.values.Text("cluster-reset-restore-path") == "" {
		return fmt.Errorf("cluster-reset was successfully performed, please remove the cluster-reset flag and start k3s normally, if you need to perform another cluster reset, you must first manually delete the file at %s", s.resetFlag())
	}
	if err := s.ensureAuthorities(); err != nil {
		return err
	}
	if err := s.settlePasswords(); err != nil {
		return err
	}
	if err := s.ensureEtcdCertificates(); err != nil {
		return err
	}
	store := s.storeConfig()
	if snapshot := s.values.Text("cluster-reset-restore-path"); snapshot != "" {
		if err := store.Restore(snapshot, s.nodeName); err != nil {
			return err
		}
	} else if !store.Initialized() {
		return errors.New("cluster-reset: there is no etcd data on this server")
	}
	// Before etcd starts: a reset that is cut off leaves it, too (pkg/etcd/etcd.go, Reset).
	if err := os.WriteFile(s.resetFlag(), nil, 0o600); err != nil {
		return err
	}
	member, err := datastore.Reset(ctx, store, s.nodeName)
	if err != nil {
		return err
	}
	defer member.Close()
	// Another token than the data's is found out here, with the data in place already
	// (pkg/cluster/storage.go, getBootstrapKeyFromStorage).
	if err := s.takeBootstrap(ctx, member); err != nil {
		return err
	}
	logline.Infof("Managed etcd cluster membership has been reset, restart without --cluster-reset flag now. Backup and delete ${datadir}/server/db on each peer etcd server and rejoin the nodes")
	return nil
}

// takeBootstrap brings the cluster's CAs to a host that never had them.
func (s *server) takeBootstrap(ctx context.Context, member *datastore.Member) error {
	found, err := member.Client.Get(ctx, bootstrapPrefix, clientv3.WithPrefix())
	if err != nil || len(found.Kvs) == 0 {
		return err
	}
	bundle, err := openBootstrap(found, s.passwords.Server)
	if err != nil {
		return err
	}
	return bundle.Write(s.data)
}
