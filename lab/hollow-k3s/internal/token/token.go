// Package token reads and writes k3s's join tokens:
// `K10<sha256 of the CA bundle>::<user>:<password>`, or the bare password.
package token

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"strings"

	"hollow-k3s/internal/pki"
)

const (
	prefix     = "K10"
	hashLength = sha256.Size * 2
)

// Token is a parsed join token. CAHash and User are empty in a short one.
type Token struct {
	CAHash   string
	User     string
	Password string
}

var bootstrapShape = regexp.MustCompile(`^[a-z0-9]{6}\.[a-z0-9]{16}$`)

// ErrBootstrap marks kubeadm-style tokens.
var ErrBootstrap = errors.New("not imitated by hollow k3s: bootstrap tokens (id.secret)")

// Parse reads a token in either form; the errors are k3s's own
// (pkg/clientaccess, docs.k3s.io/cli/token).
func Parse(text string) (Token, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return Token{}, errors.New("token must not be empty")
	}
	if bootstrapShape.MatchString(text) {
		return Token{}, ErrBootstrap
	}
	rest, full := strings.CutPrefix(text, prefix)
	if !full {
		return Token{Password: text}, nil
	}
	hash, credentials, found := strings.Cut(rest, "::")
	if !found {
		credentials, hash = rest, ""
	}
	if hash != "" && len(hash) != hashLength {
		return Token{}, errors.New("invalid token CA hash length")
	}
	if bootstrapShape.MatchString(credentials) {
		return Token{}, ErrBootstrap
	}
	user, password, found := strings.Cut(credentials, ":")
	if !found || password == "" {
		return Token{}, errors.New("invalid token format")
	}
	return Token{CAHash: hash, User: user, Password: password}, nil
}

// String writes the full form.
func (t Token) String() string {
	return prefix + t.CAHash + "::" + t.User + ":" + t.Password
}

// HashCA is the hash a token pins: of the file's literal bytes, for the
// single self-signed CA that k3s generates, and of the root, for a bundle.
func HashCA(bundle []byte) string {
	sum := sha256.Sum256(pki.Pinned(bundle))
	return hex.EncodeToString(sum[:])
}

// CheckCA compares a token's pin with the CA that a server presents.
func (t Token) CheckCA(bundle []byte) error {
	if served := HashCA(bundle); t.CAHash != "" && t.CAHash != served {
		return errors.New("token CA hash does not match the Cluster CA certificate hash: " + t.CAHash + " != " + served)
	}
	return nil
}

// Random is a new password as k3s makes one: 16 random bytes in hex.
func Random() string {
	bytes := make([]byte, 16)
	if _, err := rand.Read(bytes); err != nil {
		panic(err)
	}
	return hex.EncodeToString(bytes)
}
