package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type object = map[string]any

// A program is the running command and an HTTP client of it.
type program struct {
	t    *testing.T
	root string
	keys [2]string
	stop func()
}

// start runs the command until the end of the test.
func start(t *testing.T, args ...string) *program {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	stdout, output := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), output, io.Discard)
		_ = output.Close()
	}()
	var printed []byte
	for bytes.Count(printed, []byte("\n")) < 4 {
		chunk := make([]byte, 1024)
		n, err := stdout.Read(chunk)
		require.NoError(t, err)
		printed = append(printed, chunk[:n]...)
	}
	found := regexp.MustCompile(`(?s)^# [^\n]* (http://127\.0\.0\.1:[1-9]\d*)/v1, [^\n]* http://127\.0\.0\.1:\d+/_fake\nexport REDISCLOUD_URL=(\S+)/v1\n` +
		`export REDISCLOUD_ACCESS_KEY=(\S+)\nexport REDISCLOUD_SECRET_KEY=(\S+)\n$`).FindSubmatch(printed)
	require.NotNil(t, found, string(printed))
	require.Equal(t, string(found[1]), string(found[2]))
	p := &program{t: t, root: string(found[1]), keys: [2]string{string(found[3]), string(found[4])}}
	stopped := false
	p.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-ended:
			require.NoError(t, err)
		case <-time.After(10 * time.Second):
			t.Error("it did not stop")
		}
	}
	t.Cleanup(p.stop)
	return p
}

// do makes a request with the keys, and returns the response's status and
// document, or the error of a connection that was cut.
func (p *program) do(method, path, body string) (int, object, error) {
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.root+path, strings.NewReader(body))
	require.NoError(p.t, err)
	req.Header.Set("X-Api-Key", p.keys[0])
	req.Header.Set("X-Api-Secret-Key", p.keys[1])
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(p.t, err)
	var document object
	_ = json.Unmarshal(text, &document) // some responses have none
	return res.StatusCode, document, nil
}

// api makes a request to the API.
func (p *program) api(method, path, body string) (int, object) {
	p.t.Helper()
	status, document, err := p.do(method, "/v1"+path, body)
	require.NoError(p.t, err)
	return status, document
}

// ask makes a request to the other side that must succeed.
func (p *program) ask(method, path, body string) object {
	p.t.Helper()
	status, document, err := p.do(method, "/_fake"+path, body)
	require.NoError(p.t, err)
	require.Equal(p.t, 200, status, "%s: %v", path, document)
	return document
}

// task makes a request to the API that starts a task, moves the clock until
// everything is over, and returns the task.
func (p *program) task(method, path, body string) object {
	p.t.Helper()
	status, document := p.api(method, path, body)
	require.Less(p.t, status, 300, "%s %s: %v", method, path, document)
	p.ask("POST", "/clock", `{"seconds":60}`)
	_, task := p.api("GET", "/tasks/"+document["taskId"].(string), "")
	return task
}

// resource is task for a request whose task must succeed. It returns the inline
// document.
func (p *program) resource(method, path, body string) object {
	p.t.Helper()
	task := p.task(method, path, body)
	require.Equal(p.t, "processing-completed", task["status"], "%s %s: %v", method, path, task)
	response, _ := task["response"].(object)
	document, _ := response["resource"].(object)
	return document
}

func TestServesUntilStopped(t *testing.T) {
	p := start(t, "-account-key", "a", "-secret-key", "b", "-links", "array")
	require.Equal(t, [2]string{"a", "b"}, p.keys)
	status, document := p.api("GET", "/subscriptions", "")
	require.Equal(t, 200, status)
	require.Equal(t, object{"accountId": 1001.0, "subscriptions": []any{}, "links": []any{
		object{"rel": "self", "type": "GET", "href": p.root + "/v1/subscriptions"},
	}}, document, "links lead back to it")
	p.stop()
}

func TestLinkHost(t *testing.T) {
	p := start(t, "-link-host", "https://api.redislabs.com/v1")
	_, document := p.api("GET", "/regions", "")
	require.Equal(t, "https://api.redislabs.com/v1/regions", document["links"].([]any)[0].(object)["href"])
}

func TestSeedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seed.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"/fixed/subscriptions":[{"name":"free","planId":98001}]}`), 0o600))
	p := start(t, "-seed-file", path, "-document-forms")
	_, document := p.api("GET", "/fixed/subscriptions/120001", "")
	require.Equal(t, []any{"free", 30.0}, []any{document["name"], document["connections"]})

	require.ErrorIs(t, run(t.Context(), []string{"-seed-file", path + "x"}, io.Discard, io.Discard), os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte(`{"/tasks":[]}`), 0o600))
	require.ErrorContains(t, run(t.Context(), []string{"-seed-file", path}, io.Discard, io.Discard), "/tasks")
}

func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{
		{"-links", "round"}, {"-parallel", "x"}, {"surplus"}, {"-nonsense"},
		{"-order", "round"}, {"-latency", "x"}, {"-latency", "1s-x"}, {"-latency", "2s-1s"}, {"-old", "-1"}, {"-seed", "x"}, {"-staleness", "x"},
		{"-lenient=false"},
	} {
		var stderr bytes.Buffer
		require.ErrorIs(t, run(t.Context(), args, io.Discard, &stderr), errUsage)
		require.NotEmpty(t, stderr.String())
	}
	require.ErrorContains(t, run(t.Context(), []string{"-addr", "256.0.0.1:x"}, io.Discard, io.Discard), "listen")
}

func TestHelp(t *testing.T) {
	var stderr bytes.Buffer
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, io.Discard, &stderr), flag.ErrHelp)
	for _, said := range []string{"fake of the Redis Cloud API", "x-api-key", "x-api-secret-key", "forgotten", "/_fake", "docs/fake.md", "-seed-file", "-rate-limit"} {
		require.Contains(t, stderr.String(), said)
	}
}

func TestReachable(t *testing.T) {
	require.Equal(t, "127.0.0.1:80", reachable(&net.TCPAddr{IP: net.IPv6unspecified, Port: 80}))
	require.Equal(t, "127.0.0.1:80", reachable(&net.TCPAddr{IP: net.IPv4zero, Port: 80}))
	require.Equal(t, "192.0.2.1:80", reachable(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80}))
}
