package server

import (
	"context"

	"github.com/robfig/cron/v3"

	"hollow-k3s/internal/datastore"
	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/supervisor"
)

// snapshotOnSchedule takes etcd snapshots as etcd-snapshot-schedule-cron says
// and keeps as many as etcd-snapshot-retention says.
func (s *server) snapshotOnSchedule(ctx context.Context) {
	if s.values.On("etcd-disable-snapshots") {
		logline.Infof("ETCD snapshots are disabled")
		return
	}
	schedule := cron.New()
	_, err := schedule.AddFunc(s.values.Text("etcd-snapshot-schedule-cron"), func() {
		created, err := s.Snapshot(ctx, supervisor.SnapshotRequest{})
		if err != nil {
			logline.Errorf("%v", err)
		}
		if len(created) == 0 {
			return
		}
		directory, _ := datastore.SnapshotDirectory(s.data, s.values.Text("etcd-snapshot-dir"))
		if _, err := datastore.Prune(directory, s.values.Text("etcd-snapshot-name"), s.values.Number("etcd-snapshot-retention")); err != nil {
			logline.Errorf("Failed to apply snapshot retention: %v", err)
		}
	})
	if err != nil {
		logline.Errorf("Invalid etcd-snapshot-schedule-cron: %v", err)
		return
	}
	schedule.Start()
	<-ctx.Done()
	schedule.Stop()
}

// Snapshot saves one where the request says, else where the configuration does.
//
// A file that cannot be written is no error of the request in k3s: it is
// logged here, the answer names no file, and `k3s etcd-snapshot save` ends
// with 0 without having saved anything (pkg/etcd/snapshot.go, snapshot).
func (s *server) Snapshot(ctx context.Context, request supervisor.SnapshotRequest) ([]string, error) {
	directory, base := s.values.Text("etcd-snapshot-dir"), s.values.Text("etcd-snapshot-name")
	if request.Dir != nil {
		directory = *request.Dir
	}
	if len(request.Name) > 0 {
		base = request.Name[0]
	}
	directory, err := datastore.SnapshotDirectory(s.data, directory)
	if err != nil {
		return nil, err
	}
	name, err := s.storeConfig().Save(ctx, directory, base, s.nodeName)
	if err != nil {
		logline.Errorf("Failed to take etcd snapshot: %v", err)
		return nil, nil
	}
	return []string{name}, nil
}
