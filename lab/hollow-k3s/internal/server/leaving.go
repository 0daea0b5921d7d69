package server

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"hollow-k3s/internal/logline"
)

// An operator asks for a member's removal by one annotation and learns of it
// by the other (pkg/etcd/member_controller.go).
const (
	removeAnnotation  = "etcd.k3s.cattle.io/remove"
	removedAnnotation = "etcd.k3s.cattle.io/removed-node-name"
	// removalLease is held by the one server that removes members
	// (pkg/etcd/etcd.go, Register: a leader-elected controller).
	removalLease    = "k3s-etcd"
	memberFinalizer = "wrangler.cattle.io/managed-etcd-controller"
	// removalRetry is how long a failed removal waits: etcd refuses while it is
	// not well, for instance right after its leader went.
	removalRetry = time.Second
)

// leadRemovals takes part in the election for as long as the server runs.
//
// The holder may be the server that leaves. It then takes itself out of etcd,
// loses its API with that, and cannot say so any more. Only when its lease has
// run out does the next holder find the request, and no member to it, and
// write that the member is gone. This is why a removal can take a whole lease.
func (s *server) leadRemovals(ctx context.Context) {
	config, err := s.adminConfig()
	if err != nil {
		logline.Errorf("Leader election: %v", err)
		return
	}
	lease := s.tuning.ControllerLease
	lock, err := resourcelock.NewFromKubeconfig(resourcelock.LeasesResourceLock, metav1.NamespaceSystem, removalLease,
		resourcelock.ResourceLockConfig{Identity: s.nodeName}, config, lease*2/3)
	if err != nil {
		logline.Errorf("Leader election: %v", err)
		return
	}
	for ctx.Err() == nil {
		leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
			Name: removalLease, Lock: lock, ReleaseOnCancel: true,
			// k3s: 45 s, 30 s and 2 s (wrangler's pkg/leader).
			LeaseDuration: lease, RenewDeadline: lease * 2 / 3, RetryPeriod: min(lease/6, 2*time.Second),
			Callbacks: leaderelection.LeaderCallbacks{
				OnStartedLeading: s.removeMembers,
				// k3s ends here with "leaderelection lost". On a busy lab
				// machine that would be chance, so it is asked for: lose-lease.
				OnStoppedLeading: func() {},
			},
		})
	}
}

// removeMembers looks again and again, and not only at events: a removal that
// was asked for before this server held the lease is the usual case.
func (s *server) removeMembers(ctx context.Context) {
	for ctx.Err() == nil {
		nodes, err := s.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: etcdRole + "=true"})
		if err == nil {
			for i := range nodes.Items {
				s.tendMember(ctx, &nodes.Items[i])
			}
		}
		select {
		case <-time.After(removalRetry):
		case <-ctx.Done():
		}
	}
}

// tendMember: a Node that is deleted stays, held by a finalizer, until its
// member has been removed (wrangler's OnRemove).
func (s *server) tendMember(ctx context.Context, node *corev1.Node) {
	held := slices.Contains(node.Finalizers, memberFinalizer)
	switch {
	case node.DeletionTimestamp == nil && !held:
		node.Finalizers = append(node.Finalizers, memberFinalizer)
	case node.DeletionTimestamp != nil && held:
		if member := node.Annotations[memberAnnotation]; member != "" {
			if err := s.member.Remove(ctx, member); err != nil {
				logline.Errorf("Removing etcd member %s: %v", member, err)
				return
			}
		}
		node.Finalizers = slices.DeleteFunc(node.Finalizers, func(name string) bool { return name == memberFinalizer })
	case asksToLeave(node):
		s.removeMember(ctx, node)
		return
	default:
		return
	}
	// A conflict means that the node changed: the next look comes soon.
	_, _ = s.client.CoreV1().Nodes().Update(ctx, node, metav1.UpdateOptions{})
}

func asksToLeave(node *corev1.Node) bool {
	return strings.EqualFold(node.Annotations[removeAnnotation], "true") && node.Annotations[removedAnnotation] == "" &&
		node.Annotations[memberAnnotation] != ""
}

func (s *server) removeMember(ctx context.Context, node *corev1.Node) {
	select {
	case <-time.After(s.tuning.RemovalDelay):
	case <-ctx.Done():
		return
	}
	member := node.Annotations[memberAnnotation]
	err := s.member.Remove(ctx, member)
	if err == nil {
		err = s.tellRemoved(ctx, node.Name, member)
	}
	if err != nil {
		logline.Infof("Removing etcd member %s: %v", member, err)
		return
	}
	if s.tuning.LoseLease > 0 {
		time.Sleep(s.tuning.LoseLease)
		logline.Fatalf("leaderelection lost for %s", removalLease)
	}
}

func (s *server) tellRemoved(ctx context.Context, name, member string) error {
	short, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]any{
		removedAnnotation: member, memberAnnotation: nil, addressAnnotaton: nil,
	}}})
	if err != nil {
		return err
	}
	_, err = s.client.CoreV1().Nodes().Patch(short, name, types.StrategicMergePatchType, patch, metav1.PatchOptions{})
	return err
}
