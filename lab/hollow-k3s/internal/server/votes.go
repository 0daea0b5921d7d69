package server

import (
	"context"
	"encoding/json"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"hollow-k3s/internal/datastore"
)

// EtcdIsVoter is the node condition by which k3s shows a member's standing
// (pkg/etcd/etcd.go). Upgrades wait for it.
const EtcdIsVoter corev1.NodeConditionType = "EtcdIsVoter"

// watchVotes keeps the conditions of all members. As in k3s, etcd's leader
// does it, at intervals: a new voter's condition comes a while after its vote,
// and a removed one's goes a while after its removal.
func (s *server) watchVotes(ctx context.Context) {
	for {
		select {
		case <-time.After(s.tuning.VoteInterval):
			if s.member.Leads() {
				s.reportVotes(ctx)
			}
		case <-ctx.Done():
			return
		}
	}
}

func (s *server) reportVotes(ctx context.Context) {
	standings, err := s.member.Standings(ctx)
	if err != nil {
		return
	}
	nodes, err := s.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: etcdRole + "=true"})
	if err != nil {
		return
	}
	for _, node := range nodes.Items {
		standing, ok := standings[node.Annotations[memberAnnotation]]
		if !ok {
			standing = datastore.Unjoined
		}
		s.setVote(ctx, node, voteCondition(standing))
	}
}

func voteCondition(standing datastore.Standing) corev1.NodeCondition {
	switch standing {
	case datastore.Voter:
		return corev1.NodeCondition{Type: EtcdIsVoter, Status: corev1.ConditionTrue, Reason: "MemberNotLearner", Message: "Node is a voting member of the etcd cluster"}
	case datastore.Learner:
		return corev1.NodeCondition{Type: EtcdIsVoter, Status: corev1.ConditionFalse, Reason: "MemberIsLearner", Message: "Node has not been promoted to voting member of the etcd cluster"}
	case datastore.Unjoined:
		return corev1.NodeCondition{Type: EtcdIsVoter, Status: corev1.ConditionFalse, Reason: "NotAMember", Message: "Node is not a member of the etcd cluster"}
	default:
		return corev1.NodeCondition{Type: EtcdIsVoter, Status: corev1.ConditionFalse, Reason: "Unhealthy", Message: "Node is unhealthy"}
	}
}

func (s *server) setVote(ctx context.Context, node corev1.Node, condition corev1.NodeCondition) {
	now := metav1.Now()
	condition.LastHeartbeatTime, condition.LastTransitionTime = now, now
	for _, old := range node.Status.Conditions {
		if old.Type != EtcdIsVoter {
			continue
		}
		if old.Status == condition.Status && old.Reason == condition.Reason {
			if time.Since(old.LastHeartbeatTime.Time) < 5*time.Minute {
				return
			}
			condition.LastTransitionTime = old.LastTransitionTime
		}
	}
	patch, err := json.Marshal(map[string]any{"status": map[string]any{"conditions": []corev1.NodeCondition{condition}}})
	if err != nil {
		return
	}
	_, _ = s.client.CoreV1().Nodes().Patch(ctx, node.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
}
