package server

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"

	"hollow-k3s/internal/layout"
)

// EncryptionFile is where the API server's encryption configuration lies.
func EncryptionFile(data layout.Data) string {
	return data.Server("cred", "encryption-config.json")
}

// ensureEncryption makes the configuration that --secrets-encryption asks for
// (docs.k3s.io/security/secrets-encryption). Once there it stays in use.
func (s *server) ensureEncryption() error {
	if !s.values.On("secrets-encryption") || s.encrypts() {
		return nil
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return err
	}
	type named = map[string]any
	content, err := json.Marshal(named{
		"kind": "EncryptionConfiguration", "apiVersion": "apiserver.config.k8s.io/v1",
		"resources": []any{named{
			"resources": []string{"secrets"},
			"providers": []any{
				named{"aescbc": named{"keys": []any{named{"name": "aescbckey", "secret": base64.StdEncoding.EncodeToString(key)}}}},
				named{"identity": named{}},
			},
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

func (s *server) encrypts() bool {
	_, err := os.Stat(EncryptionFile(s.data))
	return err == nil
}
