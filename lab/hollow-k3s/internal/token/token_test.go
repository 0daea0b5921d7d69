package token

import (
	"errors"
	"strings"
	"testing"
)

var hash = strings.Repeat("ab", 32)

func TestParse(t *testing.T) { // docs.k3s.io/cli/token, pkg/clientaccess/token.go
	for text, wanted := range map[string]Token{
		"K10" + hash + "::server:pw":  {CAHash: hash, User: "server", Password: "pw"},
		"K10" + hash + "::node:p:w":   {CAHash: hash, User: "node", Password: "p:w"},
		"bare password":               {Password: "bare password"},
		" with-newline-from-a-file\n": {Password: "with-newline-from-a-file"},
	} {
		if got, err := Parse(text); err != nil || got != wanted {
			t.Errorf("%q: %+v %v", text, got, err)
		}
	}
}

func TestParseErrorsAreK3sWords(t *testing.T) { // pkg/clientaccess/token.go, parseToken
	for text, wanted := range map[string]string{
		"":                         "token must not be empty",
		"K10abc::server:pw":        "invalid token CA hash length",
		"K10" + hash + "::server":  "invalid token format",
		"K10" + hash + "::server:": "invalid token format",
		"abcdef.0123456789abcdef":  ErrBootstrap.Error(),
		"K10" + hash + "::abcdef.0123456789abcdef": ErrBootstrap.Error(),
	} {
		if _, err := Parse(text); err == nil || err.Error() != wanted {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestCheckCA(t *testing.T) { // docs.k3s.io/cli/token: the hash pins the CA
	bundle := []byte("certificate")
	pinned := Token{CAHash: HashCA(bundle), User: "node", Password: "p"}
	if err := pinned.CheckCA(bundle); err != nil {
		t.Error(err)
	}
	err := pinned.CheckCA([]byte("another"))
	if err == nil || !strings.HasPrefix(err.Error(), "token CA hash does not match the Cluster CA certificate hash: ") {
		t.Error(err)
	}
	if err := (Token{Password: "short"}).CheckCA(bundle); err != nil {
		t.Error("a short token pins nothing")
	}
}

func TestStringIsParsedBack(t *testing.T) {
	wanted := Token{CAHash: hash, User: "server", Password: Random()}
	if got, err := Parse(wanted.String()); err != nil || got != wanted {
		t.Errorf("%+v %v", got, errors.Unwrap(err))
	}
}
