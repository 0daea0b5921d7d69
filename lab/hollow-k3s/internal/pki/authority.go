// Package pki makes the certificates of a cluster with k3s's file names,
// subjects and lifetimes.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

const (
	day             = 24 * time.Hour
	authorityLife   = 3650 * day
	certificateLife = 365 * day
	// renewBefore: k3s renews at start what expires within 120 days
	// (docs.k3s.io/cli/certificate).
	renewBefore = 120 * day
)

// Authority is a CA whose key is at hand.
type Authority struct {
	Certificate    *x509.Certificate
	CertificatePEM []byte
	key            crypto.Signer
}

// EnsureAuthority loads the CA <base>.crt and <base>.key, making it at first.
func EnsureAuthority(base, name string) (*Authority, error) {
	if _, err := os.Stat(base + ".crt"); err == nil {
		return LoadAuthority(base)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	template := &x509.Certificate{
		SerialNumber:          serial(),
		Subject:               pkix.Name{CommonName: fmt.Sprintf("%s@%d", name, now.Unix())},
		NotBefore:             now.Add(-time.Minute),
		NotAfter:              now.Add(authorityLife),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, err
	}
	if err := writePair(base+".crt", base+".key", encodeCertificate(der), key); err != nil {
		return nil, err
	}
	return LoadAuthority(base)
}

// LoadAuthority reads an existing CA.
func LoadAuthority(base string) (*Authority, error) {
	certificatePEM, err := os.ReadFile(base + ".crt")
	if err != nil {
		return nil, err
	}
	keyPEM, err := os.ReadFile(base + ".key")
	if err != nil {
		return nil, err
	}
	certificate, err := parseCertificate(certificatePEM)
	if err != nil {
		return nil, fmt.Errorf("%s.crt: %w", base, err)
	}
	block, _ := pem.Decode(keyPEM)
	if block == nil {
		return nil, fmt.Errorf("%s.key holds no key", base)
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s.key: %w", base, err)
	}
	return &Authority{Certificate: certificate, CertificatePEM: certificatePEM, key: key}, nil
}

// OwnPEM is its certificate without the chain.
func (a *Authority) OwnPEM() []byte { return encodeCertificate(a.Certificate.Raw) }

func parseCertificate(content []byte) (*x509.Certificate, error) {
	block, _ := pem.Decode(content)
	if block == nil {
		return nil, fmt.Errorf("no certificate")
	}
	return x509.ParseCertificate(block.Bytes)
}

func serial() *big.Int {
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 62))
	if err != nil {
		panic(err)
	}
	return number
}

func encodeCertificate(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func encodeKey(key *ecdsa.PrivateKey) ([]byte, error) {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der}), nil
}

func writePair(certificateFile, keyFile string, certificate []byte, key *ecdsa.PrivateKey) error {
	keyPEM, err := encodeKey(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(certificateFile), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(keyFile, keyPEM, 0o600); err != nil {
		return err
	}
	return os.WriteFile(certificateFile, certificate, 0o644)
}
