package datastore

import (
	"os"

	"hollow-k3s/internal/logline"
)

// k3s keeps a lone server's data in SQLite; here it lies in a lone etcd. A
// file of SQLite's name and shape stands where the real one would, so that a
// host can be recognised, saved and taken over by what can be seen on it.

// sqliteHeader is how every SQLite 3 file begins; the rest of the first page
// is empty.
const sqliteHeader = "SQLite format 3\x00"

func (c Config) sqliteFile() string { return c.Data.Server("db", "state.db") }

// standIn makes the stand-in when it is missing, with the two files that
// SQLite keeps beside it while it is open (and after a process that was killed).
func (c Config) standIn() error {
	page := make([]byte, 4096)
	copy(page, sqliteHeader)
	copy(page[100:], "a stand-in of hollow k3s: the data is in standalone/")
	for name, content := range map[string][]byte{"": page, "-wal": {}, "-shm": {}} {
		if _, err := os.Stat(c.sqliteFile() + name); err == nil {
			continue
		}
		if err := os.WriteFile(c.sqliteFile()+name, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// before is where the data of a lone server stays when etcd has taken them over:
// state.db holds them in k3s, so who puts that back has them again.
func (c Config) before() string { return c.Data.Server("db", ".standalone") }

// bringBack gives a lone server the data that go with a state.db that somebody
// put back.
func (c Config) bringBack() error {
	_, database := os.Stat(c.sqliteFile())
	_, saved := os.Stat(c.before())
	if !c.Lone || c.Initialized() || database != nil || saved != nil {
		return nil
	}
	return os.Rename(c.before(), c.Directory())
}

// migrate turns a lone server's data into that of a first cluster member,
// where k3s copies SQLite into etcd (pkg/etcd/etcd.go, migrateFromSQLite). As
// there, it happens only where there is no etcd yet, it is state.db that
// decides, and it is renamed last: whoever is cut off before that has a half
// that is taken for the whole at the next start.
func (c Config) migrate() error {
	lone := c
	lone.Lone = true
	if c.Lone || c.Initialized() || !lone.Initialized() {
		return nil
	}
	if _, err := os.Stat(c.sqliteFile()); os.IsNotExist(err) {
		logline.Warnf("hollow k3s: there is no %s, so the data of the lone server is not taken over", c.sqliteFile())
		return nil
	}
	logline.Infof("Migrating content from sqlite to etcd")
	for _, directory := range []string{c.before(), c.Directory()} {
		if err := os.RemoveAll(directory); err != nil {
			return err
		}
		if err := os.CopyFS(directory, os.DirFS(lone.Directory())); err != nil {
			return err
		}
	}
	for _, name := range []string{"-wal", "-shm"} {
		_ = os.Remove(c.sqliteFile() + name)
	}
	if err := os.Rename(c.sqliteFile(), c.sqliteFile()+".migrated"); err != nil {
		return err
	}
	return os.RemoveAll(lone.Directory())
}
