package server

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"hollow-k3s/internal/datastore"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/pki"
	"hollow-k3s/internal/supervisor"
)

const serviceKey = "tls/service.key"

// replaceAuthorities is k3s's PUT /v1-k3s/cert/cacerts
// (pkg/server/handlers/cert.go, caCertReplace): other CAs and another key of
// service accounts go to the datastore, and to each server's disk at its next
// start. What is not given stays.
func (s *server) replaceAuthorities(ctx context.Context, given map[string][]byte, force bool) error {
	passwords, err := supervisor.ReadPasswords(s.data)
	if err != nil {
		return err
	}
	bundle, err := supervisor.ReadBootstrap(s.data)
	if err != nil {
		return err
	}
	before := bundle.Files
	bundle = bundle.WithPasswordsOf(bundle)
	for _, name := range AuthorityFiles() {
		if content, ok := given[name]; ok && len(content) > 0 {
			bundle.Files[name] = content
		}
	}
	if problems := checkAuthorities(before, bundle.Files); len(problems) > 0 {
		if !force {
			return fmt.Errorf("failed to validate new CA certificates and keys: %s", strings.Join(problems, ", "))
		}
		logline.Warnf("Save of CA certificates and keys forced, ignoring validation errors: %s", strings.Join(problems, ", "))
	}
	if err := s.sealBootstrap(ctx, passwords.Server, bundle); err != nil {
		return err
	}
	logline.Infof("certificate: Cluster Certificate Authority data has been updated, k3s must be restarted.")
	return nil
}

func checkAuthorities(before, now map[string][]byte) []string {
	var problems []string
	for base := range authorities {
		file := "tls/" + base
		if err := pki.CheckReplacement(before[file+".crt"], now[file+".crt"], now[file+".key"]); err != nil {
			problems = append(problems, fmt.Sprintf("%s: %v", base, err))
		}
	}
	if err := pki.CheckServiceKeys(before[serviceKey], now[serviceKey]); err != nil {
		problems = append(problems, fmt.Sprintf("ServiceKey: %v", err))
	}
	return problems
}

// AuthorityFiles are the files of a rotation, below <data>/server.
func AuthorityFiles() []string {
	files := []string{serviceKey}
	for base := range authorities {
		files = append(files, "tls/"+base+".crt", "tls/"+base+".key")
	}
	return files
}

// writeSigning: of a bundle only the first certificate and the first key sign
// (pkg/daemons/control/deps, SigningServerCA, SigningClientCA and
// ServiceCurrentKey).
func writeSigning(data layout.Data) error {
	for _, base := range []string{"server-ca", "client-ca"} {
		authority, err := pki.LoadAuthority(data.TLS(base))
		if err != nil {
			return err
		}
		if err := os.WriteFile(data.TLS(base+".nochain.crt"), authority.OwnPEM(), 0o600); err != nil {
			return err
		}
	}
	content, err := os.ReadFile(data.TLS("service.key"))
	if err != nil {
		return err
	}
	current, err := pki.FirstKey(content)
	if err != nil {
		return fmt.Errorf("service.key: %w", err)
	}
	return os.WriteFile(data.TLS("service.current.key"), current, 0o600)
}

// takeAuthorities: k3s reads the datastore before etcd starts for good
// (pkg/cluster/bootstrap.go, reconcileEtcd); here etcd starts again when its
// own CAs were replaced. unwatch ends the watch over the etcd that stops.
func (s *server) takeAuthorities(ctx context.Context, unwatch func()) error {
	before, err := s.etcdAuthorities()
	if err != nil {
		return err
	}
	if err := s.saveBootstrap(ctx); err != nil {
		return err
	}
	now, err := s.etcdAuthorities()
	if err != nil || bytes.Equal(before, now) {
		return err
	}
	logline.Warnf("Updating bootstrap data on disk from datastore")
	unwatch()
	s.member.Close()
	if err := s.ensureEtcdCertificates(); err != nil {
		return err
	}
	if s.member, err = datastore.Start(ctx, s.storeConfig(), s.nodeName); err != nil {
		return err
	}
	go s.endWhenRemoved(ctx)
	return nil
}

func (s *server) etcdAuthorities() ([]byte, error) {
	server, err := os.ReadFile(s.data.TLS("etcd", "server-ca.crt"))
	if err != nil {
		return nil, err
	}
	peer, err := os.ReadFile(s.data.TLS("etcd", "peer-ca.crt"))
	return append(server, peer...), err
}
