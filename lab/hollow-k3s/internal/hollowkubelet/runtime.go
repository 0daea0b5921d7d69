package hollowkubelet

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	apitest "k8s.io/cri-api/pkg/apis/testing"
	"k8s.io/kubelet/pkg/types"
)

// runTime is how long a container that is meant to end runs.
const runTime = time.Second

// containers is Kubemark's fake container runtime, with what it lacks: init
// containers and the containers of Jobs end with exit code 0, pods get
// addresses of the node's own pod subnet, and the network is not ready before
// a CNI configuration exists.
type containers struct {
	*apitest.FakeRuntimeService
	client    kubernetes.Interface
	cniConf   string
	onFirst   func(podCIDR string)
	firstPod  sync.Once
	mutex     sync.Mutex
	addresses *addresses
	logs      map[string]string // sandbox → its directory below /var/log/pods
}

func newContainers(client kubernetes.Interface, cniConf string, onFirst func(string)) *containers {
	return &containers{
		FakeRuntimeService: apitest.NewFakeRuntimeService(),
		client:             client,
		cniConf:            cniConf,
		onFirst:            onFirst,
		logs:               map[string]string{},
	}
}

// Status follows containerd's: the kubelet shows the message as the reason
// why a node is not Ready.
func (c *containers) Status(context.Context, bool) (*runtimeapi.StatusResponse, error) {
	network := &runtimeapi.RuntimeCondition{Type: runtimeapi.NetworkReady, Status: true}
	if entries, err := os.ReadDir(c.cniConf); err != nil || len(entries) == 0 {
		network.Status = false
		network.Reason = "NetworkPluginNotReady"
		network.Message = "Network plugin returns error: cni plugin not initialized"
	}
	return &runtimeapi.StatusResponse{Status: &runtimeapi.RuntimeStatus{Conditions: []*runtimeapi.RuntimeCondition{
		{Type: runtimeapi.RuntimeReady, Status: true}, network,
	}}}, nil
}

// UpdateRuntimeConfig is how a kubelet hands down the node's pod subnet.
func (c *containers) UpdateRuntimeConfig(_ context.Context, config *runtimeapi.RuntimeConfig) error {
	subnet := config.GetNetworkConfig().GetPodCidr()
	if subnet == "" {
		return nil
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	pool, err := newAddresses(subnet)
	if err != nil {
		return err
	}
	c.addresses = pool
	return nil
}

func (c *containers) RunPodSandbox(ctx context.Context, config *runtimeapi.PodSandboxConfig, handler string) (string, error) {
	onHost := config.GetLinux().GetSecurityContext().GetNamespaceOptions().GetNetwork() == runtimeapi.NamespaceMode_NODE
	address, err := c.address(onHost)
	if err != nil {
		return "", err
	}
	id, err := c.FakeRuntimeService.RunPodSandbox(ctx, config, handler)
	if err != nil {
		return "", err
	}
	makePodLogs(config.GetLogDirectory())
	c.mutex.Lock()
	c.logs[id] = config.GetLogDirectory()
	c.mutex.Unlock()
	c.FakeRuntimeService.Lock()
	defer c.FakeRuntimeService.Unlock()
	c.Sandboxes[id].Network = &runtimeapi.PodSandboxNetworkStatus{Ip: address}
	// The fake keeps a list of all calls, for assertions that nobody makes here.
	c.Called = nil
	return id, nil
}

// RemovePodSandbox takes the pod's logs along, as the kubelet would a little later.
func (c *containers) RemovePodSandbox(ctx context.Context, id string) error {
	c.mutex.Lock()
	directory := c.logs[id]
	delete(c.logs, id)
	c.mutex.Unlock()
	if filepath.IsAbs(directory) {
		_ = os.RemoveAll(directory)
	}
	return c.FakeRuntimeService.RemovePodSandbox(ctx, id)
}

func (c *containers) address(onHost bool) (string, error) {
	if onHost {
		return "", nil
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.addresses == nil {
		return "", fmt.Errorf("the node has no pod subnet yet")
	}
	c.firstPod.Do(func() { c.onFirst(c.addresses.subnet.String()) })
	return c.addresses.next(), nil
}

func (c *containers) StartContainer(ctx context.Context, id string) error {
	if err := c.FakeRuntimeService.StartContainer(ctx, id); err != nil {
		return err
	}
	c.FakeRuntimeService.Lock()
	labels := c.Containers[id].GetLabels()
	c.FakeRuntimeService.Unlock()
	go c.endIfMeantTo(id, labels)
	return nil
}

// ListContainers also drops the call list, which grows with every relist.
func (c *containers) ListContainers(ctx context.Context, filter *runtimeapi.ContainerFilter) ([]*runtimeapi.Container, error) {
	c.FakeRuntimeService.Lock()
	c.Called = c.Called[:0]
	c.FakeRuntimeService.Unlock()
	return c.FakeRuntimeService.ListContainers(ctx, filter)
}

func (c *containers) endIfMeantTo(id string, labels map[string]string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	pod, err := c.client.CoreV1().Pods(labels[types.KubernetesPodNamespaceLabel]).Get(ctx, labels[types.KubernetesPodNameLabel], metav1.GetOptions{})
	if err != nil || !ends(pod, labels[types.KubernetesContainerNameLabel]) {
		return
	}
	time.Sleep(runTime)
	c.FakeRuntimeService.Lock()
	defer c.FakeRuntimeService.Unlock()
	if container, ok := c.Containers[id]; ok && container.State == runtimeapi.ContainerState_CONTAINER_RUNNING {
		container.State = runtimeapi.ContainerState_CONTAINER_EXITED
		container.FinishedAt = time.Now().UnixNano()
		container.ExitCode = 0
		container.Reason = "Completed"
	}
}

// ends tells whether a real container would be expected to come to an end.
func ends(pod *corev1.Pod, container string) bool {
	for _, init := range pod.Spec.InitContainers {
		if init.Name == container {
			return init.RestartPolicy == nil || *init.RestartPolicy != corev1.ContainerRestartPolicyAlways
		}
	}
	owner := metav1.GetControllerOf(pod)
	return owner != nil && owner.Kind == "Job" && owner.APIVersion == batchv1.SchemeGroupVersion.String()
}
