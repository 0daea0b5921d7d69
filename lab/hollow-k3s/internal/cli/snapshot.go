package cli

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"hollow-k3s/internal/access"
	"hollow-k3s/internal/datastore"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/server"
	"hollow-k3s/internal/supervisor"
)

// etcdSnapshot is `k3s etcd-snapshot`. save asks the running server, which
// writes the file; the other verbs work on snapshots that lie on this host.
func etcdSnapshot(arguments []string) error {
	verb := "save"
	if len(arguments) > 0 && arguments[0] != "" && arguments[0][0] != '-' {
		verb, arguments = arguments[0], arguments[1:]
	}
	configured, err := settings()
	if err != nil {
		return err
	}
	set := flag.NewFlagSet("etcd-snapshot "+verb, flag.ContinueOnError)
	option := func(fallback string, names ...string) *string {
		value := fallback
		for _, name := range names {
			set.StringVar(&value, name, value, "")
		}
		return &value
	}
	data := option(configured.Text("data-dir"), "data-dir", "d")
	directory := option(configured.Text("etcd-snapshot-dir"), "etcd-snapshot-dir", "dir")
	url := option("https://127.0.0.1:6443", "etcd-server", "s")
	given := option("", "etcd-token", "t")
	keep := configured.Number("etcd-snapshot-retention")
	set.IntVar(&keep, "snapshot-retention", keep, "")
	set.IntVar(&keep, "etcd-snapshot-retention", keep, "")
	base := "on-demand"
	if verb == "prune" {
		base = configured.Text("etcd-snapshot-name")
	}
	name := option(base, "name")
	option("", "node-name")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	if verb == "save" {
		return save(layout.Data(*data), *url, *given, *directory, *name)
	}
	place, err := datastore.SnapshotDirectory(layout.Data(*data), *directory)
	if err != nil {
		return err
	}
	switch verb {
	case "ls", "list", "l":
		return list(place)
	case "delete":
		return remove(place, set.Args())
	case "prune":
		removed, err := datastore.Prune(place, *name, keep)
		for _, one := range removed {
			logline.Infof("Snapshot %s deleted.", one)
		}
		return err
	}
	return fmt.Errorf("not imitated by hollow k3s: etcd-snapshot %s", verb)
}

// save prints a line for each file the server made. When there is none, the
// cause is in the server's journal and the exit code is 0 all the same, as in
// k3s (pkg/cli/etcdsnapshot).
func save(data layout.Data, url, given, directory, name string) error {
	if given == "" {
		stored, err := server.StoredToken(data)
		if err != nil {
			return err
		}
		given = stored
	}
	way, err := access.Validate(url, given, "server")
	if err != nil {
		return err
	}
	request := supervisor.SnapshotRequest{Operation: "save", Name: []string{name}}
	if directory != "" {
		request.Dir = &directory
	}
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	content, err := way.Send(http.MethodPost, "/db/snapshot", body)
	if err != nil {
		return fmt.Errorf("see server log for details: %w", err)
	}
	var result supervisor.SnapshotResult
	if err := json.Unmarshal(content, &result); err != nil {
		return err
	}
	for _, one := range result.Created {
		logline.Infof("Snapshot %s saved.", one)
	}
	return nil
}

func list(directory string) error {
	found, err := datastore.Snapshots(directory)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 1, ' ', 0)
	fmt.Fprint(table, "Name\tLocation\tSize\tCreated\n")
	for _, one := range found {
		fmt.Fprintf(table, "%s\tfile://%s\t%d\t%s\n", one.Name, one.Path, one.Size, one.Created.UTC().Format(time.RFC3339))
	}
	return table.Flush()
}

func remove(directory string, names []string) error {
	if len(names) == 0 {
		return errors.New("no snapshots given for removal")
	}
	for _, name := range names {
		if err := os.Remove(filepath.Join(directory, filepath.Base(name))); err != nil {
			return err
		}
		logline.Infof("Snapshot %s deleted.", name)
	}
	return nil
}
