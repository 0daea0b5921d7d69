package cli

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"hollow-k3s/internal/access"
	"hollow-k3s/internal/flags"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/server"
	"hollow-k3s/internal/stamp"
	"hollow-k3s/internal/supervisor"
)

func settings() (*flags.Values, error) {
	return flags.Load("server", nil, os.Getenv, func(string, ...any) {})
}

// rotateToken is `k3s token rotate`; the other verbs are about bootstrap
// tokens, which are not imitated.
func rotateToken(arguments []string) error {
	if len(arguments) == 0 || arguments[0] != "rotate" {
		return errors.New("not imitated by hollow k3s: k3s token other than rotate")
	}
	configured, err := settings()
	if err != nil {
		return err
	}
	set := flag.NewFlagSet("token rotate", flag.ContinueOnError)
	old := set.String("token", "", "")
	set.StringVar(old, "t", "", "")
	chosen := set.String("new-token", "", "")
	url := set.String("server", "https://127.0.0.1:6443", "")
	set.StringVar(url, "s", *url, "")
	data := set.String("data-dir", configured.Text("data-dir"), "")
	if err := set.Parse(arguments[1:]); err != nil {
		return err
	}
	if *old == "" {
		if *old, err = server.StoredToken(layout.Data(*data)); err != nil {
			return err
		}
	}
	fmt.Println("\033[33mWARNING\033[0m: Recommended to keep a record of the old token. If restoring from a snapshot, you must use the token associated with that snapshot.")
	way, err := access.Validate(*url, *old, "server")
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]string{"newToken": *chosen})
	if err != nil {
		return err
	}
	if _, err := way.Send(http.MethodPut, "/v1-k3s/token", body); err != nil {
		return err
	}
	fmt.Println("Token rotated, restart k3s nodes with new token")
	return nil
}

// rotationPatience is how long k3s's command waits for the server
// (pkg/cli/secretsencrypt).
const rotationPatience = 70 * time.Second

// secretsEncrypt is `k3s secrets-encrypt` with the verbs of the newer way to
// another key; prepare, rotate, enable and disable are not imitated.
func secretsEncrypt(arguments []string) error {
	verb := ""
	if len(arguments) > 0 {
		verb, arguments = arguments[0], arguments[1:]
	}
	stage, known := map[string]string{"status": "", "rotate-keys": "rotate_keys", "reencrypt": "reencrypt_active"}[verb]
	if !known {
		return errors.New("not imitated by hollow k3s: k3s secrets-encrypt other than status, rotate-keys and reencrypt")
	}
	configured, err := settings()
	if err != nil {
		return err
	}
	set := flag.NewFlagSet("secrets-encrypt "+verb, flag.ContinueOnError)
	data, url, output := configured.Text("data-dir"), "https://127.0.0.1:6443", ""
	request := supervisor.EncryptionRequest{Stage: &stage}
	for _, name := range []string{"data-dir", "d"} {
		set.StringVar(&data, name, data, "")
	}
	for _, name := range []string{"server", "s"} {
		set.StringVar(&url, name, url, "")
	}
	for _, name := range []string{"output", "o"} {
		set.StringVar(&output, name, output, "")
	}
	for _, name := range []string{"force", "f"} {
		set.BoolVar(&request.Force, name, false, "")
	}
	set.BoolVar(&request.Skip, "skip", false, "")
	if err := set.Parse(arguments); err != nil {
		return err
	}
	token, err := server.StoredToken(layout.Data(data))
	if err != nil {
		return err
	}
	way, err := access.Validate(url, token, "server")
	if err != nil {
		return err
	}
	if verb == "status" {
		return showEncryption(way, output)
	}
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if _, err := way.SendWithin(rotationPatience, http.MethodPut, "/v1-k3s/encrypt/config", body); err != nil {
		return fmt.Errorf("see server log for details: %w", err)
	}
	fmt.Println("keys rotated, reencryption finished")
	return nil
}

func showEncryption(way *access.Access, output string) error {
	var state supervisor.EncryptionState
	if err := way.GetJSON("/v1-k3s/encrypt/status", &state); err != nil {
		return fmt.Errorf("see server log for details: %w", err)
	}
	if output == "json" {
		content, err := json.MarshalIndent(state, "", "\t")
		fmt.Println(string(content))
		return err
	}
	if state.Enable == nil {
		fmt.Println("Encryption Status: Disabled, no configuration file found")
		return nil
	}
	hashes := "All hashes match"
	if !state.HashMatch {
		hashes = state.HashError
	}
	fmt.Printf("Encryption Status: Enabled\nCurrent Rotation Stage: %s\nServer Encryption Hashes: %s\n\nActive  Key Type  Name\n------  --------  ----\n", state.Stage, hashes)
	line := func(mark, key string) {
		kind, name, _ := strings.Cut(key, " ")
		fmt.Printf(" %s      %s   %s\n", mark, kind, name)
	}
	line("*", state.ActiveKey)
	for _, key := range state.InactiveKeys {
		line(" ", key)
	}
	return nil
}

func writeStamp(arguments []string) error {
	if len(arguments) != 2 {
		return errors.New("usage: k3s hollow-stamp RELEASE OUT")
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return stamp.Write(self, arguments[0], arguments[1])
}
