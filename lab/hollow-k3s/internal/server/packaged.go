package server

import (
	"context"
	"embed"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed manifests/*.yaml
var packaged embed.FS

// packagedFiles maps what --disable names to the files below manifests.
var packagedFiles = map[string]string{
	"rolebindings":   "rolebindings.yaml",
	"coredns":        "coredns.yaml",
	"local-storage":  "local-storage.yaml",
	"metrics-server": "metrics-server.yaml",
	"servicelb":      "ccm.yaml",
	"traefik":        "traefik.yaml",
}

func isPackaged(name string) bool {
	_, ok := packagedFiles[name]
	return ok && name != "rolebindings" || name == "runtimes"
}

// stage writes the packaged files at every start, and removes what has been
// disabled since: file and objects.
func (d *deployer) stage(ctx context.Context) error {
	if err := os.MkdirAll(d.s.data.Server("manifests"), 0o700); err != nil {
		return err
	}
	disabled := d.s.values.List("disable")
	for component, name := range packagedFiles {
		template, err := packaged.ReadFile("manifests/" + name)
		if err != nil {
			return err
		}
		content := []byte(d.s.fill(string(template)))
		file := d.s.data.Server("manifests", name)
		if slices.Contains(disabled, component) || skipped(file) {
			_ = os.Remove(file)
			if slices.Contains(disabled, component) {
				d.each(ctx, content, d.remove)
			}
			continue
		}
		if err := os.WriteFile(file, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// fill sets the few values a packaged component takes from the options.
func (s *server) fill(template string) string {
	storage := s.values.Text("default-local-storage-path")
	if storage == "" {
		storage = filepath.Join(string(s.data), "storage")
	}
	return strings.NewReplacer(
		"%{CLUSTER_DNS}%", s.critical.ClusterDNS,
		"%{CLUSTER_DOMAIN}%", s.critical.ClusterDomain,
		"%{DEFAULT_LOCAL_STORAGE_PATH}%", storage,
	).Replace(template)
}

// skipped: an empty file NAME.yaml.skip keeps k3s from deploying NAME.yaml.
func skipped(file string) bool {
	_, err := os.Stat(file + ".skip")
	return err == nil
}
