package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	s, err := openState(path, "https://a.test")
	require.NoError(t, err)
	a, b := item{kind: "subscription", name: "a"}, item{kind: "database", name: "a", subscription: "a"}
	intent := time.Now().UTC()
	require.NoError(t, s.put(a, entry{Intent: intent, Token: "t", Task: "id"}))
	require.NoError(t, s.put(b, entry{ID: 5}))
	require.NoError(t, s.drop(b))
	assert.True(t, s.hasTask("id"))

	_, err = openState(path, "https://a.test")
	assert.ErrorIs(t, err, errLocked)
	assert.Equal(t, exitRunning, exitCode(t.Context(), err))
	s.close()

	again, err := openState(path, "https://a.test")
	require.NoError(t, err)
	assert.Equal(t, entry{Intent: intent, Token: "t", Task: "id"}, again.get(a))
	assert.Zero(t, again.get(b))
	again.close()

	_, err = openState(path, "https://b.test")
	assert.ErrorContains(t, err, "is of the API at https://a.test, not https://b.test")
	assert.Equal(t, exitUsage, exitCode(t.Context(), err))
	for _, text := range []string{"", "{}", "[", `{"version":7}`} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err = openState(path, "https://a.test")
		assert.ErrorContains(t, err, "is no state file")
	}
}

// What can't be written isn't believed either.
func TestStateThatCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "state")
	s, err := openState(path, "x")
	require.NoError(t, err)
	defer s.close()
	require.NoError(t, os.Mkdir(path+".tmp", 0o700))
	a := item{kind: "subscription", name: "a"}
	require.ErrorContains(t, s.put(a, entry{ID: 1}), "can't be written")
	assert.Zero(t, s.get(a))
}
