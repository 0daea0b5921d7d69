package pki

import (
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Status is one certificate file of a node.
type Status struct {
	File     string
	Subject  string
	NotAfter time.Time
	// Renews: k3s would renew it at the next start.
	Renews bool
}

// Check reads every certificate below the directories.
func Check(directories ...string) ([]Status, error) {
	var found []Status
	for _, directory := range directories {
		err := filepath.WalkDir(directory, func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(file, ".crt") {
				return nil
			}
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			certificate, err := parseCertificate(content)
			if err != nil {
				return nil
			}
			found = append(found, Status{
				File:     file,
				Subject:  certificate.Subject.String(),
				NotAfter: certificate.NotAfter,
				Renews:   !certificate.IsCA && time.Until(certificate.NotAfter) < renewBefore,
			})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	sort.Slice(found, func(i, j int) bool { return found[i].File < found[j].File })
	return found, nil
}
