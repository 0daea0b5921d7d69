package supervisor

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/pki"
)

type members struct{}

func (members) MemberInfo(context.Context) (any, error) {
	return map[string]any{"members": []string{}}, nil
}

func (members) Snapshot(_ context.Context, request SnapshotRequest) ([]string, error) {
	if request.Dir != nil && *request.Dir == "/none" {
		return nil, errors.New("failed to get etcd-snapshot-dir: stat /none: no such file or directory")
	}
	return []string{request.Name[0] + "-n1-1"}, nil
}

// serve starts a supervisor before an "API server" that answers everything
// with a teapot.
func serve(t *testing.T) (*Supervisor, *fake.Clientset, string) {
	t.Helper()
	data := layout.Data(t.TempDir())
	for _, ca := range []string{"server-ca", "client-ca"} {
		if _, err := pki.EnsureAuthority(data.TLS(ca), ca); err != nil {
			t.Fatal(err)
		}
	}
	passwords := Passwords{Server: "server-pw", Agent: "agent-pw"}
	if err := passwords.Write(data); err != nil {
		t.Fatal(err)
	}
	client := fake.NewClientset()
	guard := &Supervisor{Data: data, Client: client, Datastore: members{}, Passwords: passwords, Config: ClusterConfig{HTTPSPort: 6443}}
	api := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	server := httptest.NewServer(guard.Front(func() bool { return true })(api))
	t.Cleanup(server.Close)
	return guard, client, server.URL
}

func get(t *testing.T, url, user, password string, header http.Header) (int, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	if user != "" {
		request.SetBasicAuth(user, password)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(body)
}

func TestOpenPaths(t *testing.T) { // pkg/server/handlers: /ping, /cacerts; all else is the API server's
	_, _, url := serve(t)
	if code, body := get(t, url+"/ping", "", "", nil); code != 200 || body != "pong" {
		t.Errorf("%d %q", code, body)
	}
	if code, body := get(t, url+"/cacerts", "", "", nil); code != 200 || !strings.HasPrefix(body, "-----BEGIN CERTIFICATE-----") {
		t.Errorf("%d %q", code, body)
	}
	if code, _ := get(t, url+"/readyz", "", "", nil); code != http.StatusTeapot {
		t.Errorf("/readyz is not the API server's: %d", code)
	}
}

func TestWhoMayReadWhat(t *testing.T) { // docs.k3s.io/cli/token: the agent token joins agents only
	_, _, url := serve(t)
	for _, one := range []struct {
		path, user, password string
		code                 int
	}{
		{"/v1-k3s/config", "", "", 401},
		{"/v1-k3s/config", "node", "wrong", 401},
		{"/v1-k3s/config", "node", "agent-pw", 200},
		{"/v1-k3s/config", "node", "server-pw", 200},
		{"/v1-k3s/readyz", "node", "agent-pw", 200},
		{"/v1-k3s/server-bootstrap", "server", "agent-pw", 401},
		{"/v1-k3s/server-bootstrap", "node", "server-pw", 401},
		{"/v1-k3s/server-bootstrap", "server", "server-pw", 200},
		{"/db/info", "node", "agent-pw", 401},
		{"/db/info", "server", "server-pw", 200},
	} {
		if code, body := get(t, url+one.path, one.user, one.password, nil); code != one.code {
			t.Errorf("%+v: %d %s", one, code, body)
		}
	}
}

func TestNodePassword(t *testing.T) { // docs.k3s.io/architecture: a name belongs to the host that took it first
	_, client, url := serve(t)
	as := func(password string) http.Header {
		return http.Header{NodeNameHeader: {"n1"}, NodePasswordHeader: {password}, NodeIPHeader: {"10.0.0.1"}}
	}
	path := url + "/v1-k3s/serving-kubelet.crt"
	if code, _ := get(t, path, "node", "agent-pw", nil); code != http.StatusBadRequest {
		t.Errorf("without a name: %d", code)
	}
	if code, body := get(t, path, "node", "agent-pw", as("mine")); code != 200 || !strings.Contains(body, "PRIVATE KEY") {
		t.Errorf("first: %d", code)
	}
	secrets := client.CoreV1().Secrets("kube-system")
	if _, err := secrets.Get(t.Context(), "n1.node-password.k3s", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
	if code, _ := get(t, path, "node", "agent-pw", as("mine")); code != 200 {
		t.Errorf("again: %d", code)
	}
	if code, _ := get(t, path, "node", "agent-pw", as("other")); code != http.StatusForbidden {
		t.Errorf("another host: %d", code)
	}
	if err := secrets.Delete(t.Context(), "n1.node-password.k3s", metav1.DeleteOptions{}); err != nil && !apierrors.IsNotFound(err) {
		t.Fatal(err)
	}
	if code, _ := get(t, path, "node", "agent-pw", as("other")); code != 200 {
		t.Errorf("after the secret went: %d", code)
	}
}

func TestBootstrapCarriesCAsAndPasswords(t *testing.T) {
	guard, _, _ := serve(t)
	bundle, err := ReadBootstrap(guard.Data)
	if err != nil {
		t.Fatal(err)
	}
	other := layout.Data(t.TempDir())
	if err := bundle.Write(other); err != nil {
		t.Fatal(err)
	}
	passwords, err := ReadPasswords(other)
	if err != nil || passwords.Server != "server-pw" || passwords.Agent != "agent-pw" {
		t.Errorf("%+v %v", passwords, err)
	}
	if _, err := pki.LoadAuthority(other.TLS("client-ca")); err != nil {
		t.Error(err)
	}
}

func TestPasswordFileThatIsNewerThanWhatIsSealed(t *testing.T) {
	guard, _, _ := serve(t)
	sealed, err := ReadBootstrap(guard.Data)
	if err != nil {
		t.Fatal(err)
	}
	if newer, err := sealed.NewerOnDisk(guard.Data); err != nil || newer != "" {
		t.Errorf("the same: %q %v", newer, err)
	}
	if err := (Passwords{Server: "server-pw", Agent: "others"}).Write(guard.Data); err != nil {
		t.Fatal(err)
	}
	file := guard.Data.Server("cred", "passwd")
	for age, wanted := range map[time.Duration]string{-time.Hour: "", 10 * time.Second: file} {
		at := sealed.PasswdTime.Add(age)
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
		if newer, err := sealed.NewerOnDisk(guard.Data); err != nil || newer != wanted {
			t.Errorf("%s after it was sealed: %q %v", age, newer, err)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if newer, err := sealed.NewerOnDisk(guard.Data); err != nil || newer != "" {
		t.Errorf("gone: %q %v", newer, err)
	}
}
