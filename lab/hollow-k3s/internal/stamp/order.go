package stamp

import (
	"regexp"
	"strconv"
)

var numbers = regexp.MustCompile(`^v(\d+)\.(\d+)\.(\d+)`)

// flannelFixedFrom holds, by minor version, the first patch that brings
// flannel.1 back after its interface was re-created (k3s#14142).
var flannelFixedFrom = map[int]int{33: 13, 34: 9, 35: 6, 36: 2}

// RecoversFlannel tells whether the release re-creates a lost flannel.1.
func RecoversFlannel(release string) bool {
	found := numbers.FindStringSubmatch(release)
	if found == nil {
		return false
	}
	minor, _ := strconv.Atoi(found[2])
	patch, _ := strconv.Atoi(found[3])
	if fixed, known := flannelFixedFrom[minor]; known {
		return patch >= fixed
	}
	return minor > 36
}
