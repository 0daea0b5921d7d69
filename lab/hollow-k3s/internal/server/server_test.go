package server

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hollow-k3s/internal/flags"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/supervisor"
	"hollow-k3s/internal/token"
)

func started(t *testing.T, config string) *server {
	t.Helper()
	directory := t.TempDir()
	file := filepath.Join(directory, "config.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	values, err := flags.Load("server", []string{"--config", file, "--data-dir", filepath.Join(directory, "data")},
		func(string) string { return "" }, func(string, ...any) {})
	if err != nil {
		t.Fatal(err)
	}
	return &server{values: values, data: layout.Data(values.Text("data-dir")), nodeName: "n1", nodeIP: "10.0.0.1", port: 6443}
}

func TestCriticalValuesResolveDefaults(t *testing.T) { // docs.k3s.io/cli/server, "Critical Configuration Values"
	plain, err := criticalValues(started(t, "").values)
	if err != nil {
		t.Fatal(err)
	}
	written, err := criticalValues(started(t, "cluster-cidr: 10.42.0.0/16\nservice-cidr: 10.43.0.0/16\ncluster-dns: 10.43.0.10\ncluster-domain: cluster.local\nflannel-backend: vxlan\n").values)
	if err != nil || plain != written {
		t.Errorf("%+v %+v %v", plain, written, err)
	}
	if plain.ClusterDNS != "10.43.0.10" {
		t.Errorf("cluster-dns %s", plain.ClusterDNS)
	}
}

func TestBothFamilies(t *testing.T) { // docs.k3s.io/networking/basic-network-options, dual-stack
	s := started(t, "cluster-cidr: 10.42.0.0/16,fd00:42::/56\nservice-cidr: [10.43.0.0/16, fd00:43::/112]\nnode-ip: 10.0.0.1,fd00::1\n")
	var err error
	if s.critical, err = criticalValues(s.values); err != nil {
		t.Fatal(err)
	}
	if s.critical.ClusterCIDR != "10.42.0.0/16,fd00:42::/56" || s.critical.ServiceCIDR != "10.43.0.0/16,fd00:43::/112" || s.critical.ClusterDNS != "10.43.0.10" {
		t.Errorf("%+v", s.critical)
	}
	for _, name := range []string{"10.0.0.1", "fd00::1", "10.43.0.1"} {
		if !slices.Contains(s.names(), name) {
			t.Errorf("%s is missing in %v", name, s.names())
		}
	}
}

func TestWhichDisabledComponentsAreCritical(t *testing.T) { // the same page: only --disable=servicelb
	plain, _ := criticalValues(started(t, "").values)
	traefik, _ := criticalValues(started(t, "disable: [traefik]\n").values)
	servicelb, _ := criticalValues(started(t, "disable: [servicelb]\n").values)
	if plain != traefik || plain == servicelb {
		t.Error("disable is compared wrongly")
	}
}

func TestWrongNetworksFail(t *testing.T) { // pkg/cli/server/server.go
	for config, wanted := range map[string]string{
		"cluster-cidr: nonsense\n":                     "invalid cluster-cidr nonsense",
		"service-cidr: nonsense\n":                     "invalid service-cidr nonsense",
		"cluster-dns: nonsense\n":                      "invalid cluster-dns address nonsense",
		"service-node-port-range: 5-2\n":               "invalid port range 5-2",
		"cluster-cidr: [10.42.0.0/16, fd00:42::/56]\n": "cluster-cidr: [10.42.0.0/16,fd00:42::/56] and service-cidr: [10.43.0.0/16], must share the same IP version",
		"cluster-cidr: [fd00:42::/56, 10.42.0.0/16]\n": "not imitated by hollow k3s: a cluster-cidr",
	} {
		if _, err := criticalValues(started(t, config).values); err == nil || !strings.HasPrefix(err.Error(), wanted) {
			t.Errorf("%q: %v", config, err)
		}
	}
	if err := checkPortRange("1-65535"); err != nil {
		t.Error(err)
	}
}

func TestTokenFiles(t *testing.T) { // docs.k3s.io/cli/token: token, node-token, agent-token
	s := started(t, "token: s3cret\n")
	if err := s.ensureAuthorities(); err != nil {
		t.Fatal(err)
	}
	if err := s.settlePasswords(); err != nil {
		t.Fatal(err)
	}
	if err := s.passwords.Write(s.data); err != nil {
		t.Fatal(err)
	}
	if err := s.writeTokenFiles(); err != nil {
		t.Fatal(err)
	}
	bundle, err := os.ReadFile(s.data.TLS("server-ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"token", "node-token", "agent-token"} {
		content, err := os.ReadFile(s.data.Server(name))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := token.Parse(string(content))
		if err != nil || parsed.CAHash != token.HashCA(bundle) || parsed.User != "server" || parsed.Password != "s3cret" {
			t.Errorf("%s: %s %v", name, content, err)
		}
	}
}

func TestAgentTokenOfItsOwn(t *testing.T) {
	s := started(t, "token: s3cret\nagent-token: agents\n")
	if err := s.settlePasswords(); err != nil {
		t.Fatal(err)
	}
	if wanted := (supervisor.Passwords{Server: "s3cret", Agent: "agents"}); s.passwords != wanted {
		t.Errorf("%+v", s.passwords)
	}
}

func TestTokenFileIsReadAndFullTokensAreUnderstood(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	full := token.Token{CAHash: strings.Repeat("0", 64), User: "server", Password: "inner"}
	if err := os.WriteFile(file, []byte(full.String()+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := started(t, "token-file: "+file+"\n")
	if err := s.settlePasswords(); err != nil || s.passwords.Server != "inner" || s.passwords.Agent != "inner" {
		t.Errorf("%+v %v", s.passwords, err)
	}
}

func TestCertificateNames(t *testing.T) { // docs.k3s.io/cli/server, tls-san
	s := started(t, "tls-san: [k8s.example.org, 192.0.2.7]\nnode-external-ip: 198.51.100.4\n")
	s.critical, _ = criticalValues(s.values)
	for _, name := range []string{"127.0.0.1", "localhost", "n1", "10.0.0.1", "k8s.example.org", "192.0.2.7", "198.51.100.4", "10.43.0.1"} {
		if !slices.Contains(s.names(), name) {
			t.Errorf("%s is missing in %v", name, s.names())
		}
	}
	if s.advertised() != "198.51.100.4" { // pkg/cli/server/server.go: node-external-ip before node-ip
		t.Errorf("advertised %s", s.advertised())
	}
}

func TestNodeAddressesComeFromAnnotations(t *testing.T) { // pkg/cloudprovider/instances.go
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{
		"k3s.io/hostname": "n1", "k3s.io/internal-ip": "10.0.0.1", "k3s.io/external-ip": "198.51.100.4",
	}}}
	wanted := []corev1.NodeAddress{
		{Type: corev1.NodeInternalIP, Address: "10.0.0.1"},
		{Type: corev1.NodeExternalIP, Address: "198.51.100.4"},
		{Type: corev1.NodeHostName, Address: "n1"},
	}
	if got := nodeAddresses(node); !reflect.DeepEqual(got, wanted) {
		t.Errorf("%v", got)
	}
	if nodeAddresses(&corev1.Node{}) != nil {
		t.Error("a node that said nothing yet keeps its addresses")
	}
}

func TestCorefileImportsCustomConfiguration(t *testing.T) { // docs.k3s.io/networking/networking-services#coredns
	s := started(t, "")
	s.critical, _ = criticalValues(s.values)
	content, err := packaged.ReadFile("manifests/coredns.yaml")
	if err != nil {
		t.Fatal(err)
	}
	filled := s.fill(string(content))
	for _, wanted := range []string{"import /etc/coredns/custom/*.override", "import /etc/coredns/custom/*.server", "forward . /etc/resolv.conf", "clusterIP: 10.43.0.10", "kubernetes cluster.local"} {
		if !strings.Contains(filled, wanted) {
			t.Errorf("%s is missing", wanted)
		}
	}
	if strings.Contains(filled, "%{") {
		t.Error("a value is not filled in")
	}
}

func TestEncryptionIsMadeOnceAndKept(t *testing.T) { // docs.k3s.io/security/secrets-encryption
	s := started(t, "secrets-encryption: true\n")
	if err := s.ensureEncryption(); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(EncryptionFile(s.data))
	if err != nil || !strings.Contains(string(first), `"aescbc"`) {
		t.Fatal(err)
	}
	if err := s.ensureEncryption(); err != nil {
		t.Fatal(err)
	}
	second, _ := os.ReadFile(EncryptionFile(s.data))
	if string(first) != string(second) {
		t.Error("the key changed")
	}
}
