package flags

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// file writes a configuration and its drop-ins and returns its path.
func file(t *testing.T, content string, dropIns map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "config.yaml")
	if content != "" {
		write(t, path, content)
	}
	for name, text := range dropIns {
		write(t, filepath.Join(path+".d", name), text)
	}
	return path
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, command, path string, arguments []string, environment map[string]string) (*Values, []string, error) {
	t.Helper()
	var warnings []string
	values, err := Load(command, append([]string{"--config", path}, arguments...),
		func(name string) string { return environment[name] },
		func(format string, arguments ...any) { warnings = append(warnings, fmt.Sprintf(format, arguments...)) })
	return values, warnings, err
}

func must(t *testing.T, command, path string, arguments ...string) *Values {
	t.Helper()
	values, _, err := load(t, command, path, arguments, nil)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestDefaultsAreThoseOfK3s(t *testing.T) { // docs.k3s.io/cli/server, docs.k3s.io/cli/agent
	values := must(t, "server", file(t, "", nil))
	for name, wanted := range map[string]string{
		"data-dir": "/var/lib/rancher/k3s", "https-listen-port": "6443", "service-node-port-range": "30000-32767",
		"cluster-domain": "cluster.local", "flannel-backend": "vxlan", "etcd-snapshot-schedule-cron": "0 */12 * * *",
		"etcd-snapshot-retention": "5", "lb-server-port": "6444",
	} {
		if got := values.Text(name); got != wanted {
			t.Errorf("%s: %q, not %q", name, got, wanted)
		}
	}
}

func TestFileKeysAreFlagNames(t *testing.T) { // docs.k3s.io/installation/configuration#configuration-file
	values := must(t, "server", file(t, "tls-san:\n  - foo.local\nnode-label: [foo=bar, something=amazing]\ncluster-init: true\nwrite-kubeconfig-mode: \"0644\"\n", nil))
	if !values.On("cluster-init") || values.Text("write-kubeconfig-mode") != "0644" {
		t.Error("scalars of the file are not taken")
	}
	if got := values.List("node-label"); !slices.Equal(got, []string{"foo=bar", "something=amazing"}) {
		t.Errorf("node-label: %v", got)
	}
}

func TestLaterFilesReplaceAndPlusAppends(t *testing.T) { // docs.k3s.io/installation/configuration, "Value Merge Behavior"
	values := must(t, "server", file(t, "token: boop\nnode-label:\n  - foo=bar\n  - bar=baz\n", map[string]string{
		"test1.yaml":  "write-kubeconfig-mode: \"600\"\nnode-taint:\n  - alice=bob:NoExecute\n",
		"test2.yaml":  "write-kubeconfig-mode: \"777\"\nnode-label:\n  - other=what\n  - foo=three\nnode-taint+:\n  - charlie=delta:NoSchedule\n",
		"ignored.txt": "token: other\n",
	}))
	if got := values.Text("write-kubeconfig-mode"); got != "777" {
		t.Errorf("write-kubeconfig-mode: %s", got)
	}
	if got := values.List("node-label"); !slices.Equal(got, []string{"other=what", "foo=three"}) {
		t.Errorf("node-label: %v", got)
	}
	if got := values.List("node-taint"); !slices.Equal(got, []string{"alice=bob:NoExecute", "charlie=delta:NoSchedule"}) {
		t.Errorf("node-taint: %v", got)
	}
	if got := values.Text("token"); got != "boop" {
		t.Errorf("token: %s", got)
	}
}

func TestCommandLineBeatsFileBeatsEnvironment(t *testing.T) { // docs.k3s.io/installation/configuration#configuration-file
	path := file(t, "token: from-file\nnode-label: [a=1]\n", nil)
	environment := map[string]string{"K3S_TOKEN": "from-environment", "K3S_URL": "https://h:6443"}
	values, _, err := load(t, "agent", path, []string{"--node-label", "b=2"}, environment)
	if err != nil {
		t.Fatal(err)
	}
	if values.Text("token") != "from-file" || values.Text("server") != "https://h:6443" || !slices.Equal(values.List("node-label"), []string{"b=2"}) {
		t.Errorf("%v", values.set)
	}
	if values := must(t, "agent", path, "-t", "from-line"); values.Text("token") != "from-line" {
		t.Error("the command line does not win")
	}
}

func TestUnknownFlagIsRefusedInK3sWords(t *testing.T) { // k3s's parser is Go's flag package by way of urfave/cli
	for _, arguments := range [][]string{{"--flanel-iface=wg0"}, nil} {
		path := file(t, "", nil)
		if arguments == nil {
			path = file(t, "flanel-iface: wg0\n", nil) // k3s: only a warning; stricter here on purpose
		}
		_, _, err := load(t, "agent", path, arguments, nil)
		if err == nil || err.Error() != "flag provided but not defined: -flanel-iface" {
			t.Errorf("%v", err)
		}
	}
}

func TestServerKeyInAnAgentsFileIsSkippedWithAWarning(t *testing.T) { // pkg/configfilearg/parser.go, stripInvalidFlags
	values, warnings, err := load(t, "agent", file(t, "tls-san: x\ntoken: t\n", nil), nil, nil)
	if err != nil || values.Text("token") != "t" {
		t.Fatal(err)
	}
	if len(warnings) != 1 || !strings.HasPrefix(warnings[0], "Unknown flag --tls-san found in config.yaml, skipping") {
		t.Errorf("%q", warnings)
	}
}

func TestNothingIsPretended(t *testing.T) {
	for _, flag := range append(slices.Clone(refused), harmless...) {
		if flag.Why == "" {
			t.Errorf("--%s gives no reason", flag.Name)
		}
	}
	_, _, err := load(t, "server", file(t, "etcd-s3: true\n", nil), nil, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "not imitated by hollow k3s: --etcd-s3") {
		t.Errorf("%v", err)
	}
	if _, _, err := load(t, "server", file(t, "etcd-s3: false\n", nil), nil, nil); err != nil {
		t.Errorf("switched off it is harmless: %v", err)
	}
	_, warnings, err := load(t, "server", file(t, "disable-kube-proxy: true\n", nil), nil, nil)
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "has no effect") {
		t.Errorf("%v %q", err, warnings)
	}
}

func TestNoFlagIsListedTwice(t *testing.T) {
	for _, command := range []string{"server", "agent"} {
		seen := map[string]bool{}
		for _, flag := range For(command) {
			for _, name := range []string{flag.Name, flag.Alias} {
				if name != "" && seen[name] {
					t.Errorf("%s: --%s twice", command, name)
				}
				seen[name] = true
			}
		}
	}
}

func TestWrongValuesFail(t *testing.T) {
	for _, content := range []string{"cluster-init: perhaps\n", "https-listen-port: many\n", "node-label: [\n"} {
		if _, _, err := load(t, "server", file(t, content, nil), nil, nil); err == nil {
			t.Errorf("%q is taken", content)
		}
	}
}

func TestSecretsAreMaskedInTheNodesAnnotation(t *testing.T) { // pkg/nodeconfig: k3s.io/node-args
	values := must(t, "server", file(t, "token: geheim\nagent-token: auch\ncluster-init: true\n", nil))
	described := strings.Join(values.Described(), " ")
	if strings.Contains(described, "geheim") || strings.Contains(described, "auch") || !strings.Contains(described, "--cluster-init true") {
		t.Errorf("%s", described)
	}
}
