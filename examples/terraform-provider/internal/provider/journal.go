package provider

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"
)

// A journal keeps the tokens of creates that aren't done: first that of the intent, then that of the task. Terraform learns of a resource only when its create returns: a provider
// that is killed before has nobody else to tell.
//
// An entry is a file, named for what is created, with another one beside it that is locked while somebody works on it. An entry that
// isn't locked was left behind by a process that is no more.
type journal struct{ dir, scope string }

// newJournal returns the journal in a directory; "" stands for the usual one. Entries of other accounts and workspaces aren't seen.
func newJournal(dir, url, accessKey string) *journal {
	data := firstOf(os.Getenv("TF_DATA_DIR"), ".terraform")
	selected, _ := os.ReadFile(filepath.Join(data, "environment"))
	workspace := firstOf(os.Getenv("TF_WORKSPACE"), strings.TrimSpace(string(selected)), "default")
	return &journal{dir: firstOf(dir, filepath.Join(data, "rediscloud-tasks")), scope: fmt.Sprintf("%q", []string{url, accessKey, workspace})}
}

// An entry is the place of one create in the journal.
type entry struct {
	path  string
	lock  *flock.Flock
	token string // that was left behind; "" for a new create
}

// open takes over an entry that was left behind, or begins a new one. It does so before anything is created, so that a directory
// that can't be written to is noticed in time.
func (j *journal) open(what ...any) (*entry, error) {
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %q", j.scope, fmt.Sprint(what...)))
	prefix := filepath.Join(j.dir, hex.EncodeToString(sum[:12])+"-")
	left, err := filepath.Glob(prefix + "*" + tokenFile)
	if err != nil {
		return nil, err
	}
	for _, path := range left {
		if e := take(path); e != nil {
			return e, nil
		}
	}
	e := &entry{path: prefix + rand.Text() + tokenFile}
	e.lock = flock.New(e.path+".lock", flock.SetPermissions(0o600))
	if _, err := e.lock.TryLock(); err != nil {
		return nil, err
	}
	return e, nil
}

const tokenFile = ".token"

// take returns the entry in a file, or nil if somebody else has it.
func take(path string) *entry {
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	if locked, err := lock.TryLock(); err != nil || !locked {
		return nil
	}
	e := &entry{path: path, lock: lock}
	token, err := os.ReadFile(path)
	if err != nil { // it was done with meanwhile
		e.remove()
		return nil
	}
	e.token = string(token)
	return e
}

// write keeps a token, in place of the one before.
func (e *entry) write(token string) error {
	if err := os.WriteFile(e.path+".new", []byte(token), 0o600); err != nil {
		return err
	}
	return os.Rename(e.path+".new", e.path)
}

// release leaves the entry to whoever takes up the create.
func (e *entry) release() { _ = e.lock.Unlock() }

// remove ends the entry: the create is done, or came to nothing.
func (e *entry) remove() {
	_ = os.Remove(e.path)
	_ = os.Remove(e.lock.Path())
	_ = e.lock.Unlock()
}

// forget removes the entry of a token that Terraform has in its state.
func (j *journal) forget(token string) {
	paths, _ := filepath.Glob(filepath.Join(j.dir, "*"+tokenFile))
	for _, path := range paths {
		if text, err := os.ReadFile(path); err != nil || string(text) != token {
			continue
		}
		if e := take(path); e != nil {
			e.remove()
		}
	}
}
