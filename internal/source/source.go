// Package source reads Go packages with their types, for the tools and the
// tests of this module. It asks the go command where they are, and type-checks
// the source of the requested packages; everything else comes from the build
// cache.
package source

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// A Package has been read, without its tests.
type Package struct {
	Path  string // import path
	Files *token.FileSet
	Types *types.Package

	// Err is the first mistake in the source. Everything it doesn't affect is
	// present.
	Err error
}

// listed is a package as the go command describes it.
type listed struct {
	ImportPath, Name, Dir, Export string
	GoFiles                       []string
	DepOnly                       bool
	Error                         *struct{ Err string }
}

func list(ctx context.Context, dir string, patterns []string) ([]listed, error) {
	args := append([]string{"list", "-e", "-export", "-deps", "-json=ImportPath,Name,Dir,Export,GoFiles,DepOnly,Error"}, patterns...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("go list: %w: %s", err, failed.Stderr)
	}
	if err != nil {
		return nil, err
	}
	var all []listed
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		all = append(all, p)
	}
}

func exports(all []listed) importer.Lookup {
	files := map[string]string{}
	for _, p := range all {
		files[p.ImportPath] = p.Export
	}
	return func(path string) (io.ReadCloser, error) {
		if files[path] == "" {
			return nil, fmt.Errorf("%s hasn't been built", path)
		}
		return os.Open(files[path])
	}
}

// Exports opens the build cache's export data of the matching packages, and of
// those that they need.
func Exports(ctx context.Context, dir string, patterns ...string) (importer.Lookup, error) {
	all, err := list(ctx, dir, patterns)
	return exports(all), err
}

// Load reads the matching packages, without the named files.
func Load(ctx context.Context, dir string, without []string, patterns ...string) ([]*Package, error) {
	all, err := list(ctx, dir, patterns)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	imports := importer.ForCompiler(set, "gc", exports(all))
	var packages []*Package
	for _, p := range all {
		if p.DepOnly || p.Name == "main" {
			continue
		}
		if len(p.GoFiles) == 0 && p.Error != nil {
			return nil, errors.New(p.Error.Err)
		}
		read, err := check(set, imports, p, without)
		if err != nil {
			return nil, err
		}
		packages = append(packages, read)
	}
	if len(packages) == 0 {
		return nil, fmt.Errorf("no package matches %q", patterns)
	}
	return packages, nil
}

func check(set *token.FileSet, imports types.Importer, p listed, without []string) (*Package, error) {
	var files []*ast.File
	for _, name := range p.GoFiles {
		if slices.Contains(without, name) {
			continue
		}
		file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	read := &Package{Path: p.ImportPath, Files: set}
	config := types.Config{Importer: imports, IgnoreFuncBodies: true, Error: func(err error) {
		if read.Err == nil {
			read.Err = err
		}
	}}
	read.Types, _ = config.Check(p.ImportPath, set, files, nil) // its error is read.Err
	return read, nil
}
