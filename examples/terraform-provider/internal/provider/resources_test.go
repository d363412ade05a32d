package provider

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// An example is a resource with everything it needs, and a change to it.
type example struct {
	kind     string
	route    string // of its create
	prepare  func(*testing.T, *world) (config, change values)
	importID func(*testing.T, instance) string
	hidden   []string // what Redis Cloud doesn't return, so an import lacks it
	warning  string   // at the end of a create
}

func byID(t *testing.T, i instance) string { return fmt.Sprint(i.number(t, "id")) }

func bySubscription(t *testing.T, i instance) string {
	return fmt.Sprintf("%d/%d", i.number(t, "subscription_id"), i.number(t, "id"))
}

const databasesRoute = "/subscriptions/{subscriptionId}/databases"

var examples = []example{
	{
		kind: "rediscloud_subscription", route: "/subscriptions", importID: byID, hidden: []string{"creation_plan"},
		prepare: func(*testing.T, *world) (config, change values) {
			return values{
				"name": "main", "region": "us-east-1", "deployment_cidr": "10.0.0.0/24",
				"creation_plan": values{"dataset_size_in_gb": 2, "quantity": 2, "throughput_operations_per_second": 1000},
			}, values{"name": "other"}
		},
	},
	{
		kind: "rediscloud_active_active_subscription", route: "/subscriptions", importID: byID,
		prepare: func(*testing.T, *world) (config, change values) {
			return values{"name": "main", "regions": values{"us-east-1": "10.0.0.0/24", "eu-west-1": "10.1.0.0/24"}}, values{"name": "other"}
		},
	},
	{
		kind: "rediscloud_database", route: databasesRoute, importID: bySubscription,
		prepare: func(_ *testing.T, w *world) (config, change values) {
			return values{
				"subscription_id": w.fake.AddSubscription("s"), "name": "cache", "dataset_size_in_gb": 1.5, "alerts": values{"dataset-size": 80}, "source_ips": []string{"10.0.0.0/8"},
			}, values{"name": "renamed", "dataset_size_in_gb": 2, "data_persistence": "aof-every-1-second", "replication": false, "password": "Geheim-geheim-1", "throughput_operations_per_second": 5000}
		},
	},
	{
		kind: "rediscloud_active_active_database", route: databasesRoute, importID: bySubscription,
		prepare: func(_ *testing.T, w *world) (config, change values) {
			return values{
				"subscription_id": w.fake.AddSubscription("s", "us-east-1", "eu-west-1"), "name": "cache", "dataset_size_in_gb": 1.5,
				"global_data_persistence": "aof-every-1-second", "global_password": "Geheim-geheim-1", "global_alerts": values{"dataset-size": 80}, "enable_tls": true,
				"read_operations_per_second": values{"us-east-1": 2000, "eu-west-1": 1000},
			}, values{"global_source_ips": []string{"10.0.0.0/8"}, "global_alerts": nil, "write_operations_per_second": values{"us-east-1": 1000, "eu-west-1": 3000}}
		},
	},
	{
		kind: "rediscloud_essentials_database", route: "/fixed" + databasesRoute, importID: bySubscription,
		prepare: func(_ *testing.T, w *world) (config, change values) {
			return values{"subscription_id": w.fake.AddEssentialsSubscription("e", rediscloudtest.PlanStandard), "name": "cache"},
				values{"password": "Geheim-geheim-1", "source_ips": []string{"10.0.0.0/8"}}
		},
	},
	{
		kind: "rediscloud_vpc_peering", route: "/subscriptions/{subscriptionId}/peerings", importID: bySubscription, warning: "accept the peering",
		prepare: func(_ *testing.T, w *world) (config, change values) {
			return values{
				"subscription_id": w.fake.AddSubscription("s"), "region": "us-east-1", "aws_account_id": "123456789012", "vpc_id": "vpc-1", "vpc_cidrs": []string{"10.1.0.0/24"},
			}, nil
		},
	},
	{
		kind: "rediscloud_acl_rule", route: "/acl/redisRules", importID: byID,
		prepare: func(*testing.T, *world) (config, change values) {
			return values{"name": "reads", "rule": "+@read ~cache:*"}, values{"name": "reading", "rule": "+@read ~*"}
		},
	},
	{
		kind: "rediscloud_acl_role", route: "/acl/roles", importID: byID,
		prepare: func(_ *testing.T, w *world) (config, change values) {
			sub, both := w.fake.AddSubscription("s"), w.fake.AddSubscription("aa", "us-east-1", "eu-west-1")
			one, two := values{"subscription_id": sub, "id": w.fake.AddDatabase(sub, "one")}, values{"subscription_id": sub, "id": w.fake.AddDatabase(sub, "two")}
			regional := values{"subscription_id": both, "id": w.fake.AddDatabase(both, "three"), "regions": []string{"eu-west-1"}}
			return values{"name": "reader", "rules": []values{{"rule": "Read-Only", "databases": []values{two, one, regional}}}},
				values{"name": "writer", "rules": []values{{"rule": "Read-Write", "databases": []values{one, regional}}, {"rule": "Full-Access", "databases": []values{two}}}}
		},
	},
	{
		kind: "rediscloud_acl_user", route: "/acl/users", importID: byID, hidden: []string{"password"},
		prepare: func(t *testing.T, w *world) (config, change values) {
			sub := w.fake.AddSubscription("s")
			db := w.fake.AddDatabase(sub, "d")
			for _, name := range []string{"reader", "writer"} {
				task, err := w.client.ACLRoles.Create(t.Context(), &rediscloud.ACLRoleCreateRequest{Name: name, RedisRules: []rediscloud.ACLRoleRuleSpec{{
					RuleName: "Read-Only", Databases: []rediscloud.ACLRoleDatabaseSpec{{SubscriptionID: sub, DatabaseID: db}},
				}}})
				require.NoError(t, err)
				_, err = task.WaitProvisioned(t.Context())
				require.NoError(t, err)
			}
			return values{"name": "ada", "role": "reader", "password": "Geheim-geheim-1"}, values{"role": "writer", "password": "Geheim-geheim-2"}
		},
	},
}

// applyExample applies a resource that may end with the warning of its example.
func (p *plugin) applyExample(e example, prior instance, config values) instance {
	p.t.Helper()
	after, diagnostics := p.apply(p.t.Context(), prior, config)
	if e.warning == "" {
		requireNone(p.t, diagnostics)
		return after
	}
	require.Len(p.t, diagnostics, 1)
	require.Equal(p.t, tfprotov6.DiagnosticSeverityWarning, diagnostics[0].Severity)
	require.Contains(p.t, diagnostics[0].Detail, e.warning)
	return after
}

// hard is a world in which everything is slower, later and in another order
// than expected.
var hard = []rediscloudtest.Option{
	rediscloudtest.WithSeed(7), rediscloudtest.WithRandomRoundTrip(20*time.Millisecond, 800*time.Millisecond), rediscloudtest.WithTaskOrder(rediscloudtest.OrderRandom),
	rediscloudtest.WithForeignTasks(5), rediscloudtest.WithOldTasks(50), rediscloudtest.WithHeavyTail(time.Second, 5*time.Minute), rediscloudtest.WithProvisioning(40 * time.Second),
	rediscloudtest.WithStaleness(5 * time.Second), rediscloudtest.WithLateListing(15 * time.Second), rediscloudtest.WithLateRemoval(20 * time.Second),
}

// Each resource is created, changed, imported and removed, and after each of
// these a second plan is empty.
func TestEachResource(t *testing.T) {
	for _, e := range examples {
		t.Run(e.kind, func(t *testing.T) { e.test(t) })
		t.Run(e.kind+" in a hard world", func(t *testing.T) { e.test(t, hard...) })
	}
}

func (e example) test(t *testing.T, opts ...rediscloudtest.Option) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		config, change := e.prepare(t, w)
		now := p.applyExample(e, p.empty(e.kind), config)
		assert.Len(t, entries(t, w), 1, "until it is known that Terraform has it")
		now = p.mustRefresh(now)
		assert.Empty(t, entries(t, w))
		p.unchanged(now, config)
		assert.Equal(t, 1, w.posts(e.route))

		if change != nil {
			for name, value := range change {
				config[name] = value
			}
			config["timeouts"] = values{"update": "20m"}
			now = p.mustRefresh(p.mustApply(now, config))
			p.unchanged(now, config)
		}
		time.Sleep(time.Minute)
		assert.True(t, p.mustRefresh(now).value.Equal(now.value), "it had settled")

		found := p.imported(e.kind, e.importID(t, now))
		imported, before := attributes(t, found.value), attributes(t, now.value)
		for _, name := range append(e.hidden, "timeouts") {
			assert.True(t, imported[name].IsNull(), name)
			imported[name] = before[name]
		}
		assert.Equal(t, before, imported)
		delete(config, "timeouts")
		if len(e.hidden) > 0 {
			found = p.mustRefresh(p.mustApply(found, config))
		}
		p.unchanged(found, config)

		gone := p.mustApply(now, nil)
		assert.True(t, gone.value.IsNull())
		assert.True(t, p.mustRefresh(now).value.IsNull(), "one that is gone is removed from the state")
		p.mustApply(now, nil) // it is already gone
		assert.Empty(t, entries(t, w))
	}, opts...)
}

// deadly ends the process of the provider just before or after the create
// arrives.
type deadly struct {
	next    http.RoundTripper
	arrives bool
}

func (d *deadly) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodPost {
		return d.next.RoundTrip(req)
	}
	if d.arrives {
		resp, err := d.next.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
	}
	runtime.Goexit()
	return nil, nil
}

// The provider is killed around the create of each resource. The next apply
// creates exactly one.
func TestEachResourceKilled(t *testing.T) {
	kills := map[string]func(*testing.T, *world, example, values){
		"before the request": func(t *testing.T, w *world, e example, config values) { w.killed(t, e.kind, config, false) },
		"while the answer is on its way": func(t *testing.T, w *world, e example, config values) {
			w.killed(t, e.kind, config, true)
		},
		"before Terraform writes its state": func(t *testing.T, w *world, e example, config values) {
			p := w.start(t)
			p.applyExample(e, p.empty(e.kind), config)
		},
	}
	for _, e := range examples {
		for moment, kill := range kills {
			t.Run(e.kind+" "+moment, func(t *testing.T) {
				inWorld(t, func(t *testing.T, w *world) {
					config, _ := e.prepare(t, w)
					posts := w.posts(e.route)
					kill(t, w, e, config)
					p := w.start(t)
					now := p.mustRefresh(p.applyExample(e, p.empty(e.kind), config))
					p.unchanged(now, config)
					assert.Equal(t, posts+1, w.posts(e.route))
					assert.Empty(t, entries(t, w))
				})
			})
		}
	}
}

// killed runs an apply that is killed at its create.
func (w *world) killed(t *testing.T, kind string, config values, arrives bool) {
	t.Helper()
	p := w.start(t, rediscloud.WithHTTPClient(&http.Client{Transport: &deadly{w.fake.Transport(), arrives}}))
	var group sync.WaitGroup
	group.Add(1)
	go func() {
		defer group.Done()
		p.apply(t.Context(), p.empty(kind), config)
	}()
	group.Wait()
}

// mortal ends the process of the provider at its nth request, before or after
// that arrives: nothing is sent after it, and no response is received.
type mortal struct {
	next    http.RoundTripper
	nth     int64
	arrives bool
	die     func()
	sent    atomic.Int64
}

func (m *mortal) RoundTrip(req *http.Request) (*http.Response, error) {
	n := m.sent.Add(1)
	if n < m.nth {
		return m.next.RoundTrip(req)
	}
	if n == m.nth && m.arrives {
		if resp, err := m.next.RoundTrip(req); err == nil {
			_ = resp.Body.Close()
		}
	}
	m.die()
	<-req.Context().Done()
	return nil, req.Context().Err()
}

// The provider is killed at each of the requests that a subscription needs,
// from its create until its creation plan is cleared.
func TestKilledAtEachRequest(t *testing.T) {
	config := values{"name": "main", "region": "us-east-1"}
	kinds := map[bool]string{true: "after", false: "before"}
	for arrives, moment := range kinds {
		for nth := int64(1); ; nth++ {
			survived := false
			inWorld(t, func(t *testing.T, w *world) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				transport := &mortal{next: w.fake.Transport(), nth: nth, arrives: arrives, die: cancel}
				p := w.start(t, rediscloud.WithHTTPClient(&http.Client{Transport: transport}))
				p.apply(ctx, p.empty("rediscloud_subscription"), config)
				survived = transport.sent.Load() < nth

				p = w.start(t)
				sub := p.mustRefresh(p.mustApply(p.empty("rediscloud_subscription"), config))
				p.unchanged(sub, config)
				assert.Equal(t, []int{sub.number(t, "id")}, w.fake.Subscriptions(), "killed %s request %d arrived", moment, nth)
				assert.Empty(t, w.fake.Databases(sub.number(t, "id")))
				assert.Empty(t, entries(t, w))
			})
			if survived {
				t.Logf("killed %s each of %d requests", moment, nth-1)
				break
			}
		}
	}
}

// posts counts the creates sent to a route.
func (w *world) posts(route string) (n int) {
	for _, req := range w.fake.Requests() {
		if req.Route == "POST "+route {
			n++
		}
	}
	return n
}

// entries returns the entries of the journal.
func entries(t *testing.T, w *world) (names []string) {
	t.Helper()
	files, err := os.ReadDir(w.dir)
	require.NoError(t, err)
	for _, file := range files {
		names = append(names, file.Name())
	}
	return names
}

func TestDatabase(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		sub := w.fake.AddSubscription("s")
		config := values{"subscription_id": sub, "name": "cache", "dataset_size_in_gb": 2, "alerts": values{"dataset-size": 80}, "source_ips": []string{"10.0.0.0/8"}}
		db := p.mustApply(p.empty("rediscloud_database"), config)
		id := db.number(t, "id")
		assert.Equal(t, []int{id}, w.fake.Databases(sub))
		assert.Equal(t, "active", db.text(t, "status"))
		assert.NotEmpty(t, db.text(t, "public_endpoint"))
		assert.Len(t, db.text(t, "password"), 32)
		assert.Equal(t, "volatile-lru", db.text(t, "data_eviction_policy"))
		assert.NotContains(t, string(db.private), "begun")

		// It is changed, and what is omitted isn't changed.
		config = values{"subscription_id": sub, "name": "renamed", "dataset_size_in_gb": 2, "password": "Geheim-geheim-1"}
		db = p.mustApply(db, config)
		read, err := w.client.Databases.Get(t.Context(), sub, id)
		require.NoError(t, err)
		assert.Equal(t, "renamed", read.Name)
		assert.Empty(t, read.Alerts)
		assert.Equal(t, []string{"10.0.0.0/8"}, read.Security.SourceIPs)
		assert.EqualValues(t, "Geheim-geheim-1", read.Security.Password)

		// Drift is detected and corrected.
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

		// Changing a fixed attribute replaces the database.
		config["redis_version"] = "7.2"
		assert.Len(t, p.plan(db, config).RequiresReplace, 1)

		data := p.data("rediscloud_database", values{"subscription_id": sub, "id": id})
		assert.Equal(t, "renamed", str(t, data["name"]))
		assert.Equal(t, "Geheim-geheim-1", str(t, data["password"]))
	})
}

func TestImportIDs(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		for _, id := range []string{"", "5", "5/", "a/b", "1/2/3", "0/1", "-1/2"} {
			response, err := p.server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: "rediscloud_database", ID: id})
			require.NoError(t, err)
			assert.True(t, hasError(response.Diagnostics), id)
		}
	})
}

func TestSubscription(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		config := values{"name": "main", "region": "us-east-1", "deployment_cidr": "10.0.0.0/24", "creation_plan": values{"dataset_size_in_gb": 2, "quantity": 2}}
		sub := p.mustApply(p.empty("rediscloud_subscription"), config)
		id := sub.number(t, "id")
		assert.Equal(t, []int{id}, w.fake.Subscriptions())
		assert.Empty(t, w.fake.Databases(id), "those of the creation plan are gone")
		assert.Equal(t, "active", sub.text(t, "status"))
		data := p.data("rediscloud_subscription", values{"id": id})
		assert.Equal(t, "main", str(t, data["name"]))
		assert.Equal(t, "10.0.0.0/24", str(t, data["deployment_cidr"]))

		// Another one of the same name is a different one, in the same run and
		// in the next.
		other := p.mustApply(p.empty("rediscloud_subscription"), config)
		p = w.start(t)
		p.mustRefresh(sub)
		p.mustRefresh(other)
		p.mustApply(p.empty("rediscloud_subscription"), config)
		assert.Len(t, w.fake.Subscriptions(), 3)

		// One that has failed permanently can be removed.
		w.fake.SetStatus(fmt.Sprintf("/subscriptions/%d", id), "error")
		p.mustApply(sub, nil)
		assert.NotContains(t, w.fake.Subscriptions(), id)
	})
}

// What is removed is listed for a while longer: until then its subscription
// can't be removed, unless it has other databases.
func TestLateRemoval(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		sub := p.mustApply(p.empty("rediscloud_subscription"), values{"name": "main", "region": "us-east-1"})
		db := p.mustApply(p.empty("rediscloud_database"), cacheIn(sub.number(t, "id")))
		begin := time.Now()
		_, diagnostics := p.apply(t.Context(), sub, nil)
		require.Len(t, diagnostics, 1)
		assert.Contains(t, diagnostics[0].Summary, "SUBSCRIPTION_IN_USE")
		assert.Less(t, time.Since(begin), 20*time.Second)
		p.mustApply(db, nil)
		p.mustApply(sub, nil)
		assert.Empty(t, w.fake.Subscriptions())
	}, rediscloudtest.WithLateRemoval(30*time.Second))
}

// The settings that a create of an Active-Active database doesn't accept are
// set after it.
func TestActiveActiveDatabase(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		subscription := p.mustApply(p.empty("rediscloud_active_active_subscription"), values{"name": "main", "regions": values{"us-east-1": "10.0.0.0/24", "eu-west-1": "10.1.0.0/24"}})
		sub := subscription.number(t, "id")
		assert.Empty(t, w.fake.Databases(sub))
		db := p.mustApply(p.empty("rediscloud_active_active_database"), values{
			"subscription_id": sub, "name": "cache", "dataset_size_in_gb": 1, "global_password": "Geheim-geheim-1", "global_alerts": values{"dataset-size": 80},
			"read_operations_per_second": values{"us-east-1": 2000, "eu-west-1": 1000},
		})
		read, err := w.client.Databases.Get(t.Context(), sub, db.number(t, "id"))
		require.NoError(t, err)
		assert.EqualValues(t, "Geheim-geheim-1", read.GlobalPassword)
		assert.Equal(t, []rediscloud.AlertName{"dataset-size"}, []rediscloud.AlertName{read.GlobalAlerts[0].Name})
		reads := map[string]int64{}
		for _, region := range read.Regions {
			reads[region.Region] = region.ReadOperationsPerSecond
		}
		assert.Equal(t, map[string]int64{"us-east-1": 2000, "eu-west-1": 1000}, reads)
		endpoints := map[string]tftypes.Value{}
		require.NoError(t, attributes(t, db.value)["public_endpoints"].As(&endpoints))
		assert.Len(t, endpoints, 2)
		var writes []string
		for _, req := range w.fake.Requests() {
			if req.Method != http.MethodGet {
				writes = append(writes, req.Route)
			}
		}
		assert.Equal(t, []string{"POST " + databasesRoute, "PUT " + databasesRoute + "/{databaseId}/regions"}, writes[len(writes)-2:])
	})
}

// A password that Redis Cloud returns as asterisks is taken to be unchanged.
func TestHiddenPassword(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		config := values{"subscription_id": w.fake.AddSubscription("s", "us-east-1", "eu-west-1"), "name": "cache", "dataset_size_in_gb": 1, "global_password": "Geheim-geheim-1"}
		db := p.mustRefresh(p.mustApply(p.empty("rediscloud_active_active_database"), config))
		p.unchanged(db, config)
		assert.Equal(t, "Geheim-geheim-1", db.text(t, "global_password"))
	}, rediscloudtest.WithDocumentForms())
}

// A peering waits for the owner of the other network.
func TestPeering(t *testing.T) {
	peering := func(w *world) values {
		return values{"subscription_id": w.fake.AddSubscription("s"), "region": "us-east-1", "aws_account_id": "123456789012", "vpc_id": "vpc-1", "vpc_cidrs": []string{"10.1.0.0/24"}}
	}
	decide := func(config values, decision func(sub, peering int) bool) {
		sub, _ := config["subscription_id"].(int)
		for !decision(sub, 1) {
			time.Sleep(time.Minute)
		}
	}
	t.Run("accepted later", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			p := w.start(t)
			config := peering(w)
			now, diagnostics := p.apply(t.Context(), p.empty("rediscloud_vpc_peering"), config)
			require.Len(t, diagnostics, 1)
			assert.Equal(t, tfprotov6.DiagnosticSeverityWarning, diagnostics[0].Severity, "an error would taint it")
			assert.Equal(t, "Manual action needed: VPC peering vpc-1 is pending-acceptance", diagnostics[0].Summary)
			assert.Equal(t, "pending-acceptance", now.text(t, "status"))
			assert.Contains(t, now.text(t, "aws_peering_id"), "pcx-", "what has to be accepted")

			decide(config, w.fake.AcceptPeering)
			now = p.mustRefresh(now)
			assert.Equal(t, "active", now.text(t, "status"))
			p.unchanged(now, config)
			config["vpc_cidrs"] = []string{"10.1.0.0/24", "10.2.0.0/24"}
			now = p.mustRefresh(p.mustApply(now, config))
			p.unchanged(now, config)
		})
	})
	t.Run("awaited", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			p := w.start(t)
			config := peering(w)
			config["wait_for_acceptance"] = true
			go func() {
				time.Sleep(20 * time.Minute)
				decide(config, w.fake.AcceptPeering)
			}()
			now := p.mustApply(p.empty("rediscloud_vpc_peering"), config)
			assert.Equal(t, "active", now.text(t, "status"))
		})
	})
	t.Run("rejected", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			p := w.start(t)
			config := peering(w)
			config["wait_for_acceptance"] = true
			go decide(config, w.fake.RejectPeering)
			_, diagnostics := p.apply(t.Context(), p.empty("rediscloud_vpc_peering"), config)
			require.Len(t, diagnostics, 1)
			assert.Equal(t, "Failed to create VPC peering vpc-1: its status is failed", diagnostics[0].Summary)
		})
	})
	t.Run("awaited in vain", func(t *testing.T) {
		inWorld(t, func(t *testing.T, w *world) {
			p := w.start(t)
			config := peering(w)
			config["wait_for_acceptance"], config["timeouts"] = true, values{"create": "2h"}
			begin := time.Now()
			now, diagnostics := p.apply(t.Context(), p.empty("rediscloud_vpc_peering"), config)
			assert.Equal(t, 2*time.Hour, time.Since(begin).Round(time.Minute))
			require.Len(t, diagnostics, 1)
			assert.Equal(t, tfprotov6.DiagnosticSeverityError, diagnostics[0].Severity)
			assert.Contains(t, diagnostics[0].Detail, "pending-acceptance")
			decide(config, w.fake.AcceptPeering)
			assert.Equal(t, "active", p.mustRefresh(now).text(t, "status"))
		})
	})
}

// Terraform applies ten resources at once. The subscription takes one change at a time.
func TestParallelDatabases(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
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
			var diagnostics []*tfprotov6.Diagnostic
			made[i], diagnostics = p.apply(t.Context(), p.empty("rediscloud_database"), values{"subscription_id": sub, "name": fmt.Sprintf("db%d", i), "dataset_size_in_gb": 1})
			assert.Empty(t, diagnostics)
		})
		t.Logf("%d databases one after the other in %s", databases, time.Since(begin))
		assert.Len(t, w.fake.Databases(sub), databases)
		each(func(i int) {
			_, diagnostics := p.apply(t.Context(), made[i], nil)
			assert.Empty(t, diagnostics)
		})
		assert.Empty(t, w.fake.Databases(sub))
	})
}

func TestSecretsAreMarked(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		p := w.start(t)
		for _, schemas := range []map[string]*tfprotov6.Schema{p.schemas.ResourceSchemas, p.schemas.DataSourceSchemas} {
			for kind, schema := range schemas {
				for _, attribute := range schema.Block.Attributes {
					assert.Equal(t, attribute.Name == "password" || attribute.Name == "global_password", attribute.Sensitive, "%s.%s", kind, attribute.Name)
					assert.NotEmpty(t, attribute.Description+fmt.Sprint(attribute.NestedType), "%s.%s", kind, attribute.Name)
				}
			}
		}
	})
}
