package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"hollow-k3s/internal/datastore"
	"hollow-k3s/internal/flags"
	"hollow-k3s/internal/hostnet"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/logline"
)

// etcdSnapshot is `k3s etcd-snapshot`; it works on the host of a server, on
// snapshots that lie on that host.
func etcdSnapshot(ctx context.Context, arguments []string) error {
	verb := "save"
	if len(arguments) > 0 && arguments[0] != "" && arguments[0][0] != '-' {
		verb, arguments = arguments[0], arguments[1:]
	}
	configured, err := flags.Load("server", nil, os.Getenv, func(string, ...any) {})
	if err != nil {
		return err
	}
	set := flag.NewFlagSet("etcd-snapshot "+verb, flag.ContinueOnError)
	data := set.String("data-dir", configured.Text("data-dir"), "")
	directory := set.String("etcd-snapshot-dir", configured.Text("etcd-snapshot-dir"), "")
	keep := set.Int("snapshot-retention", configured.Number("etcd-snapshot-retention"), "")
	base := "on-demand"
	if verb == "prune" {
		base = configured.Text("etcd-snapshot-name")
	}
	name := set.String("name", base, "")
	node := set.String("node-name", configured.Text("node-name"), "")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	place := datastore.SnapshotDirectory(layout.Data(*data), *directory)
	switch verb {
	case "save":
		return save(ctx, layout.Data(*data), place, *name, *node)
	case "ls", "list", "l":
		return list(place)
	case "delete":
		return remove(place, set.Args())
	case "prune":
		removed, err := datastore.Prune(place, *name, *keep)
		for _, one := range removed {
			logline.Infof("Snapshot %s deleted.", one)
		}
		return err
	}
	return fmt.Errorf("not imitated by hollow k3s: etcd-snapshot %s", verb)
}

func save(ctx context.Context, data layout.Data, directory, base, node string) error {
	config := datastore.Config{Data: data}
	if !config.Initialized() {
		return errors.New("etcd datastore disabled: this server was started without --cluster-init")
	}
	node, err := hostnet.NodeName(node)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	name, err := config.Save(ctx, directory, base, node)
	if err != nil {
		return err
	}
	logline.Infof("Snapshot %s saved.", name)
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
