package server

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"slices"

	"hollow-k3s/internal/kubeconf"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/pki"
)

var authorities = map[string]string{
	"server-ca":         "k3s-server-ca",
	"client-ca":         "k3s-client-ca",
	"request-header-ca": "k3s-request-header-ca",
	"etcd/server-ca":    "etcd-server-ca",
	"etcd/peer-ca":      "etcd-peer-ca",
}

func (s *server) ensureAuthorities() error {
	for base, name := range authorities {
		if _, err := pki.EnsureAuthority(s.data.TLS(base), name); err != nil {
			return err
		}
	}
	return ensureServiceKey(s.data)
}

// ensureServiceKey makes the key that signs service account tokens.
func ensureServiceKey(data layout.Data) error {
	if _, err := os.Stat(data.TLS("service.key")); err == nil {
		return nil
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	content := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	return os.WriteFile(data.TLS("service.key"), content, 0o600)
}

// ensureEtcdCertificates comes before the datastore starts.
func (s *server) ensureEtcdCertificates() error {
	names := s.names()
	return s.ensureLeaves([]leaf{
		{"etcd/server-ca", "etcd/server-client", pki.Subject{CommonName: "etcd-server", Organizations: []string{"etcd-server"}, Names: names}},
		{"etcd/server-ca", "etcd/client", pki.Subject{CommonName: "etcd-client", Organizations: []string{"etcd-client"}}},
		{"etcd/peer-ca", "etcd/peer-server-client", pki.Subject{CommonName: "etcd-peer", Organizations: []string{"etcd-peer"}, Names: names}},
	})
}

type leaf struct {
	authority, base string
	subject         pki.Subject
}

func (s *server) ensureLeaves(leaves []leaf) error {
	for _, one := range leaves {
		authority, err := pki.LoadAuthority(s.data.TLS(one.authority))
		if err != nil {
			return err
		}
		if err := authority.Ensure(s.data.TLS(one.base), one.subject); err != nil {
			return err
		}
	}
	return nil
}

func (s *server) ensureCertificates() error {
	if err := writeSigning(s.data); err != nil {
		return err
	}
	masters := []string{"system:masters"}
	service := []string{"kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc." + s.critical.ClusterDomain}
	err := s.ensureLeaves([]leaf{
		{"server-ca", "serving-kube-apiserver", pki.Subject{CommonName: "kube-apiserver", Names: append(s.names(), service...)}},
		{"client-ca", "client-admin", pki.Subject{CommonName: "system:admin", Organizations: masters}},
		{"client-ca", "client-supervisor", pki.Subject{CommonName: "system:k3s-supervisor", Organizations: masters}},
		{"client-ca", "client-controller", pki.Subject{CommonName: "system:kube-controller-manager"}},
		{"client-ca", "client-scheduler", pki.Subject{CommonName: "system:kube-scheduler"}},
		{"client-ca", "client-kube-apiserver", pki.Subject{CommonName: "system:apiserver", Organizations: masters}},
		{"request-header-ca", "client-auth-proxy", pki.Subject{CommonName: "system:auth-proxy"}},
	})
	if err != nil {
		return err
	}
	for name, base := range map[string]string{"admin": "client-admin", "supervisor": "client-supervisor", "controller": "client-controller", "scheduler": "client-scheduler"} {
		if err := kubeconf.Component(s.data.Server("cred", name+".kubeconfig"), s.localURL(), s.data.TLS("server-ca.crt"), s.data.TLS(base)); err != nil {
			return err
		}
	}
	return nil
}

// names are the subject alternative names of what this server serves.
func (s *server) names() []string {
	names := []string{"127.0.0.1", "::1", "localhost", s.nodeName, s.nodeIP, s.advertised()}
	names = append(names, s.values.List("tls-san")...)
	names = append(names, s.values.List("node-external-ip")...)
	names = append(names, s.values.List("node-ip")...)
	if services, err := networks("service-cidr", s.critical.ServiceCIDR); err == nil {
		names = append(names, nth(services[0], 1))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *server) writeAdminKubeconfig() error {
	file := s.values.Text("write-kubeconfig")
	if file == "" {
		file = layout.Kubeconfig
	}
	if err := kubeconf.Admin(file, s.localURL(), s.data.TLS("server-ca.crt"), s.data.TLS("client-admin")); err != nil {
		return err
	}
	if err := kubeconf.SetMode(file, s.values.Text("write-kubeconfig-mode"), s.values.Text("write-kubeconfig-group")); err != nil {
		return err
	}
	return s.writeTokenFiles()
}
