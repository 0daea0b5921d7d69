// Package tuning is what only hollow k3s can be told: how slow, and how
// unlucky, it is to be where the real one is. None of it is a k3s option, so
// it has a file of its own outside of k3s's directories (an uninstall of k3s
// neither knows nor removes it) and variables that win over the file.
package tuning

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// File is where the settings are; HOLLOW_FILE names another one.
const File = "/etc/hollow-k3s.yaml"

// Settings are quick by default, so that lab suites are; what was measured
// with a real k3s is in the README.
type Settings struct {
	// ControllerLease is for how long the holder of the lease
	// kube-system/k3s-etcd may be silent before another server takes over.
	ControllerLease time.Duration
	// RemovalDelay is how long the holder waits before it removes a member.
	RemovalDelay time.Duration
	// RemovedExit is how long a removed server lives on without its etcd.
	RemovedExit time.Duration
	// LoseLease: this long after a removal the holder loses its lease, which
	// ends its process. Zero: never.
	LoseLease time.Duration
	// VoteInterval is how often etcd's leader writes EtcdIsVoter.
	VoteInterval time.Duration
	// KubeletDelay is how long after READY a server's kubelet starts.
	KubeletDelay time.Duration
	// KubeletFails: this long after its start the kubelet dies, and k3s with
	// it. Zero: never.
	KubeletFails time.Duration
	// StopExit is the exit code after SIGTERM.
	StopExit int
}

func defaults() Settings {
	return Settings{
		ControllerLease: 6 * time.Second,
		VoteInterval:    2 * time.Second,
		RemovedExit:     time.Second,
		StopExit:        1,
	}
}

// Load reads file and environment. A wrong setting is an error: a test that
// asks for a slow removal and gets a quick one would prove nothing.
func Load(environment func(string) string) (Settings, error) {
	settings := defaults()
	durations := map[string]*time.Duration{
		"controller-lease": &settings.ControllerLease,
		"removal-delay":    &settings.RemovalDelay,
		"removed-exit":     &settings.RemovedExit,
		"lose-lease":       &settings.LoseLease,
		"vote-interval":    &settings.VoteInterval,
		"kubelet-delay":    &settings.KubeletDelay,
		"kubelet-fails":    &settings.KubeletFails,
	}
	given, err := read(environment)
	if err != nil {
		return settings, err
	}
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if name == "stop-exit" {
			if settings.StopExit, err = strconv.Atoi(given[name]); err != nil {
				return settings, fmt.Errorf("hollow k3s: %s: %w", name, err)
			}
			continue
		}
		target, ok := durations[name]
		if !ok {
			return settings, fmt.Errorf("hollow k3s: no such setting: %s", name)
		}
		if *target, err = time.ParseDuration(given[name]); err != nil || *target < 0 {
			return settings, fmt.Errorf("hollow k3s: %s: %q is no duration", name, given[name])
		}
	}
	if settings.ControllerLease < 3*time.Second || settings.VoteInterval <= 0 {
		return settings, fmt.Errorf("hollow k3s: controller-lease is at least 3s, vote-interval more than 0s")
	}
	return settings, nil
}

func read(environment func(string) string) (map[string]string, error) {
	file := environment("HOLLOW_FILE")
	if file == "" {
		file = File
	}
	raw := map[string]any{}
	content, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	if err := yaml.Unmarshal(content, &raw); err != nil {
		return nil, fmt.Errorf("hollow k3s: %s: %w", file, err)
	}
	given := map[string]string{}
	for name, value := range raw {
		given[name] = fmt.Sprint(value)
	}
	for _, name := range []string{"controller-lease", "removal-delay", "removed-exit", "lose-lease", "vote-interval", "kubelet-delay", "kubelet-fails", "stop-exit"} {
		if value := environment("HOLLOW_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))); value != "" {
			given[name] = value
		}
	}
	return given, nil
}
