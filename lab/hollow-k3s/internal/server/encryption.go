package server

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/supervisor"
)

// EncryptionFile is where the API server's encryption configuration lies.
func EncryptionFile(data layout.Data) string {
	return data.Server("cred", "encryption-config.json")
}

// encryptionState has how far a rotation of the keys is, and the hash of the
// configuration: `start-0123…`.
func encryptionState(data layout.Data) string {
	return data.Server("cred", "encryption-state.json")
}

// key is one of the configuration; the active one is the first.
type key struct {
	Name   string `json:"name"`
	Secret string `json:"secret"`
}

type provider struct {
	AESCBC *struct {
		Keys []key `json:"keys"`
	} `json:"aescbc,omitempty"`
	Identity *struct{} `json:"identity,omitempty"`
}

type encryptionConfig struct {
	Kind       string `json:"kind"`
	APIVersion string `json:"apiVersion"`
	Resources  []struct {
		Resources []string   `json:"resources"`
		Providers []provider `json:"providers"`
	} `json:"resources"`
}

// ensureEncryption makes the configuration that --secrets-encryption asks for
// (docs.k3s.io/security/secrets-encryption). Once there it stays in use.
func (s *server) ensureEncryption() error {
	if !s.encrypts() {
		if !s.values.On("secrets-encryption") {
			return nil
		}
		first, err := newKey("aescbckey")
		if err != nil {
			return err
		}
		if err := s.writeKeys([]key{first}); err != nil {
			return err
		}
	}
	if _, err := os.Stat(encryptionState(s.data)); !os.IsNotExist(err) {
		return err
	}
	return s.writeStage("start")
}

func (s *server) encrypts() bool {
	_, err := os.Stat(EncryptionFile(s.data))
	return err == nil
}

func newKey(name string) (key, error) {
	secret := make([]byte, 32)
	_, err := rand.Read(secret)
	return key{Name: name, Secret: base64.StdEncoding.EncodeToString(secret)}, err
}

func (s *server) readKeys() ([]key, error) {
	content, err := os.ReadFile(EncryptionFile(s.data))
	if err != nil {
		return nil, err
	}
	var config encryptionConfig
	if err := json.Unmarshal(content, &config); err != nil {
		return nil, err
	}
	var keys []key
	for _, resource := range config.Resources {
		for _, each := range resource.Providers {
			if each.AESCBC != nil {
				keys = append(keys, each.AESCBC.Keys...)
			}
		}
	}
	return keys, nil
}

func (s *server) writeKeys(keys []key) error {
	type named = map[string]any
	content, err := json.Marshal(named{
		"kind": "EncryptionConfiguration", "apiVersion": "apiserver.config.k8s.io/v1",
		"resources": []any{named{
			"resources": []string{"secrets"},
			"providers": []any{named{"aescbc": named{"keys": keys}}, named{"identity": named{}}},
		}},
	})
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(EncryptionFile(s.data)), 0o700); err != nil {
		return err
	}
	return os.WriteFile(EncryptionFile(s.data), content, 0o600)
}

// writeStage keeps a stage for the next start, with the hash of the keys.
func (s *server) writeStage(stage string) error {
	hash, err := s.keysHash()
	if err != nil {
		return err
	}
	return os.WriteFile(encryptionState(s.data), []byte(stage+"-"+hash), 0o600)
}

func (s *server) keysHash() (string, error) {
	content, err := os.ReadFile(EncryptionFile(s.data))
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), err
}

// rotateKeys is `k3s secrets-encrypt rotate-keys`, in the order of k3s's
// pkg/server/handlers/secrets-encrypt.go, with the new key in the datastore
// before the first Secret has it (k3s-io/k3s#13764). The other servers know
// nothing of it until they start again.
func (s *server) rotateKeys(ctx context.Context) error {
	keys, err := s.readKeys()
	if err != nil {
		return err
	}
	if err := s.verifyKeys(ctx); err != nil {
		return err
	}
	young, err := newKey("aescbckey-" + time.Now().Format(time.RFC3339))
	if err != nil {
		return err
	}
	if err := s.announceStage(ctx, "reencrypt_active"); err != nil {
		return err
	}
	before, err := s.reloads(ctx)
	if err != nil {
		return err
	}
	if err := s.writeKeys(append([]key{young}, keys...)); err != nil {
		return err
	}
	if err := s.awaitReload(ctx, before); err != nil {
		return err
	}
	if err := s.saveKeys(ctx); err != nil {
		return err
	}
	return s.reencrypt(ctx)
}

// reencrypt writes all Secrets anew and forgets every key but the active one.
func (s *server) reencrypt(ctx context.Context) error {
	if err := s.announceStage(ctx, "reencrypt_active"); err != nil {
		return err
	}
	if err := s.rewriteSecrets(ctx); err != nil {
		return err
	}
	keys, err := s.readKeys()
	if err != nil {
		return err
	}
	if err := s.writeKeys(keys[:1]); err != nil {
		return err
	}
	if err := s.writeStage("reencrypt_finished"); err != nil {
		return err
	}
	if err := s.announceStage(ctx, "reencrypt_finished"); err != nil {
		return err
	}
	return s.saveKeys(ctx)
}

func (s *server) saveKeys(ctx context.Context) error {
	passwords, err := supervisor.ReadPasswords(s.data)
	if err != nil {
		return err
	}
	return s.putBootstrap(ctx, passwords.Server)
}
