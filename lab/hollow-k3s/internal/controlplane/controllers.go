package controlplane

import (
	"context"

	kcm "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	kcmoptions "k8s.io/kubernetes/cmd/kube-controller-manager/app/options"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	scheduleroptions "k8s.io/kubernetes/cmd/kube-scheduler/app/options"
)

// RunControllerManager blocks; it returns only on failure.
func RunControllerManager(ctx context.Context, arguments []string) error {
	settings, err := kcmoptions.NewKubeControllerManagerOptions()
	if err != nil {
		return err
	}
	sets := settings.Flags(kcm.KnownControllers(), kcm.ControllersDisabledByDefault(), kcm.ControllerAliases())
	settings.ParsedFlags = &sets
	if err := parse("kube-controller-manager", arguments, sets); err != nil {
		return err
	}
	if err := settings.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	config, err := settings.Config(ctx, kcm.KnownControllers(), kcm.ControllersDisabledByDefault(), kcm.ControllerAliases())
	if err != nil {
		return err
	}
	return kcm.Run(ctx, config.Complete())
}

// RunScheduler blocks; it returns only on failure.
func RunScheduler(ctx context.Context, arguments []string) error {
	settings := scheduleroptions.NewOptions()
	if err := parse("kube-scheduler", arguments, *settings.Flags); err != nil {
		return err
	}
	if err := settings.ComponentGlobalsRegistry.Set(); err != nil {
		return err
	}
	config, instance, err := scheduler.Setup(ctx, settings)
	if err != nil {
		return err
	}
	return scheduler.Run(ctx, config, instance)
}
