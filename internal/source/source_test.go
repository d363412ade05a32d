package source

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example.com/things\n\ngo 1.26\n"
	for name, text := range files {
		name = filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o755))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	return dir
}

func TestLoad(t *testing.T) {
	dir := module(t, map[string]string{
		"a.go":      "package things\n\nimport \"io\"\n\ntype A struct{ R io.Reader }\n",
		"b.go":      "package things\n\nfunc (a A) Made() Missing { return nil }\n",
		"a_test.go": "package things\n\nconst Test = 1\n",
		"tool/t.go": "package main\n\nfunc main() {}\n",
	})
	packages, err := Load(t.Context(), dir, nil, "./...")
	require.NoError(t, err)
	require.Len(t, packages, 1)
	assert.Equal(t, "example.com/things", packages[0].Path)
	assert.ErrorContains(t, packages[0].Err, "undefined: Missing")
	require.NotNil(t, packages[0].Types.Scope().Lookup("A"), "the rest is there")
	assert.Nil(t, packages[0].Types.Scope().Lookup("Test"))

	packages, err = Load(t.Context(), dir, []string{"b.go"}, ".")
	require.NoError(t, err)
	require.NoError(t, packages[0].Err, "the mistake is in the file that is left out")
	assert.Equal(t, "struct{R io.Reader}", packages[0].Types.Scope().Lookup("A").Type().Underlying().String())
}

func TestLoadFails(t *testing.T) {
	dir := module(t, map[string]string{"a.go": "package things\n\nfunc {\n", "tool/t.go": "package main\n\nfunc main() {}\n"})
	for _, pattern := range []string{".", "./tool", "./missing"} {
		packages, err := Load(t.Context(), dir, nil, pattern)
		assert.True(t, err != nil || packages[0].Err != nil, pattern)
	}
	_, err := Load(t.Context(), filepath.Join(dir, "nowhere"), nil, ".")
	assert.Error(t, err)
}

func TestExports(t *testing.T) {
	lookup, err := Exports(t.Context(), ".", ".")
	require.NoError(t, err)
	file, err := lookup("go/types")
	require.NoError(t, err)
	data, err := io.ReadAll(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	assert.NotEmpty(t, data)
	_, err = lookup("example.com/never")
	assert.ErrorContains(t, err, "example.com/never hasn't been built")
}
