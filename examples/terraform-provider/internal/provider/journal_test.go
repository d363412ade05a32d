package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJournal(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TF_DATA_DIR", t.TempDir())
	t.Setenv("TF_WORKSPACE", "")
	open := func(j *tasks, parent int, name string) string {
		t.Helper()
		entry, err := j.open("database", func() (int, string) { return parent, name })
		require.NoError(t, err)
		return entry
	}
	run := func() *tasks { return newTasks(dir, "https://a", "key") }
	j := run()
	first, second := open(j, 5, "cache"), open(j, 5, "cache")
	assert.NotEqual(t, first, second)
	require.NoError(t, j.store.Save(t.Context(), first, "one"))
	require.NoError(t, j.store.Save(t.Context(), second, "two"))
	assert.NotContains(t, []string{first, second}, open(j, 5, "cache"), "what this process works on isn't left behind")

	j = run()
	assert.NotContains(t, []string{first, second}, open(j, 5, "other"))
	assert.NotContains(t, []string{first, second}, open(j, 6, "cache"))
	assert.NotContains(t, []string{first, second}, open(newTasks(dir, "https://a", "other"), 5, "cache"))
	assert.ElementsMatch(t, []string{first, second}, []string{open(j, 5, "cache"), open(j, 5, "cache")})
	t.Setenv("TF_WORKSPACE", "other")
	assert.NotContains(t, []string{first, second}, open(run(), 5, "cache"))
	t.Setenv("TF_WORKSPACE", "")

	// What was created is left behind too, until Terraform is known to have it.
	j.made(t.Context(), &begun{Token: "one", Entry: first}, 51)
	j.forget(t.Context(), &begun{Entry: second})
	left := open(run(), 5, "cache")
	assert.True(t, strings.HasSuffix(left, ".made-51"))
	j.made(t.Context(), &begun{Token: "one", Entry: left}, 51) // it was taken over
	j.recorded(t.Context(), "database", 1)
	j.recorded(t.Context(), "active_active_database", 51)
	assert.Equal(t, left, open(run(), 5, "cache"))
	j.recorded(t.Context(), "database", 51)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, files)
}

// The selected workspace is part of what identifies a create.
func TestJournalWorkspace(t *testing.T) {
	data := t.TempDir()
	t.Setenv("TF_DATA_DIR", data)
	t.Setenv("TF_WORKSPACE", "")
	before := newTasks("", "u", "k")
	require.NoError(t, os.WriteFile(filepath.Join(data, "environment"), []byte("blue\n"), 0o600))
	after := newTasks("", "u", "k")
	assert.Equal(t, filepath.Join(data, "rediscloud-tasks"), after.dir)
	assert.NotEqual(t, before.scope, after.scope)
}
