package server

import (
	"context"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"hollow-k3s/internal/logline"
)

// An operator asks for a member's removal by one annotation and learns of it
// by the other (pkg/etcd/member_controller.go).
const (
	removeAnnotation  = "etcd.k3s.cattle.io/remove"
	removedAnnotation = "etcd.k3s.cattle.io/removed-node-name"
)

// removeMemberWhenAsked takes a node's member out of etcd. The member that
// leaves does not do it: it would lose its API before it could say so.
func (s *server) removeMemberWhenAsked(ctx context.Context, node *corev1.Node) {
	if s.lone || node.Name == s.nodeName || !asksToLeave(node) {
		return
	}
	if _, busy := s.leaving.LoadOrStore(node.Name, true); busy {
		return
	}
	go func() {
		defer s.leaving.Delete(node.Name)
		s.removeMember(ctx, node)
	}()
}

func asksToLeave(node *corev1.Node) bool {
	return node.Annotations[removeAnnotation] == "true" && node.Annotations[removedAnnotation] == "" &&
		node.Annotations[memberAnnotation] != ""
}

// removeMember tries again, as k3s's controller does, until it is done or no
// longer asked for: etcd refuses while it is not well, for instance right
// after its leader went.
func (s *server) removeMember(ctx context.Context, node *corev1.Node) {
	for ctx.Err() == nil && asksToLeave(node) {
		member := node.Annotations[memberAnnotation]
		err := s.member.Remove(ctx, member)
		if err == nil {
			err = s.tellRemoved(ctx, node.Name, member)
		}
		if err == nil {
			return
		}
		logline.Infof("Removing etcd member %s: %v", member, err)
		time.Sleep(time.Second)
		latest, err := s.client.CoreV1().Nodes().Get(ctx, node.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return
		}
		if err == nil {
			node = latest
		}
	}
}

func (s *server) tellRemoved(ctx context.Context, name, member string) error {
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]any{
		removedAnnotation: member, memberAnnotation: nil, addressAnnotaton: nil,
	}}})
	if err != nil {
		return err
	}
	_, err = s.client.CoreV1().Nodes().Patch(ctx, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	return err
}
