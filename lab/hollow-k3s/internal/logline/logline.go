// Package logline writes the lines k3s writes: logrus's text form without a
// terminal, which is what stands in a host's journal.
package logline

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

var (
	mutex sync.Mutex
	// Out is where lines go; tests replace it.
	Out io.Writer = os.Stderr
)

func Infof(format string, args ...any)  { write("info", format, args...) }
func Warnf(format string, args ...any)  { write("warning", format, args...) }
func Errorf(format string, args ...any) { write("error", format, args...) }

// Fatalf ends the process: as in k3s, systemd's Restart=always takes over.
func Fatalf(format string, args ...any) {
	write("fatal", format, args...)
	os.Exit(1)
}

// LastWords is a fatal line whose exit code the caller chooses.
func LastWords(format string, args ...any) { write("fatal", format, args...) }

// Klog writes a line as the kubelet's own errors stand in the journal: they
// come from its logger and not from k3s's.
func Klog(source, message string, err error) {
	mutex.Lock()
	defer mutex.Unlock()
	fmt.Fprintf(Out, "E%s %7d %s] %q err=%q\n", time.Now().Format("0102 15:04:05.000000"), os.Getpid(), source, message, err)
}

func write(level, format string, args ...any) {
	mutex.Lock()
	defer mutex.Unlock()
	fmt.Fprintf(Out, "time=%q level=%s msg=%q\n", time.Now().UTC().Format(time.RFC3339), level, fmt.Sprintf(format, args...))
}
