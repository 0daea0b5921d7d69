package cli

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"hollow-k3s/internal/layout"
	"hollow-k3s/internal/logline"
	"hollow-k3s/internal/pki"
)

// certificate is `k3s certificate check`, `rotate` and `rotate-ca`.
func certificate(arguments []string) error {
	if len(arguments) == 0 {
		return errors.New("usage: k3s certificate check|rotate|rotate-ca")
	}
	if arguments[0] == "rotate-ca" {
		return rotateAuthorities(arguments[1:])
	}
	configured, err := settings()
	if err != nil {
		return err
	}
	set := flag.NewFlagSet("certificate "+arguments[0], flag.ContinueOnError)
	data := set.String("data-dir", configured.Text("data-dir"), "")
	services := set.String("service", "", "")
	set.StringVar(services, "s", "", "")
	output := set.String("output", "text", "")
	set.StringVar(output, "o", "text", "")
	if err := set.Parse(arguments[1:]); err != nil {
		return err
	}
	if *services != "" {
		return errors.New("not imitated by hollow k3s: k3s certificate --service (all certificates at once)")
	}
	switch arguments[0] {
	case "check":
		return check(layout.Data(*data), *output)
	case "rotate":
		return rotate(layout.Data(*data))
	}
	return fmt.Errorf("not imitated by hollow k3s: k3s certificate %s", arguments[0])
}

func check(data layout.Data, output string) error {
	found, err := pki.Check(data.TLS(), data.Agent())
	if err != nil {
		return err
	}
	if output == "table" {
		table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprint(table, "FILENAME\tSUBJECT\tEXPIRES\tSTATUS\n")
		for _, one := range found {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", filepath.Base(one.File), one.Subject, one.NotAfter.UTC().Format(time.RFC3339), status(one))
		}
		return table.Flush()
	}
	for _, one := range found {
		logline.Infof("%s: certificate %s is %s, expires at %s", one.File, one.Subject, strings.ToLower(status(one)), one.NotAfter.UTC().Format(time.RFC3339))
	}
	return nil
}

func status(one pki.Status) string {
	switch {
	case time.Now().After(one.NotAfter):
		return "EXPIRED"
	case one.Renews:
		return "WARNING"
	default:
		return "OK"
	}
}

// rotate moves every certificate that is not a CA's aside; the next start
// makes new ones.
func rotate(data layout.Data) error {
	found, err := pki.Check(data.TLS(), data.Agent())
	if err != nil {
		return err
	}
	backup := data.Server(fmt.Sprintf("tls-%d", time.Now().Unix()))
	if _, err := os.Stat(data.Server()); err != nil {
		backup = data.Agent(fmt.Sprintf("tls-%d", time.Now().Unix()))
	}
	for _, one := range found {
		if strings.HasSuffix(one.File, "-ca.crt") {
			continue
		}
		for _, file := range []string{one.File, strings.TrimSuffix(one.File, ".crt") + ".key"} {
			target := filepath.Join(backup, filepath.Base(filepath.Dir(file)), filepath.Base(file))
			if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
				return err
			}
			if err := os.Rename(file, target); err != nil {
				return err
			}
		}
		logline.Infof("Rotating certificate %s", one.File)
	}
	logline.Infof("Successfully backed up certificates to %s, please restart k3s server or agent to rotate certificates", backup)
	return nil
}
