package cli

import (
	"os"
	"slices"
	"strings"

	"k8s.io/component-base/cli"
	kubectlcmd "k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"

	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/logline"
)

// kubectl runs upstream kubectl, with k3s.yaml as the default kubeconfig.
func kubectl(arguments []string) int {
	named := slices.ContainsFunc(arguments, func(argument string) bool {
		return argument == "--kubeconfig" || strings.HasPrefix(argument, "--kubeconfig=")
	})
	if os.Getenv("KUBECONFIG") == "" && !named {
		if file, err := os.Open(layout.Kubeconfig); err == nil {
			file.Close()
			os.Setenv("KUBECONFIG", layout.Kubeconfig)
		} else if os.IsPermission(err) {
			logline.Warnf("Unable to read %s, please start server with --write-kubeconfig-mode or --write-kubeconfig-group to modify kube config permissions", layout.Kubeconfig)
			os.Setenv("KUBECONFIG", layout.Kubeconfig)
		}
	}
	os.Args = append([]string{"kubectl"}, arguments...)
	command := kubectlcmd.NewDefaultKubectlCommand()
	if err := cli.RunNoErrOutput(command); err != nil {
		util.CheckErr(err)
	}
	return 0
}
