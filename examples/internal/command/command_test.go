package command

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// TestMain lets a test run, as a process, a command that doesn't end unless
// interrupted twice.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_COMMAND") != "" {
		Main("x", func(ctx context.Context, _ []string, std Streams) error {
			fmt.Fprintln(std.Out, "begun")
			<-ctx.Done()
			fmt.Fprintln(std.Out, "interrupted")
			select {}
		})
	}
	os.Exit(m.Run())
}

// The first interrupt is left to the command, the second one ends the process
// at once.
func TestSecondInterrupt(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no interrupts can be sent here")
	}
	t.Parallel()
	process := exec.CommandContext(t.Context(), os.Args[0])
	process.Env = append(os.Environ(), "RUN_COMMAND=1")
	out, err := process.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, process.Start())
	lines := bufio.NewReader(out)
	for _, want := range []string{"begun\n", "interrupted\n"} {
		line, err := lines.ReadString('\n')
		require.NoError(t, err)
		require.Equal(t, want, line)
		require.NoError(t, process.Process.Signal(os.Interrupt))
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	for { // the second one may come before the handler is removed
		select {
		case err := <-ended:
			require.ErrorContains(t, err, "signal: interrupt")
			return
		case <-time.After(20 * time.Millisecond):
			_ = process.Process.Signal(os.Interrupt)
		}
	}
}

func TestFlags(t *testing.T) {
	usage := "usage: go run ./examples/x [flags]\n  -n\ta number\n"
	for _, test := range []struct {
		args    []string
		code    int
		message string
	}{
		{[]string{"-n"}, 0, ""},
		{[]string{"-h"}, 0, usage},
		{[]string{"-nonsense"}, 2, "flag provided but not defined: -nonsense\n" + usage},
		{[]string{"-n=z"}, 2, "invalid boolean value \"z\" for -n: parse error\n" + usage},
		{[]string{"stray"}, 2, "unexpected argument \"stray\"\n" + usage},
	} {
		var stderr strings.Builder
		flags := Flags("x", &stderr)
		flags.Bool("n", false, "a number")
		err := Parse(flags, test.args)
		assert.Equal(t, test.code, Exit("x", err, &stderr), test.args)
		assert.Equal(t, test.message, stderr.String(), test.args)
	}
}

func TestExit(t *testing.T) {
	for err, want := range map[error]struct {
		code int
		text string
	}{
		nil:                                    {0, ""},
		errors.New("broken"):                   {1, "x: broken\n"},
		fmt.Errorf("no: %w", ErrUsage):         {2, ""},
		fmt.Errorf("no: %w", flag.ErrHelp):     {0, ""},
		context.Canceled:                       {1, "x: context canceled\n"},
		rediscloud.ErrNotFound:                 {1, "x: rediscloud: not found\n"},
		errors.Join(ErrUsage, io.EOF):          {2, ""},
		errors.New("two\nlines"):               {1, "x: two\nlines\n"},
		fmt.Errorf("so: %w", io.ErrNoProgress): {1, "x: so: multiple Read calls return no data or error\n"},
	} {
		var stderr strings.Builder
		assert.Equal(t, want.code, Exit("x", err, &stderr), err)
		assert.Equal(t, want.text, stderr.String(), err)
	}
}

func TestConnect(t *testing.T) {
	asked := 0
	fake := func() *rediscloudtest.Server { asked++; return rediscloudtest.New() }
	t.Setenv(rediscloud.EnvAccountKey, "")
	t.Setenv(rediscloud.EnvSecretKey, "")
	var notice strings.Builder
	client, err := Connect("x", fake, &notice)
	require.NoError(t, err)
	_, err = client.Subscriptions.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "REDISCLOUD_ACCESS_KEY is not set: this runs against the embedded fake, and costs nothing.\n\n", notice.String())

	t.Setenv(rediscloud.EnvSecretKey, "secret") // one key alone doesn't lead to the fake
	_, err = Connect("x", fake, nil)
	require.Error(t, err)
	t.Setenv(rediscloud.EnvAccountKey, "account")
	client, err = Connect("x", fake, nil)
	require.NoError(t, err)
	assert.Contains(t, client.String(), rediscloud.DefaultBaseURL)
	assert.Equal(t, 1, asked)
}

func TestConfirm(t *testing.T) {
	for answer, agreed := range map[string]bool{"": false, "n\n": false, "no\n": false, "yess\n": false, "y\n": true, "Y\n": true, "yes\n": true, " YES \r\n": true, "y": true} {
		var out strings.Builder
		err := Confirm(t.Context(), "It costs money.", strings.NewReader(answer), &out)
		assert.Equal(t, "It costs money. Continue? [y/N] ", out.String())
		assert.Equal(t, agreed, err == nil, answer)
	}
}

// An interrupt isn't swallowed while the question is open.
func TestConfirmInterrupted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		in, write := io.Pipe()
		defer func() { _ = write.Close() }()
		require.ErrorContains(t, Confirm(ctx, "It costs money.", in, io.Discard), "nothing was done")
	})
}

func TestLiveLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := &Progress{out: &out, live: true}
		p.Begin()
		time.Sleep(250 * time.Millisecond) // nothing is known yet
		p.show("task", "received")
		time.Sleep(100 * time.Millisecond) // the time advances
		p.show("task", "done")
		p.show("task", "done")
		p.Printf("a line\n")
		p.show("task", "x")
		p.End()
		p.End()
		assert.Equal(t, "\r    0.2s  task received\r    0.2s  task received"+
			"\r    0.3s  task received  \r    0.3s  task received"+
			"\r    0.3s  task done      \r    0.3s  task done"+
			"\na line\n\r    0.3s  task x\r    0.3s  task x\n", out.String())
	})
}

func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		p := NewProgress(&out)
		p.Begin()
		p.show("task", "received")
		time.Sleep(time.Second)
		p.show("task", "received")
		p.show("task", "done")
		p.End()
		assert.Equal(t, "    0.0s  task received\n    1.0s  task done\n", out.String())
	})
}
