package supervisor

import (
	"crypto/subtle"
	"encoding/csv"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"hollow-k3s/internal/layout"
)

// Passwords are the two secrets of a cluster, kept where k3s keeps them, in
// server/cred/passwd as lines `password,user,user,group`.
type Passwords struct {
	Server string
	Agent  string
}

func passwdFile(data layout.Data) string { return data.Server("cred", "passwd") }

// ReadPasswords reads them; a missing file gives empty ones.
func ReadPasswords(data layout.Data) (Passwords, error) {
	content, err := os.ReadFile(passwdFile(data))
	if os.IsNotExist(err) {
		return Passwords{}, nil
	}
	if err != nil {
		return Passwords{}, err
	}
	return parsePasswords(content)
}

// Passwords are those in a bundle.
func (b Bootstrap) Passwords() (Passwords, error) {
	return parsePasswords(b.Files["cred/passwd"])
}

func parsePasswords(content []byte) (Passwords, error) {
	var found Passwords
	lines, err := csv.NewReader(strings.NewReader(string(content))).ReadAll()
	if err != nil {
		return found, err
	}
	for _, line := range lines {
		switch line[1] {
		case "server":
			found.Server = line[0]
		case "node":
			found.Agent = line[0]
		}
	}
	return found, nil
}

// Write stores them.
func (p Passwords) Write(data layout.Data) error {
	if err := os.MkdirAll(filepath.Dir(passwdFile(data)), 0o700); err != nil {
		return err
	}
	var text strings.Builder
	writer := csv.NewWriter(&text)
	_ = writer.Write([]string{p.Agent, "node", "node", "k3s:agent"})
	_ = writer.Write([]string{p.Server, "server", "server", "k3s:server"})
	writer.Flush()
	return os.WriteFile(passwdFile(data), []byte(text.String()), 0o600)
}

// isServer and isNode check a request's basic authentication. The server
// token joins agents too (docs.k3s.io/cli/token).
func (p Passwords) isServer(request *http.Request) bool {
	user, password, ok := request.BasicAuth()
	return ok && user == "server" && same(password, p.Server)
}

func (p Passwords) isNode(request *http.Request) bool {
	user, password, ok := request.BasicAuth()
	return ok && (user == "node" || user == "server") && (same(password, p.Agent) || same(password, p.Server))
}

func same(given, stored string) bool {
	return stored != "" && subtle.ConstantTimeCompare([]byte(given), []byte(stored)) == 1
}
