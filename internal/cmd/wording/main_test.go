package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	write("a.go", "package a\n\n// A tells whether b.\nvar tells = \"tells\" // an identifier, and a word of a protocol\n\nvar err = \"it tells nothing\"\n")
	write("a_test.go", "package a\n\nvar err = \"it tells nothing\"\n")
	write("b.md", "one\nwaits for a person, but for you\nthe `members` of\n```go\nmembers() // it tells\n```\n")
	write("testdata/c.md", "it tells\n")

	var out strings.Builder
	found, err := check(dir, &out)
	require.NoError(t, err)
	assert.Equal(t, 5, found)
	for _, want := range []string{`a.go:3: "tells"`, `a.go:6: "tells"`, `b.md:2: "waits for a person"`, `b.md:2: "but for"`, `b.md:5: "tells"`} {
		assert.Contains(t, out.String(), want)
	}
}

func TestCheckOfWhatIsNoGo(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.go"), []byte("nothing"), 0o600))
	_, err := check(dir, new(strings.Builder))
	require.Error(t, err)
}
