package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// A Directory is a [Store] of files: one for each entry, with the same name.
// Create it with [Dir].
type Directory struct{ path string }

// entryName matches the names of entries, which are valid file names on any
// system.
var entryName = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

const (
	maxEntry = 64 << 10
	unsaved  = ".new" // suffix of a file that is being written
)

// Dir returns the store in a directory, which is created, accessible to its
// user only, if it doesn't exist. Names of entries consist of up to 100 ASCII
// letters and digits, dots, hyphens and underscores. They don't start with a
// dot or end with ".new".
//
// Files are written under another name, synced and renamed, so an entry is
// always either the old one or the new one. They have mode 0600. A symbolic
// link instead of the directory or of a file is an error.
//
// Two processes must not use the same entry at the same time: nothing keeps them
// apart, and both may make the write. Run one at a time, for instance under
// flock(1).
func Dir(path string) (*Directory, error) {
	if path == "" {
		return nil, errors.New("rediscloud: journal: the directory's name is empty")
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fmt.Errorf("rediscloud: journal: %w", err)
	}
	d := &Directory{path}
	root, err := d.open()
	if err != nil {
		return nil, fmt.Errorf("rediscloud: journal: %w", err)
	}
	return d, root.Close()
}

// open opens the directory. Everything else happens relative to it: nothing
// leads out of it.
func (d *Directory) open() (*os.Root, error) {
	before, err := os.Lstat(d.path)
	if err != nil {
		return nil, err
	}
	if !before.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: d.path, Err: errors.New("not a directory")}
	}
	return os.OpenRoot(d.path)
}

// in opens the directory for one operation on the file with a name.
func (d *Directory) in(ctx context.Context, name string) (*os.Root, error) {
	if !entryName.MatchString(name) || strings.HasSuffix(name, unsaved) {
		return nil, fmt.Errorf("invalid entry name %.120q: want up to 100 letters, digits, '.', '-' and '_'", name)
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	return d.open()
}

// Load implements Store.
func (d *Directory) Load(ctx context.Context, name string) (string, error) {
	root, err := d.in(ctx, name)
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }()
	before, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	case !before.Mode().IsRegular():
		return "", fmt.Errorf("%s is not a regular file", filepath.Join(d.path, name))
	}
	file, err := root.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	if now, err := file.Stat(); err != nil || !os.SameFile(before, now) {
		return "", errors.Join(err, fmt.Errorf("%s was replaced while it was opened", filepath.Join(d.path, name)))
	}
	text, err := io.ReadAll(io.LimitReader(file, maxEntry+1))
	if err == nil && (len(text) == 0 || len(text) > maxEntry) {
		err = fmt.Errorf("%s is empty or larger than %d KiB", filepath.Join(d.path, name), maxEntry>>10)
	}
	return string(text), err
}

// Save implements Store.
func (d *Directory) Save(ctx context.Context, name, entry string) error {
	root, err := d.in(ctx, name)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if entry == "" || len(entry) > maxEntry {
		return fmt.Errorf("an entry has 1 to %d bytes, not %d", maxEntry, len(entry))
	}
	beside := name + unsaved
	if err := gone(root.Remove(beside)); err != nil { // of a process that was killed
		return err
	}
	file, err := root.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = file.WriteString(entry)
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = root.Rename(beside, name)
	}
	if err != nil {
		return errors.Join(err, gone(root.Remove(beside)))
	}
	return syncDirectory(root)
}

// Remove implements Store.
func (d *Directory) Remove(ctx context.Context, name string) error {
	root, err := d.in(ctx, name)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if err := errors.Join(gone(root.Remove(name)), gone(root.Remove(name+unsaved))); err != nil {
		return err
	}
	return syncDirectory(root)
}

// Names returns the names of the entries, sorted: the writes that a program has
// started but whose results it hasn't recorded yet.
func (d *Directory) Names() ([]string, error) {
	root, err := d.open()
	if err != nil {
		return nil, fmt.Errorf("rediscloud: journal: %w", err)
	}
	defer func() { _ = root.Close() }()
	files, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, fmt.Errorf("rediscloud: journal: %w", err)
	}
	var names []string
	for _, file := range files {
		if name := file.Name(); file.Type().IsRegular() && entryName.MatchString(name) && !strings.HasSuffix(name, unsaved) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// syncDirectory makes a rename or a removal durable. Windows syncs no
// directories.
func syncDirectory(root *os.Root) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	directory, err := root.Open(".")
	if err != nil {
		return err
	}
	return errors.Join(directory.Sync(), directory.Close())
}
