package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// An entry is what is known of one thing of the plan.
type entry struct {
	// Intent is when it was about to be submitted. It is written before that:
	// an entry that has it and no token may or may not have been submitted.
	Intent time.Time `json:"intent,omitzero"`

	Token string `json:"token,omitempty"` // of its task, as long as that is to be waited for
	Task  string `json:"task,omitempty"`
	ID    int    `json:"id,omitempty"` // once it is there
}

// A state keeps the entries in a file. Its methods can be used concurrently.
type state struct {
	path string // "" keeps them in memory
	lock *os.File

	mu  sync.Mutex
	doc stateDocument
}

type stateDocument struct {
	Version int              `json:"version"`
	API     string           `json:"api"`
	Items   map[string]entry `json:"items"`
}

const stateVersion = 1

// errLocked says that another process has the state.
var errLocked = errors.New("another run is at work with this state file")

// openState reads the state of an API, and keeps other processes from it until
// close.
func openState(path, api string) (*state, error) {
	s := &state{path: path, doc: stateDocument{Version: stateVersion, API: api, Items: map[string]entry{}}}
	if path == "" {
		return s, nil
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.lock = lock
	if err := s.read(api); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

func (s *state) read(api string) error {
	data, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("the state file can't be read: %w", err)
	}
	var doc stateDocument
	if err := json.Unmarshal(data, &doc); err != nil || doc.Version != stateVersion {
		return usageError("%s is no state file of this command: give another with -state", s.path)
	}
	if doc.API != api {
		return usageError("%s is of the API at %s, not %s: give another with -state", s.path, doc.API, api)
	}
	if doc.Items != nil {
		s.doc = doc
	}
	return nil
}

func (s *state) close() {
	if s.lock != nil {
		_ = s.lock.Close() // which unlocks it
	}
}

func (s *state) get(i item) entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doc.Items[i.String()]
}

// put records an entry. When it returns, that is on the disk.
func (s *state) put(i item, e entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(i, func() { s.doc.Items[i.String()] = e })
}

// drop forgets an entry.
func (s *state) drop(i item) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change(i, func() { delete(s.doc.Items, i.String()) })
}

// hasTask reports whether a task is that of an entry.
func (s *state) hasTask(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := range maps.Values(s.doc.Items) {
		if e.Task == id {
			return true
		}
	}
	return false
}

// change makes a change, or none if it can't be written.
func (s *state) change(i item, f func()) error {
	before := maps.Clone(s.doc.Items)
	f()
	if err := s.write(); err != nil {
		s.doc.Items = before
		return fmt.Errorf("the state of %s can't be written: %w", i, err)
	}
	return nil
}

// write replaces the file as a whole: whenever the process or the machine
// stops, there is either the old one or the new one.
func (s *state) write() error {
	if s.path == "" {
		return nil
	}
	data, err := json.MarshalIndent(s.doc, "", "  ")
	if err != nil {
		return err
	}
	// A fixed name, which one interrupted write leaves for the next to reuse.
	temporary := s.path + ".tmp"
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(data, '\n'))
	if err == nil {
		err = file.Sync()
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(temporary, s.path); err != nil {
		return err
	}
	return syncDirectory(filepath.Dir(s.path))
}
