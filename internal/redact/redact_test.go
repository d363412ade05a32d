package redact

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestKeys(t *testing.T) {
	const account, secret = "account-key", "secret-key"
	header := map[string][]string{"X-Echo": {"fine", "key=" + secret}, "X-Both": {account + secret}}
	body := Keys(header, []byte(`{"echo":"`+account+`","short":"abc"}`), account, secret, "abc", "")
	assert.JSONEq(t, `{"echo":"[redacted]","short":"abc"}`, string(body))
	assert.Equal(t, map[string][]string{"X-Echo": {"fine", "key=[redacted]"}, "X-Both": {"[redacted][redacted]"}}, header)
	assert.Nil(t, Keys(nil, nil, account))
}

func TestSecret(t *testing.T) {
	assert.Equal(t, Placeholder, Secret("hunter2"))
	assert.Empty(t, Secret(""))
}

func TestURI(t *testing.T) {
	assert.Equal(t, "redis://[redacted]@host:6379", URI("redis://me:p@w@host:6379"))
	assert.Equal(t, "https://host/file?[redacted]", URI("https://host/file?signature=pw"))
	assert.Equal(t, "https://[redacted]", URI("https://host/file?signature=p@w"))
	assert.Equal(t, "s3://bucket/path", URI("s3://bucket/path"))
}
