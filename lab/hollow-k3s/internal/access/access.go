// Package access is a client of a server's supervisor: it pins the server's
// CA by the token's hash and presents the token's password, with k3s's words
// when either is wrong (pkg/clientaccess).
package access

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/token"
)

const timeout = 10 * time.Second

// Access is a validated way to a supervisor.
type Access struct {
	BaseURL  string
	Token    token.Token
	CACerts  []byte
	certFile string
	keyFile  string
}

// Validate fetches the server's CA and compares it with the token's pin. user
// replaces the token's own user when it is set: an agent is always "node".
func Validate(server, text, user string) (*Access, error) {
	parsed, err := token.Parse(text)
	if err != nil {
		return nil, err
	}
	if user != "" {
		parsed.User = user
	}
	base, err := url.Parse(server)
	if err != nil {
		return nil, fmt.Errorf("Invalid server url, failed to parse: %s: %w", server, err)
	}
	if base.Scheme != "https" {
		return nil, fmt.Errorf("only https:// URLs are supported, invalid scheme: %s", server)
	}
	access := &Access{BaseURL: strings.TrimRight(base.String(), "/"), Token: parsed}
	insecure := &http.Client{Timeout: timeout, Transport: &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true}, // only to learn the CA; it is checked next
	}}
	bundle, err := access.fetch(insecure, "/cacerts", nil)
	if err != nil {
		return nil, fmt.Errorf("failed to get CA certs: %w", err)
	}
	access.CACerts = bundle
	if _, err := access.fetch(access.client(), "/cacerts", nil); err != nil {
		return nil, fmt.Errorf("CA cert validation failed: %w", err)
	}
	if parsed.CAHash == "" {
		logline.Warnf("Cluster CA certificate is not trusted by the host CA bundle, but the token does not include a CA hash. Use the full token from the server's node-token file to enable Cluster CA validation.")
		access.Token.CAHash = token.HashCA(bundle)
	} else if err := parsed.CheckCA(bundle); err != nil {
		return nil, err
	}
	return access, nil
}

// WithCertificate also presents a client certificate when the files exist.
func (a *Access) WithCertificate(certFile, keyFile string) *Access {
	copied := *a
	copied.certFile, copied.keyFile = certFile, keyFile
	return &copied
}

// Get reads a path of the supervisor.
func (a *Access) Get(path string, header http.Header) ([]byte, error) {
	return a.fetch(a.client(), path, header)
}

// GetJSON reads a path of the supervisor into value.
func (a *Access) GetJSON(path string, value any) error {
	content, err := a.Get(path, nil)
	if err != nil {
		return err
	}
	return json.Unmarshal(content, value)
}

// Send posts to or puts at a path of the supervisor.
func (a *Access) Send(method, path string, body []byte) ([]byte, error) {
	return a.do(a.client(), method, path, nil, string(body))
}

// SendWithin is Send with another patience.
func (a *Access) SendWithin(patience time.Duration, method, path string, body []byte) ([]byte, error) {
	client := a.client()
	client.Timeout = patience
	return a.do(client, method, path, nil, string(body))
}

func (a *Access) client() *http.Client {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(a.CACerts)
	config := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	if certificate, err := tls.LoadX509KeyPair(a.certFile, a.keyFile); err == nil {
		config.Certificates = []tls.Certificate{certificate}
	}
	return &http.Client{Timeout: timeout, Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: config}}
}

func (a *Access) fetch(client *http.Client, path string, header http.Header) ([]byte, error) {
	return a.do(client, http.MethodGet, path, header, "")
}

// StatusError is an answer that is not 2xx.
type StatusError struct {
	Code int
	Text string
}

func (e *StatusError) Error() string { return e.Text }

func (a *Access) do(client *http.Client, method, path string, header http.Header, body string) ([]byte, error) {
	request, err := http.NewRequest(method, a.BaseURL+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if a.Token.User != "" {
		request.SetBasicAuth(a.Token.User, a.Token.Password)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode < 200 || response.StatusCode > 299 {
		var status struct{ Kind, Message string }
		if json.Unmarshal(content, &status) == nil && status.Kind == "Status" && status.Message != "" {
			return nil, &StatusError{response.StatusCode, status.Message}
		}
		return nil, &StatusError{response.StatusCode, fmt.Sprintf("%s: %s", request.URL, response.Status)}
	}
	return content, nil
}
