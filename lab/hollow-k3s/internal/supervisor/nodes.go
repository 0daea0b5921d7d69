package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"hollow-k3s/internal/nodepass"
	"hollow-k3s/internal/pki"
)

// Headers by which an agent says who it is.
const (
	NodeNameHeader     = "K3s-Node-Name"
	NodePasswordHeader = "K3s-Node-Password"
	NodeIPHeader       = "K3s-Node-Ip"
)

// PasswordSecret is the name of the Secret in kube-system that holds a node's
// password hash.
func PasswordSecret(node string) string { return node + ".node-password.k3s" }

func (s *Supervisor) servingKubelet(w http.ResponseWriter, r *http.Request) {
	names := []string{r.Header.Get(NodeNameHeader), "127.0.0.1", "localhost"}
	if address := r.Header.Get(NodeIPHeader); address != "" {
		names = append(names, address)
	}
	s.issue(w, r, "server-ca", pki.Subject{CommonName: r.Header.Get(NodeNameHeader), Names: names})
}

func (s *Supervisor) clientKubelet(w http.ResponseWriter, r *http.Request) {
	s.issue(w, r, "client-ca", pki.Subject{
		CommonName:    "system:node:" + r.Header.Get(NodeNameHeader),
		Organizations: []string{"system:nodes"},
	})
}

// clientController is for what runs on an agent besides the kubelet: flannel.
func (s *Supervisor) clientController(w http.ResponseWriter, r *http.Request) {
	s.issue(w, r, "client-ca", pki.Subject{CommonName: "system:k3s-controller"})
}

func (s *Supervisor) issue(w http.ResponseWriter, r *http.Request, ca string, subject pki.Subject) {
	name, password := r.Header.Get(NodeNameHeader), r.Header.Get(NodePasswordHeader)
	if name == "" || password == "" {
		refuse(w, http.StatusBadRequest, "node name or password is not set")
		return
	}
	if err := s.checkNodePassword(r.Context(), name, password); errors.Is(err, nodepass.ErrMismatch) {
		// The status alone: the agent words it.
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "unable to verify password for node "+name+": hash does not match\n")
		return
	} else if err != nil {
		refuse(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	authority, err := pki.LoadAuthority(s.Data.TLS(ca))
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	certificate, key, err := authority.Issue(subject)
	if err != nil {
		refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	_, _ = w.Write(append(certificate, key...))
}

// checkNodePassword stores the hash of the first password a name comes with,
// and compares every later one.
func (s *Supervisor) checkNodePassword(ctx context.Context, node, password string) error {
	secrets := s.Client.CoreV1().Secrets(metav1.NamespaceSystem)
	secret, err := secrets.Get(ctx, PasswordSecret(node), metav1.GetOptions{})
	if err == nil {
		return nodepass.Verify(password, string(secret.Data["hash"]))
	}
	if !apierrors.IsNotFound(err) {
		return fmt.Errorf("unable to verify password for node %s: %w", node, err)
	}
	hash, err := nodepass.Hash(password)
	if err != nil {
		return err
	}
	immutable := true
	_, err = secrets.Create(ctx, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: PasswordSecret(node), Namespace: metav1.NamespaceSystem},
		Immutable:  &immutable,
		Data:       map[string][]byte{"hash": []byte(hash)},
	}, metav1.CreateOptions{})
	if apierrors.IsAlreadyExists(err) {
		return s.checkNodePassword(ctx, node, password)
	}
	return err
}

func (s *Supervisor) nodeExists(ctx context.Context, name string) bool {
	_, err := s.Client.CoreV1().Nodes().Get(ctx, name, metav1.GetOptions{})
	return err == nil
}

// apiServers lists where the API is served, for the agents' load balancers.
func (s *Supervisor) apiServers(w http.ResponseWriter, r *http.Request) {
	slices, err := s.Client.DiscoveryV1().EndpointSlices(metav1.NamespaceDefault).List(r.Context(),
		metav1.ListOptions{LabelSelector: "kubernetes.io/service-name=kubernetes"})
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	addresses := []string{}
	for _, slice := range slices.Items {
		for _, endpoint := range slice.Endpoints {
			for _, address := range endpoint.Addresses {
				addresses = append(addresses, address+":"+strconv.Itoa(s.Config.HTTPSPort))
			}
		}
	}
	answer(w, addresses)
}
