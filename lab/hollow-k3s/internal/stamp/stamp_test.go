package stamp

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestWriteChangesOnlyTheStamp(t *testing.T) {
	directory := t.TempDir()
	self, out := filepath.Join(directory, "self"), filepath.Join(directory, "out")
	original := []byte("before" + stamped + "after")
	if err := os.WriteFile(self, original, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Write(self, "v1.35.6+k3s1", out); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(out)
	if err != nil || len(written) != len(original) || !bytes.Contains(written, []byte(stamped[:markerLength]+"v1.35.6+k3s1 ")) {
		t.Errorf("%q %v", written, err)
	}
	for _, wrong := range []string{"1.35.6", "v1.35.6", "v1.35.6+rke2r1"} {
		if Write(self, wrong, out) == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
}

func TestReleaseSetsTheVersionsKubernetesShows(t *testing.T) {
	if Release() != "v1.36.4+k3s1" || gitVersion != Release() || gitMajor != "1" || gitMinor != "36" {
		t.Errorf("%s %s %s %s", Release(), gitVersion, gitMajor, gitMinor)
	}
}

func TestFlannelRecoversFromTheReleasesThatFixedIt(t *testing.T) { // k3s-io/k3s issues 12436 and 14142
	for release, wanted := range map[string]bool{
		"v1.33.12+k3s1": false, "v1.33.13+k3s1": true, "v1.34.8+k3s1": false, "v1.34.9+k3s1": true,
		"v1.35.5+k3s1": false, "v1.35.6+k3s1": true, "v1.36.1+k3s1": false, "v1.36.2+k3s1": true,
		"v1.32.9+k3s1": false, "v1.37.0+k3s1": true, "nonsense": false,
	} {
		if RecoversFlannel(release) != wanted {
			t.Errorf("%s: not %v", release, wanted)
		}
	}
}
