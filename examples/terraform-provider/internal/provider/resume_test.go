package provider

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// slow are the times for the tests of interruptions: a create is processed for
// a minute, and provisioned for two more.
var slow = []rediscloudtest.Option{rediscloudtest.WithProcessing(time.Minute), rediscloudtest.WithProvisioning(2 * time.Minute)}

const (
	whileProcessed   = 30 * time.Second
	whileProvisioned = 2 * time.Minute
)

// interrupted starts an apply, and calls end after a while.
func interrupted(t *testing.T, p *plugin, prior instance, config values, after time.Duration, end func(cancel func())) (instance, []*tfprotov6.Diagnostic) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	timer := time.AfterFunc(after, func() { end(cancel) })
	defer timer.Stop()
	return p.apply(ctx, prior, config)
}

// stopped is a create that is interrupted by Ctrl-C.
func stopped(t *testing.T, p *plugin, kind string, config values, after time.Duration) (instance, []*tfprotov6.Diagnostic) {
	t.Helper()
	return interrupted(t, p, p.empty(kind), config, after, func(func()) { p.stop() })
}

// killed is a create whose process is killed: nobody gets its response.
func killed(t *testing.T, p *plugin, kind string, config values, after time.Duration) {
	t.Helper()
	interrupted(t, p, p.empty(kind), config, after, func(cancel func()) { cancel() })
}

func cacheIn(subscriptionID int) values {
	return values{"subscription_id": subscriptionID, "name": "cache", "dataset_size_in_gb": 1}
}

// Ctrl-C while a database is created: the state has the task, the resource
// isn't tainted, and the next refresh completes it.
func TestInterrupted(t *testing.T) {
	for name, after := range map[string]time.Duration{"while it is processed": whileProcessed, "while it is provisioned": whileProvisioned} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				p := w.start(t)
				sub := w.fake.AddSubscription("s")
				config := cacheIn(sub)
				db, diagnostics := stopped(t, p, "rediscloud_database", config, after)
				require.Len(t, diagnostics, 1)
				assert.Equal(t, tfprotov6.DiagnosticSeverityWarning, diagnostics[0].Severity, "an error would taint it")
				assert.Contains(t, string(db.private), `"begun"`)
				assert.Equal(t, after == whileProvisioned, db.number(t, "id") > 0)
				assert.Len(t, entries(t, w), 1)

				p = w.start(t) // the next run
				db = p.mustRefresh(db)
				assert.Equal(t, []int{db.number(t, "id")}, w.fake.Databases(sub))
				assert.Equal(t, "active", db.text(t, "status"))
				assert.NotEmpty(t, db.text(t, "public_endpoint"))
				assert.NotContains(t, string(db.private), `"begun"`)
				assert.Empty(t, entries(t, w))
				p.unchanged(db, config)
				assert.Equal(t, 1, w.posts(databasesRoute))
			}, slow...)
		})
	}
}

// Ctrl-C before the response to the request has arrived: it is awaited, so the
// state has the task.
func TestInterruptedBeforeTheAnswer(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		sub := w.fake.AddSubscription("s")
		w.fake.DelayNext(1, "POST "+databasesRoute, 20*time.Second)
		db, diagnostics := stopped(t, p, "rediscloud_database", cacheIn(sub), 10*time.Second)
		require.Len(t, diagnostics, 1)
		assert.Equal(t, tfprotov6.DiagnosticSeverityWarning, diagnostics[0].Severity)
		db = w.start(t).mustRefresh(db)
		assert.Equal(t, []int{db.number(t, "id")}, w.fake.Databases(sub))
		assert.Equal(t, 1, w.posts(databasesRoute))
	}, slow...)
}

// The state has the id of what was interrupted, and is refreshed only when
// Redis Cloud has forgotten the task.
func TestInterruptedLongAgo(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		db, _ := stopped(t, w.start(t), "rediscloud_database", cacheIn(w.fake.AddSubscription("s")), whileProvisioned)
		time.Sleep(time.Hour)
		w.fake.ForgetTask(w.fake.Tasks()[0].ID, 10*time.Hour)
		again := w.start(t).mustRefresh(db)
		assert.Equal(t, "active", again.text(t, "status"))
		assert.NotContains(t, string(again.private), `"begun"`)
		w.start(t).mustApply(db, nil)
	}, slow...)
}

// What was interrupted is destroyed at once, before a refresh.
func TestInterruptedThenDestroyed(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		sub := w.fake.AddSubscription("s")
		db, _ := stopped(t, p, "rediscloud_database", cacheIn(sub), whileProcessed)
		require.Zero(t, db.number(t, "id"))
		p = w.start(t)
		p.mustApply(db, nil)
		assert.Empty(t, w.fake.Databases(sub))
		assert.Empty(t, entries(t, w))

		// The same for a subscription, with what it was created with.
		subscription, _ := stopped(t, p, "rediscloud_subscription", values{"name": "main", "region": "us-east-1"}, whileProcessed)
		w.start(t).mustApply(subscription, nil)
		assert.Equal(t, []int{sub}, w.fake.Subscriptions())
		assert.Empty(t, entries(t, w))
	}, slow...)
}

// A create that was interrupted and then failed is planned again.
func TestInterruptedThenFailed(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		sub := w.fake.AddSubscription("s")
		w.fake.FailNextTask("DATABASE_INTERNAL", "500", "It broke.")
		config := cacheIn(sub)
		db, _ := stopped(t, p, "rediscloud_database", config, whileProcessed)
		p = w.start(t)
		db, diagnostics := p.refresh(db)
		require.Len(t, diagnostics, 1)
		assert.Contains(t, diagnostics[0].Detail, "It broke.")
		assert.True(t, db.value.IsNull())
		assert.Empty(t, entries(t, w))
		p.mustApply(db, config)
		assert.Len(t, w.fake.Databases(sub), 1)
	}, slow...)
}

// A peering that is interrupted while it is awaited is completed later, and
// then needs the other side.
func TestInterruptedPeering(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		config := values{"subscription_id": w.fake.AddSubscription("s"), "region": "us-east-1", "aws_account_id": "123456789012", "vpc_id": "vpc-1", "vpc_cidrs": []string{"10.1.0.0/24"}}
		now, _ := stopped(t, p, "rediscloud_vpc_peering", config, whileProvisioned)
		now, diagnostics := w.start(t).refresh(now)
		require.Len(t, diagnostics, 1)
		assert.Contains(t, diagnostics[0].Detail, "accept the peering")
		assert.Equal(t, "pending-acceptance", now.text(t, "status"))
		assert.NotContains(t, string(now.private), `"begun"`, "nothing remains for us to do")
		p = w.start(t)
		p.unchanged(p.mustRefresh(now), config)
	}, slow...)
}

// The provider is killed with Terraform: nobody gets its response. The next
// create continues with the task in the journal.
func TestKilled(t *testing.T) {
	for name, after := range map[string]time.Duration{"while it is processed": whileProcessed, "while it is provisioned": whileProvisioned} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				sub := w.fake.AddSubscription("s")
				config := cacheIn(sub)
				killed(t, w.start(t), "rediscloud_database", config, after)
				require.Len(t, entries(t, w), 1)

				p := w.start(t)
				config["dataset_size_in_gb"] = 3 // in the meantime another size is wanted
				db := p.mustRefresh(p.mustApply(p.empty("rediscloud_database"), config))
				assert.Equal(t, []int{db.number(t, "id")}, w.fake.Databases(sub))
				assert.Equal(t, 3, db.number(t, "dataset_size_in_gb"))
				assert.Equal(t, 1, w.posts(databasesRoute))
				p.unchanged(db, config)
				assert.Empty(t, entries(t, w))
			}, slow...)
		})
	}
}

// A user whose create was killed gets the password that is wanted now, although
// its current one can't be read.
func TestKilledUser(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		user := examples[len(examples)-1]
		config, _ := user.prepare(t, w)
		killed(t, w.start(t), user.kind, config, whileProcessed)
		config["password"] = "Geheim-geheim-2"
		p := w.start(t)
		p.mustApply(p.empty(user.kind), config)
		requests := w.fake.Requests()
		updates := 0
		for _, req := range requests {
			if req.Route == "PUT /acl/users/{aclUserId}" {
				updates++
			}
		}
		assert.Equal(t, 1, updates)
	}, slow...)
}

// A subscription that a killed process has begun is completed: the databases of
// the creation plan are removed too.
func TestKilledSubscription(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		config := values{"name": "main", "region": "us-east-1"}
		killed(t, w.start(t), "rediscloud_subscription", config, whileProvisioned)
		p := w.start(t)
		sub := p.mustApply(p.empty("rediscloud_subscription"), config)
		assert.Equal(t, []int{sub.number(t, "id")}, w.fake.Subscriptions())
		assert.Empty(t, w.fake.Databases(sub.number(t, "id")))
		assert.Equal(t, 1, w.posts("/subscriptions"))

		// Another one of the same name is a different one.
		other := p.mustApply(p.empty("rediscloud_subscription"), config)
		assert.NotEqual(t, sub.number(t, "id"), other.number(t, "id"))
		p.mustRefresh(sub)
		p.mustRefresh(other)
		assert.Empty(t, entries(t, w))
	}, slow...)
}

// The journal's entry of a create that failed, or whose database is gone, is of
// no use.
func TestKilledInVain(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		sub := w.fake.AddSubscription("s")
		w.fake.FailNextTask("DATABASE_INTERNAL", "500", "It broke.")
		killed(t, w.start(t), "rediscloud_database", cacheIn(sub), whileProcessed)
		time.Sleep(time.Hour)
		killed(t, w.start(t), "rediscloud_database", cacheIn(sub), whileProcessed)
		time.Sleep(time.Hour)
		task, err := w.client.Databases.Delete(t.Context(), sub, w.fake.Databases(sub)[0])
		require.NoError(t, err)
		_, err = task.WaitProvisioned(t.Context())
		require.NoError(t, err)

		p := w.start(t)
		db := p.mustRefresh(p.mustApply(p.empty("rediscloud_database"), cacheIn(sub)))
		assert.Equal(t, []int{db.number(t, "id")}, w.fake.Databases(sub))
		assert.Empty(t, entries(t, w))
	}, slow...)
}

// A task that Redis Cloud no longer knows leaves open whether something was
// created: nothing is created again, and nothing is forgotten.
func TestForgottenTask(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		config := cacheIn(w.fake.AddSubscription("s"))
		db, _ := stopped(t, w.start(t), "rediscloud_database", config, whileProcessed)
		w.fake.ForgetTask(w.fake.Tasks()[0].ID, 10*time.Hour)

		p := w.start(t)
		check := func(remedy string, diagnostics []*tfprotov6.Diagnostic) {
			t.Helper()
			require.Len(t, diagnostics, 1)
			assert.Equal(t, tfprotov6.DiagnosticSeverityError, diagnostics[0].Severity)
			assert.Contains(t, diagnostics[0].Detail, remedy)
			assert.Len(t, entries(t, w), 1)
		}
		again, diagnostics := p.refresh(db)
		check("state rm", diagnostics)
		assert.False(t, again.value.IsNull())
		_, diagnostics = p.apply(t.Context(), db, nil)
		check("state rm", diagnostics)
		none, diagnostics := p.apply(t.Context(), p.empty("rediscloud_database"), config)
		check(filepath.Join(w.dir, entries(t, w)[0]), diagnostics)
		assert.True(t, none.value.IsNull())
		assert.Len(t, w.fake.Tasks(), 1)
	}, slow...)
}

// A create times out: the database is in the state with its id, and the message
// says how to keep it.
func TestTimeout(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		sub := w.fake.AddSubscription("s")
		config := cacheIn(sub)
		config["timeouts"] = values{"create": "2m"}
		db, diagnostics := p.apply(t.Context(), p.empty("rediscloud_database"), config)
		require.Len(t, diagnostics, 1)
		assert.Equal(t, "Failed to create database cache in time", diagnostics[0].Summary)
		assert.Contains(t, diagnostics[0].Detail, "untaint")
		assert.Equal(t, []int{db.number(t, "id")}, w.fake.Databases(sub))

		_, diagnostics = p.refresh(db)
		assert.True(t, hasError(diagnostics), "a refresh takes no longer than a create")
		time.Sleep(10 * time.Minute)
		db = p.mustRefresh(db)
		assert.Equal(t, "active", db.text(t, "status"))
		assert.Empty(t, entries(t, w))
	}, rediscloudtest.WithProcessing(time.Minute), rediscloudtest.WithProvisioning(10*time.Minute))
}

// The response to the create is lost, and its task is found.
func TestLostAnswer(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		sub := w.fake.AddSubscription("s")
		w.fake.CutNext(1, "POST "+databasesRoute, rediscloudtest.CutAfter)
		db := p.mustApply(p.empty("rediscloud_database"), cacheIn(sub))
		assert.Equal(t, []int{db.number(t, "id")}, w.fake.Databases(sub))
		assert.Equal(t, 1, w.posts(databasesRoute))
	})
}

// It is unknown whether a create was accepted, as long as the tasks can't be
// read: nothing is created twice, and the message says what to do.
func TestUntoldAnswer(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		config := values{"name": "main", "region": "us-east-1"}
		w.fake.CutNext(1, "POST /subscriptions", rediscloudtest.CutAfter)
		for range 2 { // the next apply looks again
			p := w.start(t)
			made, diagnostics := p.apply(t.Context(), p.empty("rediscloud_subscription"), config)
			require.Len(t, diagnostics, 1)
			assert.True(t, made.value.IsNull())
			assert.Contains(t, diagnostics[0].Detail, "remove "+filepath.Join(w.dir, entries(t, w)[0]))
		}
		time.Sleep(time.Hour)
		p := w.start(t)
		p.mustApply(p.empty("rediscloud_subscription"), config)
		assert.Equal(t, 1, w.posts("/subscriptions"))
	}, rediscloudtest.WithTaskListOutage(rediscloudtest.Outage{Status: http.StatusServiceUnavailable, For: time.Hour}))
}

func TestFailures(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		sub := w.fake.AddSubscription("s")
		w.fake.AddDatabase(sub, "taken")
		config := cacheIn(sub)
		config["name"] = "taken"
		db, diagnostics := p.apply(t.Context(), p.empty("rediscloud_database"), config)
		require.Len(t, diagnostics, 1)
		assert.True(t, db.value.IsNull(), "nothing was created")
		assert.Empty(t, entries(t, w))
		assert.Equal(t, "Failed to create database taken: DATABASE_NAME_EXISTS", diagnostics[0].Summary)
		assert.Contains(t, diagnostics[0].Detail, w.fake.Tasks()[0].ID)

		w.fake.AnswerNext(1, "POST "+databasesRoute, 403, nil, "")
		_, diagnostics = p.apply(t.Context(), p.empty("rediscloud_database"), config)
		require.Len(t, diagnostics, 1)
		assert.Contains(t, diagnostics[0].Detail, "may not do this")
		assert.Empty(t, entries(t, w), "it was refused")

		other := w.start(t)
		_, err := other.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: other.dynamic(other.value(other.schemas.Provider, values{
			"access_key": "wrong", "secret_key": "wrong", "url": w.fake.URL(), "task_dir": w.dir,
		}))})
		require.NoError(t, err)
		_, diagnostics = other.refresh(p.imported("rediscloud_database", bySubscription(t, instance{value: p.value(p.schemas.ResourceSchemas["rediscloud_database"], values{
			"subscription_id": sub, "id": w.fake.Databases(sub)[0],
		})})))
		require.Len(t, diagnostics, 1)
		assert.Contains(t, diagnostics[0].Detail, "access_key")
	})
}

// A directory that isn't writable is noticed before anything is created.
func TestNoJournal(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.dir = filepath.Join(w.dir, "file", "below")
		require.NoError(t, os.WriteFile(filepath.Dir(w.dir), nil, 0o600))
		p := w.start(t)
		_, diagnostics := p.apply(t.Context(), p.empty("rediscloud_database"), cacheIn(w.fake.AddSubscription("s")))
		require.Len(t, diagnostics, 1)
		assert.Contains(t, diagnostics[0].Detail, "task_dir")
		assert.Empty(t, w.fake.Tasks())
	})
}
