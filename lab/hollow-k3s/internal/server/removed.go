package server

import (
	"context"
	"time"

	"hollow-k3s/internal/datastore"
	"hollow-k3s/internal/logline"
)

// endWhenRemoved: k3s notes that its member is gone, and then ends by itself,
// because nothing of it can go on without the datastore. systemd starts it
// again, and it comes back as a new member: who wants it to stay away has to
// keep it from starting.
func (s *server) endWhenRemoved(ctx context.Context) {
	select {
	case <-s.member.Stopped():
	case <-ctx.Done():
		return
	}
	if ctx.Err() != nil {
		return
	}
	if !s.member.Removed() {
		logline.Fatalf("etcd stopped by itself")
	}
	s.member.Bury()
	logline.Infof("%v", datastore.ErrRemoved)
	select {
	case <-time.After(s.tuning.RemovedExit):
	case <-ctx.Done():
		return
	}
	logline.Fatalf("leaderelection lost for %s", removalLease)
}
