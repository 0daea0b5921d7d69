package cli

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"hollow-k3s/internal/access"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/server"
)

// rotateAuthorities is `k3s certificate rotate-ca` (pkg/cli/cert/cert.go,
// rotateCA): it sends what lies below <path>/tls, and the server checks it.
func rotateAuthorities(arguments []string) error {
	configured, err := settings()
	if err != nil {
		return err
	}
	set := flag.NewFlagSet("certificate rotate-ca", flag.ContinueOnError)
	data, url, path := configured.Text("data-dir"), "https://127.0.0.1:6443", ""
	for _, name := range []string{"data-dir", "d"} {
		set.StringVar(&data, name, data, "")
	}
	for _, name := range []string{"server", "s"} {
		set.StringVar(&url, name, url, "")
	}
	set.StringVar(&path, "path", "", "")
	force := set.Bool("force", false, "")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	if path == "" {
		return errors.New(`Required flag "path" not set`)
	}
	token, err := server.StoredToken(layout.Data(data))
	if err != nil {
		return err
	}
	way, err := access.Validate(url, token, "server")
	if err != nil {
		return err
	}
	files := map[string][]byte{}
	for _, name := range server.AuthorityFiles() {
		content, err := os.ReadFile(filepath.Join(path, name))
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			return err
		}
		files[name] = content
	}
	body, err := json.Marshal(files)
	if err != nil {
		return err
	}
	if _, err := way.Send(http.MethodPut, fmt.Sprintf("/v1-k3s/cert/cacerts?force=%t", *force), body); err != nil {
		return fmt.Errorf("see server log for details: %w", err)
	}
	fmt.Println("certificates saved to datastore")
	return nil
}
