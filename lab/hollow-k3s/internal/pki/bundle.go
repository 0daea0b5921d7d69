package pki

import (
	"bytes"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

// Certificates are all that a file has.
func Certificates(content []byte) ([]*x509.Certificate, error) {
	var found []*x509.Certificate
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, err
		}
		found = append(found, certificate)
	}
	if len(found) == 0 {
		return nil, errors.New("data does not contain any valid certificates")
	}
	return found, nil
}

// isRoot is k3s's own measure.
func isRoot(certificate *x509.Certificate) bool {
	return len(certificate.AuthorityKeyId) == 0 || bytes.Equal(certificate.AuthorityKeyId, certificate.SubjectKeyId)
}

// Pinned are the bytes that a token pins of a CA file: the file, or of a
// bundle the root that its first certificate leads to (pkg/clientaccess/token.go,
// hashCA).
func Pinned(bundle []byte) []byte {
	certificates, err := Certificates(bundle)
	if err != nil || len(certificates) == 1 {
		return bundle
	}
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	for _, certificate := range certificates[1:] {
		if isRoot(certificate) {
			roots.AddCert(certificate)
		} else {
			intermediates.AddCert(certificate)
		}
	}
	chains, err := certificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates})
	if err != nil {
		return bundle
	}
	return chains[0][len(chains[0])-1].Raw
}

// CheckReplacement: what trusts the old CA has to trust the new one, which
// comes with the chain that shows it, and with its key
// (pkg/server/handlers/cert.go, validateCA and validateCAKey).
func CheckReplacement(before, now, key []byte) error {
	if bytes.Equal(before, now) {
		return nil
	}
	old, err := Certificates(before)
	if err != nil {
		return err
	}
	replacement, err := Certificates(now)
	if err != nil {
		return err
	}
	if len(replacement) == 1 {
		return errors.New("new CA bundle contains only a single certificate but should include root or intermediate CA certificates")
	}
	roots, intermediates := x509.NewCertPool(), x509.NewCertPool()
	for _, certificate := range old {
		if isRoot(certificate) {
			roots.AddCert(certificate)
		} else {
			intermediates.AddCert(certificate)
		}
	}
	for _, certificate := range replacement[1:] {
		if len(certificate.AuthorityKeyId) > 0 {
			intermediates.AddCert(certificate)
		}
	}
	if _, err := replacement[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates}); err != nil {
		return fmt.Errorf("new CA cert cannot be verified using old CA chain: %w", err)
	}
	if _, err := tls.X509KeyPair(now, key); err != nil {
		return fmt.Errorf("new CA cert and key cannot be loaded as X590KeyPair: %w", err)
	}
	return nil
}

// CheckServiceKeys: tokens that the key of before signed have to stay good
// (validateServiceKey).
func CheckServiceKeys(before, now []byte) error {
	old, err := serviceKeys(before)
	if err != nil {
		return err
	}
	keys, err := serviceKeys(now)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if key.PublicKey.Equal(&old[0].PublicKey) {
			return nil
		}
	}
	return errors.New("old ServiceAccount signing key not in new ServiceAccount key list")
}

func serviceKeys(content []byte) ([]*rsa.PrivateKey, error) {
	var found []*rsa.PrivateKey
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil {
			return nil, err
		}
		found = append(found, key)
	}
	if len(found) == 0 {
		return nil, errors.New("data does not contain any valid RSA or ECDSA private keys")
	}
	return found, nil
}

// FirstKey is the first key of a file alone: the one that signs.
func FirstKey(content []byte) ([]byte, error) {
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if strings.Contains(block.Type, "PRIVATE KEY") {
			return pem.EncodeToMemory(block), nil
		}
	}
	return nil, errors.New("no key")
}
