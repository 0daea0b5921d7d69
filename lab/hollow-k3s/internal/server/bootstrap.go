package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	clientv3 "go.etcd.io/etcd/client/v3"

	"hollow-k3s/internal/seal"
	"hollow-k3s/internal/supervisor"
)

// The datastore holds the cluster's secrets, sealed with the server token, as
// in k3s: that is why a snapshot can be restored on another host with the
// token alone, and why a wrong token is found out.
const bootstrapPrefix = "/bootstrap/"

var errOtherToken = errors.New("bootstrap data already found and encrypted with different token")

// saveBootstrap reconciles this host's shared files with the datastore's. A
// first server writes them there; afterwards the datastore's are right, which
// is how a rotated token reaches the other servers. Another agents' token is
// written to this host's password file, and, as in k3s, not to the datastore
// until a token is rotated: the file is then newer at the next start.
func (s *server) saveBootstrap(ctx context.Context) error {
	found, err := s.member.Client.Get(ctx, bootstrapPrefix, clientv3.WithPrefix())
	if err != nil {
		return err
	}
	if len(found.Kvs) == 0 {
		if err := s.passwords.Write(s.data); err != nil {
			return err
		}
		return s.putBootstrap(ctx, s.passwords.Server)
	}
	theirs, err := openBootstrap(found, s.passwords.Server)
	if err != nil {
		return err
	}
	if newer, err := theirs.NewerOnDisk(s.data); err != nil || newer != "" {
		return cmp.Or(err, newerOnDisk(newer))
	}
	stored, err := theirs.Passwords()
	if err != nil {
		return err
	}
	if err := theirs.Write(s.data); err != nil {
		return err
	}
	if s.agentTokenGiven && stored.Agent != s.passwords.Agent {
		stored.Agent = s.passwords.Agent
		if err := stored.Write(s.data); err != nil {
			return err
		}
	}
	s.passwords = stored
	ours, err := supervisor.ReadBootstrap(s.data)
	if err != nil {
		return err
	}
	return s.sealBootstrap(ctx, stored.Server, ours.WithPasswordsOf(theirs))
}

func newerOnDisk(file string) error {
	return fmt.Errorf("%s newer than datastore and could cause a cluster outage. Remove the file(s) from disk and restart to be recreated from datastore", file)
}

func (s *server) putBootstrap(ctx context.Context, password string) error {
	bundle, err := supervisor.ReadBootstrap(s.data)
	if err != nil {
		return err
	}
	return s.sealBootstrap(ctx, password, bundle)
}

func (s *server) sealBootstrap(ctx context.Context, password string, bundle supervisor.Bootstrap) error {
	content, err := json.Marshal(bundle)
	if err != nil {
		return err
	}
	key := bootstrapPrefix + seal.Name(password)
	if present, err := s.member.Client.Get(ctx, key); err == nil && len(present.Kvs) == 1 {
		if opened, err := seal.Open(password, present.Kvs[0].Value); err == nil && bytes.Equal(opened, content) {
			return nil
		}
	}
	sealed, err := seal.Close(password, content)
	if err != nil {
		return err
	}
	_, err = s.member.Client.Put(ctx, key, string(sealed))
	return err
}

func openBootstrap(found *clientv3.GetResponse, password string) (supervisor.Bootstrap, error) {
	var bundle supervisor.Bootstrap
	for _, pair := range found.Kvs {
		if strings.TrimPrefix(string(pair.Key), bootstrapPrefix) != seal.Name(password) {
			continue
		}
		content, err := seal.Open(password, pair.Value)
		if err != nil {
			return bundle, fmt.Errorf("bootstrap data: %w", err)
		}
		return bundle, json.Unmarshal(content, &bundle)
	}
	return bundle, errOtherToken
}
