//go:build unix

package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// asCommand makes the test binary the command.
const asCommand = "AUTOMATION_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
	}
	flag.Parse()
	if err := flag.Set("test.parallel", "12"); err != nil { // they mostly wait
		panic(err)
	}
	os.Exit(m.Run())
}

// An api is a fake on a port, which can be stopped in the middle of a request.
type api struct {
	*rediscloudtest.Server
	url       string
	planPath  string
	statePath string

	mu    sync.Mutex
	route string // method and path of the request to stop at
	acts  bool   // the fake acts on it before
	there chan struct{}
}

func serve(t *testing.T, opts ...rediscloudtest.Option) *api {
	fake := rediscloudtest.New(append([]rediscloudtest.Option{
		calm,
		rediscloudtest.WithProcessing(150 * time.Millisecond),
		rediscloudtest.WithProvisioning(200 * time.Millisecond),
		rediscloudtest.WithUnknownFor(50 * time.Millisecond),
	}, opts...)...)
	a := &api{Server: fake, statePath: filepath.Join(t.TempDir(), "state"), planPath: "testdata/plan.yaml"}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	a.url = server.URL + "/v1"
	return a
}

// stopAt leaves the next request of a method, whose path ends in suffix,
// without a response. The channel closes when the request arrives.
func (a *api) stopAt(method, suffix string, acts bool) <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.route, a.acts, a.there = method+" "+suffix, acts, make(chan struct{})
	return a.there
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	method, suffix, stops := strings.Cut(a.route, " ")
	stops = stops && r.Method == method && strings.HasSuffix(r.URL.Path, suffix)
	acts, there := a.acts, a.there
	if stops {
		a.route = ""
	}
	a.mu.Unlock()
	if !stops {
		a.Server.ServeHTTP(w, r)
		return
	}
	if acts {
		a.Server.ServeHTTP(httptest.NewRecorder(), r)
	}
	_, _ = io.Copy(io.Discard, r.Body) // only then the server notices that the caller is gone
	close(there)
	select {
	case <-r.Context().Done(): // the process is gone
	case <-time.After(30 * time.Second):
	}
}

// A process is a run of the command.
type process struct {
	*exec.Cmd
	stdout, stderr bytes.Buffer
}

func (a *api) start(t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.CommandContext(t.Context(), os.Args[0], args...)}
	p.Env = a.env()
	p.Stdout, p.Stderr = &p.stdout, &p.stderr
	require.NoError(t, p.Start())
	return p
}

func (a *api) env() []string {
	return append(os.Environ(), asCommand+"=1", "REDISCLOUD_URL="+a.url,
		"REDISCLOUD_ACCESS_KEY="+a.AccountKey(), "REDISCLOUD_SECRET_KEY="+a.SecretKey())
}

func (a *api) apply(t *testing.T, args ...string) *process {
	t.Helper()
	return a.start(t, append([]string{"apply", a.planPath, "-state", a.statePath, "-settle", "500ms"}, args...)...)
}

// code waits for the end, and checks what is true of every run.
func (p *process) code(t *testing.T) int {
	t.Helper()
	code := p.ended()
	assert.NotContains(t, p.stdout.String()+p.stderr.String(), "fake-secret-key")
	assert.NotContains(t, p.stderr.String(), "panic")
	if p.stdout.Len() > 0 && code >= 0 { // a killed process may leave half a line
		events := parseEvents(t, p.stdout.String())
		last := events[len(events)-1]
		if last.Event == eventEnd {
			require.NotNil(t, last.Exit)
			assert.Equal(t, code, *last.Exit)
		}
	}
	if t.Failed() {
		t.Log(p.stdout.String(), p.stderr.String())
	}
	return code
}

func (p *process) ended() int {
	_ = p.Wait()
	return p.ProcessState.ExitCode()
}

func await(t *testing.T, there <-chan struct{}) {
	t.Helper()
	select {
	case <-there:
	case <-time.After(20 * time.Second):
		require.Fail(t, "the request never came")
	}
}

func TestProcessAppliesTwice(t *testing.T) {
	t.Parallel()
	a := serve(t)
	p := a.apply(t)
	require.Equal(t, exitDone, p.code(t), p.stderr.String())
	haveOnce(t, a.Server)
	p = a.apply(t)
	require.Equal(t, exitDone, p.code(t), p.stderr.String())
	haveOnce(t, a.Server)
	assert.NotContains(t, p.stdout.String(), eventSubmitted)

	p = a.start(t, "tasks", "list")
	require.Equal(t, exitDone, p.code(t))
	tasks := parseEvents(t, p.stdout.String())
	require.Len(t, tasks, 3)
	p = a.start(t, "tasks", "get", tasks[0].Task)
	require.Equal(t, exitDone, p.code(t))
	got := parseEvents(t, p.stdout.String())
	assert.Equal(t, "databaseCreateRequest", got[0].Command)
	assert.Equal(t, "processed processing-completed", got[0].Status+" "+got[0].Detail)
	p = a.start(t, "tasks", "wait", tasks[0].Task, tasks[1].Task, "-timeout", "20s")
	require.Equal(t, exitDone, p.code(t), p.stderr.String())
	p = a.start(t, "tasks", "get", "no-such-task")
	assert.Equal(t, exitFailed, p.code(t))
	assert.Contains(t, p.stderr.String(), "what to do: check the id")
}

// With the state that was left, or without it.
func TestProcessKilled(t *testing.T) {
	t.Parallel()
	for name, moment := range map[string]struct {
		method, suffix string
		acts           bool
	}{
		"after the intent, subscription":  {"POST", "/subscriptions", false},
		"after the request, subscription": {"POST", "/subscriptions", true},
		"after the intent, database":      {"POST", "/databases", false},
		"after the request, database":     {"POST", "/databases", true},
		"while it waits":                  {"GET", "/tasks", false},
		"while it is provisioned":         {"GET", "/subscriptions/120001", true},
	} {
		for _, lost := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, lost %t", name, lost), func(t *testing.T) {
				t.Parallel()
				a := serve(t)
				var there <-chan struct{}
				if moment.suffix == "/tasks" {
					there = a.submitted(2)
				} else {
					there = a.stopAt(moment.method, moment.suffix, moment.acts)
				}
				p := a.apply(t)
				await(t, there)
				require.NoError(t, p.Process.Kill())
				require.Equal(t, -1, p.code(t))
				if lost {
					require.NoError(t, os.RemoveAll(a.statePath))
				}
				p = a.apply(t)
				require.Equal(t, exitDone, p.code(t), p.stderr.String())
				haveOnce(t, a.Server)
			})
		}
	}
}

// submitted closes the channel a bit after there are as many tasks.
func (a *api) submitted(tasks int) <-chan struct{} {
	there := make(chan struct{})
	go func() {
		for len(a.Tasks()) < tasks {
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond)
		close(there)
	}()
	return there
}

// Killed at random, again and again.
func TestProcessKilledAgainAndAgain(t *testing.T) {
	t.Parallel()
	a := serve(t)
	deadline := time.Now().Add(6 * time.Second)
	kills := 0
	for time.Now().Before(deadline) {
		p := a.apply(t)
		timer := time.AfterFunc(time.Duration(30+rand.IntN(500))*time.Millisecond, func() { _ = p.Process.Kill() })
		code := p.code(t)
		timer.Stop()
		if code == exitDone {
			break // between two kills
		}
		require.Equal(t, -1, code, p.stderr.String())
		kills++
	}
	p := a.apply(t)
	require.Equal(t, exitDone, p.code(t), p.stderr.String())
	haveOnce(t, a.Server)
	t.Logf("killed %d times", kills)
}

func TestProcessInterrupted(t *testing.T) {
	t.Parallel()
	a := serve(t, rediscloudtest.WithProcessing(time.Second))
	p := a.apply(t)
	for len(a.Tasks()) < 2 {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(200 * time.Millisecond)
	require.NoError(t, p.Process.Signal(syscall.SIGINT))
	require.Equal(t, exitRunning, p.code(t))
	assert.Contains(t, p.stderr.String(), "run the same command again")

	// Another run uses the state.
	p = a.apply(t)
	time.Sleep(300 * time.Millisecond)
	second := a.apply(t)
	assert.Equal(t, exitRunning, second.code(t))
	assert.Contains(t, second.stderr.String(), "another run is using")
	assert.Contains(t, second.stderr.String(), "wait until the other run has ended; don't give this one another -state")
	require.Equal(t, exitDone, p.code(t), p.stderr.String())
	assert.Contains(t, p.stdout.String(), eventResumed)
	haveOnce(t, a.Server)
}

// An interrupt while a submission is on its way: its response is awaited.
func TestProcessInterruptedWhileSubmitting(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.DelayNext(2, "POST /subscriptions", time.Second)
	p := a.apply(t)
	for len(a.Tasks()) < 2 {
		time.Sleep(10 * time.Millisecond)
	}
	require.NoError(t, p.Process.Signal(syscall.SIGINT))
	require.Equal(t, exitRunning, p.code(t), p.stderr.String())
	p = a.apply(t)
	require.Equal(t, exitDone, p.code(t), p.stderr.String())
	assert.Contains(t, p.stdout.String(), eventResumed)
	assert.NotContains(t, p.stdout.String(), eventLooking)
	haveOnce(t, a.Server)
}

func TestProcessTimeout(t *testing.T) {
	t.Parallel()
	a := serve(t, rediscloudtest.WithProcessing(time.Second))
	p := a.apply(t, "-timeout", "700ms")
	require.Equal(t, exitRunning, p.code(t))
	p = a.start(t, "tasks", "wait", a.Tasks()[1].ID, "-timeout", "100ms")
	require.Equal(t, exitRunning, p.code(t))
	p = a.apply(t, "-timeout", "1m")
	require.Equal(t, exitDone, p.code(t), p.stderr.String())
	haveOnce(t, a.Server)
}

func TestProcessFails(t *testing.T) {
	t.Parallel()
	a := serve(t)
	a.FailNextTask("SUBSCRIPTION_PAYMENT_REQUIRED", "400 BAD_REQUEST", "There is no payment method.")
	p := a.apply(t)
	require.Equal(t, exitFailed, p.code(t))
	assert.Contains(t, p.stderr.String(), "SUBSCRIPTION_PAYMENT_REQUIRED")
	assert.Contains(t, p.stderr.String(), "what to do: nothing was changed: correct the plan")
	p = a.start(t, "tasks", "wait", a.Tasks()[0].ID)
	assert.Equal(t, exitFailed, p.code(t))
}

func TestProcessLosesAnswer(t *testing.T) {
	t.Parallel()
	for _, when := range []rediscloudtest.Cut{rediscloudtest.CutAfter, rediscloudtest.CutBefore} {
		t.Run(fmt.Sprint(when), func(t *testing.T) {
			t.Parallel()
			a := serve(t)
			a.CutNext(1, "POST /subscriptions", when)
			p := a.apply(t)
			require.Equal(t, exitDone, p.code(t), p.stderr.String())
			haveOnce(t, a.Server)
		})
	}
}

// The state can't be redirected, whoever can write next to the plan.
func TestProcessFollowsNoLinks(t *testing.T) {
	t.Parallel()
	a := serve(t)
	victim := filepath.Join(t.TempDir(), "victim")
	require.NoError(t, os.WriteFile(victim, []byte("mine"), 0o600))
	require.NoError(t, os.Mkdir(a.statePath, 0o700))
	name := entryAt(a.url, item{kind: "subscription", name: "shop"})
	require.NoError(t, os.Symlink(victim, filepath.Join(a.statePath, name+".new")))
	p := a.apply(t)
	require.Equal(t, exitDone, p.code(t), p.stderr.String())
	assert.Len(t, a.Tasks(), 3)

	require.NoError(t, os.Symlink(victim, filepath.Join(a.statePath, name)))
	p = a.apply(t)
	assert.Equal(t, exitUnknown, p.code(t))
	assert.Contains(t, p.stderr.String(), "not a regular file")

	require.NoError(t, os.Remove(filepath.Join(a.statePath, ".lock")))
	require.NoError(t, os.Symlink(victim, filepath.Join(a.statePath, ".lock")))
	p = a.apply(t)
	assert.Equal(t, exitFailed, p.code(t))

	link := a.statePath + "-link"
	require.NoError(t, os.Symlink(a.statePath, link))
	p = a.apply(t, "-state", link)
	assert.Equal(t, exitUsage, p.code(t))
	text, err := os.ReadFile(victim)
	require.NoError(t, err)
	assert.Equal(t, "mine", string(text))
	assert.Len(t, a.Tasks(), 3)
}

func TestProcessUsage(t *testing.T) {
	t.Parallel()
	a := serve(t)
	plan := a.planPath
	for args, want := range map[string]string{
		"":                                   "missing command",
		"apply":                              "apply needs an argument",
		"apply a b":                          `unexpected argument "b" of apply`,
		"tasks":                              `there is no command "tasks"; the nearest is "tasks `,
		"tasks list x":                       `unexpected argument "x" of tasks list`,
		"tasks lst":                          `there is no command "tasks lst"; the nearest is "tasks list"`,
		"tasks get":                          "tasks get needs an argument",
		"tasks wait":                         "tasks wait needs an argument",
		"aply " + plan:                       `there is no command "aply"; the nearest is "apply"`,
		"apply -nonsense " + plan:            "flag provided but not defined: -nonsense",
		"apply " + plan + " -timeout soon":   `invalid value "soon" for flag -timeout`,
		"apply " + plan + " -timeout -1s":    "can't be negative",
		"apply " + plan + " -fake -state x":  "-state can't be combined with -fake",
		"apply " + plan + " -update -strict": "-update can't be combined with",
		"tasks list -dry-run":                "tasks list has no flag -dry-run",
	} {
		p := a.start(t, strings.Fields(args)...)
		assert.Equal(t, exitUsage, p.code(t), args)
		message, rest, _ := strings.Cut(p.stderr.String(), "\n")
		assert.Contains(t, message, want, args)
		assert.True(t, strings.HasPrefix(message, "automation: "), message)
		assert.True(t, strings.HasPrefix(rest, "usage:\n"), rest)
		assert.Equal(t, 1, strings.Count(p.stderr.String(), "usage:"), args)
		assert.Empty(t, p.stdout.String(), args)
	}
	p := a.start(t, "apply", "testdata/none.yaml")
	assert.Equal(t, exitUsage, p.code(t))
	assert.NotContains(t, p.stderr.String(), "usage:", "the command line is right")
	for _, args := range [][]string{{"-h"}, {"--help"}, {"apply", "-h"}} {
		p := a.start(t, args...)
		assert.Equal(t, exitDone, p.ended(), args)
		assert.Contains(t, p.stdout.String(), "-dry-run")
		assert.Empty(t, p.stderr.String())
	}

	cmd := exec.CommandContext(t.Context(), os.Args[0], "apply", a.planPath)
	cmd.Env = append(os.Environ(), asCommand+"=1", "REDISCLOUD_ACCESS_KEY=", "REDISCLOUD_SECRET_KEY=")
	output, _ := cmd.CombinedOutput()
	assert.Equal(t, exitUsage, cmd.ProcessState.ExitCode(), "no keys, no fake: a CI job without its secrets must fail")
	assert.Contains(t, string(output), "try it with -fake")

	cmd = exec.CommandContext(t.Context(), os.Args[0], "apply", a.planPath, "-fake", "-dry-run")
	cmd.Env = append(os.Environ(), asCommand+"=1", "REDISCLOUD_ACCESS_KEY=", "REDISCLOUD_SECRET_KEY=")
	require.NoError(t, cmd.Run())
}
