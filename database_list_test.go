package rediscloud

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDatabasesListWire(t *testing.T) {
	for path, opts := range map[string]*DatabaseListOptions{
		"/subscriptions/12/databases":                   nil,
		"/subscriptions/12/databases?limit=5":           {Limit: 5},
		"/subscriptions/12/databases?offset=5":          {Offset: 5},
		"/subscriptions/12/databases?limit=10&offset=5": {Offset: 5, Limit: 10},
	} {
		list, err := newWire(t, wire{method: "GET", path: path, answer: `{"accountId":1,"subscription":[]}`}).Databases.List(t.Context(), 12, opts)
		require.NoError(t, err)
		assert.Empty(t, list.Databases)
	}
}

// The API answers 404 for a page past the last one, for a subscription without
// databases, and for one that doesn't exist.
func TestDatabasesListOfNothing(t *testing.T) {
	nothing := wire{method: "GET", path: "/subscriptions/12/databases?offset=5", status: 404, answer: `{"message":"no more"}`}
	for _, test := range []struct {
		name         string
		subscription wire
		wantErr      string
		wantCause    error
	}{
		{name: "of a subscription", subscription: wire{answer: `{"id":12}`}},
		{name: "of none", subscription: wire{status: 404}, wantErr: "rediscloud: GET /subscriptions/12: 404 Not Found", wantCause: ErrNotFound},
		{name: "of one that can't be read", subscription: wire{status: 403}, wantErr: "rediscloud: GET /subscriptions/12: 403 Forbidden", wantCause: ErrForbidden},
	} {
		t.Run(test.name, func(t *testing.T) {
			test.subscription.method, test.subscription.path = "GET", "/subscriptions/12"
			var captured Response
			list, err := newWire(t, nothing, test.subscription).
				Databases.List(WithCaptureResponse(t.Context(), &captured), 12, &DatabaseListOptions{Offset: 5})
			assert.Equal(t, 404, captured.StatusCode)
			assert.Equal(t, nothing.answer, string(captured.Body), "the answer to what was asked for")
			if test.wantErr != "" {
				require.EqualError(t, err, test.wantErr)
				assert.ErrorIs(t, err, test.wantCause)
				assert.Nil(t, list)
				return
			}
			require.NoError(t, err)
			assert.Empty(t, list.Databases)
			assert.Equal(t, &DatabaseList{SubscriptionID: 12}, list)
		})
	}
}

func TestDatabaseListForms(t *testing.T) {
	subscription := `{"subscriptionId":12,"numberOfDatabases":1,"databases":[` + databaseJSON + `],"links":[{"rel":"x","href":"/x"}]}`
	database := wantDatabase()
	want := DatabaseList{
		AccountID: 1, SubscriptionID: 12, NumberOfDatabases: 1, Databases: []Database{database},
		Links: Links{{Rel: "self", Href: "/y"}, {Rel: "x", Href: "/x"}},
	}
	for _, form := range []string{"[" + subscription + "]", subscription} {
		var got DatabaseList
		require.NoError(t, read(`{"accountId":1,"subscription":`+form+`,"links":[{"rel":"self","href":"/y"}]}`, &got))
		require.Len(t, got.Databases, 1)
		got.Databases[0].LastModified = database.LastModified
		assert.Equal(t, want, got)
	}
	// What is encoded can be decoded again, with and without this package.
	plain := DatabaseList{AccountID: 1, SubscriptionID: 12, NumberOfDatabases: 3, Databases: []Database{{ID: 1, Name: "a"}}, Links: Links{{Rel: "self", Href: "/y"}}}
	text, err := json.Marshal(plain)
	require.NoError(t, err)
	var again, strict DatabaseList
	require.NoError(t, read(string(text), &again))
	require.NoError(t, json.Unmarshal(text, &strict))
	assert.Equal(t, []any{plain.Databases[0].ID, plain.NumberOfDatabases, plain.Links}, []any{again.Databases[0].ID, again.NumberOfDatabases, again.Links})
	assert.Equal(t, again, strict)

	for _, doc := range []string{`{}`, `{"accountId":null,"subscription":null,"links":null}`, `{"subscription":[{}]}`, `{"subscription":{}}`, `{"subscription":[{"databases":null},null]}`} {
		got := DatabaseList{Databases: []Database{{ID: 9}}}
		require.NoError(t, read(doc, &got), doc)
		assert.Zero(t, got, doc)
	}
	// The API never has several subscriptions in the list. If it did, none
	// would be lost.
	var got DatabaseList
	require.NoError(t, read(`{"subscription":[{"subscriptionId":12,"numberOfDatabases":2,"databases":[{"databaseId":1}]},{"subscriptionId":13,"numberOfDatabases":1,"databases":[{"databaseId":2}]}]}`, &got))
	assert.Equal(t, DatabaseList{SubscriptionID: 12, NumberOfDatabases: 3, Databases: []Database{{ID: 1}, {ID: 2}}}, got)
	// A list that can't be read isn't an empty one.
	for _, doc := range []string{`{"subscription":"x"}`, `{"subscription":[5]}`, `{"subscription":[{"databases":"x"}]}`, `{"subscription":{"databases":[5]}}`} {
		assert.ErrorContains(t, read(doc, new(DatabaseList)), "can't be read", doc)
	}
}

// databasesPage is a page of databases with these ids.
func databasesPage(ids ...string) string {
	return `{"subscription":[{"subscriptionId":12,"databases":[{"databaseId":` + strings.Join(ids, `},{"databaseId":`) + `}]}]}`
}

func TestDatabasesAllWire(t *testing.T) {
	for _, test := range []struct {
		name      string
		opts      *DatabaseListOptions
		exchanges []wire
		want      []int
		wantErr   error
	}{
		{
			name:      "one short page",
			exchanges: []wire{{path: "?limit=100", answer: databasesPage("1", "2")}},
			want:      []int{1, 2},
		},
		{
			name: "until 404", opts: &DatabaseListOptions{Limit: 2},
			exchanges: []wire{{path: "?limit=2", answer: databasesPage("1", "2")}, {path: "?limit=2&offset=2", status: 404}},
			want:      []int{1, 2},
		},
		{
			name: "from an offset, until an empty page", opts: &DatabaseListOptions{Offset: 3, Limit: 1},
			exchanges: []wire{{path: "?limit=1&offset=3", answer: databasesPage("4")}, {path: "?limit=1&offset=4", answer: `{"subscription":[]}`}},
			want:      []int{4},
		},
		{
			name: "pages that are smaller than asked for",
			exchanges: []wire{
				{path: "?limit=100", answer: `{"subscription":{"numberOfDatabases":2,"databases":[{"databaseId":1}]}}`},
				{path: "?limit=100&offset=1", answer: `{"subscription":{"numberOfDatabases":2,"databases":[{"databaseId":2}]}}`},
			},
			want: []int{1, 2},
		},
		{
			name:      "no such subscription",
			exchanges: []wire{{path: "?limit=100", status: 404}, {path: "/subscriptions/12", status: 404}},
			wantErr:   ErrNotFound,
		},
		{
			name:      "a subscription without databases",
			exchanges: []wire{{path: "?limit=100", status: 404}, {path: "/subscriptions/12", answer: `{"id":12}`}},
		},
		{
			name: "past the end", opts: &DatabaseListOptions{Offset: 7},
			exchanges: []wire{{path: "?limit=100&offset=7", status: 404}, {path: "/subscriptions/12", answer: `{"id":12}`}},
		},
		{
			name:      "a subscription that can't be read",
			exchanges: []wire{{path: "?limit=100", status: 404}, {path: "/subscriptions/12", status: 403}},
			wantErr:   ErrForbidden,
		},
		{
			name: "forbidden later", opts: &DatabaseListOptions{Limit: 1},
			exchanges: []wire{{path: "?limit=1", answer: databasesPage("1")}, {path: "?limit=1&offset=1", status: 403}},
			want:      []int{1}, wantErr: ErrForbidden,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			for i := range test.exchanges {
				test.exchanges[i].method = "GET"
				if strings.HasPrefix(test.exchanges[i].path, "?") {
					test.exchanges[i].path = "/subscriptions/12/databases" + test.exchanges[i].path
				}
			}
			// Twice: the same iterator starts over.
			all := newWire(t, slices.Concat(test.exchanges, test.exchanges)...).Databases.All(t.Context(), 12, test.opts)
			for range 2 {
				var got []int
				var gotErr error
				for db, err := range all {
					if gotErr = err; err == nil {
						got = append(got, db.ID)
					}
				}
				assert.Equal(t, test.want, got)
				assert.ErrorIs(t, gotErr, test.wantErr)
			}
		})
	}
}

func TestDatabasesAllRefusesWrongOptions(t *testing.T) {
	for _, opts := range []*DatabaseListOptions{{Offset: -1}, {Limit: -1}} {
		rounds := 0
		for db, err := range newWire(t).Databases.All(t.Context(), 12, opts) {
			rounds++
			assert.Nil(t, db)
			require.ErrorContains(t, err, "must be at least 0, not -1")
		}
		assert.Equal(t, 1, rounds)
	}
}
