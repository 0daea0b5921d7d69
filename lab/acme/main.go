// Command acme is Pebble, the test server of Let's Encrypt, under the
// address that Let's Encrypt has: manifests that name the real directory work
// unchanged where the name leads here. Pebble itself serves /dir only.
package main

import (
	"crypto/tls"
	"flag"
	"log"
	"net/http"
	"os"

	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
)

func main() {
	var (
		listen   = flag.String("listen", "127.0.0.1:14443", "address")
		dns      = flag.String("dns", "", "host:port of the name server that has the challenges (required)")
		cert     = flag.String("cert", "", "certificate of the HTTPS server (required)")
		key      = flag.String("key", "", "its key (required)")
		rootFile = flag.String("roots", "", "file that the root of what is issued is added to: it is a new one at each start (required)")
		validity = flag.Uint64("validity", 90*24*3600, "seconds that a certificate is valid")
		httpPort = flag.Int("http01-port", 80, "port that HTTP-01 challenges are fetched from")
	)
	flag.Parse()
	if *dns == "" || *cert == "" || *key == "" || *rootFile == "" {
		flag.Usage()
		os.Exit(2)
	}

	logger := log.New(os.Stdout, "", log.LstdFlags)
	store := db.NewMemoryStore()
	// One profile: where an order names none, Pebble takes any of those it has.
	authority := ca.New(logger, store, "", "ecdsa", 0, 2, map[string]ca.Profile{
		"classic": {Description: "as Let's Encrypt's", ValidityPeriod: *validity},
	})
	if err := appendTo(*rootFile, authority.GetRootCert(0).PEM()); err != nil {
		logger.Fatal(err)
	}
	validation := va.New(logger, *httpPort, 443, false, *dns, store)
	const retryAfter = 1 // seconds
	front := wfe.New(logger, store, validation, authority, []string{"letsencrypt.org"}, false, false, retryAfter, retryAfter)

	server := &http.Server{
		Addr:      *listen,
		Handler:   asDirectory(front.Handler()),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	}
	logger.Fatal(server.ListenAndServeTLS(*cert, *key))
}

// appendTo keeps what is in the file: what was issued before the last start is
// still vouched for by the roots of then.
func appendTo(file string, text []byte) error {
	out, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err = out.Write(text); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}

// asDirectory serves Pebble's directory under the path of Let's Encrypt's.
func asDirectory(pebble http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/directory" {
			r.URL.Path = wfe.DirectoryPath
		}
		pebble.ServeHTTP(w, r)
	})
}
