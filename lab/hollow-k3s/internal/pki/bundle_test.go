package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// signed is a CA in PEM, signed by another one or by itself.
func signed(t *testing.T, name string, key *ecdsa.PrivateKey, by *x509.Certificate, with *ecdsa.PrivateKey) []byte {
	t.Helper()
	template := &x509.Certificate{SerialNumber: serial(), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true}
	if by == nil {
		by = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by, key.Public(), with)
	if err != nil {
		t.Fatal(err)
	}
	return encodeCertificate(der)
}

// TestReplacementLeadsToTheOldRoot is what contrib/util/rotate-default-ca-certs.sh makes.
func TestReplacementLeadsToTheOldRoot(t *testing.T) {
	before, _ := authority(t)
	oldKey := before.key.(*ecdsa.PrivateKey)
	rootKey, caKey := newKey(t), newKey(t)
	root := signed(t, "root", rootKey, nil, rootKey)
	rootCertificate, err := parseCertificate(root)
	if err != nil {
		t.Fatal(err)
	}
	crossed := signed(t, "root", rootKey, before.Certificate, oldKey)
	ca := signed(t, "ca", caKey, rootCertificate, rootKey)
	key, err := encodeKey(caKey)
	if err != nil {
		t.Fatal(err)
	}
	chain := func(parts ...[]byte) []byte {
		var all []byte
		for _, part := range parts {
			all = append(all, part...)
		}
		return all
	}
	whole := chain(ca, root, crossed, before.CertificatePEM)
	if err := CheckReplacement(before.CertificatePEM, whole, key); err != nil {
		t.Error(err)
	}
	if sha256.Sum256(Pinned(whole)) != sha256.Sum256(rootCertificate.Raw) {
		t.Error("a token pins the new root")
	}
	otherKey, err := encodeKey(rootKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, refused := range []struct {
		bundle, key []byte
		why         string
	}{
		{ca, key, "only a single certificate"},
		{chain(ca, root), key, "cannot be verified using old CA chain"},
		{whole, otherKey, "cannot be loaded as X590KeyPair"},
	} {
		if err := CheckReplacement(before.CertificatePEM, refused.bundle, refused.key); err == nil || !strings.Contains(err.Error(), refused.why) {
			t.Errorf("%v, and not %s", err, refused.why)
		}
	}
}

func TestOnlyTheFirstSigns(t *testing.T) { // a bundle's leaf has its whole chain
	before, directory := authority(t)
	other, _ := authority(t)
	if err := writePair(filepath.Join(directory, "server-ca.crt"), filepath.Join(directory, "server-ca.key"), append(append([]byte{}, other.CertificatePEM...), before.CertificatePEM...), other.key.(*ecdsa.PrivateKey)); err != nil {
		t.Fatal(err)
	}
	bundle, err := LoadAuthority(filepath.Join(directory, "server-ca"))
	if err != nil {
		t.Fatal(err)
	}
	if string(bundle.OwnPEM()) != string(other.CertificatePEM) {
		t.Error("more than its own certificate signs")
	}
	leaf, _, err := bundle.Issue(Subject{CommonName: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if found, err := Certificates(leaf); err != nil || len(found) != 3 {
		t.Errorf("%d certificates, %v", len(found), err)
	}
}
