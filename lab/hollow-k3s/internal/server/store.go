package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"go.etcd.io/etcd/api/v3/etcdserverpb"

	"hollow-k3s/internal/access"
	"hollow-k3s/internal/datastore"
	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/supervisor"
)

func (s *server) storeConfig() datastore.Config {
	return datastore.Config{Data: s.data, NodeIP: s.nodeIP, Lone: s.lone, ExposeMetrics: s.values.On("etcd-expose-metrics")}
}

// openDatastore decides between the four beginnings of a server: alone, first
// of a cluster, joining one, and going on with what is on disk.
func (s *server) openDatastore(ctx context.Context) error {
	clustered := datastore.Config{Data: s.data}
	if err := clustered.Exhume(); err != nil {
		return err
	}
	joins := s.values.Text("server") != ""
	s.lone = !joins && !s.values.On("cluster-init") && !clustered.Initialized()
	if joins && !clustered.Initialized() {
		return s.join(ctx)
	}
	if err := s.ensureAuthorities(); err != nil {
		return err
	}
	if err := s.settlePasswords(); err != nil {
		return err
	}
	if err := s.ensureEncryption(); err != nil {
		return err
	}
	if err := s.ensureEtcdCertificates(); err != nil {
		return err
	}
	if s.lone {
		logline.Infof("hollow k3s: a lone etcd stands in for the SQLite datastore, and a file for its state.db")
	} else if clustered.Initialized() {
		logline.Infof("Managed etcd cluster bootstrap already complete and initialized")
	} else {
		logline.Infof("Managed etcd cluster initializing")
	}
	member, err := datastore.Start(ctx, s.storeConfig(), s.nodeName)
	if err != nil {
		return err
	}
	s.member = member
	return nil
}

type memberList struct {
	Members []*etcdserverpb.Member `json:"members"`
}

// join takes over the cluster's secrets from the server it was pointed at and
// becomes an etcd member. All of it fails for good, as in k3s: systemd tries
// again.
func (s *server) join(ctx context.Context) error {
	given, err := s.givenToken("token")
	if err != nil {
		return err
	}
	if given == "" {
		return errors.New("K3S_TOKEN is required to join a cluster")
	}
	server := s.values.Text("server")
	way, err := access.Validate(server, given, "server")
	if err != nil {
		return fmt.Errorf("failed to bootstrap cluster data: failed to check if bootstrap data has been initialized: failed to validate token: %w", err)
	}
	logline.Infof("Managed etcd cluster not yet initialized")
	var theirs supervisor.ClusterConfig
	if err := way.GetJSON("/v1-k3s/config", &theirs); err != nil {
		return fmt.Errorf("failed to bootstrap cluster data: failed to validate server configuration: %w", err)
	}
	if theirs.Critical != s.critical {
		logline.Errorf("This is the server CriticalControlArgs: %+v", theirs.Critical)
		logline.Errorf("This is the local CriticalControlArgs: %+v", s.critical)
		return errors.New("failed to bootstrap cluster data: failed to validate server configuration: critical configuration value mismatch")
	}
	var bundle supervisor.Bootstrap
	if err := way.GetJSON("/v1-k3s/server-bootstrap", &bundle); err != nil {
		return fmt.Errorf("failed to bootstrap cluster data: %w", err)
	}
	var members memberList
	if err := way.GetJSON("/db/info", &members); err != nil {
		return fmt.Errorf("failed to bootstrap cluster data: %w", err)
	}
	if err := s.checkAgentToken(bundle); err != nil {
		return err
	}
	// What a server has from an earlier membership is compared, too
	// (pkg/cluster/bootstrap.go, httpBootstrap and ReconcileBootstrapData).
	if newer, err := bundle.NewerOnDisk(s.data); err != nil || newer != "" {
		return cmp.Or(err, newerOnDisk(newer))
	}
	if err := bundle.Write(s.data); err != nil {
		return err
	}
	if s.passwords, err = bundle.Passwords(); err != nil {
		return err
	}
	if err := s.ensureEtcdCertificates(); err != nil {
		return err
	}
	s.member, err = datastore.Join(ctx, s.storeConfig(), s.nodeName, members.Members)
	return err
}

// checkAgentToken: --agent-token is a critical value too, but is not sent
// around in the clear.
func (s *server) checkAgentToken(bundle supervisor.Bootstrap) error {
	given, err := s.givenPassword("agent-token")
	if err != nil || given == "" {
		return err
	}
	theirs, err := bundle.Passwords()
	if err != nil {
		return err
	}
	if theirs.Agent != given {
		return errors.New("failed to bootstrap cluster data: failed to validate server configuration: critical configuration value mismatch")
	}
	return nil
}

// MemberInfo is for servers that join this one.
func (s *server) MemberInfo(ctx context.Context) (any, error) {
	members, err := s.member.Members(ctx)
	if err != nil {
		return nil, err
	}
	return memberList{Members: members.Members}, nil
}
