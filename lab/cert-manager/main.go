// Command lab-cert-manager runs cert-manager's own controllers as one process
// outside of the cluster. cert-manager's command is a Go module that no
// registry serves; its controllers are in the main module, and this is the
// small part around them: flags, wiring, start and stop.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"k8s.io/klog/v2"

	"github.com/cert-manager/cert-manager/pkg/controller"
	logf "github.com/cert-manager/cert-manager/pkg/logs"
)

func main() {
	opts, err := parse(flag.CommandLine, os.Args[1:])
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		err = run(ctx, opts)
	}
	logf.FlushLogs()
	if err != nil {
		fmt.Fprintln(os.Stderr, "lab-cert-manager:", err)
		os.Exit(1)
	}
}

// run starts every controller in `controllers` and blocks until ctx ends.
func run(ctx context.Context, opts controller.ContextOptions) error {
	logf.InitLogs()
	ctx = logf.NewContext(ctx, klog.Background())

	factory, err := controller.NewContextFactory(ctx, opts)
	if err != nil {
		return err
	}
	shared, err := factory.Build()
	if err != nil {
		return err
	}

	// A controller announces its informers while it is constructed, so all are
	// constructed before the first informer starts.
	running := map[string]controller.Interface{}
	for _, name := range controllers {
		construct, known := controller.Known()[name]
		if !known {
			return fmt.Errorf("this cert-manager has no controller %q", name)
		}
		if running[name], err = construct(factory); err != nil {
			return fmt.Errorf("controller %s: %w", name, err)
		}
	}

	shared.SharedInformerFactory.Start(ctx.Done())
	shared.KubeSharedInformerFactory.Start(ctx.Done())
	shared.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())

	ended := make(chan error, len(running))
	for name, c := range running {
		go func() {
			if err := c.Run(workers, ctx); err != nil && ctx.Err() == nil {
				ended <- fmt.Errorf("controller %s: %w", name, err)
				return
			}
			ended <- nil
		}()
	}
	klog.InfoS("started", "controllers", strings.Join(controllers, ","))
	for range running {
		if err := <-ended; err != nil {
			return err
		}
	}
	return nil
}
