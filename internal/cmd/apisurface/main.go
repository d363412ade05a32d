// Command apisurface records what the packages of this module export, so no
// change goes unnoticed.
//
//	go run ./internal/cmd/apisurface [-write] [directory]
//
// Each importable package has a file in testdata/surface: a sorted line for
// each constant, variable, function, type, field and method. The directory is
// that of the module, by default the current one. Without -write the command
// prints the differences, and the exit status is 1 if there are any. With
// -write, it updates the files.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rediscloud-go/rediscloud/internal/source"
)

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errChanged):
		fmt.Fprintln(os.Stderr, "apisurface:", err)
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "apisurface:", err)
		os.Exit(2)
	}
}

var errChanged = errors.New("the exported surface has changed; if that is intended: go run ./internal/cmd/apisurface -write")

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("apisurface", flag.ContinueOnError)
	flags.SetOutput(stderr)
	write := flags.Bool("write", false, "bring the files up to date")
	if err := flags.Parse(args); err != nil {
		return err
	}
	dir := "."
	switch flags.NArg() {
	case 0:
	case 1:
		dir = flags.Arg(0)
	default:
		return errors.New("want one directory at most")
	}
	is, err := surfaces(ctx, dir)
	if err != nil {
		return err
	}
	kept := filepath.Join(dir, "testdata", "surface")
	was, err := read(kept)
	if err != nil {
		return err
	}
	changes := differences(was, is)
	for _, change := range changes {
		fmt.Fprintln(stdout, change)
	}
	switch {
	case len(changes) == 0:
		return nil
	case *write:
		return replace(kept, was, is)
	}
	return errChanged
}

// surfaces returns the lines of the packages that other modules can import, by
// file name.
func surfaces(ctx context.Context, dir string) (map[string][]string, error) {
	packages, err := source.Load(ctx, dir, nil, "./...")
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for _, p := range packages {
		if slices.Contains(strings.Split(p.Path, "/"), "internal") {
			continue
		}
		if p.Err != nil {
			return nil, p.Err
		}
		name := path.Base(p.Path) + ".txt"
		if all[name] != nil {
			return nil, fmt.Errorf("two packages are called %s", path.Base(p.Path))
		}
		if lines := surface(p.Types); len(lines) > 0 {
			all[name] = lines
		}
	}
	return all, nil
}

// read returns the lines of all files of a directory, which may be missing.
func read(dir string) (map[string][]string, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	if err != nil {
		return nil, err
	}
	all := map[string][]string{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		all[filepath.Base(name)] = strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
	}
	return all, nil
}

// differences lists what was removed and what was added, by file.
func differences(was, is map[string][]string) (changes []string) {
	names := map[string]bool{}
	for _, side := range []map[string][]string{was, is} {
		for name := range side {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		for _, line := range without(was[name], is[name]) {
			changes = append(changes, name+": - "+line)
		}
		for _, line := range without(is[name], was[name]) {
			changes = append(changes, name+": + "+line)
		}
	}
	return changes
}

// without returns the lines that others lacks.
func without(lines, others []string) (rest []string) {
	known := map[string]bool{}
	for _, line := range others {
		known[line] = true
	}
	for _, line := range lines {
		if !known[line] {
			rest = append(rest, line)
		}
	}
	return rest
}

// replace writes the files, and removes those of packages that are gone.
func replace(dir string, was, is map[string][]string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for name := range was {
		if is[name] == nil {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
	}
	for name, lines := range is {
		text := strings.Join(lines, "\n") + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}
