//go:build integration

package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const data = "/var/lib/rancher/k3s/server"

func TestSingleServer(t *testing.T) {
	s := newServer(t, 1)
	s.start("--node-label", "kind=test")
	defer s.stop()

	s.kubectl("wait", "--for=create", "node/n1", "--timeout=60s")
	s.kubectl("wait", "--for=condition=Ready", "node/n1", "--timeout=60s")
	if labels := s.kubectl("get", "node", "n1", "-o", "jsonpath={.metadata.labels}"); !strings.Contains(labels, `"kind":"test"`) || !strings.Contains(labels, `"node-role.kubernetes.io/control-plane":"true"`) {
		t.Errorf("labels: %s", labels)
	}
	if conditions := s.kubectl("get", "node", "n1", "-o", "jsonpath={.status.conditions[*].type}"); strings.Contains(conditions, "EtcdIsVoter") {
		t.Error("a server without --cluster-init has no etcd condition")
	}
	s.kubectl("-n", "kube-system", "rollout", "status", "deployment/coredns", "--timeout=60s")
	if deployments := s.kubectl("-n", "kube-system", "get", "deployments", "-o", "name"); strings.Contains(deployments, "traefik") || !strings.Contains(deployments, "local-path-provisioner") {
		t.Errorf("packaged components: %s", deployments)
	}
	s.kubectl("create", "job", "one", "--image=any")
	s.kubectl("wait", "--for=condition=complete", "job/one", "--timeout=60s")
	if device, err := s.run("ip", "-d", "link", "show", "flannel.1"); err != nil || !strings.Contains(device, "vxlan id 1 local 192.0.2.11 dev wan0") || !strings.Contains(device, "dstport 8472 nolearning") {
		t.Errorf("flannel.1: %s", device)
	}
	for _, file := range []string{"/etc/rancher/k3s/k3s.yaml", "/etc/rancher/node/password", data + "/node-token", "/var/lib/rancher/k3s/agent/kubelet.kubeconfig", "/run/flannel/subnet.env", data + "/db/state.db", "/var/log/pods", "/var/log/containers"} {
		if _, err := s.run("test", "-e", file); err != nil {
			t.Errorf("%s is missing", file)
		}
	}
	s.checkHost()
	kept := s.kubectl("create", "configmap", "kept", "-o", "name")
	s.stop()
	s.start("--node-label", "kind=test")
	if again := s.kubectl("get", kept, "-o", "name"); again != kept {
		t.Errorf("after a restart: %s", again)
	}
}

func TestBothFamilies(t *testing.T) { // docs.k3s.io/networking/basic-network-options, dual-stack
	s := newServer(t, 1)
	blocks := []string{"--cluster-init", "--cluster-cidr", "10.42.0.0/16,fd00:42::/56", "--service-cidr", "10.43.0.0/16,fd00:43::/112", "--flannel-ipv6-masq"}
	s.start(append(blocks, "--node-ip", "192.0.2.11,fd00::11")...)
	defer s.stop()

	s.kubectl("wait", "--for=create", "node/n1", "--timeout=60s")
	s.kubectl("wait", "--for=condition=Ready", "node/n1", "--timeout=60s")
	for path, wanted := range map[string]string{
		`{.status.addresses[?(@.type=="InternalIP")].address}`: "192.0.2.11 fd00::11",
		"{.spec.podCIDRs}": `["10.42.0.0/24","fd00:42::/64"]`,
		`{.metadata.annotations.etcd\.k3s\.cattle\.io/node-address}`: "192.0.2.11",
	} {
		if got := s.kubectl("get", "node", "n1", "-o", "jsonpath="+path); strings.TrimSpace(got) != wanted {
			t.Errorf("%s: %s", path, got)
		}
	}
	s.kubectl("create", "service", "clusterip", "both", "--tcp=80")
	s.kubectl("patch", "service", "both", "-p", `{"spec":{"ipFamilyPolicy":"PreferDualStack"}}`)
	if got := s.kubectl("get", "service", "both", "-o", "jsonpath={.spec.clusterIPs}"); !strings.Contains(got, `"10.43.`) || !strings.Contains(got, `"fd00:43::`) {
		t.Errorf("addresses of a service: %s", got)
	}
	s.stop()

	alone := newServer(t, 2)
	alone.start(append(blocks, "--node-ip", "192.0.2.12")...)
	alone.awaitEnd(time.Minute)
	if !alone.journal.has("must share the same IP version (IPv4, IPv6 or dual-stack)") {
		t.Error("one address beside blocks of both families is not refused")
	}
}

// checkHost looks for what an uninstall and a health check look for.
func (s *server) checkHost() {
	s.t.Helper()
	if mounts, err := s.run("cat", "/proc/self/mountinfo"); err != nil || !strings.Contains(mounts, " /var/lib/kubelet ") {
		s.t.Error("/var/lib/kubelet is not mounted onto itself", err)
	}
	if pods, err := s.run("ls", "/var/log/pods"); err != nil || !strings.Contains(pods, "kube-system_coredns-") {
		s.t.Errorf("/var/log/pods: %s", pods)
	}
	sockets, err := s.run("ss", "-Hltn")
	if err != nil {
		s.t.Error(err)
	}
	for _, address := range []string{"127.0.0.1:6444", "127.0.0.1:2379", "127.0.0.1:2380", "127.0.0.1:10248", "127.0.0.1:10249", "127.0.0.1:10257", "127.0.0.1:10259", ":6443", ":10250", ":10256"} {
		if !strings.Contains(sockets, address+" ") {
			s.t.Errorf("nothing listens on %s", address)
		}
	}
}

func TestLoneServerBecomesACluster(t *testing.T) { // SQLite to etcd, then a snapshot
	s := newServer(t, 1)
	s.start()
	kept := s.kubectl("create", "configmap", "kept", "-o", "name")
	s.stop()
	s.start("--cluster-init")
	defer s.stop()
	if again := s.kubectl("get", kept, "-o", "name"); again != kept {
		t.Errorf("after the migration: %s", again)
	}
	if files, _ := s.run("ls", data+"/db"); files != "etcd\nstate.db.migrated" {
		t.Errorf("db: %s", files)
	}
	for directory, wanted := range map[string]string{"/run/good": "saved.", "/run/full": "", "/run/none": "see server log for details: etcd-snapshot error ID"} {
		if directory != "/run/none" {
			_, _ = s.run("mkdir", directory)
		}
		if directory == "/run/full" {
			_, _ = s.run("mount", "-t", "tmpfs", "-o", "size=64k", "none", directory)
		}
		output, err := s.run(s.binary, "etcd-snapshot", "save", "--name", "before", "--dir", directory)
		if (err != nil) != (directory == "/run/none") || !strings.Contains(output, wanted) || wanted == "" && output != "" {
			t.Errorf("snapshot in %s: %v %s", directory, err, output)
		}
	}
	if files, _ := s.run("ls", "/run/good", "/run/full"); !strings.Contains(files, "before-n1-") || !strings.HasSuffix(files, "/run/full:") && !strings.HasPrefix(files, "/run/full:\n\n") {
		t.Errorf("snapshots: %s", files)
	}
	if !s.journal.has("Failed to take etcd snapshot: could not write snapshot: write /run/full/before-n1-") {
		t.Error("the cause is not in the journal")
	}
}

func TestTokenRotation(t *testing.T) { // PUT /v1-k3s/token by kubectl, with the secret in files only
	s := newServer(t, 1)
	s.start("--cluster-init")
	defer s.stop()
	rotate := func(current, next string) (string, error) {
		authority, err := os.ReadFile(filepath.Join(s.state, "lib/rancher/k3s/server/tls/server-ca.crt"))
		if err != nil {
			t.Fatal(err)
		}
		config := fmt.Sprintf(`{"kind":"Config","apiVersion":"v1","current-context":"x","contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"users":[{"name":"u","user":{"username":"server","password":%q}}],"clusters":[{"name":"c","cluster":{"server":"https://127.0.0.1:6443","certificate-authority-data":%q}}]}`,
			current, base64.StdEncoding.EncodeToString(authority))
		for name, content := range map[string]string{"config": config, "body": fmt.Sprintf(`{"newToken":%q}`, next)} {
			if err := os.WriteFile(filepath.Join(s.state, "lib", name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return s.run(s.binary, "kubectl", "--kubeconfig", "/var/lib/config", "replace", "--raw", "/v1-k3s/token", "-f", "/var/lib/body")
	}
	if output, err := rotate("wrong", "n3w"); err == nil {
		t.Errorf("with a wrong token: %s", output)
	}
	if output, err := rotate("s3cret", "n3w"); err != nil {
		t.Fatalf("%v %s", err, output)
	}
	if output, err := rotate("n3w", "n3w"); err == nil {
		t.Errorf("with the new token, before a restart: %s", output)
	}
	if output, err := rotate("s3cret", "abcdef.0123456789abcdef"); err == nil || !strings.Contains(output, "token error ID") {
		t.Errorf("a bootstrap token: %s", output)
	}
	passwords, _ := s.run("cat", data+"/cred/passwd")
	token, _ := s.run("cat", data+"/token")
	if passwords != "n3w,node,node,k3s:agent\nn3w,server,server,k3s:server" || !strings.HasSuffix(token, "::server:n3w") {
		t.Errorf("%s %s", passwords, token)
	}
	if s.journal.has("n3w") {
		t.Error("the token is in the journal")
	}
	s.stop()
	s.token = "n3w"
	s.start("--cluster-init")
	s.kubectl("wait", "--for=condition=Ready", "node/n1", "--timeout="+time.Minute.String())
}
