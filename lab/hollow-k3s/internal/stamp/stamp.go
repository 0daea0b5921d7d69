// Package stamp carries the version that this binary claims to be, in a form
// that can be changed in a built binary: one compile serves every release
// that an upgrade or a downgrade in the lab needs.
package stamp

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	_ "unsafe" // for go:linkname below
)

// stamped is found and patched in the binary by Write. It is the only place
// where the marker is spelled out: a second literal would make it ambiguous.
var stamped = "hollow-k3s-release-stamp:v1.36.4+k3s1                            :"

const (
	markerLength = len("hollow-k3s-release-stamp") + 1
	valueLength  = 40
)

var releaseShape = regexp.MustCompile(`^v\d+\.\d+\.\d+(-rc\d+)?\+k3s\d+$`)

// Kubernetes keeps its version in private variables that are read by package
// initialisers (the effective version decides feature gates), so setting it
// in main would be too late. This package imports nothing of Kubernetes and
// its path sorts before k8s.io, so Go initialises it first.
//
//go:linkname gitVersion k8s.io/component-base/version.gitVersion
var gitVersion string

//go:linkname gitMajor k8s.io/component-base/version.gitMajor
var gitMajor string

//go:linkname gitMinor k8s.io/component-base/version.gitMinor
var gitMinor string

//go:linkname gitTreeState k8s.io/component-base/version.gitTreeState
var gitTreeState string

//go:linkname gitCommit k8s.io/component-base/version.gitCommit
var gitCommit string

func init() {
	gitVersion, gitCommit = Release(), "hollow"
	parts := strings.SplitN(strings.TrimPrefix(Release(), "v"), ".", 3)
	gitMajor, gitMinor, gitTreeState = parts[0], parts[1], "clean"
}

// Release is the k3s release this binary stands in for, like v1.36.4+k3s1.
func Release() string {
	return strings.TrimSpace(stamped[markerLength : markerLength+valueLength])
}

// Write copies the running binary to out with another release in it.
func Write(self, release, out string) error {
	if !releaseShape.MatchString(release) || len(release) > valueLength {
		return fmt.Errorf("%q is not a k3s release such as v1.36.4+k3s1", release)
	}
	binary, err := os.ReadFile(self)
	if err != nil {
		return err
	}
	marker := []byte(stamped[:markerLength])
	at := bytes.Index(binary, marker)
	if at < 0 || bytes.Contains(binary[at+1:], marker) {
		return fmt.Errorf("%s does not carry exactly one release stamp", self)
	}
	copy(binary[at+markerLength:at+markerLength+valueLength], fmt.Sprintf("%-*s", valueLength, release))
	temporary := filepath.Join(filepath.Dir(out), "."+filepath.Base(out)+".stamping")
	if err := os.WriteFile(temporary, binary, 0o755); err != nil {
		return err
	}
	return os.Rename(temporary, out)
}
