package rediscloud

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Keys that occur nowhere else.
const (
	accountMark = "Accountkey-A1b2C3d4"
	secretMark  = "Secretkey-E5f6G7h8"
)

// A world is a server that stands for the API, and one that must not receive
// any request.
type world struct {
	api, foreign *httptest.Server

	mu    sync.Mutex
	asked []string // "GET /v1/x", as sent
}

// newWorld serves answer below /v1; any other request fails the test.
func newWorld(t *testing.T, answer http.HandlerFunc) *world {
	t.Helper()
	w := &world{}
	w.foreign = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the foreign host was asked: %s %s, with the keys %q", r.Method, r.RequestURI, r.Header["X-Api-Key"])
	}))
	t.Cleanup(w.foreign.Close)
	w.api = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.RequestURI, "/v1/") || strings.Contains(r.URL.Path, "..") {
			t.Errorf("asked for %s", r.RequestURI)
		}
		assert.Equal(t, accountMark, r.Header.Get("x-api-key"))
		assert.Equal(t, secretMark, r.Header.Get("x-api-secret-key"))
		assert.NotContains(t, r.UserAgent()+r.RequestURI, accountMark)
		assert.NotContains(t, r.UserAgent()+r.RequestURI, secretMark)
		w.mu.Lock()
		w.asked = append(w.asked, r.Method+" "+r.RequestURI)
		w.mu.Unlock()
		answer(rw, r)
	}))
	t.Cleanup(w.api.Close)
	return w
}

func (w *world) client(t *testing.T, opts ...Option) *Client {
	t.Helper()
	client, err := NewClient(append([]Option{
		WithBaseURL(w.api.URL + "/v1"), WithCredentials(accountMark, secretMark), WithoutRetries(), WithRateLimit(1_000_000),
		WithWaitOptions(WithPollDelay(time.Millisecond, 2*time.Millisecond), WithNotFoundGrace(0)),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

// take returns the requests since the last call.
func (w *world) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.asked
	w.asked = nil
	return asked
}

// Links that lead elsewhere, in both forms, don't change any request.
func TestForeignLinksAreNotFollowed(t *testing.T) {
	t.Parallel()
	var link string // what both links lead to
	for _, form := range []string{"object", "array", "bare", "mixed"} {
		t.Run(form, func(t *testing.T) {
			links := func(rel string) string { return linksIn(form, rel, link) }
			w := newWorld(t, func(rw http.ResponseWriter, r *http.Request) {
				switch r.Method + r.URL.Path {
				case "POST/v1/subscriptions/7/databases":
					fmt.Fprint(rw, `{"taskId":"t1","status":"received",`+links("task")+`}`)
				case "GET/v1/tasks/t1":
					fmt.Fprint(rw, `{"taskId":"t1","status":"processing-completed","response":{"resourceId":8,"additionalResourceId":7},`+links("resource")+`}`)
				case "GET/v1/subscriptions/7/databases/8":
					fmt.Fprint(rw, `{"databaseId":8,"status":"active",`+links("self")+`}`)
				default:
					t.Errorf("%q: asked for %s", link, r.RequestURI)
				}
			})
			client := w.client(t)
			for _, link = range hostileLinks(w) {
				task, err := client.Databases.Create(t.Context(), 7, &DatabaseCreateRequest{Name: "x"})
				require.NoError(t, err)
				db, err := task.WaitProvisioned(t.Context())
				require.NoError(t, err, link)
				assert.Equal(t, 8, db.ID)
				assert.Subset(t, []string{"POST /v1/subscriptions/7/databases", "GET /v1/tasks/t1", "GET /v1/subscriptions/7/databases/8"}, w.take(), link)

				resumed, err := ResumeTask[Database](client, "t1")
				require.NoError(t, err)
				db, err = resumed.Wait(t.Context())
				require.NoError(t, err, link)
				assert.Equal(t, 8, db.ID)
			}
		})
	}
}

func linksIn(form, rel, link string) string {
	href := quote(link)
	switch form {
	case "object":
		return `"_links":{"` + rel + `":{"href":` + string(href) + `}}`
	case "array":
		return `"links":[{"rel":"` + rel + `","href":` + string(href) + `}]`
	case "bare":
		return `"_links":{"` + rel + `":` + string(href) + `}`
	}
	return linksIn("array", rel, link) + "," + linksIn("object", rel, link)
}

func hostileLinks(w *world) []string {
	api, foreign := w.api.URL, w.foreign.URL
	host, elsewhere := strings.TrimPrefix(api, "http://"), strings.TrimPrefix(foreign, "http://")
	return []string{
		foreign + "/v1/tasks/t1", "//" + elsewhere + "/v1/tasks/t1", `\\` + elsewhere + `\v1\tasks\t1`, "/\\" + elsewhere + "/v1/x",
		"http://" + host + "@" + elsewhere + "/v1/tasks/t1", "http://user:pass@" + host + "/v1/tasks/t1",
		"https://" + host + "/v1/tasks/t1", "ftp://" + host + "/v1/tasks/t1", "javascript:alert(1)", "data:,x", "file:///etc/passwd", "mailto:a@b",
		api, api + "/", api + "/v1", api + "/v1/", api + "/v10/tasks/t1", api + "/admin", "/admin", "admin", "..", ".", "/v1/../admin",
		api + "/v1/../admin", api + "/v1/%2e%2e/admin", api + "/v1/%2E%2E%2Fadmin", api + "/v1/tasks/..%2f..%2f..%2fadmin", api + "/v1/tasks/%5c..%5cadmin",
		api + "/v1//" + elsewhere + "/x", api + "/v1/tasks//t1", api + "/v1/tasks/t1?next=" + url.QueryEscape(foreign),
		api + "/v1/tasks/%zz", api + "/v1/tasks/t1\r\nHost: " + elsewhere, "http://[::1", "http://%41:8080/", ":", "?", "#", " ", "\x00", strings.Repeat("/x", 4000),
	}
}

// Redirects that leave the base URL are not followed, whatever the method and
// the status; those within it are, for reads.
func TestForeignRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var location string
	status := 0
	w := newWorld(t, func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Location", location)
		rw.WriteHeader(status)
	})
	client := w.client(t)
	for _, status = range []int{301, 302, 303, 307, 308, 300, 304, 305} {
		for _, location = range hostileLinks(w) {
			if strings.ContainsAny(location, "\r\n\x00") {
				continue
			}
			for name, send := range map[string]func(context.Context) error{
				"GET":    func(ctx context.Context) error { _, err := client.Tasks.Get(ctx, "t1"); return err },
				"POST":   func(ctx context.Context) error { return client.Do(ctx, "POST", "/x", map[string]int{"a": 1}, nil) },
				"DELETE": func(ctx context.Context) error { _, err := client.Subscriptions.Delete(ctx, 7); return err },
				"download": func(ctx context.Context) error {
					body, err := download(ctx, client, get("/cost-report/{id}", "x"))
					if err == nil {
						body.Close()
					}
					return err
				},
			} {
				err := send(t.Context())
				require.Error(t, err, "%s %d to %q", name, status, location)
				assertKeyless(t, err)
				assert.LessOrEqual(t, len(w.take()), 1+maxRedirects)
			}
		}
	}
}

// For any path given to Do, and any ids given to methods, requests stay below
// the base URL.
func TestOddPathsStayBelowTheBaseURL(t *testing.T) {
	odd := []string{
		"..", ".", "../x", "../../admin", "a/b", "a/../b", "/", "//evil.example", "//evil.example/x", "https://evil.example/x", "http:x", "@evil.example",
		"%2e%2e", "%2E%2E/", "..%2f..", "%2f%2fevil.example", "%252e%252e", "..;/x", `..\x`, `\\evil.example`, "x?a=b", "x#y", "x y", "x\r\ny", "x\x00", "ü", "%zz", "%",
	}
	sent := 0
	client := newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		sent++
		assert.Equal(t, "api.example.com", req.URL.Host)
		assert.Equal(t, "https", req.URL.Scheme)
		wire, err := url.Parse(req.URL.String())
		if assert.NoError(t, err) {
			assert.Equal(t, "api.example.com", wire.Host)
			assert.True(t, strings.HasPrefix(wire.EscapedPath(), "/v1/"), req.URL.String())
			for segment := range strings.SplitSeq(wire.EscapedPath(), "/") {
				plain, err := url.PathUnescape(segment)
				assert.NoError(t, err)
				assert.False(t, plain == "." || plain == "..", req.URL.String())
			}
		}
		return response(200, `{"taskId":"t1"}`), nil
	}), WithoutRetries())
	ctx := t.Context()
	for _, text := range odd {
		for _, path := range []string{text, "/" + text, "/subscriptions/" + text, "/subscriptions/7/" + text + "/x"} {
			_ = client.Do(ctx, "GET", path, nil, nil)
			_, _ = client.DataIntegration.Do(ctx, &DataIntegrationRequest{Method: "GET", SubscriptionID: 7, Path: path})
		}
		_, _ = client.Tasks.Get(ctx, text)
		_ = client.Databases.DeleteTag(ctx, TagRef{SubscriptionID: 7, DatabaseID: 8, Key: text})
		_, _ = client.CostReports.Download(ctx, text)
		if task, err := ResumeTask[Database](client, text); err == nil {
			_, _ = task.Poll(ctx)
		}
		_, err := ResumeTask[Database](client, craftedToken(text, "/subscriptions/7"))
		if err == nil {
			assert.NotContains(t, []string{".", ".."}, text)
		}
		for _, member := range []string{"read", "watch"} {
			token := `{"id":"t1","result":"Database","outcome":{"` + member + `":{"path":` + jsonText(text) + `}}}`
			_, err := ResumeTask[Database](client, tokenPrefix+base64.RawURLEncoding.EncodeToString([]byte(token)))
			assert.Error(t, err, text)
		}
	}
	assert.Positive(t, sent)
	for _, path := range []string{"/../admin", "//evil.example/x", "/a/../../x", "/%2e%2e/x", "/a/%2fx", `/a\b`, "/a//b", "https://evil.example/"} {
		_, err := ResumeTask[Database](client, craftedToken("t1", path))
		require.ErrorContains(t, err, "is damaged", path)
	}
}

func jsonText(text string) string { return string(quote(text)) }

func craftedToken(id, path string) string {
	doc := `{"id":` + jsonText(id) + `,"result":"Database","outcome":{"read":{"path":` + jsonText(path) + `}}}`
	return tokenPrefix + base64.RawURLEncoding.EncodeToString([]byte(doc))
}

// assertKeyless prints a value in every way, and searches for the keys.
func assertKeyless(t *testing.T, value any) {
	t.Helper()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t"} {
		text := fmt.Sprintf(verb, value)
		for _, key := range []string{accountMark, secretMark} {
			assert.NotContains(t, text, key, verb)
			assert.NotContains(t, text, fmt.Sprintf("%x", key), verb)
		}
	}
}

// Nothing that can be printed contains the keys: neither what refers to a
// client, nor what comes from a response that echoes the request, as some
// proxies do.
func TestKeysAreShownNowhere(t *testing.T) {
	answers := map[string]http.HandlerFunc{
		"400":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
		"401 text":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"500":         func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"200 no JSON": func(http.ResponseWriter, *http.Request) {},
		"302": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", ":"+secretMark)
			w.WriteHeader(http.StatusFound)
		},
		"a failed task": nil,
		"a strange one": nil,
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(w http.ResponseWriter, r *http.Request) {
				var echo bytes.Buffer
				_ = r.Header.Write(&echo)
				w.Header().Set("X-Echo", r.Header.Get("x-api-key")+r.Header.Get("x-api-secret-key"))
				switch name {
				case "a failed task":
					fmt.Fprintf(w, `{"taskId":"t1","status":"processing-error","response":{"error":{"type":%q,"description":%[1]q}}}`, echo.String())
				case "a strange one":
					fmt.Fprintf(w, `{"taskId":"t1","status":%q,"description":%[1]q}`, echo.String())
				default:
					answer(w, r)
					_, _ = io.Copy(w, &echo)
				}
			})
			var log bytes.Buffer
			logged := WithLogger(slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			state, err := w.client(t, logged, WithWaitOptions(WithMaxPollFailures(2))).WaitForTask(ctx, &TaskState{TaskID: "t1"})
			require.Error(t, err)
			assertKeyless(t, err)
			assertKeyless(t, state)
			for cause := err; cause != nil; cause = errors.Unwrap(cause) {
				assertKeyless(t, cause)
			}
			if failure, ok := errors.AsType[*APIError](err); ok {
				assertKeyless(t, *failure)
				assertKeyless(t, string(failure.Body))
			}
			client := w.client(t, logged) // without an engine that is still stopping while its fields are printed
			var answer Response
			err = client.Do(WithCaptureResponse(t.Context(), &answer), "POST", "/x", nil, new(TaskState))
			assertKeyless(t, err)
			assertKeyless(t, answer)
			task, err := client.Subscriptions.Delete(t.Context(), 7)
			assertKeyless(t, err)
			if task != nil {
				assertKeyless(t, task)
				assertKeyless(t, task.Token())
				assertKeyless(t, *task)
			}
			for _, value := range []any{
				client, client.Tasks, &client.Tasks, client.transport, *client.transport,
				struct{ c *Client }{client}, struct{ C any }{client}, map[string]any{"client": client}, []*Client{client},
			} {
				assertKeyless(t, value)
			}
			doc, err := json.Marshal(client)
			require.NoError(t, err)
			assertKeyless(t, string(doc))
			func() {
				defer func() { assertKeyless(t, recover()) }()
				panic(fmt.Sprintf("%+v %s", client, client))
			}()
			assert.NotEmpty(t, log.String())
			assertKeyless(t, log.String())
		})
	}
}
