// Package nodepass keeps a node's name with the host that first took it:
// the host's /etc/rancher/node/password has to match the hash that the
// cluster keeps in the Secret <node>.node-password.k3s.
package nodepass

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/scrypt"

	"hollow-k3s/internal/token"
)

// work is the exponent of scrypt's cost. k3s uses 15, which takes 32 MB a
// check; the lab starts fifty agents at once on a small machine.
const work = 10

// ErrMismatch means that another host holds the name.
var ErrMismatch = errors.New("hash does not match")

// Ensure reads the host's password, making one at first.
func Ensure(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err == nil {
		return strings.TrimSpace(string(content)), nil
	}
	if !os.IsNotExist(err) {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return "", err
	}
	password := token.Random()
	return password, os.WriteFile(file, []byte(password+"\n"), 0o600)
}

// Hash is what goes into the Secret, in k3s's form $1:salt:n:r:p:hash.
func Hash(password string) (string, error) {
	salt := make([]byte, 8)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	return hashWith(password, salt, work, 8, 1)
}

// Verify checks a password against a Secret's hash.
func Verify(password, stored string) error {
	var exponent, blocks, parallel int
	fields := strings.Split(stored, ":")
	if len(fields) != 6 || fields[0] != "$1" {
		return fmt.Errorf("hash format is not known")
	}
	salt, err := hex.DecodeString(fields[1])
	if err != nil {
		return err
	}
	if _, err := fmt.Sscan(strings.Join(fields[2:5], " "), &exponent, &blocks, &parallel); err != nil {
		return err
	}
	again, err := hashWith(password, salt, exponent, blocks, parallel)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare([]byte(again), []byte(stored)) != 1 {
		return ErrMismatch
	}
	return nil
}

func hashWith(password string, salt []byte, exponent, blocks, parallel int) (string, error) {
	key, err := scrypt.Key([]byte(password), salt, 1<<exponent, blocks, parallel, 64)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("$1:%x:%d:%d:%d:%s", salt, exponent, blocks, parallel, base64.RawStdEncoding.EncodeToString(key)), nil
}
