//go:build integration

package main

import (
	"strings"
	"testing"
	"time"
)

// TestSecretsKeyRotation is what `groundwork rotate secrets-key` goes by
// (docs.k3s.io/cli/secrets-encrypt, High-Availability).
func TestSecretsKeyRotation(t *testing.T) {
	first, second := newServer(t, 1), newServer(t, 2)
	first.hub = newHub(t)
	second.hub = first.hub
	first.start("--cluster-init", "--secrets-encryption")
	defer first.stop()
	first.kubectl("create", "secret", "generic", "kept", "--from-literal=word=canary")
	second.start("--server", "https://192.0.2.11:6443", "--secrets-encryption")
	second.eventually("voter", "True/MemberNotLearner", time.Minute, "get", "node", "n2", "-o", vote)
	word := []string{"get", "secret", "kept", "-o", "jsonpath={.data.word}"}
	second.eventually("the Secret", "Y2FuYXJ5", time.Minute, word...)
	status := func(s *server) string {
		output, err := s.run(s.binary, "secrets-encrypt", "status", "--output", "json")
		if err != nil {
			t.Fatalf("%v %s", err, output)
		}
		return output
	}
	if before := status(first); !strings.Contains(before, `"stage": "start"`) || !strings.Contains(before, `"hashmatch": true`) || !strings.Contains(before, `"activekey": "AES-CBC aescbckey"`) {
		t.Errorf("before: %s", before)
	}
	if output, err := first.run(first.binary, "secrets-encrypt", "rotate-keys"); err != nil {
		t.Fatalf("%v %s", err, output)
	}
	between := status(first)
	if !strings.Contains(between, `"stage": "reencrypt_finished"`) || !strings.Contains(between, `"hasherror": "hash does not match between n1 and n2"`) || strings.Contains(between, "inactivekeys") {
		t.Errorf("between: %s", between)
	}
	if again, err := first.run(first.binary, "secrets-encrypt", "rotate-keys"); err == nil || !first.journal.has("hash does not match between n1 and n2") {
		t.Errorf("a second rotation: %s", again)
	}
	first.eventually("the Secret on n1", "Y2FuYXJ5", time.Minute, word...)
	if output, err := second.run(second.binary, "kubectl", "get", "secret", "kept"); err == nil {
		t.Errorf("n2 reads it without the key: %s", output)
	}
	second.stop()
	second.start("--server", "https://192.0.2.11:6443", "--secrets-encryption")
	defer second.stop()
	second.eventually("the Secret on n2", "Y2FuYXJ5", time.Minute, word...)
	for end := time.Now().Add(time.Minute); !strings.Contains(status(second), `"hashmatch": true`) && time.Now().Before(end); time.Sleep(time.Second) {
	}
	if ours, theirs := status(first), status(second); ours != theirs || !strings.Contains(ours, `"hashmatch": true`) {
		t.Errorf("after: %s %s", ours, theirs)
	}
}
