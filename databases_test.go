package rediscloud

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readDatabase is the read of the database that the task tests use.
func readDatabase(status string) wire {
	return wire{method: "GET", path: "/subscriptions/12/databases/34", answer: `{"databaseId":34,"name":"cache","status":"` + status + `"}`}
}

func TestDatabasesGetWire(t *testing.T) {
	client := newWire(t, wire{method: "GET", path: "/subscriptions/12/databases/34", answer: databaseJSON})
	db, err := client.Databases.Get(t.Context(), 12, 34)
	require.NoError(t, err)
	assert.Equal(t, "cache", db.Name)
	assert.Equal(t, ReceivedSecret("pa55"), db.Security.Password)
}

func TestDatabasesCreateWire(t *testing.T) {
	for body, request := range map[string]*DatabaseCreateRequest{
		`{"name":"cache"}`: {Name: "cache"},
		`{"name":"cache","datasetSizeInGb":1,"password":"pa55","sourceIp":[]}`: {
			Name: "cache", DatasetSizeInGB: new(1.0), Password: new(Secret("pa55")), SourceIPs: []string{},
		},
	} {
		db, err := waitWire(t,
			func(ctx context.Context, c *Client) (*Task[Database], error) {
				return c.Databases.Create(ctx, 12, request)
			},
			wire{method: "POST", path: "/subscriptions/12/databases", body: body, status: 202, answer: received},
			completed(`{"resourceId":34}`),
			readDatabase("pending"))
		require.NoError(t, err)
		assert.Equal(t, &Database{ID: 34, Name: "cache", Status: DatabaseStatusPending}, db)
	}
}

func TestDatabasesCreateProvisioned(t *testing.T) {
	db, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[Database], error) {
			return c.Databases.Create(ctx, 12, &DatabaseCreateRequest{Name: "cache"})
		},
		wire{method: "POST", path: "/subscriptions/12/databases", body: `{"name":"cache"}`, status: 202, answer: received},
		completed(`{"resourceId":34}`),
		readDatabase("draft"), readDatabase("active"))
	require.NoError(t, err)
	assert.Equal(t, DatabaseStatusActive, db.Status)
}

func TestDatabasesUpdateWire(t *testing.T) {
	update := func(ctx context.Context, c *Client) (*Task[Database], error) {
		return c.Databases.Update(ctx, 12, 34, &DatabaseUpdateRequest{Name: new("cache"), Alerts: []AlertSpec{}})
	}
	put := wire{method: "PUT", path: "/subscriptions/12/databases/34", body: `{"name":"cache","alerts":[]}`, answer: received}

	// The task doesn't have to name the database.
	db, err := waitWire(t, update, put, completed(`{}`), readDatabase("active-change-pending"))
	require.NoError(t, err)
	assert.Equal(t, DatabaseStatusActiveChangePending, db.Status)

	db, err = provisionWire(t, update, put, completed(`{}`), readDatabase("active-change-pending"), readDatabase("active"))
	require.NoError(t, err)
	assert.Equal(t, DatabaseStatusActive, db.Status)
}

func TestDatabasesDeleteWire(t *testing.T) {
	remove := func(ctx context.Context, c *Client) (*Task[None], error) { return c.Databases.Delete(ctx, 12, 34) }
	del := wire{method: "DELETE", path: "/subscriptions/12/databases/34", answer: received}

	_, err := waitWire(t, remove, del, completed(`{}`))
	require.NoError(t, err)

	_, err = provisionWire(t, remove, del, completed(`{"resourceId":34}`), readDatabase("delete-pending"),
		wire{method: "GET", path: "/subscriptions/12/databases/34", status: 404, times: 2})
	require.NoError(t, err)
}

func TestDatabasesDryRunWire(t *testing.T) {
	for _, test := range []struct {
		method, path, body string
		submit             func(context.Context, *Client) (*Task[Pricing], error)
	}{
		{"POST", "/subscriptions/12/databases", `{"name":"cache","dryRun":true}`, func(ctx context.Context, c *Client) (*Task[Pricing], error) {
			return c.Databases.CreateDryRun(ctx, 12, &DatabaseCreateRequest{Name: "cache"})
		}},
		{"PUT", "/subscriptions/12/databases/34", `{"replication":true,"dryRun":true}`, func(ctx context.Context, c *Client) (*Task[Pricing], error) {
			return c.Databases.UpdateDryRun(ctx, 12, 34, &DatabaseUpdateRequest{Replication: new(true)})
		}},
		{"PUT", "/subscriptions/12/databases/34/regions", `{"globalSourceIp":[],"dryRun":true}`, func(ctx context.Context, c *Client) (*Task[Pricing], error) {
			return c.Databases.UpdateRegionsDryRun(ctx, 12, 34, &DatabaseRegionsUpdateRequest{GlobalSourceIPs: []string{}})
		}},
	} {
		pricing, err := waitWire(t, test.submit,
			wire{method: test.method, path: test.path, body: test.body, status: 202, answer: received},
			completed(`{"resource":{"pricing":[{"databaseName":"cache"}]}}`))
		require.NoError(t, err)
		require.Len(t, pricing.Items, 1)
		assert.Equal(t, "cache", pricing.Items[0].DatabaseName)
	}
}

// A request without fields still says that it is a dry run.
func TestDatabasesDryRunOfNothing(t *testing.T) {
	c := put("/subscriptions/{subscriptionId}/databases/{databaseId}", 12, 34).withDryRun(&DatabaseUpdateRequest{})
	require.NoError(t, c.err)
	assert.JSONEq(t, `{"dryRun":true}`, string(c.body))
}

// Invalid arguments fail before anything is sent.
func TestDatabasesWrongArguments(t *testing.T) {
	ctx, s := t.Context(), newWire(t).Databases
	second := func(_ any, err error) error { return err }
	for want, err := range map[string]error{
		"GET /subscriptions/{subscriptionId}/databases/{databaseId}: subscriptionId must be positive, not 0":                 second(s.Get(ctx, 0, 34)),
		"GET /subscriptions/{subscriptionId}/databases/{databaseId}: databaseId must be positive, not -1":                    second(s.Get(ctx, 12, -1)),
		"GET /subscriptions/{subscriptionId}/databases: Offset must be at least 0, not -1":                                   second(s.List(ctx, 12, &DatabaseListOptions{Offset: -1})),
		"GET /subscriptions/{subscriptionId}/databases: Limit must be at least 0, not -2":                                    second(s.List(ctx, 12, &DatabaseListOptions{Limit: -2})),
		"POST /subscriptions/{subscriptionId}/databases: the request is nil":                                                 second(s.Create(ctx, 12, nil)),
		"POST /subscriptions/{subscriptionId}/databases: Name is required":                                                   second(s.Create(ctx, 12, &DatabaseCreateRequest{})),
		"PUT /subscriptions/{subscriptionId}/databases/{databaseId}: the request is nil":                                     second(s.UpdateDryRun(ctx, 12, 34, nil)),
		"PUT /subscriptions/{subscriptionId}/databases/{databaseId}: databaseId must be positive, not 0":                     second(s.Update(ctx, 12, 0, &DatabaseUpdateRequest{})),
		"PUT /subscriptions/{subscriptionId}/databases/{databaseId}: Name must not be empty":                                 second(s.Update(ctx, 12, 34, &DatabaseUpdateRequest{Name: new("")})),
		"PUT /subscriptions/{subscriptionId}/databases/{databaseId}/regions: Regions[0].Region is required":                  second(s.UpdateRegions(ctx, 12, 34, &DatabaseRegionsUpdateRequest{Regions: make([]DatabaseRegionUpdate, 1)})),
		"DELETE /subscriptions/{subscriptionId}/databases/{databaseId}: databaseId must be positive, not 0":                  second(s.Delete(ctx, 12, 0)),
		"POST /subscriptions/{subscriptionId}/databases/{databaseId}/backup: Region must not be empty":                       second(s.Backup(ctx, 12, 34, &DatabaseBackupRequest{Region: new("")})),
		"POST /subscriptions/{subscriptionId}/databases/{databaseId}/import: the request is nil":                             second(s.Import(ctx, 12, 34, nil)),
		"POST /subscriptions/{subscriptionId}/databases/{databaseId}/upgrade: TargetRedisVersion is required":                second(s.Upgrade(ctx, 12, 34, &DatabaseUpgradeRequest{})),
		"PUT /subscriptions/{subscriptionId}/databases/{databaseId}/tags/{tagKey}: tagKey must not be \"\"":                  second(s.UpdateTag(ctx, TagRef{SubscriptionID: 12, DatabaseID: 34}, &TagUpdateRequest{})),
		"DELETE /subscriptions/{subscriptionId}/databases/{databaseId}/tags/{tagKey}: tagKey must not be \"..\"":             s.DeleteTag(ctx, TagRef{SubscriptionID: 12, DatabaseID: 34, Key: ".."}),
		"POST /subscriptions/{subscriptionId}/databases/{databaseId}/traffic/resume: subscriptionId must be positive, not 0": s.ResumeTraffic(ctx, 0, 34),
	} {
		require.EqualError(t, err, "rediscloud: "+want)
	}
}
