package tuning

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func load(t *testing.T, content string, variables map[string]string) (Settings, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hollow.yaml")
	if content != "" {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Load(func(name string) string {
		if name == "HOLLOW_FILE" {
			return file
		}
		return variables[name]
	})
}

func TestQuickWithoutAnySetting(t *testing.T) {
	settings, err := load(t, "", nil)
	if err != nil || settings != defaults() {
		t.Error(settings, err)
	}
}

func TestVariablesWinOverTheFile(t *testing.T) {
	settings, err := load(t, "controller-lease: 45s\nvote-interval: 15s\nstop-exit: 0\n", map[string]string{"HOLLOW_VOTE_INTERVAL": "1s"})
	if err != nil || settings.ControllerLease != 45*time.Second || settings.VoteInterval != time.Second || settings.StopExit != 0 {
		t.Error(settings, err)
	}
}

func TestAWrongSettingIsNotOverlooked(t *testing.T) {
	for _, content := range []string{"controler-lease: 45s\n", "removal-delay: 45\n", "removal-delay: -1s\n", "stop-exit: no\n", "controller-lease: 1s\n", "[]\n"} {
		if _, err := load(t, content, nil); err == nil {
			t.Errorf("%q was taken", content)
		}
	}
}
