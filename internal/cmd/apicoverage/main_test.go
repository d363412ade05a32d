package main

import (
	"bytes"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A document in which the API has two operations, one of which the SDK has.
const document = `{"paths": {
	"/v1/tasks/{taskId}": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/TaskStateUpdate"}}}}}}},
	"/v1/tasks/{taskId}/cancel": {"post": {"responses": {"204": {}}}}},
"components": {"schemas": {"TaskStateUpdate": {"properties": {"taskId": {"type": "string"}, "links": {"type": "array"}}}}}}`

func command(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs bytes.Buffer
	err = run(t.Context(), args, &out, &errs)
	return out.String(), errs.String(), err
}

func files(t *testing.T) (facts, doc string) {
	t.Helper()
	facts, doc = filepath.Join(t.TempDir(), "facts.json"), filepath.Join(t.TempDir(), "openapi.json")
	require.NoError(t, os.WriteFile(facts, []byte("{}"), 0o600))
	require.NoError(t, os.WriteFile(doc, []byte(document), 0o600))
	return facts, doc
}

func TestCheckAndWrite(t *testing.T) {
	facts, doc := files(t)

	stdout, _, err := command(t, "-facts", facts, "-check", doc)
	require.ErrorIs(t, err, errCheck)
	assert.Contains(t, stdout, "new in the document: operation POST /tasks/{taskId}/cancel\n")
	assert.Contains(t, stdout, "new in the document: response field TaskStateUpdate.taskId\n")
	assert.Contains(t, stdout, "missing operation POST /tasks/{taskId}/cancel\n")
	assert.True(t, strings.HasSuffix(stdout, "query parameters 0/0\noperations 1/2\nrequest fields 0/0\nresponse fields 1/1\n"), stdout)

	stdout, _, err = command(t, "-facts", facts, "-write", doc)
	require.NoError(t, err)
	assert.Contains(t, stdout, "new in the document: operation POST /tasks/{taskId}/cancel\n")
	text, err := os.ReadFile(facts)
	require.NoError(t, err)
	assert.Contains(t, string(text), `{"op":"POST /tasks/{taskId}/cancel"}`)

	// The facts are those of the document now: what remains is what the SDK
	// lacks.
	stdout, _, err = command(t, "-facts", facts, "-check", doc)
	require.ErrorIs(t, err, errCheck)
	assert.NotContains(t, stdout, "in the document: operation POST")
}

func TestCheckPasses(t *testing.T) {
	facts, _ := files(t)
	known := strings.Replace(document, `"/v1/tasks/{taskId}/cancel": {"post": {"responses": {"204": {}}}}`, `"/v1/none": {}`, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/openapi.json" {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write([]byte(known))
	}))
	defer server.Close()

	_, _, err := command(t, "-facts", facts, "-write", server.URL+"/openapi.json")
	require.NoError(t, err)
	stdout, _, err := command(t, "-facts", facts, "-check", server.URL+"/openapi.json")
	require.NoError(t, err)
	assert.NotContains(t, stdout, "missing ")
	assert.True(t, strings.HasSuffix(stdout, "query parameters 0/0\noperations 1/1\nrequest fields 0/0\nresponse fields 1/1\n"), stdout)

	_, _, err = command(t, "-facts", facts, "-check", server.URL+"/other.json")
	require.ErrorContains(t, err, "404 Not Found")
}

func TestWrongUsage(t *testing.T) {
	facts, doc := files(t)
	for _, args := range [][]string{
		{"-facts", facts, "-write"},
		{"-facts", facts, "-write", "-check", doc},
		{"-facts", facts, doc, doc},
		{"-what"},
	} {
		_, stderr, err := command(t, args...)
		require.ErrorIs(t, err, errUsage, args)
		assert.NotEmpty(t, stderr, args)
	}
	_, _, err := command(t, "-h")
	require.ErrorIs(t, err, flag.ErrHelp)
	_, _, err = command(t, "-facts", filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, _, err = command(t, "-facts", facts, filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
	_, _, err = command(t, "-facts", facts, facts)
	require.ErrorContains(t, err, "the document has no operations")
}
