// Package kubeconf writes kubeconfig files: the administrator's, which k3s
// users copy, and those of the components.
package kubeconf

import (
	"os"
	"os/user"
	"path/filepath"
	"strconv"

	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Component writes a kubeconfig that names certificate files.
func Component(file, server, caFile, base string) error {
	return write(file, server, &clientcmdapi.Cluster{Server: server, CertificateAuthority: caFile},
		&clientcmdapi.AuthInfo{ClientCertificate: base + ".crt", ClientKey: base + ".key"}, "local", "user", "Default")
}

// Admin writes k3s.yaml: everything inline, all named "default".
func Admin(file, server, caFile, base string) error {
	authority, err := os.ReadFile(caFile)
	if err != nil {
		return err
	}
	certificate, err := os.ReadFile(base + ".crt")
	if err != nil {
		return err
	}
	key, err := os.ReadFile(base + ".key")
	if err != nil {
		return err
	}
	return write(file, server, &clientcmdapi.Cluster{Server: server, CertificateAuthorityData: authority},
		&clientcmdapi.AuthInfo{ClientCertificateData: certificate, ClientKeyData: key}, "default", "default", "default")
}

func write(file, server string, cluster *clientcmdapi.Cluster, user *clientcmdapi.AuthInfo, clusterName, userName, contextName string) error {
	config := clientcmdapi.NewConfig()
	config.Clusters[clusterName] = cluster
	config.AuthInfos[userName] = user
	config.Contexts[contextName] = &clientcmdapi.Context{Cluster: clusterName, AuthInfo: userName}
	config.CurrentContext = contextName
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return clientcmd.WriteToFile(*config, file)
}

// SetMode applies --write-kubeconfig-mode, octal as k3s reads it, and
// --write-kubeconfig-group.
func SetMode(file, mode, group string) error {
	if mode == "" {
		mode = "600"
	}
	bits, err := strconv.ParseUint(mode, 8, 32)
	if err != nil {
		return err
	}
	if group != "" {
		id, err := groupID(group)
		if err != nil {
			return err
		}
		if err := os.Chown(file, -1, id); err != nil {
			return err
		}
	}
	return os.Chmod(file, os.FileMode(bits))
}

func groupID(group string) (int, error) {
	if id, err := strconv.Atoi(group); err == nil {
		return id, nil
	}
	found, err := user.LookupGroup(group)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(found.Gid)
}
