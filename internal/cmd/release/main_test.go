package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const changelog = `# Changelog

Words. See "## Unreleased" below.

## Unreleased

### Added

- New.

## 0.9.0 - 2026-01-02

- Old.

## 0.1.0 - 2025-12-31

- First.
`

func TestRelease(t *testing.T) {
	file := filepath.Join(t.TempDir(), "CHANGELOG.md")
	require.NoError(t, os.WriteFile(file, []byte(changelog), 0o600))
	require.NoError(t, run([]string{"-changelog", file, "-date", "2026-11-25", "0.10.0"}, io.Discard, io.Discard))
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, strings.Replace(changelog, "## Unreleased\n\n###", "## Unreleased\n\n## 0.10.0 - 2026-11-25\n\n###", 1), string(text))

	for version, want := range map[string]string{"0.10.0": "### Added\n\n- New.\n", "0.9.0": "- Old.\n", "0.1.0": "- First.\n"} {
		var notes strings.Builder
		require.NoError(t, run([]string{"-changelog", file, "-notes", version}, &notes, io.Discard))
		assert.Equal(t, want, notes.String())
	}
	require.EqualError(t, run([]string{"-changelog", file, "-notes", "0.2.0"}, io.Discard, io.Discard), "0.2.0 is not in the changelog")
	require.EqualError(t, run([]string{"-changelog", file, "0.11.0"}, io.Discard, io.Discard), "nothing is unreleased")
	require.Error(t, run([]string{"-changelog", file}, io.Discard, io.Discard))
	require.Error(t, run([]string{"-changelog", file + "x", "0.11.0"}, io.Discard, io.Discard))
}

func TestFirstRelease(t *testing.T) {
	text, err := release("# Changelog\n\n## Unreleased\n\n- First.\n", "0.1.0", "2026-11-25")
	require.NoError(t, err)
	assert.Equal(t, "# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-11-25\n\n- First.\n", text)
}

func TestReleaseRefuses(t *testing.T) {
	for name, test := range map[string]struct{ text, version, date, want string }{
		"the same again":   {changelog, "0.9.0", "2026-11-25", "0.9.0 is not above 0.9.0"},
		"an older one":     {changelog, "0.8.9", "2026-11-25", "0.8.9 is not above 0.9.0"},
		"a tag":            {changelog, "v1.0.0", "2026-11-25", "not a version"},
		"half a version":   {changelog, "1.0", "2026-11-25", "not a version"},
		"a command":        {changelog, "1.0.0; rm", "2026-11-25", "not a version"},
		"another day":      {changelog, "1.0.0", "25.11.2026", "not a date"},
		"no heading":       {"# Changelog\n", "1.0.0", "2026-11-25", "one heading"},
		"two headings":     {changelog + "\n" + unreleased, "1.0.0", "2026-11-25", "one heading"},
		"nothing to speak": {"## Unreleased\n\n## 0.1.0 - 2026-01-01\n\n- x\n", "1.0.0", "2026-11-25", "nothing is unreleased"},
	} {
		_, err := release(test.text, test.version, test.date)
		require.ErrorContains(t, err, test.want, name)
	}
}

// The project's own changelog can be released.
func TestChangelogCanBeReleased(t *testing.T) {
	text, err := os.ReadFile("../../../CHANGELOG.md")
	require.NoError(t, err)
	for _, heading := range strings.Split(string(text), "\n## ")[1:] {
		title, _, _ := strings.Cut(heading, "\n")
		assert.Regexp(t, `^(Unreleased|\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d)$`, title)
	}
	require.Contains(t, string(text), "\n"+unreleased)
}
