package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// kernelDefaults are what a kubelet with protectKernelDefaults insists on
// (k8s.io/component-helpers/node/util/sysctl).
var kernelDefaults = []struct{ name, value string }{
	{"vm/overcommit_memory", "1"},
	{"vm/panic_on_oom", "0"},
	{"kernel/panic", "10"},
	{"kernel/panic_on_oops", "1"},
	{"kernel/keys/root_maxkeys", "1000000"},
	{"kernel/keys/root_maxbytes", "25000000"},
}

func checkKernelDefaults() error {
	var wrong []string
	for _, flag := range kernelDefaults {
		content, err := os.ReadFile(filepath.Join("/proc/sys", flag.name))
		if err != nil {
			return err
		}
		if actual := strings.TrimSpace(string(content)); actual != flag.value {
			wrong = append(wrong, fmt.Sprintf("invalid kernel flag: %s, expected value: %s, actual value: %s", flag.name, flag.value, actual))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("[%s]", strings.Join(wrong, ", "))
	}
	return nil
}
