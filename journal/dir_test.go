package journal_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/journal"
)

func TestDir(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "journal")
	store, err := journal.Dir(path)
	require.NoError(t, err)
	ctx := t.Context()

	text, err := store.Load(ctx, "a")
	require.NoError(t, err)
	assert.Empty(t, text)
	require.NoError(t, store.Remove(ctx, "a"))
	for _, entry := range []string{"one", "another"} {
		require.NoError(t, store.Save(ctx, "a", entry))
		text, err = store.Load(ctx, "a")
		require.NoError(t, err)
		assert.Equal(t, entry, text)
	}
	require.NoError(t, os.WriteFile(filepath.Join(path, "b.new"), []byte("left by a kill"), 0o600))
	require.NoError(t, store.Save(ctx, "b", "two"))
	names, err := store.Names()
	require.NoError(t, err)
	assert.Equal(t, []string{"a", "b"}, names)
	if runtime.GOOS != "windows" {
		for file, want := range map[string]os.FileMode{filepath.Join(path, "a"): 0o600, path: 0o700} {
			info, err := os.Stat(file)
			require.NoError(t, err)
			assert.Equal(t, want, info.Mode().Perm(), file)
		}
	}
	require.NoError(t, store.Remove(ctx, "a"))
	again, err := journal.Dir(path)
	require.NoError(t, err)
	names, err = again.Names()
	require.NoError(t, err)
	assert.Equal(t, []string{"b"}, names)
	files, err := os.ReadDir(path)
	require.NoError(t, err)
	assert.Len(t, files, 1, "nothing else is left")
}

func TestDirRefuses(t *testing.T) {
	base := t.TempDir()
	store, err := journal.Dir(filepath.Join(base, "j"))
	require.NoError(t, err)
	ctx := t.Context()
	for _, name := range []string{"", ".", "..", ".hidden", "a/b", "../a", `a\b`, "a b", "é", "a.new", strings.Repeat("x", 101), "a\x00"} {
		_, err := store.Load(ctx, name)
		require.Error(t, err, name)
		require.Error(t, store.Save(ctx, name, "x"), name)
		require.Error(t, store.Remove(ctx, name), name)
	}
	require.Error(t, store.Save(ctx, "a", ""))
	require.Error(t, store.Save(ctx, "a", strings.Repeat("x", 1<<20)))
	ended, cancel := context.WithCancel(ctx)
	cancel()
	require.ErrorIs(t, store.Save(ended, "a", "x"), context.Canceled)

	_, err = journal.Dir("")
	require.Error(t, err)
	file := filepath.Join(base, "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err = journal.Dir(file)
	require.Error(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(base, "j", "empty"), nil, 0o600))
	_, err = store.Load(ctx, "empty")
	require.ErrorContains(t, err, "empty")
}

// Symbolic links aren't followed: neither an entry's, nor that of the file
// beside it, nor the directory's.
func TestDirFollowsNoLinks(t *testing.T) {
	base := t.TempDir()
	path, secret := filepath.Join(base, "j"), filepath.Join(base, "secret")
	store, err := journal.Dir(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(secret, []byte("geheim"), 0o600))
	for _, name := range []string{"a", "a.new"} {
		if err := os.Symlink(secret, filepath.Join(path, name)); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
	}
	_, err = store.Load(t.Context(), "a")
	require.ErrorContains(t, err, "not a regular file")
	require.NoError(t, store.Save(t.Context(), "a", "mine"))
	text, err := os.ReadFile(secret)
	require.NoError(t, err)
	assert.Equal(t, "geheim", string(text))
	entry, err := store.Load(t.Context(), "a")
	require.NoError(t, err)
	assert.Equal(t, "mine", entry)

	link := filepath.Join(base, "link")
	require.NoError(t, os.Symlink(path, link))
	_, err = journal.Dir(link)
	require.Error(t, err)
}
