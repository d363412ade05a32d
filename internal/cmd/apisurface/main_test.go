package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/internal/source"
)

const root = "../../.."

// testdata/surface lists what the packages export. The command in the error
// updates it after an intended change.
func TestSurfaceIsAsItWas(t *testing.T) {
	var changes, told strings.Builder
	if err := run(t.Context(), []string{root}, &changes, &told); err != nil {
		t.Fatalf("%s%s%v", changes.String(), told.String(), err)
	}
	kept, err := read(filepath.Join(root, "testdata", "surface"))
	require.NoError(t, err)
	assert.Contains(t, kept["rediscloud.txt"], "method (*DatabasesService) Get(ctx context.Context, subscriptionID int, databaseID int) (*Database, error)")
	assert.Contains(t, kept["rediscloud.txt"], "type Database struct, ID int `json:\"databaseId\"`")
	assert.Contains(t, kept, "rediscloudtest.txt")
	assert.Contains(t, kept, "journal.txt")
}

func TestSurface(t *testing.T) {
	packages, err := source.Load(t.Context(), ".", nil, "./testdata/sample")
	require.NoError(t, err)
	require.Len(t, packages, 1)
	require.NoError(t, packages[0].Err)
	assert.Equal(t, []string{
		`const ColourBlue Colour = "blue\n"`,
		`const ColourRed Colour = "red"`,
		`const Untyped untyped int = 1024`,
		`func Make[T Number](ctx context.Context, width int, height int, more ...T) (*Point, error)`,
		`method (*Colour) Set(text string) error`,
		`method (*List[T, K]) Add(key K, item T)`,
		`method (Colour) Bright() bool`,
		`method (Wide) Describe() string`,
		`method (Wide) Reset()`,
		`type Alias = time.Duration`,
		`type Colour string`,
		`type List[T any, K comparable] struct`,
		`type List[T any, K comparable] struct, Items map[K]T`,
		`type Number interface`,
		`type Number interface, embedded ~int | ~float64`,
		`type Option func(*Point) error`,
		`type Point struct`,
		`type Point struct, Label *string`,
		"type Point struct, Odd int \"a`b\"",
		"type Point struct, X int `json:\"x\"`",
		"type Point struct, Y int `json:\"x\"`",
		`type Point struct, unexported fields`,
		`type Reader interface`,
		`type Reader interface, Read(ctx context.Context, name string) (text string, err error)`,
		`type Reader interface, embedded io.Closer`,
		`type Sealed interface`,
		`type Sealed interface, Kind() string`,
		`type Sealed interface, unexported methods`,
		`type Wide struct`,
		"type Wide struct, ID int `json:\"id\"`",
		"type Wide struct, embedded time.Time `json:\"time\"`",
		`type Wide struct, unexported fields`,
		`var ErrOdd error`,
		`var Inferred map[string][]int`,
	}, surface(packages[0].Types))
}

// A separate module goes through the life of the files.
func TestWriteAndCompare(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) {
		t.Helper()
		name = filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	surface := func(args ...string) (string, error) {
		t.Helper()
		var out, told strings.Builder
		err := run(t.Context(), append(args, dir), &out, &told)
		assert.Empty(t, told.String())
		return out.String(), err
	}
	file("go.mod", "module example.com/things\n\ngo 1.26\n")
	file("things.go", "package things\n\nfunc Old(n int) {}\n\ntype T struct{ A int }\n")
	file("more/more.go", "package more\n\nimport \"example.com/things\"\n\nvar V things.T\n")
	file("internal/deep/deep.go", "package deep\n\nfunc Hidden() {}\n")
	file("cmd/tool/main.go", "package main\n\nfunc Main() {}\n\nfunc main() {}\n")

	added := "more.txt: + var V things.T\nthings.txt: + func Old(n int)\nthings.txt: + type T struct\nthings.txt: + type T struct, A int\n"
	out, err := surface()
	require.ErrorIs(t, err, errChanged)
	assert.ErrorContains(t, err, "go run ./internal/cmd/apisurface -write")
	assert.Equal(t, added, out)
	out, err = surface("-write")
	require.NoError(t, err)
	assert.Equal(t, added, out)
	out, err = surface()
	require.NoError(t, err)
	assert.Empty(t, out)
	text, err := os.ReadFile(filepath.Join(dir, "testdata", "surface", "things.txt"))
	require.NoError(t, err)
	assert.Equal(t, "func Old(n int)\ntype T struct\ntype T struct, A int\n", string(text))

	file("things.go", "package things\n\nfunc Old(m int) {}\n\ntype T struct{ A int `json:\"a\"` }\n")
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "more")))
	changed := "more.txt: - var V things.T\n" +
		"things.txt: - func Old(n int)\nthings.txt: - type T struct, A int\n" +
		"things.txt: + func Old(m int)\nthings.txt: + type T struct, A int `json:\"a\"`\n"
	out, err = surface()
	require.ErrorIs(t, err, errChanged)
	assert.Equal(t, changed, out)
	_, err = surface("-write")
	require.NoError(t, err)
	out, err = surface()
	require.NoError(t, err)
	assert.Empty(t, out)
	assert.NoFileExists(t, filepath.Join(dir, "testdata", "surface", "more.txt"))

	file("things.go", "package things\n\nfunc Old(m Missing) {}\n")
	_, err = surface()
	assert.ErrorContains(t, err, "undefined: Missing")
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{"a", "b"}, {"-odd"}, {"no/such/directory"}} {
		var out, told strings.Builder
		assert.Error(t, run(t.Context(), args, &out, &told), args)
	}
}
