//go:build integration

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestAuthorities is what `groundwork rotate ca` has to get past, and what it
// makes itself (pkg/server/handlers/cert.go).
func TestAuthorities(t *testing.T) {
	s := newServer(t, 1)
	s.start("--cluster-init")
	defer s.stop()
	s.eventually("voter", "True/MemberNotLearner", time.Minute, "get", "node", "n1", "-o", vote)
	tls := filepath.Join(s.state, "lib/rancher/k3s/server/tls")
	given := filepath.Join(s.state, "lib/given/tls")
	if err := os.MkdirAll(given, 0o700); err != nil {
		t.Fatal(err)
	}
	rotate := []string{s.binary, "certificate", "rotate-ca", "--path", "/var/lib/given"}
	if output, err := s.run(rotate...); err != nil || !strings.Contains(output, "certificates saved to datastore") {
		t.Errorf("nothing given, and what is there stays: %v %s", err, output)
	}
	// The authority of clients in place of the servers': another root.
	for _, end := range []string{".crt", ".key"} {
		content, err := os.ReadFile(filepath.Join(tls, "client-ca"+end))
		if err != nil {
			t.Fatal(err)
		}
		if end == ".crt" {
			content = append(content, content...)
		}
		if err := os.WriteFile(filepath.Join(given, "server-ca"+end), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if output, err := s.run(rotate...); err == nil || !s.journal.has("new CA cert cannot be verified using old CA chain") {
		t.Errorf("of another root: %s", output)
	}
	before, err := os.ReadFile(filepath.Join(tls, "server-ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	s.run("cp", "/etc/rancher/k3s/k3s.yaml", "/var/lib/before.yaml")
	makeAuthorities(t, filepath.Join(s.state, "lib/rancher/k3s"), filepath.Join(s.state, "lib/made"))
	if output, err := s.run(s.binary, "certificate", "rotate-ca", "--path", "/var/lib/made"); err != nil {
		t.Fatalf("what the host program makes: %v %s", err, output)
	}
	if now, err := os.ReadFile(filepath.Join(tls, "server-ca.crt")); err != nil || string(now) != string(before) {
		t.Errorf("taken up without a restart: %v", err)
	}
	s.stop()
	s.start("--cluster-init")
	made, err := os.ReadFile(filepath.Join(s.state, "lib/made/tls/server-ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(filepath.Join(tls, "server-ca.crt")); err != nil || string(now) != string(made) {
		t.Errorf("not taken up: %v", err)
	}
	s.eventually("the node", "True", time.Minute, "get", "node", "n1", "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].status}`)
	s.eventually("the node by the kubeconfig of before", "n1", time.Minute, "--kubeconfig", "/var/lib/before.yaml", "get", "node", "n1", "-o", "jsonpath={.metadata.name}")
	pod := []string{"-n", "kube-system", "get", "configmap", "kube-root-ca.crt", "-o", "jsonpath={.data.ca\\.crt}"}
	s.eventually("what pods trust", strings.TrimSpace(string(made)), time.Minute, pod...)
}

// makeAuthorities is the part of Groundwork's host program that makes them.
func makeAuthorities(t *testing.T, data, directory string) {
	t.Helper()
	parts, err := filepath.Abs("../../components/k3s/scripts")
	if err != nil {
		t.Fatal(err)
	}
	script := `set -eu
node=n1 role=server
for part in report owner files rotateCa; do . "$1/$part.sh"; done
data_dir=$2 ca_dir=$3 ca_stage=$3/made
make_authorities`
	if output, err := exec.Command("sh", "-c", script, "sh", parts, data, directory).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, output)
	}
}
