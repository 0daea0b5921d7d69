package server

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/supervisor"
	"hollow-k3s/internal/token"
)

// givenToken is --token or the content of --token-file; k3s lets the file win.
func (s *server) givenToken(flag string) (string, error) {
	if file := s.values.Text(flag + "-file"); file != "" {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		return strings.TrimSpace(string(content)), nil
	}
	return strings.TrimSpace(s.values.Text(flag)), nil
}

func (s *server) givenPassword(flag string) (string, error) {
	given, err := s.givenToken(flag)
	if err != nil || given == "" {
		return "", err
	}
	parsed, err := token.Parse(given)
	return parsed.Password, err
}

// settlePasswords decides the cluster's two secrets as far as this host can
// tell: what is given, then what is stored, then something random. Whether a
// given server token is the right one is found out with the datastore.
func (s *server) settlePasswords() error {
	stored, err := supervisor.ReadPasswords(s.data)
	if err != nil {
		return err
	}
	given, err := s.givenPassword("token")
	if err != nil {
		return err
	}
	agentGiven, err := s.givenPassword("agent-token")
	if err != nil {
		return err
	}
	shared := stored.Agent == "" || stored.Agent == stored.Server
	if given != "" {
		stored.Server = given
	}
	if stored.Server == "" {
		stored.Server = token.Random()
	}
	if shared {
		stored.Agent = stored.Server
	}
	if agentGiven != "" {
		stored.Agent, s.agentTokenGiven = agentGiven, true
	}
	s.passwords = stored
	return nil
}

func (s *server) fullToken(user, password string) string {
	bundle, err := os.ReadFile(s.data.TLS("server-ca.crt"))
	if err != nil {
		return password
	}
	return token.Token{CAHash: token.HashCA(bundle), User: user, Password: password}.String()
}

// writeTokenFiles leaves the three files that scripts read. Without an agent
// token of its own, agent-token is a link to token, as in k3s.
func (s *server) writeTokenFiles() error {
	passwords, err := supervisor.ReadPasswords(s.data)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.data.Server("token"), []byte(s.fullToken("server", passwords.Server)+"\n"), 0o600); err != nil {
		return err
	}
	if err := link("token", s.data.Server("node-token")); err != nil {
		return err
	}
	if passwords.Agent == passwords.Server {
		if err := link("token", s.data.Server("agent-token")); err != nil {
			return err
		}
	} else {
		_ = os.Remove(s.data.Server("agent-token"))
		if err := os.WriteFile(s.data.Server("agent-token"), []byte(s.fullToken("node", passwords.Agent)+"\n"), 0o600); err != nil {
			return err
		}
	}
	logline.Infof("Server node token is available at %s", s.data.Server("token"))
	logline.Infof("To join server node to cluster: k3s server -s https://%s:%d -t ${SERVER_NODE_TOKEN}", s.nodeIP, s.port)
	logline.Infof("Agent node token is available at %s", s.data.Server("agent-token"))
	logline.Infof("To join agent node to cluster: k3s agent -s https://%s:%d -t ${AGENT_NODE_TOKEN}", s.nodeIP, s.port)
	return nil
}

func link(target, file string) error {
	if current, err := os.Readlink(file); err == nil && current == target {
		return nil
	}
	_ = os.Remove(file)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return os.Symlink(target, file)
}

// StoredToken is the full server token of a host that runs a server.
func StoredToken(data layout.Data) (string, error) {
	content, err := os.ReadFile(data.Server("token"))
	if err != nil {
		return "", fmt.Errorf("reading the server token: %w", err)
	}
	return strings.TrimSpace(string(content)), nil
}
