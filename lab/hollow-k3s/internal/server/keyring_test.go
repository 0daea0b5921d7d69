package server

import (
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestKeysOfServersAreCompared(t *testing.T) {
	node := func(name, state string) corev1.Node {
		annotations := map[string]string{}
		if state != "" {
			annotations[keysAnnotation] = state
		}
		return corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: annotations}}
	}
	if err := sameKeys([]corev1.Node{node("s1", "start-a"), node("s2", ""), node("s3", "start-a")}); err != nil {
		t.Error(err)
	}
	err := sameKeys([]corev1.Node{node("s1", "start-a"), node("s2", "reencrypt_finished-b")})
	if err == nil || err.Error() != "hash does not match between s1 and s2" {
		t.Errorf("%v", err)
	}
}

func TestStageIsThatOfTheKeys(t *testing.T) {
	s := started(t, "secrets-encryption: true\n")
	if err := s.ensureEncryption(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(encryptionState(s.data))
	if err != nil || !strings.HasPrefix(string(before), "start-") {
		t.Fatalf("%s %v", before, err)
	}
	keys, err := s.readKeys()
	if err != nil || len(keys) != 1 || keys[0].Name != "aescbckey" {
		t.Fatalf("%v %v", keys, err)
	}
	young, err := newKey("aescbckey-2")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.writeKeys(append([]key{young}, keys...)); err != nil {
		t.Fatal(err)
	}
	if both, err := s.readKeys(); err != nil || len(both) != 2 || both[0].Name != "aescbckey-2" {
		t.Errorf("%v %v", both, err)
	}
	if err := s.writeStage("reencrypt_finished"); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.ReadFile(encryptionState(s.data)); string(after) == string(before) || !strings.HasPrefix(string(after), "reencrypt_finished-") {
		t.Errorf("%s", after)
	}
}
