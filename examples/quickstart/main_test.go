package main

import (
	"context"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/examples/internal/command"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// TestMain lets the tests run this program as a process.
func TestMain(m *testing.M) {
	if os.Getenv("RUN_QUICKSTART") != "" {
		main()
	}
	os.Exit(m.Run())
}

func withoutKeys(t *testing.T) {
	t.Setenv(rediscloud.EnvAccountKey, "")
	t.Setenv(rediscloud.EnvSecretKey, "")
}

// withKeys sets keys that nobody owns, and an address where nothing listens.
func withKeys(t *testing.T) {
	t.Setenv(rediscloud.EnvAccountKey, "account")
	t.Setenv(rediscloud.EnvSecretKey, "secret")
	t.Setenv(rediscloud.EnvBaseURL, "http://127.0.0.1:1")
}

// do runs the program as from a shell.
func do(ctx context.Context, in string, args ...string) (code int, stdout, stderr string) {
	var out, errs strings.Builder
	err := run(ctx, args, command.Streams{In: strings.NewReader(in), Out: &out, Err: &errs})
	code = command.Exit("quickstart", err, &errs)
	return code, out.String(), errs.String()
}

func TestAgainstFake(t *testing.T) {
	withoutKeys(t)
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		code, out, stderr := do(t.Context(), "")
		assert.Zero(t, code)
		assert.Empty(t, stderr)
		for _, want := range []string{
			"this runs against the embedded fake",
			"creating a subscription, task ",
			"task received\n", "task processing-in-progress\n", "task processing-completed\n",
			"subscription pending\n", "subscription active\n",
			" is active\n  endpoint  redis-",
			"password  32 characters, not printed",
			"removing database ", "removing subscription ", "subscription gone\n",
		} {
			assert.Contains(t, out, want)
		}
		assert.Less(t, time.Since(start), 30*time.Second)
	})
}

func TestWrongUse(t *testing.T) {
	withoutKeys(t)
	for _, test := range []struct {
		args string
		code int
		want string
	}{
		{"-h", 0, "usage: go run ./examples/quickstart [flags]"},
		{"-nonsense", 2, "flag provided but not defined: -nonsense"},
		{"stray", 2, `unexpected argument "stray"`},
		{"-keep stray", 2, `unexpected argument "stray"`},
		{"-remove x", 2, `invalid value "x" for flag -remove`},
		{"-remove -1", 2, `invalid value "-1" for flag -remove`},
		{"-remove 0", 2, `invalid value "0" for flag -remove`},
		{"-remove=", 2, `invalid value "" for flag -remove`},
		{"-resume=", 2, `invalid value "" for flag -resume`},
		{"-resume ../x", 2, `invalid value "../x" for flag -resume`},
		{"-remove 1 -resume rediscloud-task-1.x", 2, "-remove can't be combined with"},
		{"-remove 1 -keep", 2, "-remove can't be combined with"},
		{"-remove 1", 2, "-resume and -remove need the keys"},
		{"-resume rediscloud-task-1.x", 2, "-resume and -remove need the keys"},
	} {
		code, out, stderr := do(t.Context(), "", strings.Fields(test.args)...)
		assert.Equal(t, test.code, code, test.args)
		assert.Empty(t, out, test.args)
		first, rest, _ := strings.Cut(stderr, "\n")
		assert.Contains(t, first, test.want, test.args)
		assert.Contains(t, rest, "  -resume token\n", test.args)
	}
}

func TestAsksBeforeItSpends(t *testing.T) {
	withKeys(t)
	ended, cancel := context.WithCancel(t.Context())
	for _, answer := range []string{"", "n\n"} {
		code, out, stderr := do(t.Context(), answer)
		assert.Equal(t, 1, code)
		assert.Contains(t, out, "costs money. Continue? [y/N]")
		assert.Contains(t, stderr, "nothing was done")
	}
	cancel()
	_, out, stderr := do(ended, "", "-yes")
	assert.Empty(t, out)
	assert.Contains(t, stderr, "context canceled") // it continued
}

// An account is a fake that outlives the runs, and a client of it.
type account struct {
	*rediscloudtest.Server
	client *rediscloud.Client
}

func newAccount(t *testing.T, opts ...rediscloudtest.Option) account {
	fake := rediscloudtest.New(opts...)
	client, err := rediscloud.NewClient(
		rediscloud.WithBaseURL(fake.URL()),
		rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
		rediscloud.WithHTTPClient(fake.Client()))
	require.NoError(t, err)
	return account{fake, client}
}

// demo runs the program, and returns what it prints.
func (a account) demo(s settings) (*demo, *strings.Builder) {
	s.region = "us-east-1"
	var out strings.Builder
	return &demo{settings: s, client: a.client, progress: command.NewProgress(&out), out: &out}, &out
}

// pasted returns the command that a run has printed on a line to itself.
func pasted(t *testing.T, text string) (s settings) {
	t.Helper()
	lines := regexp.MustCompile(`(?m)^go run \./examples/quickstart (-keep )?-(resume|remove) (\S+)$`).FindAllStringSubmatch(text, -1)
	require.Len(t, lines, 1, text)
	s.keep = lines[0][1] != ""
	if lines[0][2] == "resume" {
		s.resume = lines[0][3]
		return s
	}
	var err error
	s.remove, err = strconv.Atoi(lines[0][3])
	require.NoError(t, err)
	return s
}

// submitted counts the tasks by type.
func (a account) submitted() map[string]int {
	counts := map[string]int{}
	for _, task := range a.Tasks() {
		counts[task.CommandType]++
	}
	return counts
}

// Wherever a run is interrupted, the command that it prints continues from
// there. In the end one subscription was created, and none is left.
func TestInterruptedAnywhere(t *testing.T) {
	withKeys(t)
	printed := map[string]int{} // the commands
	for after := 100 * time.Millisecond; after < 25*time.Second; after += 370 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			a := newAccount(t, rediscloudtest.WithProcessing(1500*time.Millisecond), rediscloudtest.WithRoundTrip(300*time.Millisecond), rediscloudtest.WithLateRemoval(2*time.Second))
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			first, _ := a.demo(settings{})
			begun := time.Now()
			err := first.fromTheBeginning(ctx)
			if err == nil {
				printed["nothing"]++
			} else {
				require.ErrorIs(t, err, context.DeadlineExceeded)
				assert.Equal(t, after, time.Since(begun), "it ends at once")
			}
			if err != nil && len(a.Tasks()) == 0 && !strings.Contains(err.Error(), "go run") {
				return // nothing was submitted
			}
			// It is interrupted again.
			for patience := 7 * time.Second; err != nil; patience = time.Hour {
				s := pasted(t, err.Error())
				what, _, _ := strings.Cut(s.resume, ".")
				printed[what]++
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				again, _ := a.demo(s)
				if s.resume != "" {
					err = again.resumeEarlier(ctx, s.resume)
				} else {
					err = again.removeEarlier(ctx, s.remove)
				}
				cancel()
				if err != nil {
					require.ErrorIs(t, err, context.DeadlineExceeded, after)
				}
			}
			assert.Empty(t, a.Subscriptions(), after)
			assert.Equal(t, 1, a.submitted()["subscriptionCreateRequest"], after)
		})
	}
	for _, command := range []string{"rediscloud-intent-1", "rediscloud-task-1", "", "nothing"} {
		assert.Positive(t, printed[command], command)
	}
}

// The response is lost, and whether the API has acted shows later.
func TestLostAnswer(t *testing.T) {
	withKeys(t)
	for cut, left := range map[rediscloudtest.Cut]int{rediscloudtest.CutAfter: 1, rediscloudtest.CutBefore: 0} {
		synctest.Test(t, func(t *testing.T) {
			a := newAccount(t)
			a.CutNext(1, "POST /subscriptions", cut)
			d, _ := a.demo(settings{keep: true})
			err := d.fromTheBeginning(t.Context())
			require.ErrorContains(t, err, "may be on its way")
			s := pasted(t, err.Error())
			assert.True(t, s.keep)
			d, out := a.demo(s)
			require.NoError(t, d.resumeEarlier(t.Context(), s.resume))
			assert.Len(t, a.Subscriptions(), left)
			if left == 0 {
				assert.Contains(t, out.String(), "has created nothing")
				return
			}
			assert.Contains(t, out.String(), "password  32 characters")
			assert.Equal(t, settings{remove: a.Subscriptions()[0]}, pasted(t, out.String()))
		})
	}
}

func TestInterruptAgainstFake(t *testing.T) {
	withoutKeys(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		code, _, stderr := do(ctx, "")
		assert.Equal(t, 1, code)
		assert.Contains(t, stderr, "The fake is gone with this run, and nothing is left.")
		assert.Contains(t, pasted(t, stderr).resume, "rediscloud-task-1.")
	})
}

func TestWrongTokens(t *testing.T) {
	withKeys(t)
	for _, token := range []string{"rediscloud-task-1.%", "rediscloud-task-9.abc", "rediscloud-intent-1.%", "rediscloud-intent-9.abc", "rediscloud-task-1." + strings.Repeat("x", 5000)} {
		code, _, stderr := do(t.Context(), "", "-resume", token)
		assert.Equal(t, 1, code)
		assert.Equal(t, 1, strings.Count(stderr, "\n"), stderr)
		assert.Contains(t, stderr, "quickstart: rediscloud: ")
	}
}

// The subscription of an earlier run isn't paid for twice.
func TestSecondSubscription(t *testing.T) {
	withKeys(t)
	a := newAccount(t)
	id := a.AddSubscription("quickstart")
	d, _ := a.demo(settings{})
	err := d.fromTheBeginning(t.Context())
	require.ErrorContains(t, err, "already a subscription named quickstart")
	assert.Equal(t, settings{remove: id}, pasted(t, err.Error()))
	assert.Empty(t, a.Tasks())
}

func TestFailures(t *testing.T) {
	withKeys(t)
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t)
		a.FailNextTask("SUBSCRIPTION_PAYMENT_METHOD_NOT_FOUND", "404 NOT_FOUND", "no such card")
		d, _ := a.demo(settings{})
		err := d.fromTheBeginning(t.Context())
		require.ErrorContains(t, err, "no such card\nnothing was created")
		assert.NotContains(t, err.Error(), "go run")

		a.SetStatus("/subscriptions/120001", "error")
		err = d.fromTheBeginning(t.Context())
		require.ErrorContains(t, err, "can't be used")
		assert.Equal(t, settings{remove: 120001}, pasted(t, err.Error()))
	})
}

// A command that is pasted long after everything is over says so.
func TestResumedTooLate(t *testing.T) {
	withKeys(t)
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		d, _ := a.demo(settings{})
		token := pasted(t, d.fromTheBeginning(ctx).Error()).resume
		require.NoError(t, d.resumeEarlier(t.Context(), token))
		assert.Empty(t, a.Subscriptions())
		for _, later := range []time.Duration{0, 20 * 24 * time.Hour} {
			a.MoveClock(later)
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			err := d.resumeEarlier(ctx, token)
			cancel()
			require.ErrorIs(t, err, rediscloud.ErrNotFound)
			require.ErrorContains(t, err, "has been removed, or its task is more than ten days old")
			assert.NotContains(t, err.Error(), "go run")
		}
	})
}

// What is removed elsewhere in the meantime is not an error.
func TestRemovalOfWhatIsGone(t *testing.T) {
	withKeys(t)
	for name, upset := range map[string]func(account){
		"the request for the database is a 404": func(a account) {
			a.AnswerNext(1, "DELETE /subscriptions/{subscriptionId}/databases/{databaseId}", 404, nil, "")
		},
		"its task fails": func(a account) {
			a.FailNextTask("DATABASE_NOT_FOUND", "404 NOT_FOUND", "")
		},
		"all of it is removed while it is listed": func(a account) {
			a.DelayNext(1, "GET /subscriptions/{subscriptionId}/databases", 40*time.Second)
		},
		"the list lags behind": func(account) {},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newAccount(t, rediscloudtest.WithLateRemoval(5*time.Second))
				id := a.AddSubscription("quickstart")
				database := a.AddDatabase(id, "cache")
				upset(a)
				if strings.HasPrefix(name, "all") {
					go func() {
						time.Sleep(time.Second)
						other, _ := newDemo(a)
						assert.NoError(t, other.remove(t.Context(), id))
					}()
				} else if name != "the list lags behind" {
					// The database disappears, but not because of this run.
					go func() {
						time.Sleep(100 * time.Millisecond)
						_, err := a.client.Databases.Delete(t.Context(), id, database)
						assert.NoError(t, err)
					}()
				}
				d, out := newDemo(a)
				require.NoError(t, d.remove(t.Context(), id), out)
				assert.Empty(t, a.Subscriptions())
			})
		})
	}
}

func newDemo(a account) (*demo, io.Writer) { return a.demo(settings{}) }

func TestRemovesOnlyItsOwn(t *testing.T) {
	withKeys(t)
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t)
		production := a.AddSubscription("production")
		used := a.AddSubscription("quickstart")
		a.AddDatabase(used, "orders")
		d, out := a.demo(settings{})
		require.ErrorContains(t, d.removeEarlier(t.Context(), production), `named "production"`)
		require.ErrorContains(t, d.removeEarlier(t.Context(), used), `named "orders"`)
		assert.Empty(t, a.Tasks())
		task, err := a.client.Subscriptions.Create(t.Context(), &rediscloud.SubscriptionCreateRequest{
			Name:           new("staging"),
			CloudProviders: []rediscloud.CloudProviderSpec{{Regions: []rediscloud.CloudRegionSpec{{Region: "us-east-1", Networking: &rediscloud.CloudNetworkingSpec{DeploymentCIDR: new("10.0.0.0/24")}}}}},
			Databases:      []rediscloud.SubscriptionDatabaseSpec{{Name: "cache", DatasetSizeInGB: new(1.0)}},
		})
		require.NoError(t, err)
		require.ErrorContains(t, d.resumeEarlier(t.Context(), task.Token()), `named "staging"`)
		assert.Equal(t, map[string]int{"subscriptionCreateRequest": 1}, a.submitted())
		out.Reset()
		require.NoError(t, d.removeEarlier(t.Context(), 4711))
		assert.Equal(t, "subscription 4711 is already gone\n", out.String())
	})
}
