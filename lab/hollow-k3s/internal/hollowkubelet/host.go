package hollowkubelet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/kubernetes/cmd/kubelet/app/options"
	"k8s.io/kubernetes/pkg/volume/util/hostutil"

	"hollow-k3s/internal/localport"
	"hollow-k3s/internal/logline"
)

// containerLogs is where every kubelet keeps its links to containers' logs.
const containerLogs = "/var/log/containers"

// prepareHost leaves on the host what a real kubelet leaves there, because
// the fakes would not: an uninstall has to find it.
func prepareHost(config Config, server *options.KubeletServer) error {
	for _, directory := range []string{config.RootDir, server.StaticPodPath, server.PodLogsDir, containerLogs} {
		if err := os.MkdirAll(directory, 0o750); err != nil {
			return err
		}
	}
	// Volumes have to be seen by the containers, so where / is not shared, as
	// in a container, the kubelet mounts its directory onto itself.
	if err := hostutil.NewHostUtil().MakeRShared(config.RootDir); err != nil {
		return fmt.Errorf("error configuring root directory: %w", err)
	}
	return nil
}

// serveHealthz opens the kubelet's healthz port, which RunKubelet leaves to
// the command around it.
func serveHealthz(ctx context.Context, server *options.KubeletServer) {
	if server.HealthzPort > 0 {
		localport.Healthz(ctx, "kubelet", server.HealthzBindAddress, int(server.HealthzPort))
	}
}

// die ends the process as a kubelet does that finds out late that it cannot
// run here: with its own line and exit code, and none of k3s's.
func die(err error) {
	logline.Klog("kubelet.go:1703", "Failed to start ContainerManager", err)
	os.Exit(1)
}

// failAfter is the setting kubelet-fails.
func failAfter(ctx context.Context, wait time.Duration) {
	if wait == 0 {
		return
	}
	select {
	case <-time.After(wait):
		die(errors.New("system validation failed - Following Cgroup subsystem not mounted: [memory]"))
	case <-ctx.Done():
	}
}

// makePodLogs makes a pod's directory below /var/log/pods.
func makePodLogs(directory string) {
	if filepath.IsAbs(directory) {
		_ = os.MkdirAll(directory, 0o755)
	}
}
