package supervisor

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"

	"hollow-k3s/internal/logline"
)

// rotateToken is k3s's PUT /v1-k3s/token (pkg/server/handlers/token.go). Only
// who knows the server token gets here, by basic authentication as `server`.
func (s *Supervisor) rotateToken(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPut {
		refuse(w, http.StatusMethodNotAllowed, "method not allowed")
		return
	}
	var request struct {
		NewToken *string `json:"newToken"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if request.NewToken == nil {
		// k3s panics here, which drops the connection.
		refuse(w, http.StatusBadRequest, "newToken is missing")
		return
	}
	if err := s.Rotate(r.Context(), *request.NewToken); err != nil {
		refuseWithID(w, "token", err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// replaceAuthorities is k3s's PUT /v1-k3s/cert/cacerts
// (pkg/server/handlers/cert.go).
func (s *Supervisor) replaceAuthorities(w http.ResponseWriter, r *http.Request) {
	var files map[string][]byte
	if err := json.NewDecoder(r.Body).Decode(&files); err != nil {
		refuseWithID(w, "certificate", err)
		return
	}
	force, _ := strconv.ParseBool(r.FormValue("force"))
	if err := s.Replace(r.Context(), files, force); err != nil {
		refuseWithID(w, "certificate", err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// SnapshotRequest is the body of k3s's POST /db/snapshot, as far as it is
// imitated (pkg/etcd/snapshot_handler.go).
type SnapshotRequest struct {
	Operation string   `json:"operation"`
	Name      []string `json:"name,omitempty"`
	Dir       *string  `json:"dir,omitempty"`
}

// SnapshotResult is the answer.
type SnapshotResult struct {
	Created []string `json:"created"`
}

// snapshot: the server writes the file, and not the command that asks for it.
func (s *Supervisor) snapshot(w http.ResponseWriter, r *http.Request) {
	if s.Datastore == nil {
		refuse(w, http.StatusBadRequest, "etcd datastore disabled")
		return
	}
	var request SnapshotRequest
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		refuseWithID(w, "etcd-snapshot", err)
		return
	}
	if request.Operation != "save" {
		refuseWithID(w, "etcd-snapshot", fmt.Errorf("invalid snapshot operation"))
		return
	}
	created, err := s.Datastore.Snapshot(r.Context(), request)
	if err != nil {
		refuseWithID(w, "etcd-snapshot", err)
		return
	}
	answer(w, SnapshotResult{Created: created})
}

// EncryptionState is the answer of GET /v1-k3s/encrypt/status
// (pkg/server/handlers/secrets-encrypt.go).
type EncryptionState struct {
	Stage        string   `json:"stage"`
	ActiveKey    string   `json:"activekey"`
	Enable       *bool    `json:"enable,omitempty"`
	HashMatch    bool     `json:"hashmatch,omitempty"`
	HashError    string   `json:"hasherror,omitempty"`
	InactiveKeys []string `json:"inactivekeys,omitempty"`
}

// EncryptionRequest is the body of PUT /v1-k3s/encrypt/config.
type EncryptionRequest struct {
	Stage *string `json:"stage,omitempty"`
	Force bool    `json:"force"`
	Skip  bool    `json:"skip"`
}

func (s *Supervisor) encryptionStatus(w http.ResponseWriter, r *http.Request) {
	state, err := s.Encryption.Status(r.Context())
	if err != nil {
		refuseWithID(w, "secret-encrypt", err)
		return
	}
	answer(w, state)
}

// encryptionConfig goes on when nobody waits for the answer any more.
func (s *Supervisor) encryptionConfig(w http.ResponseWriter, r *http.Request) {
	var request EncryptionRequest
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	if err := s.Encryption.Change(context.WithoutCancel(r.Context()), request); err != nil {
		refuseWithID(w, "secret-encrypt", err)
		return
	}
	w.WriteHeader(http.StatusOK)
}

// refuseWithID keeps the cause in the server's journal and gives the client
// a number to find it by (pkg/util/apierrors.go, SendErrorWithID).
func refuseWithID(w http.ResponseWriter, component string, err error) {
	id := rand.IntN(100000)
	logline.Errorf("%s error ID %05d: %v", component, id, err)
	refuse(w, http.StatusInternalServerError, fmt.Sprintf("%s error ID %05d", component, id))
}
