package hollowkubelet

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/kubelet/pkg/types"
)

func pod(owner string) *corev1.Pod {
	controller, always := true, corev1.ContainerRestartPolicyAlways
	made := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "p", Namespace: "default"},
		Spec: corev1.PodSpec{
			InitContainers: []corev1.Container{{Name: "init"}, {Name: "sidecar", RestartPolicy: &always}},
			Containers:     []corev1.Container{{Name: "main"}},
		},
	}
	if owner != "" {
		made.OwnerReferences = []metav1.OwnerReference{{Kind: owner, APIVersion: "batch/v1", Controller: &controller}}
	}
	return made
}

func TestWhichContainersEnd(t *testing.T) { // kubernetes.io/docs: Jobs, init containers, sidecars
	for _, one := range []struct {
		owner, container string
		ends             bool
	}{
		{"", "main", false}, {"ReplicaSet", "main", false}, {"Job", "main", true},
		{"", "init", true}, {"Job", "init", true}, {"Job", "sidecar", false},
	} {
		if ends(pod(one.owner), one.container) != one.ends {
			t.Errorf("%+v", one)
		}
	}
}

func TestContainerOfAJobExitsWithZero(t *testing.T) {
	runtime := newContainers(fake.NewClientset(pod("Job")), t.TempDir(), func(string) {})
	if err := runtime.UpdateRuntimeConfig(t.Context(), &runtimeapi.RuntimeConfig{NetworkConfig: &runtimeapi.NetworkConfig{PodCidr: "10.42.3.0/24"}}); err != nil {
		t.Fatal(err)
	}
	sandbox := &runtimeapi.PodSandboxConfig{Metadata: &runtimeapi.PodSandboxMetadata{Name: "p", Namespace: "default", Uid: "u"}}
	id, err := runtime.RunPodSandbox(t.Context(), sandbox, "")
	if err != nil {
		t.Fatal(err)
	}
	if address := runtime.Sandboxes[id].Network.Ip; address != "10.42.3.2" {
		t.Errorf("pod address %s", address)
	}
	container, err := runtime.CreateContainer(t.Context(), id, &runtimeapi.ContainerConfig{
		Metadata: &runtimeapi.ContainerMetadata{Name: "main"}, Image: &runtimeapi.ImageSpec{},
		Labels: map[string]string{types.KubernetesPodNameLabel: "p", types.KubernetesPodNamespaceLabel: "default", types.KubernetesContainerNameLabel: "main"},
	}, sandbox)
	if err != nil {
		t.Fatal(err)
	}
	if err := runtime.StartContainer(t.Context(), container); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * runTime); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		status, err := runtime.ContainerStatus(t.Context(), container, false)
		if err == nil && status.Status.State == runtimeapi.ContainerState_CONTAINER_EXITED {
			if status.Status.ExitCode != 0 {
				t.Errorf("exit code %d", status.Status.ExitCode)
			}
			return
		}
	}
	t.Error("it still runs")
}

func TestPodsHaveTheirDirectoriesBelowVarLogPods(t *testing.T) { // kubernetes.io/docs: logging
	runtime := newContainers(fake.NewClientset(), t.TempDir(), func(string) {})
	if err := runtime.UpdateRuntimeConfig(t.Context(), &runtimeapi.RuntimeConfig{NetworkConfig: &runtimeapi.NetworkConfig{PodCidr: "10.42.3.0/24"}}); err != nil {
		t.Fatal(err)
	}
	logs := filepath.Join(t.TempDir(), "default_p_u")
	id, err := runtime.RunPodSandbox(t.Context(), &runtimeapi.PodSandboxConfig{
		Metadata: &runtimeapi.PodSandboxMetadata{Name: "p", Namespace: "default", Uid: "u"}, LogDirectory: logs,
	}, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(logs); err != nil {
		t.Error(err)
	}
	if err := runtime.RemovePodSandbox(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(logs); !os.IsNotExist(err) {
		t.Error("the logs outlive the pod", err)
	}
	server, err := parse(Config{RootDir: t.TempDir()})
	if err != nil || server.PodLogsDir != "/var/log/pods" {
		t.Error(server.PodLogsDir, err)
	}
}

func TestNodeIsNotReadyBeforeTheNetworkIs(t *testing.T) { // containerd: cni plugin not initialized
	directory := t.TempDir()
	runtime := newContainers(fake.NewClientset(), directory, func(string) {})
	ready := func() bool {
		status, err := runtime.Status(t.Context(), false)
		if err != nil {
			t.Fatal(err)
		}
		return status.Status.Conditions[1].Status
	}
	if ready() {
		t.Error("ready without a CNI configuration")
	}
	if err := os.WriteFile(filepath.Join(directory, "10-flannel.conflist"), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !ready() {
		t.Error("not ready with one")
	}
}

func TestWrongKubeletArgFailsAsForAKubelet(t *testing.T) { // docs.k3s.io/cli/agent, kubelet-arg
	config := Config{RootDir: t.TempDir(), Arguments: []string{"no-such-flag=1"}}
	if _, err := parse(config); err == nil || !strings.Contains(err.Error(), "unknown flag: --no-such-flag") {
		t.Error(err)
	}
	config.Arguments = []string{"node-labels=node-role.kubernetes.io/worker=true"}
	if _, err := parse(config); err == nil || !strings.Contains(err.Error(), "unknown 'kubernetes.io' or 'k8s.io' labels") {
		t.Error(err)
	}
	config.Arguments = []string{"max-pods=250", "node-labels=a=b"}
	server, err := parse(config)
	if err != nil || server.MaxPods != 250 || server.NodeLabels["a"] != "b" {
		t.Error(server, err)
	}
}

func TestAddressesStayInTheSubnet(t *testing.T) {
	pool, err := newAddresses("10.42.0.0/29")
	if err != nil {
		t.Fatal(err)
	}
	var given []string
	for range 6 {
		given = append(given, pool.next())
	}
	if strings.Join(given, " ") != "10.42.0.2 10.42.0.3 10.42.0.4 10.42.0.5 10.42.0.6 10.42.0.2" {
		t.Error(given)
	}
}
