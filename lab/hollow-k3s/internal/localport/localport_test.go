package localport

import (
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
)

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func body(t *testing.T, port int) string {
	t.Helper()
	answer, err := http.Get("http://127.0.0.1:" + strconv.Itoa(port) + "/healthz")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	content, _ := io.ReadAll(answer.Body)
	return string(content)
}

func TestHealthzIsReachedDirectlyAndThroughTheLocalPort(t *testing.T) {
	port, local := freePort(t), freePort(t)
	Healthz(t.Context(), "kubelet", "127.0.0.1", port)
	if got := body(t, port); got != "ok" {
		t.Errorf("%q", got)
	}
	if err := Forward(t.Context(), "127.0.0.1:"+strconv.Itoa(local), "127.0.0.1:"+strconv.Itoa(port)); err != nil {
		t.Fatal(err)
	}
	if got := body(t, local); got != "ok" {
		t.Errorf("%q", got)
	}
	if err := Forward(t.Context(), "127.0.0.1:"+strconv.Itoa(local), "127.0.0.1:1"); err == nil {
		t.Error("a port that is taken was opened again")
	}
}
