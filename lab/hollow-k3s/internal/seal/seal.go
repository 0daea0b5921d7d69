// Package seal encrypts with a password: AES-GCM, the key by scrypt.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"golang.org/x/crypto/scrypt"
)

const saltLength = 16

// Name tells which password something is sealed with, without telling it.
func Name(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])[:12]
}

// Close seals content.
func Close(password string, content []byte) ([]byte, error) {
	salt := make([]byte, saltLength)
	if _, err := rand.Read(salt); err != nil {
		return nil, err
	}
	box, err := cipherFor(password, salt)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, box.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return box.Seal(append(salt, nonce...), nonce, content, nil), nil
}

// Open is the reverse of Close.
func Open(password string, sealed []byte) ([]byte, error) {
	if len(sealed) < saltLength {
		return nil, errors.New("sealed data is too short")
	}
	box, err := cipherFor(password, sealed[:saltLength])
	if err != nil {
		return nil, err
	}
	rest := sealed[saltLength:]
	if len(rest) < box.NonceSize() {
		return nil, errors.New("sealed data is too short")
	}
	return box.Open(nil, rest[:box.NonceSize()], rest[box.NonceSize():], nil)
}

func cipherFor(password string, salt []byte) (cipher.AEAD, error) {
	key, err := scrypt.Key([]byte(password), salt, 1<<12, 8, 1, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
