package flags

import (
	"sort"
	"strconv"
	"strings"
)

// Values are the options a process was started with.
type Values struct {
	known map[string]Flag
	set   map[string][]string
}

// Text is a flag's value, or its default.
func (v *Values) Text(name string) string {
	if chosen := v.set[name]; len(chosen) > 0 {
		return chosen[len(chosen)-1]
	}
	return v.known[name].Default
}

// On tells whether a switch is set.
func (v *Values) On(name string) bool {
	on, _ := strconv.ParseBool(v.Text(name))
	return on
}

// Number is a flag's whole number; 0 when it has none.
func (v *Values) Number(name string) int {
	number, _ := strconv.ParseInt(v.Text(name), 0, 64)
	return int(number)
}

// List is a repeatable flag's values; k3s also splits them at commas.
func (v *Values) List(name string) []string {
	var found []string
	for _, value := range v.set[name] {
		for _, part := range strings.Split(value, ",") {
			if part = strings.TrimSpace(part); part != "" {
				found = append(found, part)
			}
		}
	}
	return found
}

// Raw is a repeatable flag's values as written: arguments that are passed on
// to a component may hold commas of their own.
func (v *Values) Raw(name string) []string { return v.set[name] }

// IsSet tells whether a flag was given anywhere.
func (v *Values) IsSet(name string) bool { return len(v.set[name]) > 0 }

var secret = map[string]bool{"token": true, "agent-token": true}

// Described lists what was set, as `--name value` pairs with secrets masked:
// k3s records them in the node's k3s.io/node-args annotation.
func (v *Values) Described() []string {
	names := make([]string, 0, len(v.set))
	for name := range v.set {
		if name != "config" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var described []string
	for _, name := range names {
		for _, value := range v.set[name] {
			if secret[name] {
				value = "********"
			}
			described = append(described, "--"+name, value)
		}
	}
	return described
}
