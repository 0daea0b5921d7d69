// Package flags knows k3s's command line and configuration file: which keys
// exist, which of them this stand-in gives effect, which it may ignore and
// which it has to refuse.
package flags

// Kind is the shape of a flag's value.
type Kind int

const (
	Text Kind = iota
	Switch
	Number
	List
)

// Scope is where k3s knows a flag.
type Scope int

const (
	OnServer Scope = 1 << iota
	OnAgent
	OnBoth = OnServer | OnAgent
)

// Effect is what hollow k3s makes of a flag that k3s knows.
type Effect int

const (
	// Imitated flags do here what they do in k3s.
	Imitated Effect = iota
	// Harmless flags are accepted and do nothing, because what they change
	// does not exist in a hollow cluster. Why says so.
	Harmless
	// Refused flags stop the process: ignoring them would pretend.
	Refused
)

// Flag is one option of `k3s server` or `k3s agent`.
type Flag struct {
	Name    string
	Alias   string
	Kind    Kind
	Scope   Scope
	Env     string
	Default string
	Effect  Effect
	Why     string
}

// For lists the flags of a command, "server" or "agent".
func For(command string) []Flag {
	wanted := OnServer
	if command == "agent" {
		wanted = OnAgent
	}
	var found []Flag
	for _, group := range [][]Flag{imitated, harmless, refused} {
		for _, flag := range group {
			if flag.Scope&wanted != 0 {
				found = append(found, flag)
			}
		}
	}
	return found
}
