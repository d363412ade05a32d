package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// calm is a world in which what has just been made is listed at once, and no old state is shown after a change: the waits of the library
// take the first "active" that they see.
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

func parseEvents(t testing.TB, text string) []event {
	var events []event
	for line := range strings.Lines(text) {
		var e event
		require.NoError(t, json.Unmarshal([]byte(line), &e), line)
		require.False(t, e.Time.IsZero(), line)
		require.NotEmpty(t, e.Event, line)
		events = append(events, e)
	}
	require.NotEmpty(t, events)
	return events
}

// haveOnce checks that there is one of each thing of the sample plan.
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
	t.Parallel()
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

		// Again: there is nothing to do.
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

// The state file tells nothing of databases but names and ids.
func TestStateAfterwards(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		statePath := filepath.Join(t.TempDir(), "state")
		_, _, err := once(t.Context(), t, fake, fake.Transport(), statePath)
		require.NoError(t, err)
		kept, err := openState(statePath, rediscloud.DefaultBaseURL)
		require.NoError(t, err)
		defer kept.close()
		require.Len(t, kept.doc.Items, 5)
		for name, e := range kept.doc.Items {
			assert.NotZero(t, e.ID, name)
			assert.Empty(t, e.Token, name)
			assert.True(t, e.Intent.IsZero(), name)
		}
		info, err := os.Stat(statePath)
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	})
}

// An interrupt at any time: the next run goes on, and submits nothing twice.
func TestInterruptedAtAnyTime(t *testing.T) {
	t.Parallel()
	for after := 0 * time.Second; after < 14*time.Second; after += 500 * time.Millisecond {
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

// A process that is killed at any of its requests, before or after the API has
// acted on it: what it does afterwards doesn't count, the state file is as it
// was at that moment.
func TestKilledAtAnyRequest(t *testing.T) {
	t.Parallel()
	for _, acts := range []bool{false, true} {
		for n, reached := 1, true; reached; n++ {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New(calm, rediscloudtest.WithProvisioning(3*time.Second))
				statePath := filepath.Join(t.TempDir(), "state")
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				k := &killer{next: fake.Transport(), at: n, acts: acts, statePath: statePath, kill: cancel}
				_, _, err := once(ctx, t, fake, k, statePath)
				if reached = k.killed; !reached {
					t.Logf("%d moments", n-1)
					require.NoError(t, err)
					return
				}
				if k.state == nil {
					require.NoError(t, os.RemoveAll(statePath))
				} else {
					require.NoError(t, os.WriteFile(statePath, k.state, 0o600))
				}
				code, _, err := once(t.Context(), t, fake, fake.Transport(), statePath)
				require.NoError(t, err, "killed at request %d", n)
				require.Equal(t, exitDone, code)
				haveOnce(t, fake)
			})
		}
	}
}

// A killer stops the world at one of the requests.
type killer struct {
	next      http.RoundTripper
	at        int
	acts      bool
	statePath string
	kill      func()

	mu     sync.Mutex
	count  int
	killed bool
	state  []byte
}

var errKilled = errors.New("killed")

func (k *killer) RoundTrip(req *http.Request) (*http.Response, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.killed && (!k.acts || req.Method == http.MethodPost) { // to act on a read is nothing
		k.count++
	}
	if !k.killed && k.count < k.at {
		return k.next.RoundTrip(req)
	}
	if !k.killed {
		k.killed = true
		k.state, _ = os.ReadFile(k.statePath)
		if k.acts {
			if answer, err := k.next.RoundTrip(req); err == nil {
				_ = answer.Body.Close()
			}
		}
		k.kill()
	}
	return nil, errKilled
}

func TestFailedTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		statePath := filepath.Join(t.TempDir(), "state")
		fake.FailNextTask("SUBSCRIPTION_PAYMENT_REQUIRED", "400 BAD_REQUEST", "There is no payment method.")
		code, events, err := once(t.Context(), t, fake, fake.Transport(), statePath)
		assert.Equal(t, exitFailed, code)
		assert.ErrorContains(t, err, "SUBSCRIPTION_PAYMENT_REQUIRED")
		assert.Len(t, fake.Subscriptions(), 1, "the other one is created all the same")
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
	t.Parallel()
	const route = "POST /subscriptions"
	t.Run("accepted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := rediscloudtest.New(calm)
			fake.CutNext(2, route, rediscloudtest.CutAfter)
			fake.AnswerNext(1, "POST /subscriptions/{subscriptionId}/databases", 500, nil, "")
			statePath := filepath.Join(t.TempDir(), "state")
			code, _, err := once(t.Context(), t, fake, fake.Transport(), statePath)
			require.Equal(t, exitUnknown, code, "%v", err)
			require.Len(t, fake.Subscriptions(), 2, "found by their names")
			code, _, err = once(t.Context(), t, fake, fake.Transport(), statePath)
			require.NoError(t, err)
			require.Equal(t, exitDone, code)
			haveOnce(t, fake)
		})
	})
	t.Run("not accepted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			fake := rediscloudtest.New(calm)
			fake.CutNext(2, route, rediscloudtest.CutBefore)
			statePath := filepath.Join(t.TempDir(), "state")
			start := time.Now()
			code, events, err := once(t.Context(), t, fake, fake.Transport(), statePath)
			require.Equal(t, exitUnknown, code)
			assert.ErrorContains(t, err, `subscription "shop" may or may not have been submitted`)
			assert.InDelta(t, 10, time.Since(start).Seconds(), 2)
			assert.Equal(t, exitUnknown, *events[len(events)-1].Exit)
			code, _, err = once(t.Context(), t, fake, fake.Transport(), statePath)
			require.NoError(t, err)
			require.Equal(t, exitDone, code)
			haveOnce(t, fake)
		})
	})
}

// As long as it isn't known what became of a submission, a time-out is no mere
// time-out.
func TestStoppedWhileLooking(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		fake.CutNext(1, "POST /subscriptions", rediscloudtest.CutBefore)
		statePath := filepath.Join(t.TempDir(), "state")
		for range 2 { // the second finds the intent of the first
			ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
			defer cancel()
			code, _, err := once(ctx, t, fake, fake.Transport(), statePath)
			require.Equal(t, exitUnknown, code, "%v", err)
			require.Len(t, fake.Subscriptions(), 1)
		}
		code, _, err := once(t.Context(), t, fake, fake.Transport(), statePath)
		require.NoError(t, err)
		require.Equal(t, exitDone, code)
		haveOnce(t, fake)
	})
}

// Databases of one subscription are created one after the other, also where
// others change it meanwhile.
func TestBusySubscription(t *testing.T) {
	t.Parallel()
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

// A token that the API doesn't know any more.
func TestForgottenTask(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		statePath := filepath.Join(t.TempDir(), "state")
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		defer cancel()
		code, _, _ := once(ctx, t, fake, fake.Transport(), statePath)
		require.Equal(t, exitRunning, code)

		other := rediscloudtest.New(calm) // another account
		code, _, err := once(t.Context(), t, other, other.Transport(), statePath)
		require.Equal(t, exitUnknown, code, "%v", err)
		assert.Empty(t, other.Subscriptions())
		code, _, err = once(t.Context(), t, other, other.Transport(), statePath)
		require.NoError(t, err)
		require.Equal(t, exitDone, code)
		haveOnce(t, other)

		// Where the resource is, its task isn't missed.
		time.Sleep(11 * 24 * time.Hour)
		code, _, err = once(t.Context(), t, fake, fake.Transport(), statePath)
		require.NoError(t, err)
		require.Equal(t, exitDone, code)
	})
}

func TestNothingToCreateItWith(t *testing.T) {
	t.Parallel()
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
		assert.ErrorContains(t, err, "give the id of one in the plan")
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
		assert.NoFileExists(t, "testdata/plan.yaml.state.json")
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
