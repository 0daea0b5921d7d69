package hollowkubelet

import (
	"os"
	"path/filepath"

	"k8s.io/component-base/configz"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	kubeletscheme "k8s.io/kubernetes/pkg/kubelet/apis/config/scheme"
	"sigs.k8s.io/yaml"
)

// publish shows the kubelet's configuration at its /configz endpoint, as the
// upstream command does, and in the file where k3s keeps its kubelet
// defaults: resolvConf and the like can be seen on the host.
func publish(config *kubeletconfig.KubeletConfiguration, file string) error {
	scheme, _, err := kubeletscheme.NewSchemeAndCodecs()
	if err != nil {
		return err
	}
	versioned := &kubeletv1beta1.KubeletConfiguration{}
	if err := scheme.Convert(config, versioned, nil); err != nil {
		return err
	}
	versioned.SetGroupVersionKind(kubeletv1beta1.SchemeGroupVersion.WithKind("KubeletConfiguration"))
	endpoint, err := configz.New("kubeletconfig")
	if err != nil {
		return err
	}
	if err := endpoint.Set(versioned); err != nil {
		return err
	}
	content, err := yaml.Marshal(versioned)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o600)
}
