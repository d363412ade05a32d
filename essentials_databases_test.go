package rediscloud

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readEssentialsDatabase is the read of the database that the task tests use.
func readEssentialsDatabase(status string) wire {
	return wire{method: "GET", path: "/fixed/subscriptions/12/databases/34", answer: `{"databaseId":34,"name":"cache","status":"` + status + `"}`}
}

func TestEssentialsDatabasesGetWire(t *testing.T) {
	client := newWire(t,
		wire{method: "GET", path: "/fixed/subscriptions/12/databases/34", answer: essentialsDatabaseJSON},
		wire{method: "GET", path: "/fixed/subscriptions/12/databases/34", status: 404},
		wire{method: "GET", path: "/fixed/subscriptions/12/databases/34", answer: `{}`})
	db, err := client.EssentialsDatabases.Get(t.Context(), 12, 34)
	require.NoError(t, err)
	want := wantEssentialsDatabase()
	assert.Equal(t, &want, db)
	_, err = client.EssentialsDatabases.Get(t.Context(), 12, 34)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = client.EssentialsDatabases.Get(t.Context(), 12, 34)
	var odd *DecodeError
	require.ErrorAs(t, err, &odd)
}

func TestEssentialsDatabasesListWire(t *testing.T) {
	for path, opts := range map[string]*DatabaseListOptions{
		"/fixed/subscriptions/12/databases":                   nil,
		"/fixed/subscriptions/12/databases?limit=10&offset=5": {Offset: 5, Limit: 10},
	} {
		client := newWire(t, wire{method: "GET", path: path, answer: `{"accountId":1,"subscription":{"subscriptionId":12,"numberOfDatabases":1,"databases":[{"databaseId":34}]}}`})
		list, err := client.EssentialsDatabases.List(t.Context(), 12, opts)
		require.NoError(t, err)
		assert.Equal(t, 12, list.SubscriptionID)
		assert.Equal(t, []EssentialsDatabase{{ID: 34}}, list.Databases)
	}
}

func TestEssentialsDatabasesAllWire(t *testing.T) {
	page := func(query, databases string) wire {
		return wire{method: "GET", path: "/fixed/subscriptions/12/databases" + query,
			answer: `{"subscription":{"numberOfDatabases":3,"databases":[` + databases + `]}}`}
	}
	for name, test := range map[string]struct {
		opts      *DatabaseListOptions
		exchanges []wire
		want      []int
		wantErr   error
	}{
		"one page": {nil, []wire{page("?limit=100", `{"databaseId":1},{"databaseId":2},{"databaseId":3}`)}, []int{1, 2, 3}, nil},
		"until an empty page": {&DatabaseListOptions{Offset: 1, Limit: 2},
			[]wire{page("?limit=2&offset=1", `{"databaseId":2},{"databaseId":3}`), page("?limit=2&offset=3", ``)}, []int{2, 3}, nil},
		"no databases":         {nil, []wire{page("?limit=100", ``)}, nil, nil},
		"no such subscription": {nil, []wire{{method: "GET", path: "/fixed/subscriptions/12/databases?limit=100", status: 404}}, nil, ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int
			var gotErr error
			for db, err := range newWire(t, test.exchanges...).EssentialsDatabases.All(t.Context(), 12, test.opts) {
				if gotErr = err; err == nil {
					got = append(got, db.ID)
				}
			}
			assert.Equal(t, test.want, got)
			assert.ErrorIs(t, gotErr, test.wantErr)
		})
	}
}

func TestEssentialsDatabasesCreateWire(t *testing.T) {
	create := func(ctx context.Context, c *Client) (*Task[EssentialsDatabase], error) {
		return c.EssentialsDatabases.Create(ctx, 12, &EssentialsDatabaseCreateRequest{Name: "cache"})
	}
	post := wire{method: "POST", path: "/fixed/subscriptions/12/databases", body: `{"name":"cache"}`, answer: received}
	done := completed(`{"resourceId":34,"additionalResourceId":12}`)

	db, err := waitWire(t, create, post, done, readEssentialsDatabase("draft"))
	require.NoError(t, err)
	assert.Equal(t, &EssentialsDatabase{ID: 34, Name: "cache", Status: DatabaseStatusDraft}, db)

	db, err = provisionWire(t, create, post, done, readEssentialsDatabase("draft"), readEssentialsDatabase("active"))
	require.NoError(t, err)
	assert.Equal(t, DatabaseStatusActive, db.Status)

	_, err = provisionWire(t, create, post, done, readEssentialsDatabase("creation-failed"))
	var failed *ProvisionError
	require.ErrorAs(t, err, &failed)
}

func TestEssentialsDatabasesUpdateWire(t *testing.T) {
	db, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[EssentialsDatabase], error) {
			return c.EssentialsDatabases.Update(ctx, 12, 34, &EssentialsDatabaseUpdateRequest{SourceIPs: []string{}})
		},
		wire{method: "PUT", path: "/fixed/subscriptions/12/databases/34", body: `{"sourceIps":[]}`, answer: received},
		completed(`{"resourceId":34,"additionalResourceId":12}`),
		readEssentialsDatabase("active-change-pending"), readEssentialsDatabase("active"))
	require.NoError(t, err)
	assert.Equal(t, DatabaseStatusActive, db.Status)
}

func TestEssentialsDatabasesDeleteWire(t *testing.T) {
	_, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) {
			return c.EssentialsDatabases.Delete(ctx, 12, 34)
		},
		wire{method: "DELETE", path: "/fixed/subscriptions/12/databases/34", answer: received},
		completed(`{"resourceId":34,"additionalResourceId":12}`), readEssentialsDatabase("delete-pending"),
		wire{method: "GET", path: "/fixed/subscriptions/12/databases/34", status: 404, times: 2})
	require.NoError(t, err)
}

// A task of which only the id is left finds the resource by the ids in its
// document.
func TestEssentialsKindsHaveRoutes(t *testing.T) {
	response := &TaskResponse{ResourceID: 34, AdditionalResourceID: 12}
	for kind, want := range map[*kind]string{
		essentialsSubscriptionKind.kind: "/fixed/subscriptions/34",
		essentialsDatabaseKind.kind:     "/fixed/subscriptions/12/databases/34",
	} {
		path, ok := fillIDs(kind.route, response)
		assert.True(t, ok)
		assert.Equal(t, want, path)
	}
}

// Invalid arguments fail before anything is sent.
func TestEssentialsWrongArguments(t *testing.T) {
	const sub, db = "/fixed/subscriptions/{subscriptionId}", "/fixed/subscriptions/{subscriptionId}/databases/{databaseId}"
	ctx, client := t.Context(), newWire(t)
	subs, dbs := client.EssentialsSubscriptions, client.EssentialsDatabases
	second := func(_ any, err error) error { return err }
	noTag := TagRef{SubscriptionID: 12, DatabaseID: 34}
	for want, err := range map[string]error{
		"GET " + sub + ": subscriptionId must be positive, not 0":                                 second(subs.Get(ctx, 0)),
		"POST /fixed/subscriptions: the request is nil":                                           second(subs.Create(ctx, nil)),
		"PUT " + sub + ": the request is nil":                                                     second(subs.Update(ctx, 12, nil)),
		"DELETE " + sub + ": subscriptionId must be positive, not -1":                             second(subs.Delete(ctx, -1)),
		"GET " + db + ": databaseId must be positive, not -1":                                     second(dbs.Get(ctx, 12, -1)),
		"GET " + sub + "/databases: Offset must be at least 0, not -1":                            second(dbs.List(ctx, 12, &DatabaseListOptions{Offset: -1})),
		"POST " + sub + "/databases: Name is required":                                            second(dbs.Create(ctx, 12, &EssentialsDatabaseCreateRequest{})),
		"PUT " + db + ": the request is nil":                                                      second(dbs.Update(ctx, 12, 34, nil)),
		"DELETE " + db + ": databaseId must be positive, not 0":                                   second(dbs.Delete(ctx, 12, 0)),
		"POST " + db + "/backup: AdhocBackupPath must not be empty":                               second(dbs.Backup(ctx, 12, 34, &EssentialsDatabaseBackupRequest{AdhocBackupPath: new(SecretURI(""))})),
		"POST " + db + "/import: the request is nil":                                              second(dbs.Import(ctx, 12, 34, nil)),
		"POST " + db + "/upgrade: TargetRedisVersion is required":                                 second(dbs.Upgrade(ctx, 12, 34, &DatabaseUpgradeRequest{})),
		"PUT " + db + "/tags: Tags is required":                                                   second(dbs.ReplaceTags(ctx, 12, 34, &TagsReplaceRequest{})),
		"PUT " + db + "/tags/{tagKey}: tagKey must not be \"\"":                                   second(dbs.UpdateTag(ctx, noTag, &TagUpdateRequest{})),
		"DELETE " + db + "/tags/{tagKey}: tagKey must not be \"\"":                                dbs.DeleteTag(ctx, noTag),
		"POST " + db + "/traffic/resume: subscriptionId must be positive, not 0":                  dbs.ResumeTraffic(ctx, 0, 34),
		"GET /fixed/plans/subscriptions/{subscriptionId}: subscriptionId must be positive, not 0": second(client.EssentialsPlans.ListForSubscription(ctx, 0)),
	} {
		require.EqualError(t, err, "rediscloud: "+want)
	}
}
