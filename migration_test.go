package rediscloud_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
)

// officialMethods is how many methods the services of rediscloud-go-api 0.52.1 have.
const officialMethods = 129

// Each method of the official SDK has one row, and what stands there on this
// side exists.
func TestMigrationNamesWhatExists(t *testing.T) {
	page := readFile(t, "docs/migration.md")
	seen := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `c\\.(\\w+\\.\\w+)` \\| ([^|]*) \\|").FindAllStringSubmatch(page, -1) {
		assert.False(t, seen[row[1]], "%s has two rows", row[1])
		seen[row[1]] = true
		ours := regexp.MustCompile("`client\\.(\\w+)\\.(\\w+)`").FindAllStringSubmatch(row[2], -1)
		assert.NotEmpty(t, ours, row[1])
		for _, name := range ours {
			assert.True(t, hasMethod(name[1], name[2]), "%s: there is no %s.%s", row[1], name[1], name[2])
		}
	}
	assert.Len(t, seen, officialMethods)

	_, renamed, found := strings.Cut(page, "## Types and fields with another name")
	require.True(t, found)
	types := exportedTypes(t)
	for _, row := range regexp.MustCompile(`(?m)^\| [^|]* \| ([^|]*) \|`).FindAllStringSubmatch(renamed, -1) {
		for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[1], -1) {
			assert.True(t, types[name[1]], "there is no type %s", name[1])
		}
	}
}

func hasMethod(service, method string) bool {
	field, ok := reflect.TypeFor[rediscloud.Client]().FieldByName(service)
	if !ok {
		return false
	}
	_, ok = reflect.PointerTo(field.Type).MethodByName(method)
	return ok
}

// exportedTypes are the names of the types of the package.
func exportedTypes(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	types := map[string]bool{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			if spec, ok := node.(*ast.TypeSpec); ok && spec.Name.IsExported() {
				types[spec.Name.Name] = true
			}
			return true
		})
	}
	return types
}
