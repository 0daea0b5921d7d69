// Package supervisor is what a server offers besides the Kubernetes API, on
// the same port: the CA, certificates for agents, and everything another
// server needs to join. Paths and headers are k3s's; what lies behind them is
// simpler (pkg/server/handlers, pkg/agent/config).
package supervisor

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"time"

	"hollow-k3s/internal/layout"
)

// ClusterConfig is what /v1-k3s/config tells an agent.
type ClusterConfig struct {
	ClusterDNS        string `json:"clusterDNS"`
	ClusterDomain     string `json:"clusterDomain"`
	ClusterCIDR       string `json:"clusterCIDR"`
	FlannelBackend    string `json:"flannelBackend"`
	FlannelExternalIP bool   `json:"flannelExternalIP"`
	ExternalCloud     bool   `json:"externalCloud"`
	HTTPSPort         int    `json:"httpsPort"`
	// Critical values have to be the same on all servers.
	Critical Critical `json:"critical"`
}

// Critical are the values docs.k3s.io/cli/server lists under "Critical
// Configuration Values", as far as hollow k3s knows them.
type Critical struct {
	ClusterCIDR            string `json:"clusterCIDR"`
	ClusterDNS             string `json:"clusterDNS"`
	ClusterDomain          string `json:"clusterDomain"`
	ServiceCIDR            string `json:"serviceCIDR"`
	DisableCloudController bool   `json:"disableCloudController"`
	DisableHelmController  bool   `json:"disableHelmController"`
	DisableNetworkPolicy   bool   `json:"disableNetworkPolicy"`
	DisableServiceLB       bool   `json:"disableServiceLB"`
	EgressSelectorMode     string `json:"egressSelectorMode"`
	FlannelBackend         string `json:"flannelBackend"`
	FlannelExternalIP      bool   `json:"flannelExternalIP"`
	FlannelIPv6Masq        bool   `json:"flannelIPv6Masq"`
	SecretsEncryption      bool   `json:"secretsEncryption"`
}

// Bootstrap is what a joining server takes over: paths below <data>/server
// and the files' contents.
type Bootstrap struct {
	Files map[string][]byte `json:"files"`
	// PasswdTime is when the password file was written, on the server that sealed it.
	PasswdTime time.Time `json:"passwdTime"`
}

const passwd = "cred/passwd"

// clockSkew is what k3s allows (pkg/cluster/bootstrap.go, systemTimeSkew).
const clockSkew = 3 * time.Second

// NewerOnDisk names a password file that differs from the bundle's and is
// newer than it. k3s does not start with one, whichever is right.
func (b Bootstrap) NewerOnDisk(data layout.Data) (string, error) {
	file := data.Server(passwd)
	content, err := os.ReadFile(file)
	if os.IsNotExist(err) || err == nil && bytes.Equal(content, b.Files[passwd]) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	info, err := os.Stat(file)
	if err != nil || b.PasswdTime.IsZero() || info.ModTime().Sub(b.PasswdTime) < clockSkew {
		return "", err
	}
	return file, nil
}

// WithPasswordsOf has another bundle's password file in place of its own.
func (b Bootstrap) WithPasswordsOf(other Bootstrap) Bootstrap {
	files := maps.Clone(b.Files)
	files[passwd] = other.Files[passwd]
	return Bootstrap{Files: files, PasswdTime: other.PasswdTime}
}

// shared are the files that all servers of a cluster have in common.
var shared = []string{
	"tls/server-ca.crt", "tls/server-ca.key",
	"tls/client-ca.crt", "tls/client-ca.key",
	"tls/request-header-ca.crt", "tls/request-header-ca.key",
	"tls/etcd/server-ca.crt", "tls/etcd/server-ca.key",
	"tls/etcd/peer-ca.crt", "tls/etcd/peer-ca.key",
	"tls/service.key",
	"cred/passwd", "cred/encryption-config.json", "cred/encryption-state.json",
}

// ReadBootstrap collects the shared files; those a cluster does not use are
// left out.
func ReadBootstrap(data layout.Data) (Bootstrap, error) {
	bundle := Bootstrap{Files: map[string][]byte{}}
	for _, name := range shared {
		content, err := os.ReadFile(data.Server(name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return bundle, err
		}
		bundle.Files[name] = content
	}
	if info, err := os.Stat(data.Server(passwd)); err == nil {
		bundle.PasswdTime = info.ModTime()
	}
	return bundle, nil
}

// Write puts the shared files in place.
func (b Bootstrap) Write(data layout.Data) error {
	for _, name := range shared {
		content, ok := b.Files[name]
		if !ok {
			continue
		}
		file := data.Server(name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return err
		}
	}
	if b.PasswdTime.IsZero() || b.Files[passwd] == nil {
		return nil
	}
	return os.Chtimes(data.Server(passwd), b.PasswdTime, b.PasswdTime)
}
