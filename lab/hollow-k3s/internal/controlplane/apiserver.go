// Package controlplane runs the upstream control plane in this process, as
// k3s does. The upstream commands cannot be used for that, since each of them
// installs the process's only signal handler; their parts can.
package controlplane

import (
	"context"
	"fmt"
	"net/http"

	"github.com/spf13/pflag"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/client-go/rest"
	cliflag "k8s.io/component-base/cli/flag"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
	"k8s.io/kubernetes/cmd/kube-apiserver/app/options"
)

// Front puts the supervisor's paths before the API server's own, on the same
// port: k3s too has one port for both.
type Front func(next http.Handler) http.Handler

// RunAPIServer blocks until ctx ends or the server fails.
func RunAPIServer(ctx context.Context, arguments []string, front Front) error {
	settings := options.NewServerRunOptions()
	if err := parse("kube-apiserver", arguments, settings.Flags()); err != nil {
		return err
	}
	if err := settings.GenericServerRunOptions.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	rest.SetDefaultWarningHandler(rest.NoWarnings{})
	completed, err := settings.Complete(ctx)
	if err != nil {
		return err
	}
	if problems := completed.Validate(); len(problems) != 0 {
		return utilerrors.NewAggregate(problems)
	}
	config, err := app.NewConfig(completed)
	if err != nil {
		return err
	}
	// The aggregator is the outermost of the three chained servers.
	outermost := config.Aggregator.GenericConfig
	chain := outermost.BuildHandlerChainFunc
	outermost.BuildHandlerChainFunc = func(handler http.Handler, c *genericapiserver.Config) http.Handler {
		return front(chain(handler, c))
	}
	complete, err := config.Complete()
	if err != nil {
		return err
	}
	server, err := app.CreateServerChain(complete)
	if err != nil {
		return err
	}
	prepared, err := server.PrepareRun()
	if err != nil {
		return err
	}
	return prepared.Run(ctx)
}

// parse reads a component's own flags; arguments have no leading dashes.
func parse(component string, arguments []string, sets cliflag.NamedFlagSets) error {
	all := pflag.NewFlagSet(component, pflag.ContinueOnError)
	for _, set := range sets.FlagSets {
		all.AddFlagSet(set)
	}
	dashed := make([]string, len(arguments))
	for i, argument := range arguments {
		dashed[i] = "--" + argument
	}
	if err := all.Parse(dashed); err != nil {
		return fmt.Errorf("%s: %w", component, err)
	}
	return nil
}
