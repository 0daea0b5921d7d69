package supervisor

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"net/http"
	"os"
	"strings"

	"k8s.io/client-go/kubernetes"

	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/pki"
)

// Datastore is what the supervisor needs of etcd.
type Datastore interface {
	// MemberInfo describes the members, for a server that wants to join.
	MemberInfo(ctx context.Context) (any, error)
	// Snapshot saves one and returns the names of the files it made.
	Snapshot(ctx context.Context, request SnapshotRequest) ([]string, error)
}

// Encryption is what the supervisor needs of who has the keys.
type Encryption interface {
	Status(ctx context.Context) (EncryptionState, error)
	// Change does one stage of a rotation.
	Change(ctx context.Context, request EncryptionRequest) error
}

// Supervisor serves the paths that are not the API server's.
type Supervisor struct {
	Data      layout.Data
	Config    ClusterConfig
	Datastore Datastore
	// Client talks to the own API server.
	Client kubernetes.Interface
	// Passwords are those of the start: as in k3s, a token that is rotated is
	// let in after a restart, and the one before until then.
	Passwords Passwords
	// Rotate stores a new server token.
	Rotate func(ctx context.Context, newPassword string) error
	// Replace stores other CAs, files by their paths below <data>/server.
	Replace func(ctx context.Context, files map[string][]byte, force bool) error
	// Encryption is about the keys of the Secrets.
	Encryption Encryption
	ready      func() bool
}

// Front is the handler to put before the API server's.
func (s *Supervisor) Front(ready func() bool) func(http.Handler) http.Handler {
	s.ready = ready
	own := http.NewServeMux()
	own.HandleFunc("GET /ping", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write([]byte("pong"))
	})
	own.HandleFunc("GET /cacerts", s.file("server-ca.crt"))
	own.HandleFunc("GET /v1-k3s/server-ca.crt", s.forNode(s.file("server-ca.crt")))
	own.HandleFunc("GET /v1-k3s/client-ca.crt", s.forNode(s.file("client-ca.crt")))
	own.HandleFunc("GET /v1-k3s/config", s.forNode(s.config))
	own.HandleFunc("GET /v1-k3s/readyz", s.forNode(s.readyz))
	own.HandleFunc("GET /v1-k3s/apiservers", s.forNode(s.apiServers))
	own.HandleFunc("GET /v1-k3s/serving-kubelet.crt", s.forNode(s.servingKubelet))
	own.HandleFunc("GET /v1-k3s/client-kubelet.crt", s.forNode(s.clientKubelet))
	own.HandleFunc("GET /v1-k3s/client-k3s-controller.crt", s.forNode(s.clientController))
	own.HandleFunc("GET /v1-k3s/server-bootstrap", s.forServer(s.bootstrap))
	own.HandleFunc("GET /v1-k3s/encrypt/status", s.forServer(s.encryptionStatus))
	own.HandleFunc("PUT /v1-k3s/encrypt/config", s.forServer(s.encryptionConfig))
	own.HandleFunc("PUT /v1-k3s/cert/cacerts", s.forServer(s.replaceAuthorities))
	own.HandleFunc("/v1-k3s/token", s.forServer(s.rotateToken))
	own.HandleFunc("/db/snapshot", s.forServer(s.snapshot))
	own.HandleFunc("GET /db/info", s.forServer(s.members))
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/ping" || r.URL.Path == "/cacerts" || strings.HasPrefix(r.URL.Path, "/db/") || strings.HasPrefix(r.URL.Path, "/v1-k3s/") {
				own.ServeHTTP(w, r)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func (s *Supervisor) forServer(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.Passwords.isServer(r) {
			refuse(w, http.StatusUnauthorized, "not authorized")
			return
		}
		next(w, r)
	}
}

// forNode also takes a certificate that the cluster gave to a node, so that
// nodes live on when the token they joined with has been rotated.
func (s *Supervisor) forNode(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.Passwords.isNode(r) && s.certifiedNode(r) == "" {
			refuse(w, http.StatusUnauthorized, "not authorized")
			return
		}
		next(w, r)
	}
}

func (s *Supervisor) certifiedNode(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return ""
	}
	authority, err := pki.LoadAuthority(s.Data.TLS("client-ca"))
	if err != nil {
		return ""
	}
	roots, chain := x509.NewCertPool(), x509.NewCertPool()
	roots.AppendCertsFromPEM(authority.CertificatePEM)
	for _, sent := range r.TLS.PeerCertificates[1:] {
		chain.AddCert(sent)
	}
	certificate := r.TLS.PeerCertificates[0]
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: roots, Intermediates: chain, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		return ""
	}
	node, ok := strings.CutPrefix(certificate.Subject.CommonName, "system:node:")
	if !ok || !s.nodeExists(r.Context(), node) {
		return ""
	}
	return node
}

func (s *Supervisor) file(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		content, err := os.ReadFile(s.Data.TLS(name))
		if err != nil {
			refuse(w, http.StatusInternalServerError, err.Error())
			return
		}
		w.Header().Set("Content-Type", "text/plain")
		_, _ = w.Write(content)
	}
}

func (s *Supervisor) config(w http.ResponseWriter, _ *http.Request) { answer(w, s.Config) }

func (s *Supervisor) readyz(w http.ResponseWriter, _ *http.Request) {
	if !s.ready() {
		refuse(w, http.StatusInternalServerError, "apiserver not ready")
		return
	}
	_, _ = w.Write([]byte("ok"))
}

func (s *Supervisor) bootstrap(w http.ResponseWriter, _ *http.Request) {
	bundle, err := ReadBootstrap(s.Data)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	answer(w, bundle)
}

func (s *Supervisor) members(w http.ResponseWriter, r *http.Request) {
	if s.Datastore == nil {
		refuse(w, http.StatusInternalServerError, "etcd is not the datastore of this cluster: start the first server with --cluster-init")
		return
	}
	info, err := s.Datastore.MemberInfo(r.Context())
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	answer(w, info)
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

// refuse answers like the API server does, with a Status.
func refuse(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	if code == http.StatusUnauthorized {
		// No Status here: k3s's agents print "<url>: 401 Unauthorized".
		w.WriteHeader(code)
		_, _ = w.Write([]byte(message + "\n"))
		return
	}
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"kind": "Status", "apiVersion": "v1", "metadata": map[string]any{}, "status": "Failure", "message": message, "code": code,
	})
}
