package server

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"hollow-k3s/internal/datastore"
)

func TestVoteConditionHasK3sWords(t *testing.T) { // pkg/etcd/etcd.go, setEtcdStatusCondition
	for standing, wanted := range map[datastore.Standing]struct {
		status corev1.ConditionStatus
		reason string
	}{
		datastore.Voter:       {corev1.ConditionTrue, "MemberNotLearner"},
		datastore.Learner:     {corev1.ConditionFalse, "MemberIsLearner"},
		datastore.Unreachable: {corev1.ConditionFalse, "Unhealthy"},
		datastore.Unjoined:    {corev1.ConditionFalse, "NotAMember"},
	} {
		got := voteCondition(standing)
		if got.Type != "EtcdIsVoter" || got.Status != wanted.status || got.Reason != wanted.reason {
			t.Errorf("%v: %+v", standing, got)
		}
	}
}

func etcdNode(annotations map[string]string) *corev1.Node {
	return &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n2", Labels: map[string]string{etcdRole: "true"}, Annotations: annotations}}
}

func TestWhoAsksToLeave(t *testing.T) { // pkg/etcd/member_controller.go, sync
	for _, one := range []struct {
		annotations map[string]string
		asks        bool
	}{
		{map[string]string{memberAnnotation: "n2-1"}, false},
		{map[string]string{memberAnnotation: "n2-1", removeAnnotation: "true"}, true},
		{map[string]string{memberAnnotation: "n2-1", removeAnnotation: "True"}, true},
		{map[string]string{memberAnnotation: "n2-1", removeAnnotation: "false"}, false},
		{map[string]string{removeAnnotation: "true", removedAnnotation: "n2-1"}, false},
	} {
		if asksToLeave(etcdNode(one.annotations)) != one.asks {
			t.Errorf("%v", one.annotations)
		}
	}
}

func TestADeletedNodeIsHeldForItsMember(t *testing.T) { // wrangler's OnRemove
	node := etcdNode(nil)
	client := fake.NewClientset(node)
	s := &server{client: client}
	s.tendMember(t.Context(), node.DeepCopy())
	held, err := client.CoreV1().Nodes().Get(t.Context(), "n2", metav1.GetOptions{})
	if err != nil || !slices.Contains(held.Finalizers, "wrangler.cattle.io/managed-etcd-controller") {
		t.Fatal(held.Finalizers, err)
	}
	now := metav1.Now()
	held.DeletionTimestamp = &now
	s.tendMember(t.Context(), held)
	free, err := client.CoreV1().Nodes().Get(t.Context(), "n2", metav1.GetOptions{})
	if err == nil && len(free.Finalizers) != 0 {
		t.Error("the node is still held", free.Finalizers)
	}
}

func TestNewTokensThatK3sCannotFindAgain(t *testing.T) {
	s := started(t, "token: s3cret\n")
	if err := s.rotateToken(t.Context(), "n3w"); err == nil || err.Error() != "server token not found" {
		t.Error(err)
	}
	if err := s.settlePasswords(); err != nil {
		t.Fatal(err)
	}
	if err := s.passwords.Write(s.data); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"abcdef.0123456789abcdef", "K10::server:n3w"} {
		if err := s.rotateToken(t.Context(), form); err != errNewToken {
			t.Errorf("%s: %v", form, err)
		}
	}
}
