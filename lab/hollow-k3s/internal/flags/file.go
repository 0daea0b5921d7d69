package flags

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	yaml "go.yaml.in/yaml/v2"
)

// fileValues reads a configuration file and the drop-ins in `<file>.d`, in
// alphabetical order: a later file replaces a key, `key+` appends to it
// (docs.k3s.io/installation/configuration, "Value Merge Behavior").
func fileValues(file string) (map[string][]string, error) {
	files, err := dropIns(file)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(file); err == nil {
		files = append([]string{file}, files...)
	} else if !os.IsNotExist(err) {
		return nil, err
	}
	values := map[string][]string{}
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		keys := yaml.MapSlice{}
		if err := yaml.Unmarshal(content, &keys); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for _, item := range keys {
			key := fmt.Sprint(item.Key)
			plain := strings.TrimSuffix(key, "+")
			if plain != key {
				values[plain] = append(values[plain], texts(item.Value)...)
			} else {
				values[plain] = texts(item.Value)
			}
		}
	}
	return values, nil
}

func dropIns(file string) ([]string, error) {
	entries, err := os.ReadDir(file + ".d")
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		lower := strings.ToLower(entry.Name())
		if !entry.IsDir() && (strings.HasSuffix(lower, ".yaml") || strings.HasSuffix(lower, ".yml")) {
			names = append(names, filepath.Join(file+".d", entry.Name()))
		}
	}
	sort.Strings(names)
	return names, nil
}

func texts(value any) []string {
	switch typed := value.(type) {
	case nil:
		return []string{""}
	case []any:
		found := make([]string, 0, len(typed))
		for _, element := range typed {
			found = append(found, fmt.Sprint(element))
		}
		return found
	default:
		return []string{fmt.Sprint(typed)}
	}
}
