package flags

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
)

// Load merges, from weak to strong: defaults, environment, configuration
// file, command line. A list on the command line replaces the file's list.
// warn gets the lines k3s prints without failing.
func Load(command string, arguments []string, environment func(string) string, warn func(string, ...any)) (*Values, error) {
	known := byName(For(command))
	line, err := commandLine(command, known, arguments)
	if err != nil {
		return nil, err
	}
	values := &Values{known: known, set: map[string][]string{}}
	for name, flag := range known {
		if flag.Env != "" && environment(flag.Env) != "" && name == flag.Name {
			values.set[name] = []string{environment(flag.Env)}
		}
	}
	if chosen := line["config"]; len(chosen) > 0 {
		values.set["config"] = chosen
	}
	fromFile, err := fileValues(values.Text("config"))
	if err != nil {
		return nil, err
	}
	if err := values.takeFile(command, fromFile, warn); err != nil {
		return nil, err
	}
	for name, chosen := range line {
		values.set[name] = chosen
	}
	return values, values.check(warn)
}

// takeFile is stricter than k3s on purpose. k3s skips a key of the file that
// the command does not know, with a warning (configfilearg.stripInvalidFlags);
// a lab exists to find the typing mistake behind such a key, so only keys
// that the other command knows are skipped, and the rest are refused with
// what k3s says to an unknown flag.
func (v *Values) takeFile(command string, file map[string][]string, warn func(string, ...any)) error {
	other := "agent"
	if command == "agent" {
		other = "server"
	}
	elsewhere := byName(For(other))
	keys := make([]string, 0, len(file))
	for key := range file {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		if flag, ok := v.known[key]; ok {
			v.set[flag.Name] = file[key]
		} else if _, ok := elsewhere[key]; ok {
			warn("Unknown flag --%s found in config.yaml, skipping\n", key)
		} else {
			return fmt.Errorf("flag provided but not defined: -%s", key)
		}
	}
	return nil
}

func (v *Values) check(warn func(string, ...any)) error {
	names := make([]string, 0, len(v.set))
	for name := range v.set {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		flag := v.known[name]
		for _, value := range v.set[name] {
			if err := flag.accepts(value); err != nil {
				return err
			}
		}
		unset := strings.Join(v.set[name], ",") == flag.Default || (flag.Kind == Switch && v.Text(name) == "false")
		if unset {
			continue
		}
		if flag.Effect == Refused {
			return fmt.Errorf("not imitated by hollow k3s: --%s (%s)", name, flag.Why)
		}
		if flag.Effect == Harmless {
			warn("hollow k3s: --%s has no effect: %s", name, flag.Why)
		}
	}
	return nil
}

func (f Flag) accepts(value string) error {
	var err error
	switch f.Kind {
	case Switch:
		_, err = strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("invalid boolean value %q for -%s: parse error", value, f.Name)
		}
	case Number:
		_, err = strconv.ParseInt(value, 0, 64)
		if err != nil {
			return fmt.Errorf("invalid value %q for flag -%s: parse error", value, f.Name)
		}
	}
	return nil
}

func byName(list []Flag) map[string]Flag {
	known := map[string]Flag{}
	for _, flag := range list {
		known[flag.Name] = flag
		if flag.Alias != "" {
			known[flag.Alias] = flag
		}
	}
	return known
}

// commandLine uses Go's flag package as k3s's parser does, which is where the
// words "flag provided but not defined" come from.
func commandLine(command string, known map[string]Flag, arguments []string) (map[string][]string, error) {
	set := flag.NewFlagSet(command, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	line := map[string][]string{}
	for name, declared := range known {
		set.Var(&collector{line: line, flag: declared}, name, "")
	}
	if err := set.Parse(arguments); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, ErrHelp
		}
		return nil, err
	}
	if set.NArg() > 0 {
		return nil, fmt.Errorf("%s takes no arguments, got %q", command, set.Args())
	}
	return line, nil
}

// ErrHelp asks for the list of options.
var ErrHelp = errors.New("help requested")

type collector struct {
	line map[string][]string
	flag Flag
}

func (c *collector) String() string { return "" }

func (c *collector) Set(value string) error {
	if c.flag.Kind == List {
		c.line[c.flag.Name] = append(c.line[c.flag.Name], value)
	} else {
		c.line[c.flag.Name] = []string{value}
	}
	return nil
}

func (c *collector) IsBoolFlag() bool { return c.flag.Kind == Switch }
