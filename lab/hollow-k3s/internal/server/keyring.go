package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"hollow-k3s/internal/supervisor"
)

// keysAnnotation is what a server tells the others of its keys.
const keysAnnotation = "k3s.io/encryption-config-hash"

// reloadTime is how long the API server may take to see another configuration.
const reloadTime = 80 * time.Second

// keyring is the server as who has the keys of the Secrets.
type keyring struct{ *server }

// Status is what `k3s secrets-encrypt status` shows.
func (k keyring) Status(ctx context.Context) (supervisor.EncryptionState, error) {
	var state supervisor.EncryptionState
	keys, err := k.readKeys()
	if os.IsNotExist(err) {
		return state, nil
	}
	if err != nil {
		return state, err
	}
	enabled := true
	state.Enable = &enabled
	if err := k.verifySameKeys(ctx); err != nil {
		state.HashError = err.Error()
	} else {
		state.HashMatch = true
	}
	if state.Stage, _, err = k.ownStage(ctx); err != nil {
		return state, err
	}
	for index, each := range keys {
		if index == 0 {
			state.ActiveKey = "AES-CBC " + each.Name
		} else {
			state.InactiveKeys = append(state.InactiveKeys, "AES-CBC "+each.Name)
		}
	}
	return state, nil
}

// Change does what a stage asks for.
func (k keyring) Change(ctx context.Context, request supervisor.EncryptionRequest) error {
	if request.Stage == nil {
		return errors.New("not imitated by hollow k3s: enabling and disabling the encryption of Secrets")
	}
	switch *request.Stage {
	case "rotate_keys":
		return k.rotateKeys(ctx)
	case "reencrypt_active":
		if !request.Force || request.Skip {
			return errors.New("not imitated by hollow k3s: k3s secrets-encrypt reencrypt without --force, or with --skip")
		}
		return k.reencrypt(ctx)
	}
	return fmt.Errorf("unknown stage %s requested", *request.Stage)
}

// verifySameKeys compares what the servers' Nodes have
// (pkg/server/handlers/secrets-encrypt.go, verifyEncryptionHashAnnotation).
func (s *server) verifySameKeys(ctx context.Context) error {
	nodes, err := s.client.CoreV1().Nodes().List(ctx, metav1.ListOptions{LabelSelector: controlPlaneRole + "=true"})
	if err != nil {
		return err
	}
	return sameKeys(nodes.Items)
}

func sameKeys(nodes []corev1.Node) error {
	var first *corev1.Node
	for _, node := range nodes {
		hash, ok := node.Annotations[keysAnnotation]
		if !ok {
			continue
		}
		if first == nil {
			first = &node
		} else if hash != first.Annotations[keysAnnotation] {
			return fmt.Errorf("hash does not match between %s and %s", first.Name, node.Name)
		}
	}
	return nil
}

// verifyKeys is asked before a rotation begins.
func (s *server) verifyKeys(ctx context.Context) error {
	if err := s.verifySameKeys(ctx); err != nil {
		return err
	}
	stage, hash, err := s.ownStage(ctx)
	if err != nil {
		return err
	}
	if !strings.Contains("start-reencrypt_finished", stage) {
		return fmt.Errorf("incorrect stage: %s found on node %s", stage, s.nodeName)
	}
	if ours, err := s.keysHash(); err != nil || ours != hash {
		return errors.Join(err, fmt.Errorf("invalid hash: %s found on node %s", hash, s.nodeName))
	}
	return nil
}

func (s *server) ownStage(ctx context.Context) (stage, hash string, err error) {
	node, err := s.client.CoreV1().Nodes().Get(ctx, s.nodeName, metav1.GetOptions{})
	if err != nil {
		return "", "", err
	}
	stage, hash, ok := strings.Cut(node.Annotations[keysAnnotation], "-")
	if !ok {
		return "", "", fmt.Errorf("missing annotation on node %s", s.nodeName)
	}
	return stage, hash, nil
}

// announceStage tells the other servers; only what is in the file as well
// outlives this process.
func (s *server) announceStage(ctx context.Context, stage string) error {
	hash, err := s.keysHash()
	if err != nil {
		return err
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": map[string]string{keysAnnotation: stage + "-" + hash}}})
	if err != nil {
		return err
	}
	_, err = s.client.CoreV1().Nodes().Patch(ctx, s.nodeName, types.MergePatchType, patch, metav1.PatchOptions{})
	return err
}

// rewriteSecrets gives every Secret to the API server again, which writes it
// with the active key.
func (s *server) rewriteSecrets(ctx context.Context) error {
	secrets, err := s.client.CoreV1().Secrets("").List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	for _, secret := range secrets.Items {
		_, err := s.client.CoreV1().Secrets(secret.Namespace).Update(ctx, &secret, metav1.UpdateOptions{})
		if err != nil && !apierrors.IsConflict(err) && !apierrors.IsNotFound(err) {
			return fmt.Errorf("failed to update secret: %w", err)
		}
	}
	return nil
}

// reloads counts how often the API server has taken up another configuration.
func (s *server) reloads(ctx context.Context) (string, error) {
	metrics, err := s.client.Discovery().RESTClient().Get().AbsPath("/metrics").DoRaw(ctx)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(metrics)) {
		if strings.HasPrefix(line, "apiserver_encryption_config_controller_automatic_reloads_total{") && strings.Contains(line, `status="success"`) {
			return strings.TrimSpace(line), nil
		}
	}
	return "", nil
}

func (s *server) awaitReload(ctx context.Context, before string) error {
	for end := time.Now().Add(reloadTime); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		if now, err := s.reloads(ctx); err == nil && now != before {
			return nil
		}
	}
	return errors.New("timed out waiting for encryption config reload")
}
