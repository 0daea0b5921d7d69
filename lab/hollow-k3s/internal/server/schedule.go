package server

import (
	"context"

	"github.com/robfig/cron/v3"

	"hollow-k3s/internal/datastore"
	"hollow-k3s/internal/logline"
)

// snapshotOnSchedule takes etcd snapshots as etcd-snapshot-schedule-cron says
// and keeps as many as etcd-snapshot-retention says.
func (s *server) snapshotOnSchedule(ctx context.Context) {
	if s.values.On("etcd-disable-snapshots") {
		logline.Infof("ETCD snapshots are disabled")
		return
	}
	schedule := cron.New()
	_, err := schedule.AddFunc(s.values.Text("etcd-snapshot-schedule-cron"), func() { s.snapshot(ctx) })
	if err != nil {
		logline.Errorf("Invalid etcd-snapshot-schedule-cron: %v", err)
		return
	}
	schedule.Start()
	<-ctx.Done()
	schedule.Stop()
}

func (s *server) snapshot(ctx context.Context) {
	directory := datastore.SnapshotDirectory(s.data, s.values.Text("etcd-snapshot-dir"))
	base := s.values.Text("etcd-snapshot-name")
	name, err := s.storeConfig().Save(ctx, directory, base, s.nodeName)
	if err != nil {
		logline.Errorf("Failed to take etcd snapshot: %v", err)
		return
	}
	logline.Infof("Saved etcd snapshot %s", name)
	if _, err := datastore.Prune(directory, base, s.values.Number("etcd-snapshot-retention")); err != nil {
		logline.Errorf("Failed to apply snapshot retention: %v", err)
	}
}
