package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"hollow-k3s/internal/flannel"
	"hollow-k3s/internal/hollowkubelet"
	"hollow-k3s/internal/hostnet"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/stamp"
)

func (n *node) startKubelet(ctx context.Context) error {
	resolvConf, err := n.resolvConf()
	if err != nil {
		return err
	}
	arguments := append(n.kubeletArguments(resolvConf), trimDashes(n.Values.Raw("kubelet-arg"))...)
	logline.Infof("Running kubelet %s", "--"+strings.Join(arguments, " --"))
	networkConf := n.Data.CNI()
	if n.cluster.FlannelBackend == "none" {
		networkConf = "/etc/cni/net.d"
	}
	err = hollowkubelet.Start(ctx, hollowkubelet.Config{
		NodeName:    n.name,
		Kubeconfig:  n.Data.Agent("kubelet.kubeconfig"),
		Arguments:   arguments,
		ServingBase: n.Data.Agent("serving-kubelet"),
		RootDir:     layout.KubeletDirectory,
		CNIConf:     networkConf,
		Check:       n.checkHost,
		Fails:       n.KubeletFails,
		ConfigFile:  n.Data.Agent("etc", "kubelet.conf.d", "00-k3s-defaults.conf"),
		OnFirstPod: func(podCIDR string) {
			if n.cluster.FlannelBackend == "none" {
				return
			}
			if err := flannel.EnsureBridge(podCIDR); err != nil {
				logline.Warnf("Failed to make cni0: %v", err)
			}
		},
	})
	if err != nil {
		return err
	}
	return n.annotate(ctx)
}

// checkHost: with protect-kernel-defaults the kubelet changes no kernel setting
// and refuses to run with another one.
func (n *node) checkHost() error {
	if !n.Values.On("protect-kernel-defaults") {
		return nil
	}
	return checkKernelDefaults()
}

func (n *node) kubeletArguments(resolvConf string) []string {
	arguments := []string{
		"address=0.0.0.0",
		"anonymous-auth=false",
		"authentication-token-webhook=true",
		"authorization-mode=Webhook",
		"client-ca-file=" + n.Data.Agent("client-ca.crt"),
		"cluster-dns=" + n.cluster.ClusterDNS,
		"cluster-domain=" + n.cluster.ClusterDomain,
		"healthz-bind-address=127.0.0.1",
		"hostname-override=" + n.name,
		"kubeconfig=" + n.Data.Agent("kubelet.kubeconfig"),
		"node-ip=" + n.addresses(),
		"read-only-port=0",
		"resolv-conf=" + resolvConf,
		"tls-cert-file=" + n.Data.Agent("serving-kubelet.crt"),
		"tls-private-key-file=" + n.Data.Agent("serving-kubelet.key"),
	}
	if n.cluster.ExternalCloud {
		arguments = append(arguments, "cloud-provider=external")
	}
	if labels := n.Values.List("node-label"); len(labels) > 0 {
		arguments = append(arguments, "node-labels="+strings.Join(labels, ","))
	}
	if taints := n.Values.List("node-taint"); len(taints) > 0 {
		arguments = append(arguments, "register-with-taints="+strings.Join(taints, ","))
	}
	return arguments
}

// addresses are all that the node has in the cluster, the primary one first.
func (n *node) addresses() string {
	if given := n.Values.List("node-ip"); len(given) > 0 {
		return strings.Join(given, ",")
	}
	return n.ip
}

// checkFamilies: pkg/agent/run.go.
func (n *node) checkFamilies() error {
	if strings.Contains(n.cluster.ClusterCIDR, ",") && !strings.Contains(n.addresses(), ",") {
		return fmt.Errorf("cluster-cidr: [%s] and node-ip: [%s], must share the same IP version (IPv4, IPv6 or dual-stack)", n.cluster.ClusterCIDR, n.addresses())
	}
	return nil
}

func trimDashes(arguments []string) []string {
	trimmed := make([]string, len(arguments))
	for i, argument := range arguments {
		trimmed[i] = strings.TrimLeft(argument, "-")
	}
	return trimmed
}

func (n *node) controllerClient() (kubernetes.Interface, error) {
	config, err := clientcmd.BuildConfigFromFlags("", n.Data.Agent("k3scontroller.kubeconfig"))
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(config)
}

// annotate records on the Node what k3s records there: its addresses, which
// the cloud controller turns into the Node's, and its options.
func (n *node) annotate(ctx context.Context) error {
	client, err := n.controllerClient()
	if err != nil {
		return err
	}
	role := "agent"
	if n.ServerURL == n.SupervisorURL {
		role = "server"
	}
	options, err := json.Marshal(append([]string{role}, n.Values.Described()...))
	if err != nil {
		return err
	}
	annotations := map[string]any{
		"k3s.io/hostname":    n.name,
		"k3s.io/internal-ip": n.addresses(),
		"k3s.io/external-ip": nil,
		"k3s.io/node-args":   string(options),
	}
	if external := n.Values.List("node-external-ip"); len(external) > 0 {
		annotations["k3s.io/external-ip"] = strings.Join(external, ",")
	}
	labels := map[string]any{}
	for _, label := range n.Values.List("node-label") {
		key, value, _ := strings.Cut(label, "=")
		labels[key] = value
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": annotations, "labels": labels}})
	if err != nil {
		return err
	}
	for {
		_, err := client.CoreV1().Nodes().Patch(ctx, n.name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
		if err == nil {
			return nil
		}
		if err := pause(ctx, 200*time.Millisecond); err != nil {
			return err
		}
	}
}

func (n *node) startFlannel(ctx context.Context) error {
	if n.cluster.FlannelBackend == "none" {
		return nil
	}
	client, err := n.controllerClient()
	if err != nil {
		return err
	}
	name := n.Values.Text("flannel-iface")
	if name == "" {
		// flannel looks at the default route only, whatever node-ip says.
		if name, err = hostnet.DefaultInterface(); err != nil {
			return fmt.Errorf("flannel exited: failed to get default interface: %w", err)
		}
	}
	source, err := hostnet.InterfaceIP(name)
	if err != nil {
		return fmt.Errorf("flannel exited: %w", err)
	}
	public := source
	if external := n.Values.List("node-external-ip"); n.cluster.FlannelExternalIP && len(external) > 0 {
		public = external[0]
	}
	return flannel.Run(ctx, flannel.Config{
		Data: n.Data, Client: client, Node: n.name, Interface: name, SourceIP: source, PublicIP: public,
		// There is a device for IPv4 only.
		ClusterCIDR: strings.Split(n.cluster.ClusterCIDR, ",")[0], Recover: stamp.RecoversFlannel(n.Release),
	})
}
