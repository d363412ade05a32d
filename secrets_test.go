package rediscloud

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSecretsAreSentButNotPrinted(t *testing.T) {
	type holder struct {
		Password Secret    `json:"password"`
		Source   SecretURI `json:"source"`
	}
	h := holder{Password: "hunter2", Source: "redis://me:hunter2@host:6379"}
	doc, err := json.Marshal(h)
	require.NoError(t, err)
	assert.JSONEq(t, `{"password":"hunter2","source":"redis://me:hunter2@host:6379"}`, string(doc))
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		assert.NotContains(t, fmt.Sprintf(verb, h), "hunter2", verb)
		assert.NotContains(t, fmt.Sprintf(verb, h), fmt.Sprintf("%x", "hunter2"), verb)
		assert.NotContains(t, fmt.Sprintf(verb, &h.Password), "hunter2", verb)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "password", h.Password, "source", h.Source, "both", h)
	assert.NotContains(t, log.String(), "hunter2")
	assert.Empty(t, fmt.Sprint(Secret("")))
	assert.Equal(t, "hunter2", string(h.Password))
}

func TestSecretURI(t *testing.T) {
	for uri, want := range map[string]string{
		"redis://me:pw@host:6379":                "redis://[redacted]@host:6379",
		"redis://:pw@host:6379":                  "redis://[redacted]@host:6379",
		"ftp://me:p@w/x@host/path":               "ftp://[redacted]@host/path",
		"ftp://me:p/w@host/path":                 "ftp://[redacted]@host/path",
		"redis://me:p?w@host:6379":               "redis://[redacted]",
		"https://host/file?signature=p@w":        "https://[redacted]",
		"abs://:storagekey==@container/file.rdb": "abs://[redacted]@container/file.rdb",
		"https://host/file?signature=pw":         "https://host/file?[redacted]",
		"redis://host:6379":                      "redis://host:6379",
		"s3://bucket/path":                       "s3://bucket/path",
		"host:6379":                              "host:6379",
		"redis://me:p%zz@host":                   "redis://[redacted]@host",
		"me:pw@host":                             "[redacted]@host",
		"":                                       "",
	} {
		assert.Equal(t, want, SecretURI(uri).String(), uri)
	}
}
