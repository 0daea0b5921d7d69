// Package cli is the command line of k3s: which command runs what, and what
// is said about the commands that are not imitated.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"k8s.io/klog/v2"

	"hollow-k3s/internal/flags"
	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/server"
	"hollow-k3s/internal/stamp"
	"hollow-k3s/internal/tuning"
)

// Run runs the command that a program name and arguments ask for and returns
// its exit code. Like k3s, a link named kubectl is kubectl.
func Run(ctx context.Context, program string, arguments []string) int {
	switch program {
	case "kubectl", "crictl", "ctr":
		return command(ctx, program, arguments)
	}
	if len(arguments) == 0 {
		usage(os.Stdout)
		return 0
	}
	return command(ctx, arguments[0], arguments[1:])
}

func command(ctx context.Context, name string, arguments []string) int {
	if name != "kubectl" {
		quiet(io.Discard)
	}
	switch name {
	case "server":
		return serve(ctx, arguments)
	case "agent":
		return runAgent(ctx, arguments)
	case "kubectl":
		return kubectl(arguments)
	case "etcd-snapshot":
		return fail(etcdSnapshot(arguments))
	case "token":
		return fail(rotateToken(arguments))
	case "certificate":
		return fail(certificate(arguments))
	case "secrets-encrypt":
		return fail(secretsEncrypt(arguments))
	case "hollow-stamp":
		return fail(writeStamp(arguments))
	case "--version", "-v", "-version":
		fmt.Printf("k3s version %s (hollow)\ngo version %s\n", stamp.Release(), runtime.Version())
		return 0
	case "help", "--help", "-h":
		usage(os.Stdout)
		return 0
	case "crictl", "ctr", "check-config", "completion":
		fmt.Fprintf(os.Stderr, "not imitated by hollow k3s: k3s %s\n", name)
		return 1
	}
	if strings.HasPrefix(name, "-") {
		fmt.Fprintf(os.Stderr, "Incorrect Usage: flag provided but not defined: %s\n\n", "-"+strings.TrimLeft(name, "-"))
	} else {
		fmt.Fprintf(os.Stderr, "No help topic for '%s'\n", name)
	}
	usage(os.Stderr)
	return 1
}

func serve(ctx context.Context, arguments []string) int {
	values, code := load("server", arguments)
	if values == nil {
		return code
	}
	logline.Infof("Starting k3s %s (hollow)", stamp.Release())
	return ended(ctx, server.Run(ctx, values, stamp.Release()), "controllers exited")
}

// ended is the exit code of a server or an agent. One that was asked to stop
// ends as k3s does: its parts see that their context is gone, call that fatal,
// and the unit is failed after an ordinary stop (k3s#2624, k3s#4261).
func ended(ctx context.Context, err error, words string) int {
	if ctx.Err() == nil {
		return fail(err)
	}
	tuned, err := tuning.Load(os.Getenv)
	if err != nil {
		return fail(err)
	}
	if tuned.StopExit != 0 {
		logline.LastWords("%s", words)
	}
	return tuned.StopExit
}

// load reads the options; without values the process ends with the code.
func load(command string, arguments []string) (*flags.Values, int) {
	values, err := flags.Load(command, arguments, os.Getenv, logline.Warnf)
	if errors.Is(err, flags.ErrHelp) {
		options(os.Stdout, command)
		return nil, 0
	}
	if err != nil {
		if strings.HasPrefix(err.Error(), "flag provided but not defined") {
			fmt.Fprintf(os.Stderr, "Incorrect Usage: %v\n\n", err)
		}
		return nil, fail(err)
	}
	if values.On("debug") || values.Number("v") > 0 {
		quiet(os.Stderr)
	}
	// A smaller heap for more processor time: a lab runs dozens of these.
	debug.SetGCPercent(50)
	return values, 0
}

// quiet sends Kubernetes' and gRPC's lines below errors to out. klog sends
// errors to stderr by itself; through here they would come twice.
func quiet(out io.Writer) {
	klog.LogToStderr(false)
	klog.SetOutputBySeverity("INFO", out)
	klog.SetOutputBySeverity("WARNING", out)
	klog.SetOutputBySeverity("ERROR", io.Discard)
	klog.SetOutputBySeverity("FATAL", io.Discard)
}

// fail prints an error the way k3s's journal shows it.
func fail(err error) int {
	if err == nil || errors.Is(err, context.Canceled) {
		return 0
	}
	fmt.Fprintln(os.Stderr)
	logline.Fatalf("Error: %v", err)
	return 1
}

func usage(out io.Writer) {
	fmt.Fprintf(out, `NAME:
   k3s - Kubernetes, but small and simple (hollow: a stand-in for disposable lab hosts)

USAGE:
   k3s [global options] command [command options] [arguments...]

VERSION:
   %s (hollow)

COMMANDS:
   server           Run management server
   agent            Run node agent
   kubectl          Run kubectl
   token            Manage tokens
   etcd-snapshot    Manage etcd snapshots
   secrets-encrypt  Control secrets encryption and keys rotation
   certificate      Manage K3s certificates
   hollow-stamp     Write a copy of this binary with another release in it
`, stamp.Release())
}

func options(out io.Writer, command string) {
	fmt.Fprintf(out, "OPTIONS of k3s %s:\n", command)
	for _, flag := range flags.For(command) {
		note := ""
		switch flag.Effect {
		case flags.Harmless:
			note = "  (no effect: " + flag.Why + ")"
		case flags.Refused:
			note = "  (not imitated: " + flag.Why + ")"
		}
		fmt.Fprintf(out, "   --%s%s\n", flag.Name, note)
	}
}
