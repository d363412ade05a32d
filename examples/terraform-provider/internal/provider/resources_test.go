package provider

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// posts counts the creates that were sent on a route.
func (w *world) posts(route string) (n int) {
	for _, req := range w.fake.Requests() {
		if req.Route == "POST "+route {
			n++
		}
	}
	return n
}

const databasesRoute = "/subscriptions/{subscriptionId}/databases"

func (w *world) noEntries(t *testing.T) {
	t.Helper()
	left, err := os.ReadDir(w.dir)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestDatabase(t *testing.T) {
	w := newWorld(t)
	p := w.start(t)
	sub := w.fake.AddSubscription("s")
	config := values{"subscription_id": sub, "name": "cache", "dataset_size_in_gb": 1.5, "alerts": values{"dataset-size": 80}, "source_ips": []string{"10.0.0.0/8"}}

	db := p.mustApply(p.empty("rediscloud_database"), config)
	id := db.number(t, "id")
	assert.Equal(t, []int{id}, w.fake.Databases(sub))
	assert.Equal(t, "active", db.text(t, "status"))
	assert.NotEmpty(t, db.text(t, "public_endpoint"))
	assert.Len(t, db.text(t, "password"), 32)
	assert.Equal(t, "volatile-lru", db.text(t, "data_eviction_policy"))
	assert.NotContains(t, string(db.private), "task")
	w.noEntries(t)

	// Nothing has changed.
	db = p.mustRefresh(db)
	assert.True(t, p.static(db.kind, p.plan(db, config).PlannedState).Equal(db.value))

	// It is changed, and what is left out stays as it is.
	config = values{"subscription_id": sub, "name": "renamed", "dataset_size_in_gb": 2, "data_persistence": "aof-every-1-second", "replication": false, "password": "Geheim-geheim-1",
		"throughput_operations_per_second": 5000, "timeouts": values{"update": "5m"}}
	db = p.mustApply(db, config)
	read, err := w.client.Databases.Get(t.Context(), sub, id)
	require.NoError(t, err)
	assert.Equal(t, "renamed", read.Name)
	assert.InDelta(t, 2, read.DatasetSizeInGB, 0)
	assert.Equal(t, rediscloud.DataPersistenceAOFEvery1Second, read.DataPersistence)
	assert.False(t, read.Replication)
	assert.Empty(t, read.Alerts)
	assert.Equal(t, []string{"10.0.0.0/8"}, read.Security.SourceIPs)
	assert.EqualValues(t, "Geheim-geheim-1", read.Security.Password)
	assert.EqualValues(t, 5000, read.ThroughputMeasurement.Value)

	// Drift is seen and put right.
	task, err := w.client.Databases.Update(t.Context(), sub, id, &rediscloud.DatabaseUpdateRequest{DatasetSizeInGB: new(7.0), Alerts: []rediscloud.AlertSpec{{Name: "latency", Value: 5}}})
	require.NoError(t, err)
	_, err = task.WaitProvisioned(t.Context())
	require.NoError(t, err)
	db = p.mustRefresh(db)
	assert.Equal(t, 7, db.number(t, "dataset_size_in_gb"))
	assert.False(t, attributes(t, db.value)["alerts"].IsNull())
	db = p.mustApply(db, config)
	assert.Equal(t, 2, db.number(t, "dataset_size_in_gb"))
	assert.True(t, attributes(t, db.value)["alerts"].IsNull())

	// A fixed attribute needs another database.
	config["redis_version"] = "7.2"
	assert.Len(t, p.plan(db, config).RequiresReplace, 1)

	// It is imported with everything.
	found := p.imported("rediscloud_database", fmt.Sprintf("%d/%d", sub, id))
	now, before := attributes(t, found.value), attributes(t, db.value)
	for name := range before {
		if name != "timeouts" {
			assert.True(t, now[name].Equal(before[name]), name)
		}
	}
	data := p.data("rediscloud_database", values{"subscription_id": sub, "id": id})
	assert.Equal(t, "renamed", str(t, data["name"]))
	assert.Equal(t, "Geheim-geheim-1", str(t, data["password"]))

	gone := p.mustApply(db, nil)
	assert.True(t, gone.value.IsNull())
	assert.Empty(t, w.fake.Databases(sub))
	assert.True(t, p.mustRefresh(db).value.IsNull(), "one that is gone is removed from the state")
	p.mustApply(db, nil) // it is gone already
}

func TestImportIDs(t *testing.T) {
	p := newWorld(t).start(t)
	for _, id := range []string{"", "5", "5/", "a/b", "1/2/3", "0/1", "-1/2"} {
		response, err := p.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "rediscloud_database", ID: id})
		require.NoError(t, err)
		assert.True(t, hasError(response.Diagnostics), id)
	}
}

func TestSubscription(t *testing.T) {
	w := newWorld(t)
	p := w.start(t)
	config := values{"name": "main", "region": "us-east-1", "deployment_cidr": "10.0.0.0/24", "creation_plan": values{"dataset_size_in_gb": 2, "quantity": 2, "throughput_operations_per_second": 1000}}
	sub := p.mustApply(p.empty("rediscloud_subscription"), config)
	id := sub.number(t, "id")
	assert.Equal(t, []int{id}, w.fake.Subscriptions())
	assert.Empty(t, w.fake.Databases(id), "those of the creation plan are gone")
	assert.Equal(t, "active", sub.text(t, "status"))
	w.noEntries(t)
	sub = p.mustRefresh(sub)
	assert.True(t, p.static(sub.kind, p.plan(sub, config).PlannedState).Equal(sub.value))

	config["name"] = "other"
	sub = p.mustApply(sub, config)
	assert.Equal(t, "other", sub.text(t, "name"))
	data := p.data("rediscloud_subscription", values{"id": id})
	assert.Equal(t, "other", str(t, data["name"]))
	assert.Equal(t, "10.0.0.0/24", str(t, data["deployment_cidr"]))

	found := p.imported("rediscloud_subscription", fmt.Sprint(id))
	found = p.mustApply(found, config) // takes over the creation plan, which isn't read
	assert.True(t, found.value.Equal(sub.value))

	p.mustApply(sub, nil)
	assert.Empty(t, w.fake.Subscriptions())
	assert.True(t, p.mustRefresh(sub).value.IsNull())
}

func TestEssentialsDatabase(t *testing.T) {
	w := newWorld(t)
	p := w.start(t)
	sub := w.fake.AddEssentialsSubscription("e", rediscloudtest.PlanStandard)
	config := values{"subscription_id": sub, "name": "cache"}
	db := p.mustApply(p.empty("rediscloud_essentials_database"), config)
	assert.Equal(t, "stack", db.text(t, "protocol"))
	assert.Equal(t, "active", db.text(t, "status"))
	db = p.mustRefresh(db)
	assert.True(t, p.static(db.kind, p.plan(db, config).PlannedState).Equal(db.value))

	config["password"], config["source_ips"] = "Geheim-geheim-1", []string{"10.0.0.0/8"}
	db = p.mustApply(db, config)
	read, err := w.client.EssentialsDatabases.Get(t.Context(), sub, db.number(t, "id"))
	require.NoError(t, err)
	assert.EqualValues(t, "Geheim-geheim-1", read.Security.Password)
	assert.Equal(t, []string{"10.0.0.0/8"}, read.Security.SourceIPs)
	found := p.imported("rediscloud_essentials_database", fmt.Sprintf("%d/%d", sub, read.ID))
	assert.True(t, found.value.Equal(db.value))

	p.mustApply(db, nil)
	assert.Empty(t, w.fake.Databases(sub))
	assert.True(t, p.mustRefresh(db).value.IsNull())
}

func TestACLUser(t *testing.T) {
	w := newWorld(t)
	p := w.start(t)
	db := w.fake.AddDatabase(w.fake.AddSubscription("s"), "d")
	for _, name := range []string{"reader", "writer"} {
		task, err := w.client.ACLRoles.Create(t.Context(), &rediscloud.ACLRoleCreateRequest{Name: name, RedisRules: []rediscloud.ACLRoleRuleSpec{{
			RuleName: "Read-Only", Databases: []rediscloud.ACLRoleDatabaseSpec{{SubscriptionID: w.fake.Subscriptions()[0], DatabaseID: db}},
		}}})
		require.NoError(t, err)
		_, err = task.WaitProvisioned(t.Context())
		require.NoError(t, err)
	}
	config := values{"name": "ada", "role": "reader", "password": "Geheim-geheim-1"}
	user := p.mustApply(p.empty("rediscloud_acl_user"), config)
	config["role"] = "writer"
	user = p.mustApply(user, config)
	read, err := w.client.ACLUsers.Get(t.Context(), user.number(t, "id"))
	require.NoError(t, err)
	assert.Equal(t, "writer", read.Role)
	user = p.mustRefresh(user)
	assert.Equal(t, "Geheim-geheim-1", user.text(t, "password"))

	found := p.imported("rediscloud_acl_user", fmt.Sprint(read.ID))
	assert.Empty(t, found.text(t, "password"))
	assert.True(t, p.mustApply(found, config).value.Equal(user.value))

	p.mustApply(user, nil)
	assert.True(t, p.mustRefresh(user).value.IsNull())
}

// Terraform applies ten resources at once. The subscription takes one change at a time.
func TestParallelDatabases(t *testing.T) {
	w := newWorld(t)
	p := w.start(t)
	sub := w.fake.AddSubscription("s")
	const databases = 6
	made := make([]instance, databases)
	each := func(f func(i int)) {
		var group sync.WaitGroup
		for i := range databases {
			group.Go(func() { f(i) })
		}
		group.Wait()
	}
	begin := time.Now()
	each(func(i int) {
		config := values{"subscription_id": sub, "name": fmt.Sprintf("db%d", i), "dataset_size_in_gb": 1}
		var diagnostics []*tfprotov6.Diagnostic
		made[i], diagnostics = p.apply(t.Context(), p.empty("rediscloud_database"), config)
		assert.Empty(t, diagnostics)
	})
	t.Logf("%d databases one after the other in %s", databases, time.Since(begin))
	assert.Len(t, w.fake.Databases(sub), databases)
	assert.Equal(t, databases, w.posts(databasesRoute), "none was refused")
	for _, task := range w.fake.Tasks() {
		assert.Equal(t, "processing-completed", task.Status)
	}
	each(func(i int) {
		_, diagnostics := p.apply(t.Context(), made[i], nil)
		assert.Empty(t, diagnostics)
	})
	assert.Empty(t, w.fake.Databases(sub))
}

func TestSecretsAreMarked(t *testing.T) {
	p := newWorld(t).start(t)
	for _, schemas := range []map[string]*tfprotov6.Schema{p.schemas.ResourceSchemas, p.schemas.DataSourceSchemas} {
		for kind, schema := range schemas {
			for _, attribute := range schema.Block.Attributes {
				assert.Equal(t, attribute.Name == "password", attribute.Sensitive, "%s.%s", kind, attribute.Name)
				assert.NotEmpty(t, attribute.Description+fmt.Sprint(attribute.NestedType), "%s.%s", kind, attribute.Name)
			}
		}
	}
}
