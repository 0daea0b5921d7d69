// Package hollowkubelet runs the upstream kubelet on Kubemark's fakes: a real
// Node, real pod lifecycles, hollow containers.
package hollowkubelet

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
	noopoteltrace "go.opentelemetry.io/otel/trace/noop"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/record"
	apitest "k8s.io/cri-api/pkg/apis/testing"
	kubeletapp "k8s.io/kubernetes/cmd/kubelet/app"
	"k8s.io/kubernetes/cmd/kubelet/app/options"
	"k8s.io/kubernetes/pkg/kubelet"
	cadvisortest "k8s.io/kubernetes/pkg/kubelet/cadvisor/testing"
	"k8s.io/kubernetes/pkg/kubelet/cm"
	containertest "k8s.io/kubernetes/pkg/kubelet/container/testing"
	probetest "k8s.io/kubernetes/pkg/kubelet/prober/testing"
	kubeletutil "k8s.io/kubernetes/pkg/kubelet/util"
	"k8s.io/kubernetes/pkg/util/oom"
	"k8s.io/kubernetes/pkg/volume/util/hostutil"
	"k8s.io/kubernetes/pkg/volume/util/subpath"
	"k8s.io/mount-utils"

	"k8s.io/apimachinery/pkg/types"

	"hollow-k3s/internal/logline"
)

// Config is what a node's kubelet needs to know.
type Config struct {
	NodeName   string
	Kubeconfig string
	// Arguments are kubelet flags without the leading dashes, in k3s's order:
	// its own first, then the user's kubelet-arg.
	Arguments []string
	// ServingBase is the path of the serving certificate without .crt.
	ServingBase string
	RootDir     string
	// CNIConf is the directory whose content makes the network ready.
	CNIConf string
	// ConfigFile is where the resulting configuration is written.
	ConfigFile string
	// OnFirstPod is called before the first pod gets an address of the subnet.
	OnFirstPod func(podCIDR string)
	// Check is what a real kubelet checks of the host before it runs pods.
	Check func() error
	// Fails: the kubelet dies this long after its start; zero: never.
	Fails time.Duration
}

// Start runs the kubelet in the background; it ends with the process. What a
// kubelet cannot live with ends the process too, in the kubelet's own words.
func Start(ctx context.Context, config Config) error {
	server, err := parse(config)
	if err != nil {
		// k3s before 1.22 has the first line, later ones the error returned.
		logline.Klog("server.go:152", "Failed to parse kubelet flag", errors.Unwrap(err))
		return fmt.Errorf("kubelet exited: %w", err)
	}
	if err := config.Check(); err != nil {
		die(err)
	}
	if err := prepareHost(config, server); err != nil {
		logline.Klog("kubelet.go:1520", "Failed to initialize internal modules", err)
		os.Exit(1)
	}
	serveHealthz(ctx, server)
	go failAfter(ctx, config.Fails)
	if err := publish(&server.KubeletConfiguration, config.ConfigFile); err != nil {
		return err
	}
	client, heartbeat, err := clients(config.Kubeconfig, server)
	if err != nil {
		return err
	}
	certificate, err := tls.LoadX509KeyPair(config.ServingBase+".crt", config.ServingBase+".key")
	if err != nil {
		return err
	}
	auth, reload, err := kubeletapp.BuildAuth(types.NodeName(config.NodeName), client, server.KubeletConfiguration)
	if err != nil {
		return err
	}
	go reload(ctx.Done())
	dependencies := &kubelet.Dependencies{
		Auth: auth,
		TLSConfig: &tls.Config{
			Certificates: []tls.Certificate{certificate},
			ClientAuth:   tls.RequestClientCert,
			MinVersion:   tls.VersionTLS12,
		},
		KubeClient:                client,
		HeartbeatClient:           heartbeat,
		EventClient:               client.CoreV1(),
		ProbeManager:              probetest.FakeManager{},
		RemoteRuntimeService:      newContainers(client, config.CNIConf, config.OnFirstPod),
		RemoteImageService:        apitest.NewFakeImageService(),
		CAdvisorInterface:         machine{&cadvisortest.Fake{NodeName: config.NodeName}},
		OSInterface:               &containertest.FakeOS{},
		ContainerManager:          cm.NewStubContainerManager(),
		VolumePlugins:             volumePlugins(),
		OOMAdjuster:               oom.NewFakeOOMAdjuster(),
		Mounter:                   &mount.FakeMounter{},
		Subpather:                 &subpath.FakeSubpath{},
		HostUtil:                  hostutil.NewFakeHostUtil(nil),
		PodStartupLatencyTracker:  kubeletutil.NewPodStartupLatencyTracker(),
		NodeStartupLatencyTracker: kubeletutil.NewNodeStartupLatencyTracker(),
		TracerProvider:            noopoteltrace.NewTracerProvider(),
		// A real recorder makes the kubelet watch /dev/kmsg.
		Recorder: &record.FakeRecorder{},
	}
	return kubeletapp.RunKubelet(ctx, server, dependencies)
}

// parse takes the arguments with the kubelet's own flags, so that a wrong
// kubelet-arg fails as it does for a real kubelet.
func parse(config Config) (*options.KubeletServer, error) {
	server, err := options.NewKubeletServer()
	if err != nil {
		return nil, err
	}
	hollow(server, config.RootDir)
	set := pflag.NewFlagSet("kubelet", pflag.ContinueOnError)
	// Half of the kubelet's flags print that they are deprecated; k3s uses
	// them all the same.
	set.SetOutput(io.Discard)
	server.AddFlags(set)
	dashed := make([]string, len(config.Arguments))
	for i, argument := range config.Arguments {
		dashed[i] = "--" + argument
	}
	if err := set.Parse(dashed); err != nil {
		return nil, fmt.Errorf("failed to parse kubelet flag: %w", err)
	}
	if err := options.ValidateKubeletFlags(&server.KubeletFlags); err != nil {
		return nil, fmt.Errorf("failed to validate kubelet flags: %w", err)
	}
	return server, nil
}

// hollow sets what a kubelet without containers needs: no cgroups, no
// garbage collection of anything real.
func hollow(server *options.KubeletServer, rootDir string) {
	server.RootDirectory = rootDir
	server.MaxContainerCount = 100
	server.MaxPerPodContainerCount = 2
	server.MinimumGCAge.Duration = time.Minute
	server.StaticPodPath = filepath.Join(rootDir, "static-pods")
	server.CgroupsPerQOS = false
	server.EnforceNodeAllocatable = nil
	server.EnableControllerAttachDetach = true
	server.ReadOnlyPort = 0
	server.FailSwapOn = false
	server.LocalStorageCapacityIsolation = true
	server.EvictionHard = map[string]string{}
}

func clients(kubeconfig string, server *options.KubeletServer) (client, heartbeat kubernetes.Interface, err error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, nil, err
	}
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.QPS = float32(server.KubeAPIQPS)
	config.Burst = int(server.KubeAPIBurst)
	config = rest.AddUserAgent(config, "hollow-kubelet")
	client, err = kubernetes.NewForConfig(config)
	if err != nil {
		return nil, nil, err
	}
	// As the kubelet's own: a heartbeat is never throttled and never outlives
	// its lease.
	beat := rest.CopyConfig(config)
	beat.QPS = -1
	beat.Timeout = server.NodeStatusUpdateFrequency.Duration
	heartbeat, err = kubernetes.NewForConfig(beat)
	return client, heartbeat, err
}
