package main

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The pictures in docs match the tables beside them.
func TestPicturesAreOfTheTables(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	pictures, err := draw(filepath.Join(root, page))
	require.NoError(t, err)
	assert.Len(t, pictures, 3)
	text, err := os.ReadFile(filepath.Join(root, page))
	require.NoError(t, err)
	for name, picture := range pictures {
		there, err := os.ReadFile(filepath.Join(root, "docs", name))
		require.NoError(t, err)
		assert.Equal(t, picture, string(there), "%s is of another table: go run ./internal/cmd/charts", name)
		assert.Contains(t, string(text), "]("+name+")")
		wellFormed(t, picture)
	}
}

func wellFormed(t *testing.T, picture string) {
	t.Helper()
	for decoder := xml.NewDecoder(strings.NewReader(picture)); ; {
		if _, err := decoder.Token(); err == io.EOF { //nolint:errorlint // Token returns it unwrapped
			return
		} else if !assert.NoError(t, err) {
			return
		}
	}
}

// A table that is missing, or contains anything but numbers, is an error rather
// than half a picture.
func TestDrawRefuses(t *testing.T) {
	file := filepath.Join(t.TempDir(), "page.md")
	for name, text := range map[string]string{
		"no table":  "nothing",
		"no end":    "<!-- scale -->\n| a |\n| --- |\n| 1 |\n",
		"a word":    "<!-- scale -->\n| a |\n| --- |\n| 1 | many | 1 s | 1 s | 1 | 1 s | 1 s |\n<!-- end of scale -->\n<!-- adversity -->\n| a |\n| --- |\n| x |\n<!-- end of adversity -->",
		"too short": "<!-- scale -->\n| a |\n| --- |\n| 1 | 2 |\n<!-- end of scale -->\n<!-- adversity -->\n| a |\n| --- |\n| x |\n<!-- end of adversity -->",
	} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err := draw(file)
		assert.Error(t, err, name)
	}
	assert.Error(t, run(filepath.Join(t.TempDir(), "none"), t.TempDir()))
}

func TestNamesAtTheEndsKeepApart(t *testing.T) {
	picture := lineChart{y: axis{min: 0, max: 10}, lines: []series{
		{name: "first", points: []point{{1, 1}, {10, 5}}},
		{name: "second", points: []point{{1, 2}, {10, 5.1}}},
	}}.draw()
	var at []string
	for _, name := range []string{">second<", ">first<"} {
		before, _, found := strings.Cut(picture, name)
		require.True(t, found)
		at = append(at, before[strings.LastIndex(before, ` y="`):])
	}
	assert.NotEqual(t, at[0][:9], at[1][:9])
	assert.Contains(t, at[0], `y="195.1"`)
	assert.Contains(t, at[1], `y="212.1"`)
}
