// Hollow k3s stands in for k3s on the lab's hosts: a real control plane and
// hollow kubelets behind k3s's command line. See README.md.
package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	// First, so that the release is known before Kubernetes initialises.
	_ "hollow-k3s/internal/stamp"

	"hollow-k3s/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(cli.Run(ctx, filepath.Base(os.Args[0]), os.Args[1:]))
}
