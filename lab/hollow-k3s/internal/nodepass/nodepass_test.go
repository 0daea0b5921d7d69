package nodepass

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHashMatchesOnlyItsPassword(t *testing.T) { // docs.k3s.io/architecture: node passwords
	hash, err := Hash("secret")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$1:") || strings.Count(hash, ":") != 5 {
		t.Errorf("not k3s's form: %s", hash)
	}
	if err := Verify("secret", hash); err != nil {
		t.Error(err)
	}
	if err := Verify("other", hash); !errors.Is(err, ErrMismatch) {
		t.Error(err)
	}
	if err := Verify("secret", "nonsense"); err == nil {
		t.Error("nonsense is taken")
	}
}

func TestPasswordIsMadeOnceAndIsPrivate(t *testing.T) { // /etc/rancher/node/password
	file := filepath.Join(t.TempDir(), "node", "password")
	first, err := Ensure(file)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Ensure(file)
	if err != nil || first != second || len(first) != 32 {
		t.Errorf("%q %q %v", first, second, err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
}
