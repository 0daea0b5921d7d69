package server

import (
	"context"
	"errors"
	"os"

	"hollow-k3s/internal/seal"
	"hollow-k3s/internal/supervisor"
	"hollow-k3s/internal/token"
)

// errNewToken: k3s would store such a token as it is, and no server would find
// the bootstrap data again with what it makes of it.
var errNewToken = errors.New("not imitated by hollow k3s: a new token in the form K10… or of a bootstrap token (id.secret)")

// rotateToken is what PUT /v1-k3s/token does, in the order of k3s's
// pkg/server/handlers/token.go: password file, token file, and only then the
// datastore. A failure in between leaves the first ones changed, there too.
// Other servers know nothing of it: they take the old token until they are
// restarted with the new one.
func (s *server) rotateToken(ctx context.Context, password string) error {
	passwords, err := supervisor.ReadPasswords(s.data)
	if err != nil {
		return err
	}
	old := passwords.Server
	if old == "" {
		return errors.New("server token not found")
	}
	if password == "" {
		password = token.Random()
	}
	parsed, err := token.Parse(password)
	if err != nil || parsed.User != "" {
		return errNewToken
	}
	if passwords.Agent == old && !s.agentTokenGiven {
		passwords.Agent = password
	}
	passwords.Server = password
	if err := passwords.Write(s.data); err != nil {
		return err
	}
	if err := os.WriteFile(s.data.Server("token"), []byte(s.fullToken("server", password)+"\n"), 0o600); err != nil {
		return err
	}
	if err := s.putBootstrap(ctx, password); err != nil {
		return err
	}
	if old == password {
		return nil
	}
	_, err = s.member.Client.Delete(ctx, bootstrapPrefix+seal.Name(old))
	return err
}
