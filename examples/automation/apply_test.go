package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/journal"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// calm is a world in which what has just been created is listed at once, and no
// old state is shown after a change: the waits of the library accept the first
// "active" that they see.
var calm = rediscloudtest.WithCalm()

func connectTo(t testing.TB, fake *rediscloudtest.Server, transport http.RoundTripper) *rediscloud.Client {
	client, err := rediscloud.NewClient(
		rediscloud.WithBaseURL(fake.URL()),
		rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
		rediscloud.WithHTTPClient(&http.Client{Transport: transport}))
	require.NoError(t, err)
	return client
}

func samplePlan(t testing.TB) *plan {
	p, err := readPlan("testdata/plan.yaml")
	require.NoError(t, err)
	return p
}

// once applies the sample plan with the given state file.
func once(ctx context.Context, t testing.TB, fake *rediscloudtest.Server, transport http.RoundTripper, statePath string) (code int, events []event, err error) {
	var out bytes.Buffer
	s := settings{state: statePath, settle: 10 * time.Second}
	err = applyPlan(ctx, connectTo(t, fake, transport), s, samplePlan(t), &out)
	return exitCode(ctx, err), parseEvents(t, out.String()), err
}

var (
	statuses = []string{"", "queued", "processing", "processed", "provisioning", "done", "differs", "failed", "unknown", "stopped"} // as in README.md
	elapsed  = regexp.MustCompile(`"elapsed":[0-9]+(\.[0-9]{1,2})?[,}]`)
)

func parseEvents(t testing.TB, text string) []event {
	var events []event
	for line := range strings.Lines(text) {
		var e event
		require.NoError(t, json.Unmarshal([]byte(line), &e), line)
		require.Contains(t, statuses, e.Status, line)
		require.Equal(t, e.Elapsed != 0, elapsed.MatchString(line), line)
		require.False(t, e.Time.IsZero(), line)
		require.NotEmpty(t, e.Event, line)
		events = append(events, e)
	}
	require.NotEmpty(t, events)
	return events
}

// haveOnce checks that each thing of the sample plan exists once.
func haveOnce(t testing.TB, fake *rediscloudtest.Server) {
	t.Helper()
	client := connectTo(t, fake, fake.Transport())
	var names []string
	for sub, err := range client.Subscriptions.All(t.Context()) {
		require.NoError(t, err)
		require.Equal(t, rediscloud.SubscriptionStatusActive, sub.Status)
		names = append(names, sub.Name)
		for db, err := range client.Databases.All(t.Context(), sub.ID, nil) {
			require.NoError(t, err)
			require.Equal(t, rediscloud.DatabaseStatusActive, db.Status)
			names = append(names, sub.Name+"/"+db.Name)
		}
	}
	require.ElementsMatch(t, []string{"shop", "shop/cache", "shop/sessions", "metrics", "metrics/series"}, names)
	var created []string
	for _, task := range fake.Tasks() {
		created = append(created, task.CommandType)
	}
	require.ElementsMatch(t, []string{"subscriptionCreateRequest", "subscriptionCreateRequest", "databaseCreateRequest"}, created)
}

func TestApply(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm, rediscloudtest.WithProcessing(10*time.Second), rediscloudtest.WithProvisioning(5*time.Minute))
		statePath := filepath.Join(t.TempDir(), "state")
		code, events, err := once(t.Context(), t, fake, fake.Transport(), statePath)
		require.NoError(t, err)
		require.Equal(t, exitDone, code)
		haveOnce(t, fake)
		seen := map[string]int{}
		for _, e := range events {
			seen[e.Event]++
		}
		assert.Equal(t, 3, seen[eventSubmitted])
		assert.Equal(t, 5, seen[eventDone])
		assert.Equal(t, 1, seen[eventQueue], "the second subscription waits for the first")
		last := events[len(events)-1]
		assert.Equal(t, eventEnd, last.Event)
		require.NotNil(t, last.Exit)
		assert.Equal(t, exitDone, *last.Exit)

		// Again: nothing to do.
		asked := len(fake.Requests())
		code, events, err = once(t.Context(), t, fake, fake.Transport(), statePath)
		require.NoError(t, err)
		require.Equal(t, exitDone, code)
		haveOnce(t, fake)
		for _, req := range fake.Requests()[asked:] {
			assert.Equal(t, "GET", req.Method)
		}
		for _, e := range events {
			assert.NotEqual(t, eventSubmitted, e.Event)
		}
	})
}

// What exists has no entry in the state: it is found by name.
func TestStateAfterwards(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		statePath := filepath.Join(t.TempDir(), "state")
		_, _, err := once(t.Context(), t, fake, fake.Transport(), statePath)
		require.NoError(t, err)
		store, err := journal.Dir(statePath)
		require.NoError(t, err)
		names, err := store.Names()
		require.NoError(t, err)
		assert.Empty(t, names)
	})
}

// An interrupt at any time: the next run continues, and submits nothing twice.
func TestInterruptedAtAnyTime(t *testing.T) {
	for after := 0 * time.Second; after < 24*time.Second; after += 500 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			fake := rediscloudtest.New(calm, rediscloudtest.WithRoundTrip(80*time.Millisecond), rediscloudtest.WithProvisioning(4*time.Second))
			statePath := filepath.Join(t.TempDir(), "state")
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			code, _, err := once(ctx, t, fake, fake.Transport(), statePath)
			if code != exitDone {
				require.Equal(t, exitRunning, code, "after %s: %v", after, err)
			}
			code, _, err = once(t.Context(), t, fake, fake.Transport(), statePath)
			require.NoError(t, err, after)
			require.Equal(t, exitDone, code)
			haveOnce(t, fake)
		})
	}
}

// A process is killed at any of its requests, before or after the API has acted
// on it: what it does afterwards doesn't count, and the state is that of this
// moment, or lost.
func TestKilledAtAnyRequest(t *testing.T) {
	for name, world := range map[string][]rediscloudtest.Option{
		"calm":   {calm},
		"unkind": {rediscloudtest.WithUnknownFor(8 * time.Second), rediscloudtest.WithLateListing(25 * time.Second), rediscloudtest.WithStaleness(3 * time.Second)},
	} {
		for _, acts := range []bool{false, true} {
			for _, lost := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, acts %t, lost %t", name, acts, lost), func(t *testing.T) {
					n, step := 1, 1
					if !acts && len(world) > 1 { // reads take most of them, at random moments anyway
						step = 3
					}
					for ; killedAt(t, n, acts, lost, append(world, rediscloudtest.WithProvisioning(3*time.Second))); n += step {
					}
					assert.Greater(t, n, 2)
				})
			}
		}
	}
}

// killedAt kills a run at its nth request, and has another one apply the plan.
func killedAt(t *testing.T, n int, acts, lost bool, world []rediscloudtest.Option) (killed bool) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(world...)
		statePath := filepath.Join(t.TempDir(), "state")
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		k := &killer{next: fake.Transport(), at: n, acts: acts, statePath: statePath, copyPath: t.TempDir(), kill: cancel}
		_, _, err := once(ctx, t, fake, k, statePath)
		if killed = k.killed; !killed {
			require.NoError(t, err)
			return
		}
		if lost {
			statePath = filepath.Join(t.TempDir(), "state")
		} else {
			statePath = k.copyPath
		}
		code, _, err := once(t.Context(), t, fake, fake.Transport(), statePath)
		require.NoError(t, err, "killed at request %d", n)
		require.Equal(t, exitDone, code)
		time.Sleep(time.Minute) // until all is listed
		haveOnce(t, fake)
	})
	return killed
}

// A killer stops the world at one of the requests.
type killer struct {
	next      http.RoundTripper
	at        int
	acts      bool
	statePath string
	copyPath  string // gets the state of that moment
	kill      func()

	mu     sync.Mutex
	count  int
	killed bool
}

var errKilled = errors.New("killed")

func (k *killer) RoundTrip(req *http.Request) (*http.Response, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.killed && (!k.acts || req.Method == http.MethodPost) { // to act on a read changes nothing
		k.count++
	}
	if !k.killed && k.count < k.at {
		return k.next.RoundTrip(req)
	}
	if !k.killed {
		k.killed = true
		copyState(k.statePath, k.copyPath)
		if k.acts {
			if answer, err := k.next.RoundTrip(req); err == nil {
				_ = answer.Body.Close()
			}
		}
		k.kill()
	}
	return nil, errKilled
}

// copyState copies the state while a run uses it.
func copyState(from, to string) {
	files, _ := os.ReadDir(from)
	for _, file := range files {
		if text, err := os.ReadFile(filepath.Join(from, file.Name())); err == nil {
			_ = os.WriteFile(filepath.Join(to, file.Name()), text, 0o600)
		}
	}
}

func TestFailedTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		statePath := filepath.Join(t.TempDir(), "state")
		fake.FailNextTask("SUBSCRIPTION_PAYMENT_REQUIRED", "400 BAD_REQUEST", "There is no payment method.")
		code, events, err := once(t.Context(), t, fake, fake.Transport(), statePath)
		assert.Equal(t, exitFailed, code)
		assert.ErrorContains(t, err, "SUBSCRIPTION_PAYMENT_REQUIRED")
		assert.Len(t, fake.Subscriptions(), 1, "the other one is created anyway")
		told := false
		for _, e := range events {
			if e.Event == eventFailed {
				told = true
				assert.Contains(t, e.Advice, "correct the plan, then run it again")
			}
		}
		assert.True(t, told)
		code, _, err = once(t.Context(), t, fake, fake.Transport(), statePath)
		require.NoError(t, err)
		assert.Equal(t, exitDone, code)
		assert.Len(t, fake.Subscriptions(), 2)
	})
}

func TestLostAnswers(t *testing.T) {
	const route = "POST /subscriptions"
	t.Run("accepted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := rediscloudtest.New(calm)
			fake.CutNext(2, route, rediscloudtest.CutAfter)
			fake.AnswerNext(1, "POST /subscriptions/{subscriptionId}/databases", 500, nil, "")
			statePath := filepath.Join(t.TempDir(), "state")
			code, _, err := once(t.Context(), t, fake, fake.Transport(), statePath)
			require.NoError(t, err)
			require.Equal(t, exitDone, code)
			haveOnce(t, fake)
		})
	})
	t.Run("not accepted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := rediscloudtest.New(calm)
			fake.CutNext(2, route, rediscloudtest.CutBefore) // one of each subscription
			statePath := filepath.Join(t.TempDir(), "state")
			code, _, err := once(t.Context(), t, fake, fake.Transport(), statePath)
			require.NoError(t, err, "they are submitted again when it is certain that they were not accepted")
			require.Equal(t, exitDone, code)
			haveOnce(t, fake)
		})
	})
}

// While the outcome of a submission is unknown, a timeout isn't just a timeout.
func TestStoppedWhileLooking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		fake.CutNext(1, "POST /subscriptions", rediscloudtest.CutBefore)
		statePath := filepath.Join(t.TempDir(), "state")
		for _, after := range []time.Duration{13 * time.Second, 3 * time.Second} { // the second finds the intent of the first
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			code, _, err := once(ctx, t, fake, fake.Transport(), statePath)
			require.Equal(t, exitUnknown, code, "%v", err)
			assert.ErrorContains(t, err, "it may or may not have been submitted")
			require.Len(t, fake.Subscriptions(), 1)
		}
		code, _, err := once(t.Context(), t, fake, fake.Transport(), statePath)
		require.NoError(t, err)
		require.Equal(t, exitDone, code)
		haveOnce(t, fake)
	})
}

// Databases of one subscription are created one after the other, even while
// others change it.
func TestBusySubscription(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		id := fake.AddSubscription("s")
		client := connectTo(t, fake, fake.Transport())
		_, err := client.Databases.Create(t.Context(), id, &rediscloud.DatabaseCreateRequest{Name: "other"})
		require.NoError(t, err)
		p, err := parsePlan([]byte("subscriptions: [{name: s, databases: [{name: a}, {name: b}, {name: c}]}]"))
		require.NoError(t, err)
		require.NoError(t, applyPlan(t.Context(), client, settings{fake: true}, p, &bytes.Buffer{}))
		assert.Len(t, fake.Databases(id), 4)
	})
}

// A token that the API no longer knows.
func TestForgottenTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		statePath := filepath.Join(t.TempDir(), "state")
		ctx, cancel := context.WithTimeout(t.Context(), 10500*time.Millisecond)
		defer cancel()
		code, _, _ := once(ctx, t, fake, fake.Transport(), statePath)
		require.Equal(t, exitRunning, code)
		copied := t.TempDir()
		copyState(statePath, copied)

		other := rediscloudtest.New(calm) // another account
		code, events, err := once(t.Context(), t, other, other.Transport(), statePath)
		require.Equal(t, exitFailed, code, "%v", err)
		assert.Contains(t, events[len(events)-2].Advice, "check that the keys are those of the account")
		assert.Empty(t, other.Subscriptions())
		code, _, err = once(t.Context(), t, other, other.Transport(), statePath)
		require.NoError(t, err)
		require.Equal(t, exitDone, code)
		haveOnce(t, other)

		// If the resource exists, its task isn't needed.
		time.Sleep(11 * 24 * time.Hour)
		_, _, _ = once(t.Context(), t, fake, fake.Transport(), copied)
		code, _, err = once(t.Context(), t, fake, fake.Transport(), copied)
		require.NoError(t, err)
		require.Equal(t, exitDone, code)
		assert.Len(t, fake.Subscriptions(), 2)
	})
}

func TestNothingToCreateItWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		id := fake.AddSubscription("old")
		client := connectTo(t, fake, fake.Transport())
		apply := func(text string) (int, error) {
			p, err := parsePlan([]byte(text))
			require.NoError(t, err)
			err = applyPlan(t.Context(), client, settings{fake: true}, p, &bytes.Buffer{})
			return exitCode(t.Context(), err), err
		}
		code, err := apply("subscriptions: [{name: new, databases: [{name: d}]}]")
		assert.Equal(t, exitFailed, code)
		assert.ErrorContains(t, err, "give its cloudProviders")
		code, err = apply("subscriptions: [{name: old, databases: [{name: d}]}]")
		assert.NoError(t, err)
		assert.Equal(t, exitDone, code)
		assert.Len(t, fake.Databases(id), 1)
		fake.AddSubscription("old")
		code, err = apply("subscriptions: [{name: old, databases: [{name: e}]}]")
		assert.Equal(t, exitFailed, code)
		assert.Contains(t, advice(t.Context(), split(err)[0]), "give the id of one in the plan")
		code, err = apply("subscriptions: [{id: " + itoa(id) + ", databases: [{name: e}]}]")
		assert.NoError(t, err)
		assert.Equal(t, exitDone, code)
		assert.Len(t, fake.Databases(id), 2)
		fake.SetStatus("/subscriptions/"+itoa(id), "deleting")
		_, err = apply("subscriptions: [{id: " + itoa(id) + "}]")
		assert.ErrorContains(t, err, "is being removed")
	})
}

func TestDryRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		id := fake.AddSubscription("shop")
		fake.AddDatabase(id, "cache")
		var out bytes.Buffer
		err := applyPlan(t.Context(), connectTo(t, fake, fake.Transport()), settings{dryRun: true}, samplePlan(t), &out)
		require.NoError(t, err)
		var told []string
		for _, e := range parseEvents(t, out.String()) {
			told = append(told, strings.TrimSpace(e.Event+" "+e.Name))
			if e.Event == eventPrice {
				assert.Positive(t, e.Price.Amount)
				assert.Equal(t, "USD", e.Price.Currency)
			}
		}
		assert.Equal(t, []string{"found shop", "found cache", "planned sessions", "price sessions", "planned metrics", "price metrics", "price", "end"}, told)
		assert.Equal(t, []int{id}, fake.Subscriptions())
		assert.Len(t, fake.Databases(id), 1)
		assert.NoFileExists(t, "testdata/plan.yaml.state")
	})
}

func TestWrongKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		client, err := rediscloud.NewClient(rediscloud.WithBaseURL(fake.URL()), rediscloud.WithCredentials("wrong-account", "wrong-secret"),
			rediscloud.WithHTTPClient(fake.Client()))
		require.NoError(t, err)
		var out bytes.Buffer
		err = applyPlan(t.Context(), client, settings{fake: true}, samplePlan(t), &out)
		assert.Equal(t, exitFailed, exitCode(t.Context(), err))
		assert.Contains(t, out.String(), "check REDISCLOUD_ACCESS_KEY")
		assert.NotContains(t, out.String(), "wrong-secret")
	})
}
