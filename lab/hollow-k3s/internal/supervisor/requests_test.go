package supervisor

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"hollow-k3s/internal/logline"
)

func send(t *testing.T, method, url, password, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.SetBasicAuth("server", password)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(content)
}

// journal is what a server writes during a test.
func journal(t *testing.T) *bytes.Buffer {
	t.Helper()
	written, before := &bytes.Buffer{}, logline.Out
	logline.Out = written
	t.Cleanup(func() { logline.Out = before })
	return written
}

func TestTokenRequests(t *testing.T) { // pkg/server/handlers/token.go
	guard, _, url := serve(t)
	var given []string
	guard.Rotate = func(_ context.Context, password string) error {
		given = append(given, password)
		return nil
	}
	path := url + "/v1-k3s/token"
	for _, one := range []struct {
		method, password, body string
		code                   int
		text                   string
	}{
		{http.MethodPut, "wrong", `{"newToken":"n"}`, 401, "not authorized"},
		{http.MethodGet, "server-pw", "", 405, "method not allowed"},
		{http.MethodPut, "server-pw", "nonsense", 400, "invalid character"},
		{http.MethodPut, "server-pw", "{}", 400, "newToken is missing"},
		{http.MethodPut, "server-pw", `{"newToken":"n"}`, 200, ""},
		{http.MethodPut, "server-pw", `{"newToken":""}`, 200, ""},
	} {
		code, body := send(t, one.method, path, one.password, one.body)
		if code != one.code || !strings.Contains(body, one.text) {
			t.Errorf("%+v: %d %s", one, code, body)
		}
	}
	if strings.Join(given, "|") != "n|" {
		t.Errorf("%q", given)
	}
}

func TestTheCauseStaysInTheServersJournal(t *testing.T) { // pkg/util/apierrors.go, SendErrorWithID
	guard, _, url := serve(t)
	guard.Rotate = func(context.Context, string) error { return errors.New("no space left on device") }
	written := journal(t)
	code, body := send(t, http.MethodPut, url+"/v1-k3s/token", "server-pw", `{"newToken":"n3w"}`)
	id := regexp.MustCompile(`token error ID \d{5}`).FindString(body)
	if code != 500 || id == "" || strings.Contains(body, "space") {
		t.Errorf("%d %s", code, body)
	}
	if !strings.Contains(written.String(), id+": no space left on device") || strings.Contains(written.String(), "n3w") {
		t.Error(written)
	}
}

func TestSnapshotRequests(t *testing.T) { // pkg/etcd/snapshot_handler.go
	guard, _, url := serve(t)
	written := journal(t)
	path := url + "/db/snapshot"
	if code, body := send(t, http.MethodPost, path, "server-pw", `{"operation":"save","name":["before"]}`); code != 200 || strings.TrimSpace(body) != `{"created":["before-n1-1"]}` {
		t.Errorf("%d %s", code, body)
	}
	code, body := send(t, http.MethodPost, path, "server-pw", `{"operation":"save","name":["x"],"dir":"/none"}`)
	if code != 500 || !strings.Contains(body, "etcd-snapshot error ID ") || !strings.Contains(written.String(), "stat /none: no such file or directory") {
		t.Errorf("%d %s %s", code, body, written)
	}
	guard.Datastore = nil
	if code, body := send(t, http.MethodPost, path, "server-pw", `{"operation":"save"}`); code != 400 || !strings.Contains(body, "etcd datastore disabled") {
		t.Errorf("%d %s", code, body)
	}
	if code, _ := send(t, http.MethodPost, path, "wrong", `{}`); code != 401 {
		t.Errorf("with a wrong token: %d", code)
	}
}
