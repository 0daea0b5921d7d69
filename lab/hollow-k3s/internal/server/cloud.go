package server

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

const (
	uninitialized = "node.cloudprovider.kubernetes.io/uninitialized"
	instanceType  = "node.kubernetes.io/instance-type"
	oldType       = "beta.kubernetes.io/instance-type"
)

// initializeNode is k3s's cloud controller: it gives a node its provider id,
// its addresses and its type, and lets pods onto it.
func (s *server) initializeNode(ctx context.Context, node *corev1.Node) {
	wanted := node.DeepCopy()
	if wanted.Spec.ProviderID == "" {
		wanted.Spec.ProviderID = "k3s://" + node.Name
	}
	if wanted.Labels == nil {
		wanted.Labels = map[string]string{}
	}
	wanted.Labels[instanceType], wanted.Labels[oldType] = "k3s", "k3s"
	wanted.Spec.Taints = nil
	for _, taint := range node.Spec.Taints {
		if taint.Key != uninitialized {
			wanted.Spec.Taints = append(wanted.Spec.Taints, taint)
		}
	}
	if addresses := nodeAddresses(node); addresses != nil && !reflect.DeepEqual(addresses, node.Status.Addresses) {
		s.setAddresses(ctx, node.Name, addresses)
	}
	if !reflect.DeepEqual(wanted.Spec, node.Spec) || !reflect.DeepEqual(wanted.Labels, node.Labels) {
		// A conflict means that the node changed: its next event comes here.
		_, _ = s.client.CoreV1().Nodes().Update(ctx, wanted, metav1.UpdateOptions{})
	}
}

func nodeAddresses(node *corev1.Node) []corev1.NodeAddress {
	internal := node.Annotations["k3s.io/internal-ip"]
	if internal == "" {
		return nil
	}
	var addresses []corev1.NodeAddress
	for _, one := range strings.Split(internal, ",") {
		addresses = append(addresses, corev1.NodeAddress{Type: corev1.NodeInternalIP, Address: one})
	}
	for _, external := range strings.Split(node.Annotations["k3s.io/external-ip"], ",") {
		if external != "" {
			addresses = append(addresses, corev1.NodeAddress{Type: corev1.NodeExternalIP, Address: external})
		}
	}
	return append(addresses, corev1.NodeAddress{Type: corev1.NodeHostName, Address: node.Annotations["k3s.io/hostname"]})
}

func (s *server) setAddresses(ctx context.Context, name string, addresses []corev1.NodeAddress) {
	// Addresses merge by type, so the old ones have to be replaced by name.
	patch, err := json.Marshal(map[string]any{"status": map[string]any{"addresses": addresses}})
	if err != nil {
		return
	}
	_, _ = s.client.CoreV1().Nodes().Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
}
