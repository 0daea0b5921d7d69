package server

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"hollow-k3s/internal/supervisor"
)

func (s *server) adminConfig() (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", s.data.Server("cred", "supervisor.kubeconfig"))
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 50, 100
	config.Timeout = 0
	return config, nil
}

func (s *server) adminClient() (kubernetes.Interface, error) {
	config, err := s.adminConfig()
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(config)
}

func (s *server) newSupervisor() *supervisor.Supervisor {
	guard := &supervisor.Supervisor{
		Data:       s.data,
		Client:     s.client,
		Passwords:  s.passwords,
		Rotate:     s.rotateToken,
		Replace:    s.replaceAuthorities,
		Encryption: keyring{s},
		Config: supervisor.ClusterConfig{
			ClusterDNS:        s.critical.ClusterDNS,
			ClusterDomain:     s.critical.ClusterDomain,
			ClusterCIDR:       s.critical.ClusterCIDR,
			FlannelBackend:    s.critical.FlannelBackend,
			FlannelExternalIP: s.critical.FlannelExternalIP,
			ExternalCloud:     !s.critical.DisableCloudController,
			HTTPSPort:         s.port,
			Critical:          s.critical,
		},
	}
	if !s.lone {
		guard.Datastore = s
	}
	return guard
}

func (s *server) apiReady(ctx context.Context) bool {
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	_, err := s.client.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(short)
	return err == nil
}

// awaitAPI waits until the API serves and kube-system exists, which is what
// the first steps of every other part rely on.
func (s *server) awaitAPI(ctx context.Context, ended <-chan error) error {
	for {
		if s.apiReady(ctx) {
			_, err := s.client.CoreV1().Namespaces().Get(ctx, metav1.NamespaceSystem, metav1.GetOptions{})
			if err == nil {
				return nil
			}
		}
		select {
		case err := <-ended:
			return err
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
