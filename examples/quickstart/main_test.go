package main

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
)

func TestAgainstFake(t *testing.T) {
	t.Setenv(rediscloud.EnvAccountKey, "")
	t.Setenv(rediscloud.EnvSecretKey, "")
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		start := time.Now()
		require.NoError(t, run(t.Context(), nil, strings.NewReader(""), &out))
		for _, want := range []string{
			"this runs against the embedded fake",
			"creating a subscription, task ",
			"task received\n", "task processing-in-progress\n", "task processing-completed\n",
			"subscription pending\n", "subscription active\n",
			" is active\n  endpoint  redis-",
			"password  32 characters, not printed",
			"removing database ", "removing subscription ", "subscription gone\n",
		} {
			assert.Contains(t, out.String(), want)
		}
		assert.Less(t, time.Since(start), 30*time.Second)
	})
}

func TestAsksBeforeItSpends(t *testing.T) {
	t.Setenv(rediscloud.EnvAccountKey, "account")
	t.Setenv(rediscloud.EnvSecretKey, "secret")
	t.Setenv(rediscloud.EnvBaseURL, "http://127.0.0.1:1")
	for answer, agreed := range map[string]bool{"": false, "n\n": false, "y\n": true, "Y\n": true} {
		var out strings.Builder
		client, err := connect(settings{}, strings.NewReader(answer), &out)
		assert.Contains(t, out.String(), "costs money. Go on? [y/N]")
		assert.Equal(t, agreed, client != nil, answer)
		assert.Equal(t, agreed, err == nil, answer)
	}
	var out strings.Builder
	_, err := connect(settings{yes: true}, strings.NewReader(""), &out)
	require.NoError(t, err)
	assert.Empty(t, out.String())
}

func TestInterruptTellsToken(t *testing.T) {
	t.Setenv(rediscloud.EnvAccountKey, "")
	t.Setenv(rediscloud.EnvSecretKey, "")
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		var out strings.Builder
		err := run(ctx, nil, strings.NewReader(""), &out)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		assert.ErrorContains(t, err, "token, for rediscloud.ResumeTask: rediscloud-task-1.")
	})
}

func TestLiveLine(t *testing.T) {
	var out strings.Builder
	p := &progress{out: &out, live: true, begun: time.Now()}
	p.show("task", "processing-in-progress")
	p.show("task", "done")
	p.end()
	assert.Equal(t, "\r    0.0s  task processing-in-progress\r    0.0s  task done                  \n", out.String())
}

func TestHelp(t *testing.T) {
	require.NoError(t, run(t.Context(), []string{"-h"}, nil, nil))
	require.Error(t, run(t.Context(), []string{"-nonsense"}, nil, nil))
}
