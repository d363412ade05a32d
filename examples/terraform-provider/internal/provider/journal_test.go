package provider

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestJournal(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TF_DATA_DIR", t.TempDir())
	j := newJournal(dir, "https://a", "key")
	open := func(j *journal, what ...any) *entry {
		t.Helper()
		e, err := j.open(what...)
		require.NoError(t, err)
		return e
	}
	first, second := open(j, "database", 5, "cache"), open(j, "database", 5, "cache")
	require.NoError(t, first.write("one"))
	require.NoError(t, second.write("zero"))
	require.NoError(t, second.write("two"))
	assert.Empty(t, open(j, "database", 5, "cache").token, "what somebody works on isn't taken over")

	first.release()
	assert.Empty(t, open(j, "database", 5, "other").token)
	assert.Empty(t, open(newJournal(dir, "https://a", "other"), "database", 5, "cache").token)
	t.Setenv("TF_WORKSPACE", "other")
	assert.Empty(t, open(newJournal(dir, "https://a", "key"), "database", 5, "cache").token)
	t.Setenv("TF_WORKSPACE", "")
	j = newJournal(dir, "https://a", "key")
	first = open(j, "database", 5, "cache")
	assert.Equal(t, "one", first.token)
	assert.Empty(t, open(j, "database", 5, "cache").token, "it is taken over once")

	second.release()
	j.forget("two")
	first.remove()
	left, err := filepath.Glob(filepath.Join(dir, "*"+tokenFile))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// The workspace that is selected is part of what a create is known by.
func TestJournalWorkspace(t *testing.T) {
	data := t.TempDir()
	t.Setenv("TF_DATA_DIR", data)
	t.Setenv("TF_WORKSPACE", "")
	before := newJournal("", "u", "k")
	require.NoError(t, os.WriteFile(filepath.Join(data, "environment"), []byte("blue\n"), 0o600))
	after := newJournal("", "u", "k")
	assert.Equal(t, filepath.Join(data, "rediscloud-tasks"), after.dir)
	assert.NotEqual(t, before.scope, after.scope)
}
