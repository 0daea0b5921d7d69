package pki

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"net"
	"os"
	"slices"
	"time"
)

// Subject is whom a certificate names, and for what.
type Subject struct {
	CommonName    string
	Organizations []string
	// Names are DNS names and IP addresses; with none the certificate is for
	// clients only.
	Names []string
}

// Issue makes a certificate and key in PEM.
func (a *Authority) Issue(subject Subject) (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	der, err := a.sign(subject, private)
	if err != nil {
		return nil, nil, err
	}
	keyPEM, err := encodeKey(private)
	// The chain goes along: k3s appends its CA to what it serves.
	return append(encodeCertificate(der), a.CertificatePEM...), keyPEM, err
}

// Ensure keeps <base>.crt and <base>.key valid: it makes them when they are
// missing, signed by another CA, about to expire, or lack a wanted name.
func (a *Authority) Ensure(base string, subject Subject) error {
	if a.stillGood(base+".crt", subject) {
		return nil
	}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := a.sign(subject, private)
	if err != nil {
		return err
	}
	return writePair(base+".crt", base+".key", append(encodeCertificate(der), a.CertificatePEM...), private)
}

func (a *Authority) stillGood(file string, subject Subject) bool {
	content, err := os.ReadFile(file)
	if err != nil {
		return false
	}
	certificate, err := parseCertificate(content)
	if err != nil || certificate.CheckSignatureFrom(a.Certificate) != nil {
		return false
	}
	if time.Until(certificate.NotAfter) < renewBefore || certificate.Subject.CommonName != subject.CommonName {
		return false
	}
	for _, name := range subject.Names {
		if certificate.VerifyHostname(name) != nil {
			return false
		}
	}
	return slices.Equal(certificate.Subject.Organization, subject.Organizations)
}

func (a *Authority) sign(subject Subject, private *ecdsa.PrivateKey) ([]byte, error) {
	now := time.Now().UTC()
	template := &x509.Certificate{
		SerialNumber: serial(),
		Subject:      pkix.Name{CommonName: subject.CommonName, Organization: subject.Organizations},
		NotBefore:    now.Add(-time.Minute),
		NotAfter:     now.Add(certificateLife),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	if len(subject.Names) > 0 {
		template.ExtKeyUsage = append(template.ExtKeyUsage, x509.ExtKeyUsageServerAuth)
	}
	for _, name := range subject.Names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	return x509.CreateCertificate(rand.Reader, template, a.Certificate, private.Public(), a.key)
}
