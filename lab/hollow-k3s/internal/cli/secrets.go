package cli

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"

	"hollow-k3s/internal/access"
	"hollow-k3s/internal/flags"
	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/server"
	"hollow-k3s/internal/stamp"
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

// secretsEncrypt is `k3s secrets-encrypt status`; the verbs that change keys
// are not imitated.
func secretsEncrypt(arguments []string) error {
	if len(arguments) == 0 || arguments[0] != "status" {
		return errors.New("not imitated by hollow k3s: k3s secrets-encrypt other than status")
	}
	configured, err := settings()
	if err != nil {
		return err
	}
	set := flag.NewFlagSet("secrets-encrypt status", flag.ContinueOnError)
	data := set.String("data-dir", configured.Text("data-dir"), "")
	if err := set.Parse(arguments[1:]); err != nil {
		return err
	}
	content, err := os.ReadFile(server.EncryptionFile(layout.Data(*data)))
	if os.IsNotExist(err) {
		fmt.Println("Encryption Status: Disabled, no configuration file found")
		return nil
	}
	if err != nil {
		return err
	}
	var config struct {
		Resources []struct {
			Providers []struct {
				AESCBC struct{ Keys []struct{ Name string } }
			}
		}
	}
	if err := json.Unmarshal(content, &config); err != nil {
		return err
	}
	fmt.Print("Encryption Status: Enabled\nCurrent Rotation Stage: start\nServer Encryption Hashes: All hashes match\n\nActive  Key Type  Name\n------  --------  ----\n")
	for _, resource := range config.Resources {
		for _, provider := range resource.Providers {
			for _, key := range provider.AESCBC.Keys {
				fmt.Printf(" *      AES-CBC   %s\n", key.Name)
			}
		}
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
