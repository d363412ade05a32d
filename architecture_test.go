package rediscloud_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/internal/source"
)

// The layers of the package, low to high, by the names of files: a pattern
// belongs to the layer that lists it first. A file in no layer is a service.
var layers = []struct {
	name  string
	files []string
}{
	{"values", []string{"errors.go", "links.go", "time.go", "secrets.go", "json*.go", "validate.go", "pagination.go", "doc.go", "task_match.go"}},
	{"exchange", []string{"request.go", "transport*.go"}},
	{"task", []string{"tasks.go", "task*.go", "operation.go"}},
	{"waits", []string{"wait*.go"}},
	{"services", nil},
}

// Construction may name everything. Naming the Client never counts, since it is
// passed through all layers; what is reached through its fields does.
var construction = []string{"client.go", "options.go"}

func layerOf(file string) int {
	if file == "wait_in_turn.go" { // it uses the waits for subscriptions and databases
		return len(layers) - 1
	}
	for i, layer := range layers {
		for _, pattern := range layer.files {
			if ok, err := filepath.Match(pattern, file); ok && err == nil {
				return i
			}
		}
	}
	return len(layers) - 1
}

// No file uses a name declared in a higher one.
func TestLayersHold(t *testing.T) {
	t.Parallel()
	assert.Empty(t, layerBreaks(t, nil))
}

// The test can fail: each of these violations, put back, is found by both
// names.
func TestLayerBreaksAreFound(t *testing.T) {
	t.Parallel()
	for name, extra := range map[string]struct{ file, code, want string }{
		"the exchange submits":              {"request_x.go", `func (c *Client) x(call call) { _, _ = submit(nil, c, call, nothing) }`, "submit"},
		"errors know a lost write":          {"errors_x.go", `type x struct{ lost *lostWrite }`, "lostWrite"},
		"errors are made of answers":        {"errors_x.go", `func x(a *Response) *APIError { return newAPIError(call{}, a) }`, "newAPIError"},
		"a source of results waits":         {"task_x.go", `func (w *wait) x() {}`, "wait"},
		"tasks know a resource's statuses":  {"task_x.go", `var x = []string{string(DatabaseStatusActive)}`, "DatabaseStatusActive"},
		"waits know a resource":             {"wait_x.go", `func x(d []Database) {}`, "Database"},
		"the exchange reaches for the rest": {"transport_x.go", `func x(c *Client) { _ = c.engine }`, "engine"},
	} {
		t.Run(name, func(t *testing.T) {
			file := extra.file
			if strings.HasPrefix(file, "errors") || strings.HasPrefix(file, "request") {
				file = map[string]string{"errors_x.go": "json_x.go", "request_x.go": "transport_x.go"}[file]
			}
			breaks := layerBreaks(t, map[string]string{file: "package rediscloud\n" + extra.code})
			require.NotEmpty(t, breaks)
			assert.Contains(t, strings.Join(breaks, "\n"), file)
			assert.Contains(t, strings.Join(breaks, "\n"), extra.want)
		})
	}
}

// Methods pass kinds down by type, so none can be forgotten: a source file that
// decides by names of Go types is found here.
func TestNothingIsLookedUpByNamesOfTypes(t *testing.T) {
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NotRegexp(t, `reflect\.\w+(\[\w+\])?\([^)]*\)\.Name\(\)`, string(text), file)
	}
}

// layerBreaks type-checks the package, with files added, and lists the uses of
// names that a higher file declares.
func layerBreaks(t *testing.T, added map[string]string) (breaks []string) {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	set := token.NewFileSet()
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
	}
	for name, code := range added {
		file, err := parser.ParseFile(set, name, code, parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, file)
	}
	exports, err := exportData()
	require.NoError(t, err)
	info := &types.Info{Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: importer.ForCompiler(set, "gc", exports), Error: func(error) {}}
	pkg, _ := config.Check("rediscloud", set, files, info) // code that is put back may not compile
	for ident, object := range info.Uses {
		if object.Pkg() != pkg || !isTopLevel(pkg, object) {
			continue
		}
		from := filepath.Base(set.Position(ident.Pos()).Filename)
		used := declaredAt(set, object)
		if slices.Contains(construction, from) || slices.Contains(construction, used) || layerOf(from) >= layerOf(used) {
			continue
		}
		breaks = append(breaks, fmt.Sprintf("%s (%s) uses %s of %s (%s)", set.Position(ident.Pos()), layers[layerOf(from)].name, object.Name(), used, layers[layerOf(used)].name))
	}
	slices.Sort(breaks)
	return breaks
}

// exportData opens the build cache's export data of the packages that this one
// imports.
var exportData = sync.OnceValues(func() (importer.Lookup, error) {
	return source.Exports(context.Background(), ".", ".")
})

// isTopLevel reports whether an object is a package-level name, a method, or a
// field: what other files can use.
func isTopLevel(pkg *types.Package, object types.Object) bool {
	if object.Parent() == pkg.Scope() {
		return true
	}
	switch object := object.(type) {
	case *types.Func:
		return true
	case *types.Var:
		return object.IsField()
	}
	return false
}

// declaredAt is the file that an object belongs to: for a field of the Client,
// the one that declares its type.
func declaredAt(set *token.FileSet, object types.Object) string {
	file := filepath.Base(set.Position(object.Pos()).Filename)
	field, ok := object.(*types.Var)
	if !ok || !field.IsField() || file != "client.go" {
		return file
	}
	typ := field.Type()
	if pointer, ok := typ.(*types.Pointer); ok {
		typ = pointer.Elem()
	}
	if named, ok := typ.(*types.Named); ok {
		return filepath.Base(set.Position(named.Obj().Pos()).Filename)
	}
	return file
}
