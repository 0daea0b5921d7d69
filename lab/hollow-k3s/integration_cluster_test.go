//go:build integration

package main

import (
	"strings"
	"testing"
	"time"
)

// eventually asks until the answer is the wanted one.
func (s *server) eventually(what, wanted string, limit time.Duration, question ...string) {
	s.t.Helper()
	var answer string
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(300 * time.Millisecond) {
		answer, _ = s.run(append([]string{s.binary, "kubectl", "--request-timeout=5s"}, question...)...)
		if answer == wanted {
			return
		}
	}
	s.t.Errorf("%s: %q, not %q", what, answer, wanted)
}

const vote = `jsonpath={.status.conditions[?(@.type=="EtcdIsVoter")].status}/{.status.conditions[?(@.type=="EtcdIsVoter")].reason}`

func TestKubeletDiesAfterReady(t *testing.T) {
	s := newServer(t, 1)
	s.start("--kubelet-arg", "no-such-flag=1") // READY comes all the same
	s.awaitEnd(time.Minute)
	for _, words := range []string{`"Failed to parse kubelet flag" err="unknown flag: --no-such-flag"`, "level=fatal", "kubelet exited: failed to parse kubelet flag: unknown flag: --no-such-flag"} {
		if !s.journal.has(words) {
			t.Errorf("the journal lacks %s", words)
		}
	}
}

func TestKubeletDiesAWhileAfterItsStart(t *testing.T) {
	s := newServer(t, 1)
	s.variables = []string{"HOLLOW_KUBELET_FAILS=4s"}
	s.start()
	s.kubectl("wait", "--for=create", "node/n1", "--timeout=60s")
	s.awaitEnd(time.Minute)
	if !s.journal.has(`"Failed to start ContainerManager" err="system validation failed`) {
		t.Error("the journal lacks the cause")
	}
}

// TestTheHolderOfTheLeaseLeaves is the slow way to leave: the server takes
// itself out of etcd, cannot say so, and the next holder does.
func TestTheHolderOfTheLeaseLeaves(t *testing.T) {
	first, second := newServer(t, 1), newServer(t, 2)
	first.hub = newHub(t)
	second.hub = first.hub
	second.variables = []string{"HOLLOW_LOSE_LEASE=5s"}
	// How long a lease is valid is written by its holder.
	first.variables = []string{"HOLLOW_CONTROLLER_LEASE=15s"}
	first.start("--cluster-init")
	defer first.stop()
	first.eventually("holder", "n1", 30*time.Second, "-n", "kube-system", "get", "lease", "k3s-etcd", "-o", "jsonpath={.spec.holderIdentity}")
	second.start("--server", "https://192.0.2.11:6443")
	defer second.stop()
	second.eventually("voter", "True/MemberNotLearner", time.Minute, "get", "node", "n2", "-o", vote)

	asked := time.Now()
	first.kubectl("annotate", "node", "n1", "etcd.k3s.cattle.io/remove=true")
	second.eventually("condition", "False/NotAMember", 30*time.Second, "get", "node", "n1", "-o", vote)
	told := `jsonpath={.metadata.annotations.etcd\.k3s\.cattle\.io/removed-node-name}`
	if name := second.kubectl("get", "node", "n1", "-o", told); name != "" {
		t.Errorf("told too early: %s", name)
	}
	var name string
	for time.Since(asked) < time.Minute && !strings.HasPrefix(name, "n1-") {
		time.Sleep(300 * time.Millisecond)
		name = second.kubectl("get", "node", "n1", "-o", told)
	}
	if took := time.Since(asked); took < 12*time.Second || !strings.HasPrefix(name, "n1-") {
		t.Errorf("told after %s: %q", took, name)
	}
	first.awaitEnd(time.Minute)
	if !first.journal.has("this node has been removed from the cluster please restart k3s to rejoin the cluster") {
		t.Error("the journal of the removed server lacks the cause")
	}
	// The one that wrote it then loses its lease: a moment without any API.
	second.awaitEnd(time.Minute)
	if !second.journal.has("leaderelection lost for k3s-etcd") {
		t.Error("the holder ended for another reason")
	}
}
