// Package sdnotify tells systemd that a Type=notify unit is up.
package sdnotify

import (
	"net"
	"os"
	"strings"
)

// socket is taken away from the environment at once, so that no child and no
// component in this process can report readiness before k3s itself is ready.
var socket = take()

func take() string {
	value := os.Getenv("NOTIFY_SOCKET")
	_ = os.Unsetenv("NOTIFY_SOCKET")
	return value
}

// Ready reports READY=1; without systemd it does nothing.
func Ready() { send("READY=1") }

func send(state string) {
	if socket == "" {
		return
	}
	name := socket
	if strings.HasPrefix(name, "@") {
		name = "\x00" + name[1:]
	}
	connection, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		return
	}
	defer connection.Close()
	_, _ = connection.Write([]byte(state))
}
