package datastore

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/etcd/api/v3/etcdserverpb"

	"hollow-k3s/internal/layout"
)

func member(name, address string) *etcdserverpb.Member {
	return &etcdserverpb.Member{Name: name, PeerURLs: []string{"https://" + address + ":2380"}}
}

func TestPlaceInTheCluster(t *testing.T) { // pkg/etcd/etcd.go, join
	config := Config{NodeIP: "10.0.0.2"}
	first := member("n1-aaaaaaaa", "10.0.0.1")
	cluster, present, err := config.place("n2-bbbbbbbb", "n2", []*etcdserverpb.Member{first})
	if err != nil || present || !slices.Equal(cluster, []string{"n1-aaaaaaaa=https://10.0.0.1:2380"}) {
		t.Errorf("new: %v %v %v", cluster, present, err)
	}
	// A member that was added but never started has no name yet.
	cluster, present, err = config.place("n2-bbbbbbbb", "n2", []*etcdserverpb.Member{first, member("", "10.0.0.2")})
	if err != nil || !present || !slices.Contains(cluster, "n2-bbbbbbbb=https://10.0.0.2:2380") {
		t.Errorf("half joined: %v %v %v", cluster, present, err)
	}
	_, _, err = config.place("n1-cccccccc", "n1", []*etcdserverpb.Member{first})
	if !errors.Is(err, ErrDuplicateName) {
		t.Errorf("duplicate: %v", err)
	}
}

func TestMemberNameIsKept(t *testing.T) { // db/etcd/name
	config := Config{Data: layout.Data(t.TempDir())}
	first, err := config.memberName("n1", false)
	if err != nil || NodeOf(first) != "n1" || len(first) != len("n1-")+8 {
		t.Fatal(first, err)
	}
	if again, _ := config.memberName("n1", false); again != first {
		t.Errorf("%s became %s", first, again)
	}
}

func TestLoneServerMigratesToCluster(t *testing.T) { // docs.k3s.io/datastore/ha-embedded; pkg/etcd/etcd.go, migrateFromSQLite
	data := layout.Data(t.TempDir())
	lone, clustered := Config{Data: data, Lone: true}, Config{Data: data}
	if err := os.MkdirAll(filepath.Join(lone.Directory(), "member", "wal"), 0o700); err != nil {
		t.Fatal(err)
	}
	// Without state.db there is nothing to migrate, whatever else lies there.
	if err := clustered.migrate(); err != nil || clustered.Initialized() || !lone.Initialized() {
		t.Error("migrated without state.db", err)
	}
	if err := lone.standIn(); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(data.Server("db", "state.db"))
	if err != nil || !strings.HasPrefix(string(content), "SQLite format 3\x00") {
		t.Error("state.db is not recognised as SQLite", err)
	}
	if err := clustered.migrate(); err != nil || !clustered.Initialized() || lone.Initialized() {
		t.Error("the data was not taken over", err)
	}
	kept, err := os.ReadFile(data.Server("db", "state.db.migrated"))
	if err != nil || string(kept) != string(content) {
		t.Error("state.db was not kept", err)
	}
	if left, _ := filepath.Glob(data.Server("db", "state.db*")); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
	// Only who puts state.db back has the data of before.
	if err := lone.bringBack(); err != nil || lone.Initialized() {
		t.Error("there is data without state.db", err)
	}
	if err := os.WriteFile(data.Server("db", "state.db"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := lone.bringBack(); err != nil || !lone.Initialized() {
		t.Error("the data did not come back with state.db", err)
	}
}

func TestOnlyTheDefaultSnapshotDirectoryIsMade(t *testing.T) { // pkg/etcd/snapshot.go, snapshotDir
	data := layout.Data(t.TempDir())
	place, err := SnapshotDirectory(data, "")
	if err != nil || place != data.Server("db", "snapshots") {
		t.Error(place, err)
	}
	if info, err := os.Stat(place); err != nil || !info.IsDir() {
		t.Error("the default was not made", err)
	}
	missing := filepath.Join(string(data), "none")
	if _, err := SnapshotDirectory(data, missing); err == nil || err.Error() != "failed to get etcd-snapshot-dir: stat "+missing+": no such file or directory" {
		t.Error(err)
	}
	file := filepath.Join(string(data), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := SnapshotDirectory(data, file); err == nil || !strings.HasSuffix(err.Error(), file+" is not a directory") {
		t.Error(err)
	}
}

func TestTombstoneMovesTheDataAway(t *testing.T) { // pkg/etcd/etcd.go: tombstone
	config := Config{Data: layout.Data(t.TempDir())}
	if err := os.MkdirAll(filepath.Join(config.Directory(), "member", "wal"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := config.Exhume(); err != nil || !config.Initialized() {
		t.Error("moved without a tombstone", err)
	}
	config.Bury()
	if err := config.Exhume(); err != nil || config.Initialized() {
		t.Error("still there", err)
	}
}

func TestRetentionKeepsTheNewestOfAName(t *testing.T) { // docs.k3s.io/cli/etcd-snapshot
	directory := t.TempDir()
	for i, name := range []string{"etcd-snapshot-n1-1", "etcd-snapshot-n1-2", "on-demand-n1-3", "etcd-snapshot-n1-4"} {
		file := filepath.Join(directory, name)
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		when := time.Unix(int64(1000+i), 0)
		if err := os.Chtimes(file, when, when); err != nil {
			t.Fatal(err)
		}
	}
	removed, err := Prune(directory, "etcd-snapshot", 2)
	if err != nil || !slices.Equal(removed, []string{"etcd-snapshot-n1-1"}) {
		t.Errorf("%v %v", removed, err)
	}
	if left, _ := Snapshots(directory); len(left) != 3 || left[2].Name != "etcd-snapshot-n1-4" {
		t.Errorf("%v", left)
	}
}

func TestRestoreErrorsAreK3sWords(t *testing.T) { // pkg/etcd/etcd.go, Reset
	config := Config{Data: layout.Data(t.TempDir())}
	if err := config.Restore("/nowhere", "n1"); err == nil || err.Error() != "etcd: snapshot path does not exist: /nowhere" {
		t.Error(err)
	}
	directory := t.TempDir()
	if err := config.Restore(directory, "n1"); err == nil || err.Error() != "etcd: snapshot path must be a file, not a directory: "+directory {
		t.Error(err)
	}
}
