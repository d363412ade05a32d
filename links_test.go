package rediscloud

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLinksBothForms(t *testing.T) {
	task := Link{Rel: "task", Href: "https://h/v1/tasks/1", Type: "GET", Title: "getTask"}
	self := Link{Rel: "self", Href: "https://h/v1/tasks/1"}
	for name, test := range map[string]struct {
		doc  string
		want Links
	}{
		"array":           {`[{"rel":"task","href":"https://h/v1/tasks/1","type":"GET","title":"getTask"},{"href":"https://h/v1/tasks/1","rel":"self"}]`, Links{task, self}},
		"array reordered": {`[{"title":"getTask","type":"GET","href":"https://h/v1/tasks/1","rel":"task"}]`, Links{task}},
		"object":          {`{"task":{"href":"https://h/v1/tasks/1","title":"getTask","type":"GET"},"self":{"href":"https://h/v1/tasks/1"}}`, Links{self, task}},
		"empty array":     {`[]`, Links{}},
		"empty object":    {`{}`, Links{}},
		"null":            {`null`, nil},
		"odd members":     {`[null,1,"x",{"rel":"task"},{"rel":"self","href":"https://h/v1/tasks/1"},{"href":5}]`, Links{{}, {Rel: "task"}, self, {Href: "5"}}},
		"odd values":      {`{"self":{"href":"https://h/v1/tasks/1","rel":"other"},"task":"x","resource":null,"a":{}}`, Links{{Rel: "a"}, self, {Rel: "task", Href: "x"}}},
	} {
		t.Run(name, func(t *testing.T) {
			var links Links
			require.NoError(t, read(test.doc, &links))
			assert.Equal(t, test.want, links)
		})
	}
}

func TestLinksGet(t *testing.T) {
	links := Links{{Rel: "resource"}, {Rel: "task"}, {Rel: "self", Href: "a"}, {Rel: "task", Href: "b"}, {Rel: "task", Href: "c"}}
	link, ok := links.Get(RelTask)
	assert.True(t, ok)
	assert.Equal(t, "b", link.Href)
	_, ok = links.Get(RelResource)
	assert.False(t, ok)
}

// A request that follows a link carries the keys, so every way to leave the
// base counts.
func TestWithin(t *testing.T) {
	for base, hrefs := range map[string]map[string]string{
		"https://api.example.com/v1": {
			"https://api.example.com/v1/tasks/1":          "/tasks/1",
			"https://API.example.com:443/v1/tasks/1":      "/tasks/1",
			"/v1/subscriptions/7/databases/8":             "/subscriptions/7/databases/8",
			"https://api.example.com/v1/a%20b":            "/a%20b",
			"http://api.example.com/v1/tasks/1":           "",
			"https://api.example.com:8443/v1/tasks/1":     "",
			"https://evil.example/v1/tasks/1":             "",
			"https://api.example.com.evil.example/v1/x":   "",
			"https://api.example.com@evil.example/v1/x":   "",
			"https://u:p@api.example.com/v1/tasks/1":      "",
			"//evil.example/v1/tasks/1":                   "",
			"https://api.example.com/v2/tasks/1":          "",
			"https://api.example.com/v1":                  "",
			"https://api.example.com/v1/":                 "",
			"https://api.example.com/v10/tasks/1":         "",
			"https://api.example.com/v1/../admin":         "",
			"https://api.example.com/v1/%2e%2e/admin":     "",
			"https://api.example.com/v1/a%2fb":            "",
			"https://api.example.com/v1/a%5cb":            "",
			"https://api.example.com/v1//tasks":           "",
			"https://api.example.com/v1/tasks/1?as=admin": "",
			"javascript:alert(1)":                         "",
			"tasks/1":                                     "",
			"":                                            "",
			"://":                                         "",
			"https://api.example.com/v1/%zz":              "",
		},
		"http://127.0.0.1:8080": {
			"http://127.0.0.1:8080/tasks/1": "/tasks/1",
			"http://127.0.0.1/tasks/1":      "",
		},
	} {
		parsed, err := parseBaseURL(base, false)
		require.NoError(t, err)
		for href, want := range hrefs {
			path, ok := within(parsed, href)
			assert.Equal(t, want, path, "%s of %s", href, base)
			assert.Equal(t, want != "", ok, href)
		}
	}
}

func TestParseBaseURL(t *testing.T) {
	for raw, want := range map[string]string{
		"https://api.redislabs.com/v1":    "https://api.redislabs.com/v1",
		"https://api.redislabs.com/v1///": "https://api.redislabs.com/v1",
		"http://localhost:8080/v1":        "http://localhost:8080/v1",
		"http://127.0.0.1:1":              "http://127.0.0.1:1",
		"http://[::1]:1/v1":               "http://[::1]:1/v1",
		"http://api.redislabs.com/v1":     "",
		"http://localhost.evil.example":   "",
		"ftp://api.redislabs.com":         "",
		"api.redislabs.com/v1":            "",
		"https://":                        "",
		"https://u:hunter2@h/v1":          "",
		"https://h/v1?a=hunter2":          "",
		"https://h/v1#a":                  "",
		"https://h:hunter2/v1":            "",
		"https://bücher.example:65535/v1": "https://b%C3%BCcher.example:65535/v1",
		"https://api_1.x-y.example./v1":   "https://api_1.x-y.example./v1",
		"https://[2001:db8::1]/v1":        "https://[2001:db8::1]/v1",
		"https://*.x":                     "",
		"https://h:99999/v1":              "",
		"https://h:0/v1":                  "",
		"https://h:/v1":                   "",
		"https://h:65536":                 "",
		"https://a..b":                    "",
		"https://.x":                      "",
		"https://.":                       "",
		"https://-a.x":                    "",
		"https://a-.x":                    "",
		"https://a,b/v1":                  "",
		"https://a'b/v1":                  "",
		"https://256.1.1.1/v1":            "",
		"https://1.2.3/v1":                "",
		"https://[::1/v1":                 "",
		"https://[::g]/v1":                "",
		"https://x★y/v1":                  "",
		"https://x%25y/v1":                "",
		"https://x%20y/v1":                "",
		"https://" + strings.Repeat("x", 64) + ".example":     "",
		"https://" + strings.Repeat("x.", 127) + "example/v1": "",
	} {
		u, err := parseBaseURL(raw, false)
		if want == "" {
			require.Error(t, err, raw)
			assert.NotContains(t, err.Error(), "hunter2")
			continue
		}
		require.NoError(t, err, raw)
		assert.Equal(t, want, u.String())
	}
	u, err := parseBaseURL("http://proxy.internal/v1", true)
	require.NoError(t, err)
	assert.Equal(t, "proxy.internal", u.Host)
}

func FuzzWithin(f *testing.F) {
	base, err := url.Parse("https://api.example.com/v1")
	if err != nil {
		f.Fatal(err)
	}
	for _, href := range []string{"https://api.example.com/v1/tasks/1", "//x", "/v1/..", "/v1/%2e%2e/x", "https://a@b/v1/x", "\\\\x", "https:/v1/x"} {
		f.Add(href)
	}
	f.Fuzz(func(t *testing.T, href string) {
		path, ok := within(base, href)
		if !ok {
			return
		}
		target, err := base.Parse(base.EscapedPath() + path)
		if err != nil || target.Host != base.Host || target.Scheme != "https" || target.User != nil || target.RawQuery != "" {
			t.Errorf("%q was let through as %q", href, path)
		}
		if clean, err := url.JoinPath(base.String(), path); err != nil || clean != target.String() {
			t.Errorf("%q was let through as %q, which leads to %q", href, path, clean)
		}
	})
}

func FuzzLinks(f *testing.F) {
	for _, doc := range []string{`[{"rel":"self","href":"x"}]`, `{"task":{"href":"x"}}`, `null`, `[[]]`, `{"a":[]}`} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var links Links
		if read(string(doc), &links) != nil {
			return
		}
		again, err := json.Marshal(links)
		require.NoError(t, err)
		var second Links
		require.NoError(t, json.Unmarshal(again, &second))
		assert.Len(t, second, len(links))
	})
}
