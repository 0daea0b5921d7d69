package hollowkubelet

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"

	cadvisorapi "github.com/google/cadvisor/info/v1"
	cadvisortest "k8s.io/kubernetes/pkg/kubelet/cadvisor/testing"
)

// machine shows the host as it is, where Kubemark shows an invented one.
type machine struct {
	*cadvisortest.Fake
}

func (m machine) MachineInfo() (*cadvisorapi.MachineInfo, error) {
	info := &cadvisorapi.MachineInfo{
		NumCores:   runtime.NumCPU(),
		MachineID:  firstLine("/etc/machine-id"),
		SystemUUID: firstLine("/sys/class/dmi/id/product_uuid"),
		BootID:     firstLine("/proc/sys/kernel/random/boot_id"),
		InstanceID: cadvisorapi.InstanceID(m.NodeName),
	}
	if info.SystemUUID == "" {
		info.SystemUUID = info.MachineID
	}
	var kilobytes uint64
	if _, err := fmt.Sscanf(firstLine("/proc/meminfo"), "MemTotal: %d kB", &kilobytes); err != nil {
		return nil, fmt.Errorf("reading /proc/meminfo: %w", err)
	}
	info.MemoryCapacity = kilobytes * 1024
	return info, nil
}

func (m machine) VersionInfo() (*cadvisorapi.VersionInfo, error) {
	var name syscall.Utsname
	if err := syscall.Uname(&name); err != nil {
		return nil, err
	}
	var release strings.Builder
	for _, character := range name.Release {
		if character == 0 {
			break
		}
		release.WriteByte(byte(character))
	}
	return &cadvisorapi.VersionInfo{KernelVersion: release.String(), ContainerOsVersion: osName()}, nil
}

func osName() string {
	file, err := os.Open("/etc/os-release")
	if err != nil {
		return "Linux"
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), "PRETTY_NAME="); ok {
			return strings.Trim(value, `"`)
		}
	}
	return "Linux"
}

func firstLine(file string) string {
	content, err := os.ReadFile(file)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(content), "\n")
	return strings.TrimSpace(line)
}
