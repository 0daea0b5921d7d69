package server

import (
	"context"
	"encoding/json"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/tools/cache"

	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/supervisor"
)

const (
	controlPlaneRole = "node-role.kubernetes.io/control-plane"
	etcdRole         = "node-role.kubernetes.io/etcd"
	memberAnnotation = "etcd.k3s.cattle.io/node-name"
	addressAnnotaton = "etcd.k3s.cattle.io/node-address"
)

// startLoops starts what k3s's own controllers do. Every server runs them, as
// what they do is the same whoever does it first; only etcd's members are left
// to one, the holder of a lease.
func (s *server) startLoops(ctx context.Context) {
	factory := informers.NewSharedInformerFactory(s.client, 5*time.Minute)
	nodes := factory.Core().V1().Nodes().Informer()
	_, err := nodes.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { s.onNode(ctx, object) },
		UpdateFunc: func(_, object any) { s.onNode(ctx, object) },
		DeleteFunc: func(object any) { s.onNodeGone(ctx, object) },
	})
	if err != nil {
		logline.Errorf("Watching nodes: %v", err)
	}
	factory.Start(ctx.Done())
	go s.deployForever(ctx)
	if !s.lone {
		go s.watchVotes(ctx)
		go s.leadRemovals(ctx)
		go s.snapshotOnSchedule(ctx)
	}
}

func (s *server) onNode(ctx context.Context, object any) {
	node, ok := object.(*corev1.Node)
	if !ok {
		return
	}
	if !s.critical.DisableCloudController {
		s.initializeNode(ctx, node)
	}
}

// onNodeGone keeps a name usable: the password goes with the node
// (docs.k3s.io/architecture). Its etcd member goes too, in leadRemovals.
func (s *server) onNodeGone(ctx context.Context, object any) {
	if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
		object = gone.Obj
	}
	node, ok := object.(*corev1.Node)
	if !ok {
		return
	}
	_ = s.client.CoreV1().Secrets(metav1.NamespaceSystem).Delete(ctx, supervisor.PasswordSecret(node.Name), metav1.DeleteOptions{})
}

// labelNode marks this server's node with its roles.
func (s *server) labelNode(ctx context.Context) {
	labels := map[string]string{controlPlaneRole: "true"}
	annotations := map[string]string{}
	if !s.lone {
		labels[etcdRole] = "true"
		annotations[memberAnnotation] = s.member.Name
		annotations[addressAnnotaton] = s.nodeIP
	}
	// What a rotation that was cut off wrote there is gone.
	if state, err := os.ReadFile(encryptionState(s.data)); err == nil {
		annotations[keysAnnotation] = string(state)
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"labels": labels, "annotations": annotations}})
	if err != nil {
		return
	}
	for ctx.Err() == nil {
		if _, err := s.client.CoreV1().Nodes().Patch(ctx, s.nodeName, types.StrategicMergePatchType, patch, metav1.PatchOptions{}); err == nil {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
}
