package provider

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// begin starts an apply, and calls end once the fake has a task that satisfies when.
func begin(t *testing.T, w *world, p *plugin, prior instance, config values, when func(rediscloudtest.Task) bool, end func(cancel func())) (instance, []*tfprotov6.Diagnostic) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		for ctx.Err() == nil {
			for _, task := range w.fake.Tasks() {
				if when(task) {
					end(cancel)
					return
				}
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	return p.apply(ctx, prior, config)
}

func submitted(rediscloudtest.Task) bool { return true }

func processed(task rediscloudtest.Task) bool { return task.Status == "processing-completed" }

func entries(t *testing.T, w *world) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(w.dir, "*"+tokenFile))
	require.NoError(t, err)
	return paths
}

// Ctrl-C while a database is created: the state has the task, the resource isn't tainted, and the next refresh takes it up.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		processing, provisioning time.Duration
		when                     func(rediscloudtest.Task) bool
		knowsID                  bool
	}{
		"while it is processed":   {800 * time.Millisecond, 50 * time.Millisecond, submitted, false},
		"while it is provisioned": {20 * time.Millisecond, time.Second, processed, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, rediscloudtest.WithProcessing(test.processing), rediscloudtest.WithProvisioning(test.provisioning))
			p := w.start(t)
			sub := w.fake.AddSubscription("s")
			config := values{"subscription_id": sub, "name": "cache", "dataset_size_in_gb": 1}
			db, diagnostics := begin(t, w, p, p.empty("rediscloud_database"), config, test.when, func(func()) {
				time.Sleep(100 * time.Millisecond)
				p.stop()
			})
			require.Len(t, diagnostics, 1)
			assert.Equal(t, tfprotov6.DiagnosticSeverityWarning, diagnostics[0].Severity, "an error would taint it")
			assert.Contains(t, string(db.private), `"task"`)
			assert.Equal(t, test.knowsID, db.number(t, "id") > 0)
			assert.Len(t, entries(t, w), 1)

			p = w.start(t) // the next run
			db = p.mustRefresh(db)
			assert.Equal(t, []int{db.number(t, "id")}, w.fake.Databases(sub))
			assert.Equal(t, "active", db.text(t, "status"))
			assert.NotEmpty(t, db.text(t, "public_endpoint"))
			assert.NotContains(t, string(db.private), `"task"`)
			assert.Empty(t, entries(t, w))
			assert.True(t, p.static(db.kind, p.plan(db, config).PlannedState).Equal(db.value), "nothing remains to be done")
			assert.Equal(t, 1, w.posts(databasesRoute))
		})
	}
}

// What was interrupted is destroyed at once, before a refresh.
func TestInterruptedThenDestroyed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rediscloudtest.WithProcessing(800*time.Millisecond))
	p := w.start(t)
	sub := w.fake.AddSubscription("s")
	config := values{"subscription_id": sub, "name": "cache", "dataset_size_in_gb": 1}
	db, _ := begin(t, w, p, p.empty("rediscloud_database"), config, submitted, func(func()) { p.stop() })
	require.Zero(t, db.number(t, "id"))
	p = w.start(t)
	p.mustApply(db, nil)
	assert.Empty(t, w.fake.Databases(sub))
	assert.Len(t, w.fake.Tasks(), 2)
	assert.Empty(t, entries(t, w))
}

// A create that was interrupted and then failed is planned again.
func TestInterruptedThenFailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rediscloudtest.WithProcessing(800*time.Millisecond))
	p := w.start(t)
	sub := w.fake.AddSubscription("s")
	w.fake.FailNextTask("DATABASE_INTERNAL", "500", "It broke.")
	config := values{"subscription_id": sub, "name": "cache", "dataset_size_in_gb": 1}
	db, _ := begin(t, w, p, p.empty("rediscloud_database"), config, submitted, func(func()) { p.stop() })
	p = w.start(t)
	db, diagnostics := p.refresh(db)
	require.Len(t, diagnostics, 1)
	assert.Contains(t, diagnostics[0].Detail, "It broke.")
	assert.True(t, db.value.IsNull())
	assert.Empty(t, entries(t, w))
	p.mustApply(db, config)
	assert.Len(t, w.fake.Databases(sub), 1)
}

// The provider is killed with Terraform: nobody gets its answer. The next create takes up the task that the journal has.
func TestKilled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rediscloudtest.WithProcessing(800*time.Millisecond))
	p := w.start(t)
	sub := w.fake.AddSubscription("s")
	config := values{"subscription_id": sub, "name": "cache", "dataset_size_in_gb": 1}
	begin(t, w, p, p.empty("rediscloud_database"), config, submitted, func(cancel func()) {
		time.Sleep(50 * time.Millisecond)
		cancel() // the connection to Terraform is gone
	})
	require.Len(t, entries(t, w), 1)

	p = w.start(t)
	config["dataset_size_in_gb"] = 3 // and meanwhile another size is wanted
	db := p.mustApply(p.empty("rediscloud_database"), config)
	assert.Equal(t, []int{db.number(t, "id")}, w.fake.Databases(sub))
	assert.Equal(t, 3, db.number(t, "dataset_size_in_gb"))
	assert.Equal(t, 1, w.posts(databasesRoute))
	w.noEntries(t)
}

// A subscription that was begun by a process that was killed is finished: the databases of the creation plan go too.
func TestKilledSubscription(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rediscloudtest.WithProcessing(800*time.Millisecond))
	p := w.start(t)
	config := values{"name": "main", "region": "us-east-1"}
	begin(t, w, p, p.empty("rediscloud_subscription"), config, submitted, func(cancel func()) {
		time.Sleep(50 * time.Millisecond)
		cancel()
	})
	p = w.start(t)
	sub := p.mustApply(p.empty("rediscloud_subscription"), config)
	assert.Equal(t, []int{sub.number(t, "id")}, w.fake.Subscriptions())
	assert.Empty(t, w.fake.Databases(sub.number(t, "id")))
	assert.Equal(t, 1, w.posts("/subscriptions"))

	// Another one of the same name is another one.
	other := p.mustApply(p.empty("rediscloud_subscription"), config)
	assert.NotEqual(t, sub.number(t, "id"), other.number(t, "id"))
	w.noEntries(t)
}

// What is left in the journal of a create that failed, or whose database is gone, is of no use.
func TestKilledInVain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rediscloudtest.WithProcessing(800*time.Millisecond))
	p := w.start(t)
	sub := w.fake.AddSubscription("s")
	w.fake.FailNextTask("DATABASE_INTERNAL", "500", "It broke.")
	config := values{"subscription_id": sub, "name": "cache", "dataset_size_in_gb": 1}
	begin(t, w, p, p.empty("rediscloud_database"), config, submitted, func(cancel func()) {
		time.Sleep(50 * time.Millisecond)
		cancel()
	})
	p = w.start(t)
	db := p.mustApply(p.empty("rediscloud_database"), config)
	assert.Equal(t, []int{db.number(t, "id")}, w.fake.Databases(sub))
	w.noEntries(t)
}

// A task that Redis Cloud doesn't know any more leaves open what has become of the create: nothing is created, and nothing is forgotten.
func TestForgottenTask(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rediscloudtest.WithProcessing(800*time.Millisecond))
	p := w.start(t)
	sub := w.fake.AddSubscription("s")
	config := values{"subscription_id": sub, "name": "cache", "dataset_size_in_gb": 1}
	db, _ := begin(t, w, p, p.empty("rediscloud_database"), config, submitted, func(func()) { p.stop() })
	w.fake.ForgetTask(w.fake.Tasks()[0].ID, time.Hour)

	p = w.start(t, rediscloud.WithWaitOptions(rediscloud.WithNotFoundGrace(100*time.Millisecond)))
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
	check(entries(t, w)[0], diagnostics)
	assert.True(t, none.value.IsNull())
	assert.Len(t, w.fake.Tasks(), 1)
}

// The time of a create is over: the database is in the state with its id, and the message tells how to keep it.
func TestTimeout(t *testing.T) {
	t.Parallel()
	w := newWorld(t, rediscloudtest.WithProvisioning(3*time.Second))
	p := w.start(t)
	sub := w.fake.AddSubscription("s")
	config := values{"subscription_id": sub, "name": "cache", "dataset_size_in_gb": 1, "timeouts": values{"create": "1s"}}
	db, diagnostics := p.apply(t.Context(), p.empty("rediscloud_database"), config)
	require.Len(t, diagnostics, 1)
	assert.Equal(t, "Failed to create database cache in time", diagnostics[0].Summary)
	assert.Contains(t, diagnostics[0].Detail, "untaint")
	id := db.number(t, "id")
	assert.Equal(t, []int{id}, w.fake.Databases(sub))

	_, diagnostics = p.refresh(db)
	assert.True(t, hasError(diagnostics), "a refresh takes no longer than a create")
	time.Sleep(1500 * time.Millisecond)
	db = p.mustRefresh(db)
	assert.Equal(t, "active", db.text(t, "status"))
	assert.Empty(t, entries(t, w))
}

// The answer to the create is lost, and its task is found.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(t)
	sub := w.fake.AddSubscription("s")
	w.fake.CutNext(1, "POST "+databasesRoute, rediscloudtest.CutAfter)
	config := values{"subscription_id": sub, "name": "cache", "dataset_size_in_gb": 1}
	db := p.mustApply(p.empty("rediscloud_database"), config)
	assert.Equal(t, []int{db.number(t, "id")}, w.fake.Databases(sub))
	assert.Equal(t, 1, w.posts(databasesRoute))
}

func TestFailures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.start(t)
	sub := w.fake.AddSubscription("s")
	w.fake.AddDatabase(sub, "taken")
	try := func(name string) *tfprotov6.Diagnostic {
		t.Helper()
		db, diagnostics := p.apply(t.Context(), p.empty("rediscloud_database"), values{"subscription_id": sub, "name": name, "dataset_size_in_gb": 1})
		require.Len(t, diagnostics, 1)
		assert.True(t, db.value.IsNull(), "nothing was created")
		return diagnostics[0]
	}
	d := try("taken")
	assert.Empty(t, entries(t, w))
	assert.Equal(t, "Failed to create database taken: DATABASE_NAME_EXISTS", d.Summary)
	assert.Contains(t, d.Detail, w.fake.Tasks()[0].ID)

	// The answer is lost, and others create databases too: it can't be told which task is ours.
	for _, name := range []string{"a", "b"} {
		_, err := w.client.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: name})
		require.NoError(t, err)
	}
	time.Sleep(50 * time.Millisecond)
	w.fake.AnswerNext(1, "POST "+databasesRoute, 502, nil, "")
	d = try("lost")
	assert.Equal(t, "It isn't known whether Redis Cloud accepted to create database lost", d.Summary)
	assert.Contains(t, d.Detail, "import")
	assert.Len(t, entries(t, w), 1, "the next run looks for it again")

	other := w.start(t)
	_, err := other.server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: other.dynamic(other.value(other.schemas.Provider, values{
		"access_key": "wrong", "secret_key": "wrong", "url": w.url, "task_dir": w.dir,
	}))})
	require.NoError(t, err)
	_, diagnostics := other.refresh(p.imported("rediscloud_database", "120001/51000001"))
	require.Len(t, diagnostics, 1)
	assert.Contains(t, diagnostics[0].Detail, "access_key")
}

// A directory that can't be written to is noticed before anything is created.
func TestNoJournal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.dir = filepath.Join(w.dir, "file", "below")
	require.NoError(t, os.WriteFile(filepath.Dir(w.dir), nil, 0o600))
	p := w.start(t)
	_, diagnostics := p.apply(t.Context(), p.empty("rediscloud_database"), values{"subscription_id": w.fake.AddSubscription("s"), "name": "cache", "dataset_size_in_gb": 1})
	require.Len(t, diagnostics, 1)
	assert.Contains(t, diagnostics[0].Detail, "task_dir")
	assert.Empty(t, w.fake.Tasks())
}
