package datastore

import (
	"context"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"hollow-k3s/internal/logline"
)

// Standing is a member's place in the cluster.
type Standing int

const (
	Voter Standing = iota
	Learner
	Unreachable
	// Unjoined: a node that has, or had, an etcd role and is no member.
	Unjoined
)

// awaitVote promotes this member as soon as the leader finds it in sync.
func (m *Member) awaitVote(ctx context.Context) error {
	for {
		learner, err := m.learner(ctx)
		if err == nil && !learner {
			return nil
		}
		if err == nil {
			m.promote(ctx)
		} else {
			logline.Infof("Waiting for etcd: %v", err)
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-m.Stopped():
			return ErrRemoved
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (m *Member) learner(ctx context.Context) (bool, error) {
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	status, err := m.Client.Status(short, Endpoint)
	if err != nil {
		return false, err
	}
	return status.IsLearner, nil
}

// promote asks the other members, since a learner does not serve the request.
func (m *Member) promote(ctx context.Context) {
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var endpoints []string
	for _, member := range m.server.Server.Cluster().Members() {
		if !member.IsLearner {
			endpoints = append(endpoints, member.ClientURLs...)
		}
	}
	client, err := m.Dial(endpoints...)
	if err != nil {
		return
	}
	defer client.Close()
	if _, err := client.MemberPromote(short, uint64(m.server.Server.MemberID())); err != nil {
		logline.Infof("Waiting for this server to be promoted to a voting etcd member: %v", err)
	}
}

// Leads tells whether this member is etcd's leader.
func (m *Member) Leads() bool {
	return m.server.Server.Leader() == m.server.Server.MemberID()
}

// Standings is every member's standing, by member name.
func (m *Member) Standings(ctx context.Context) (map[string]Standing, error) {
	members, err := m.Members(ctx)
	if err != nil {
		return nil, err
	}
	found := map[string]Standing{}
	for _, member := range members.Members {
		found[member.Name] = m.standing(ctx, member.ClientURLs)
	}
	return found, nil
}

func (m *Member) standing(ctx context.Context, endpoints []string) Standing {
	if len(endpoints) == 0 {
		return Unreachable
	}
	short, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	status, err := m.Client.Status(short, endpoints[0])
	switch {
	case err != nil:
		return Unreachable
	case status.IsLearner:
		return Learner
	default:
		return Voter
	}
}

// Members lists the cluster.
func (m *Member) Members(ctx context.Context) (*clientv3.MemberListResponse, error) {
	short, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return m.Client.MemberList(short)
}

// Remove takes a member out of the cluster by its name.
func (m *Member) Remove(ctx context.Context, name string) error {
	// k3s gives etcd a minute; a removed member's own client would hang.
	short, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	members, err := m.Members(short)
	if err != nil {
		return err
	}
	for _, member := range members.Members {
		if member.Name == name {
			logline.Infof("Removing name=%s id=%d from etcd", name, member.ID)
			_, err := m.Client.MemberRemove(short, member.ID)
			return err
		}
	}
	return nil
}
