package pki

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func authority(t *testing.T) (*Authority, string) {
	t.Helper()
	directory := t.TempDir()
	made, err := EnsureAuthority(filepath.Join(directory, "server-ca"), "k3s-server-ca")
	if err != nil {
		t.Fatal(err)
	}
	return made, directory
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestAuthorityIsKept(t *testing.T) { // tokens pin it
	first, directory := authority(t)
	second, err := EnsureAuthority(filepath.Join(directory, "server-ca"), "k3s-server-ca")
	if err != nil || !bytes.Equal(first.CertificatePEM, second.CertificatePEM) {
		t.Error("the CA changed", err)
	}
}

func TestLeafIsKeptUntilItNoLongerFits(t *testing.T) { // docs.k3s.io/cli/certificate; tls-san
	ca, directory := authority(t)
	base := filepath.Join(directory, "serving")
	subject := Subject{CommonName: "kube-apiserver", Names: []string{"127.0.0.1", "h1"}}
	if err := ca.Ensure(base, subject); err != nil {
		t.Fatal(err)
	}
	first := read(t, base+".crt")
	if err := ca.Ensure(base, subject); err != nil || !bytes.Equal(first, read(t, base+".crt")) {
		t.Error("renewed without need", err)
	}
	subject.Names = append(subject.Names, "k8s.example.org")
	if err := ca.Ensure(base, subject); err != nil || bytes.Equal(first, read(t, base+".crt")) {
		t.Error("a new name is not taken in", err)
	}
	certificate, err := parseCertificate(read(t, base+".crt"))
	if err != nil || certificate.VerifyHostname("k8s.example.org") != nil || certificate.VerifyHostname("127.0.0.1") != nil {
		t.Error("names are missing", err)
	}
}

func TestLeafOfAnotherCAIsReplaced(t *testing.T) { // a restored snapshot brings another CA
	first, directory := authority(t)
	other, _ := authority(t)
	base := filepath.Join(directory, "client")
	for _, ca := range []*Authority{first, other} {
		if err := ca.Ensure(base, Subject{CommonName: "system:admin"}); err != nil {
			t.Fatal(err)
		}
	}
	certificate, err := parseCertificate(read(t, base+".crt"))
	if err != nil || certificate.CheckSignatureFrom(other.Certificate) != nil {
		t.Error("still the old CA's", err)
	}
}

func TestCheckSeesEveryCertificate(t *testing.T) {
	ca, directory := authority(t)
	if err := ca.Ensure(filepath.Join(directory, "etcd", "client"), Subject{CommonName: "etcd-client"}); err != nil {
		t.Fatal(err)
	}
	found, err := Check(directory)
	if err != nil || len(found) != 2 || found[0].Renews || found[1].Renews {
		t.Errorf("%+v %v", found, err)
	}
}
