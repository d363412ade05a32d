package rediscloud

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

var sources = sync.OnceValues(func() (map[string]string, error) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		texts[name] = string(text)
	}
	return texts, nil
})

// sourceTexts returns the text of each source file of the package that is no test,
// by its name.
func sourceTexts(t *testing.T) map[string]string {
	t.Helper()
	texts, err := sources()
	require.NoError(t, err)
	require.NotEmpty(t, texts)
	return texts
}
