package main

import (
	"bytes"
	"context"
	"flag"
	"io"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestServesUntilStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	stdout, output := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-account-key", "a", "-secret-key", "b", "-links", "array"}, output, io.Discard)
		_ = output.Close()
	}()

	printed := make([]byte, 0, 1024)
	for bytes.Count(printed, []byte("\n")) < 4 {
		chunk := make([]byte, 1024)
		n, err := stdout.Read(chunk)
		require.NoError(t, err)
		printed = append(printed, chunk[:n]...)
	}
	lines := regexp.MustCompile(`(?s)^# [^\n]*\nexport REDISCLOUD_URL=(http://127\.0\.0\.1:[1-9]\d*/v1)\n` +
		`export REDISCLOUD_ACCESS_KEY=a\nexport REDISCLOUD_SECRET_KEY=b\n$`)
	found := lines.FindSubmatch(printed)
	require.NotNil(t, found, string(printed))

	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, string(found[1])+"/subscriptions", nil)
	require.NoError(t, err)
	req.Header.Set("X-Api-Key", "a")
	req.Header.Set("X-Api-Secret-Key", "b")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, 200, res.StatusCode)
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.JSONEq(t, `{"accountId":1001,"subscriptions":[],
		"links":[{"rel":"self","type":"GET","href":"https://api.redislabs.com/v1/subscriptions"}]}`, string(body))

	stop()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("it did not stop")
	}
}

func TestWrongUsage(t *testing.T) {
	for _, args := range [][]string{{"-links", "round"}, {"-parallel", "x"}, {"surplus"}, {"-nonsense"}} {
		var stderr bytes.Buffer
		require.ErrorIs(t, run(t.Context(), args, io.Discard, &stderr), errUsage)
		require.NotEmpty(t, stderr.String())
	}
	require.ErrorIs(t, run(t.Context(), []string{"-h"}, io.Discard, io.Discard), flag.ErrHelp)
	require.ErrorContains(t, run(t.Context(), []string{"-addr", "256.0.0.1:x"}, io.Discard, io.Discard), "listen")
}
