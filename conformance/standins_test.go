package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is private is replaced whatever it looks like, and what is kept is known
// to be public.
func TestStandIns(t *testing.T) {
	for _, test := range []struct{ name, document, want string }{
		{"names", `{"name":"cache","description":"of Ann"}`, `{"description":"text-1","name":"text-2"}`},
		{"words of the API", `{"status":"active","region":"us-east-1","redisVersion":"7.4"}`, `{"redisVersion":"7.4","region":"us-east-1","status":"active"}`},
		{"what stands in place of a word", `{"status":"ann@x.org","type":"10.1.2.3","region":"7c9a1b52-0000-4000-8000-0123456789ab"}`,
			`{"region":"00000000-0000-4000-8000-000000000001","status":"user-1@example.com","type":"10.0.0.1"}`},
		{"a secret in place of a word", `{"type":"is-s3cret-too","rel":"s3cret"}`, `{"rel":"text-1","type":"text-2"}`},
		{"ids, the same as text and number", `{"id":51055029,"databaseId":"51055029","other":7}`, `{"databaseId":"1001","id":1001,"other":1002}`},
		{"nothing", `{"id":0,"name":"","x":null,"y":true,"z":[]}`, `{"id":0,"name":"","x":null,"y":true,"z":[]}`},
		{"forms of numbers", `{"a":12.0,"b":1.5,"c":1.8E+10,"price":0.25}`, `{"a":1001.0,"b":1002.5,"c":1003.0,"price":0.25}`},
		{"addresses", `{"a":"10.20.30.40","b":"10.20.30.0/24","c":"0.0.0.0/0","d":"fd00:12::7","e":"10.20.30.40"}`,
			`{"a":"10.0.0.1","b":"10.0.0.2/24","c":"0.0.0.0/0","d":"2001:db8::3","e":"10.0.0.1"}`},
		{"hosts", `{"publicEndpoint":"redis-17.c1.us-east-1.ec2.cloud.redislabs.com:17404"}`, `{"publicEndpoint":"host-1.example.com:1001"}`},
		{"links", `{"href":"https://api.redislabs.com/v1/subscriptions/110777/databases/5/tags/team?x=s3cret"}`,
			`{"href":"https://host-1.example.com/v1/subscriptions/1001/databases/1002/tags/text-1"}`},
		{"credentials in an address", `{"path":"ftp://ann:pw@host/x"}`, `{"path":"https://host.example.com/url-1"}`},
		{"times", `{"a":"2026-11-25T18:45:05.123Z","b":"2026-11-25T18:45:05+0000","c":"25-Nov-2026"}`,
			`{"a":"2026-01-02T03:04:05.000Z","b":"2026-01-02T03:04:05+0000","c":"02-Jan-2026"}`},
		{"names as members", `{"of Ann":1,"s3cret":2,"name":{"x":"y"}}`, `{"member1":1001,"member2":1002,"name":{"x":"text-1"}}`},
		{"numbers of people", `{"phone":442079460000,"creditCardEndsWith":1234}`, `{"creditCardEndsWith":1001,"phone":1002}`},
		{"lists of words", `{"supportedAlerts":["latency","s3cret"]}`, `{"supportedAlerts":["latency","text-1"]}`},
		{"line breaks", `{"status":"active\nAnn"}`, `{"status":"text-1"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			document, err := decode([]byte(test.document))
			require.NoError(t, err)
			public, err := json.Marshal(newStandIns([]string{"s3cret"}).value("", document))
			require.NoError(t, err)
			assert.Equal(t, test.want, string(public))
		})
	}
}

// The lists of recordings keep what shows something new, and only that.
func TestPrune(t *testing.T) {
	document, err := decode([]byte(`{"a":[{"x":1,"status":"p"},{"x":2,"status":"p"},{"x":3,"status":"q"},{"x":"t"},{"y":[1,2]}],"b":[]}`))
	require.NoError(t, err)
	var before, after shape
	before.add(document)
	pruned := prune(document)
	after.add(pruned)
	assert.Equal(t, before, after)
	text, err := json.Marshal(pruned)
	require.NoError(t, err)
	assert.JSONEq(t, `{"a":[{"status":"p","x":1},{"status":"q","x":3},{"x":"t"},{"y":[1]}],"b":[]}`, string(text))
}

// A recording that would reveal a secret is not written, nor is any other.
func TestSaveRefusesSecrets(t *testing.T) {
	r := &recorder{}
	r.add("GET /regions", 200, []byte(`{"regions":[]}`))
	r.add("GET /of/s3cret", 200, []byte(`{}`))
	r.hide("s3cret")
	dir := filepath.Join(t.TempDir(), "recorded")
	require.Error(t, r.save(dir))
	_, err := os.Stat(dir)
	require.ErrorIs(t, err, os.ErrNotExist)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// Of a body that isn't JSON only its occurrence is recorded; one that broke off
// or is too long is passed on, and leaves nothing.
func TestRecorderPassesOn(t *testing.T) {
	broken := errors.New("broken")
	r := &recorder{}
	send := func(body io.Reader) (string, error) {
		transport := r.transport(roundTrip(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(body)}, nil
		}))
		req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://host/", nil)
		require.NoError(t, err)
		req.Header.Set("x-api-key", "the-key")
		resp, err := transport.RoundTrip(req)
		require.NoError(t, err)
		got, err := io.ReadAll(resp.Body)
		return string(got), err
	}
	got, err := send(io.MultiReader(strings.NewReader(`{"a":`), iotest.ErrReader(broken)))
	assert.Equal(t, `{"a":`, got)
	require.ErrorIs(t, err, broken)
	long := `"` + strings.Repeat("x", maxBody) + `"`
	got, err = send(strings.NewReader(long))
	require.NoError(t, err)
	assert.Len(t, got, len(long))
	assert.Empty(t, r.recordings)

	for _, body := range []string{"", "<html>the-key</html>", `{} {}`, `{"a":1}`, `{"a":2}`} {
		got, err = send(strings.NewReader(body))
		require.NoError(t, err)
		assert.Equal(t, body, got)
	}
	require.Len(t, r.recordings, 1)
	dir := t.TempDir()
	require.NoError(t, r.save(dir))
	all, err := load(dir)
	require.NoError(t, err)
	require.Len(t, all, 1)
	assert.Len(t, all[0].Documents, 1)
	assert.Equal(t, "object or nothing or no JSON", all[0].shape.kinds.String())
	assert.Equal(t, r.recordings[0].shape, all[0].shape)
}

// There are none yet, or they can be read.
func TestLoadRefusesBrokenFiles(t *testing.T) {
	dir := t.TempDir()
	all, err := load(filepath.Join(dir, "none"))
	require.NoError(t, err)
	assert.Empty(t, all)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "a.json"), []byte("{"), 0o644))
	_, err = load(dir)
	require.ErrorContains(t, err, "a.json")
}
