package rediscloud

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// foundID returns the id of what GetByName has found, or nil.
func foundID[T any](element *T, err error) func(id func(*T) any) (any, error) {
	return func(id func(*T) any) (any, error) {
		if element == nil {
			return nil, err
		}
		return id(element), err
	}
}

// byNameCases are all GetByName methods, with the list that they read: its
// path, and the form of its elements.
var byNameCases = map[string]struct {
	kind, path     string
	read           string // the path of the resource, if the list shows less of it
	around, idName string
	textIDs        bool
	get            func(ctx context.Context, c *Client, name string) (any, error)
}{
	"Subscriptions": {kind: "subscription", path: "/subscriptions", around: `{"subscriptions":[*]}`, idName: "id", get: func(ctx context.Context, c *Client, name string) (any, error) {
		return foundID(c.Subscriptions.GetByName(ctx, name))(func(s *Subscription) any { return s.ID })
	}},
	"Databases": {kind: "database", path: "/subscriptions/12/databases?limit=100", read: "/subscriptions/12/databases/", around: `{"subscription":[{"databases":[*]}]}`, idName: "databaseId", get: func(ctx context.Context, c *Client, name string) (any, error) {
		return foundID(c.Databases.GetByName(ctx, 12, name))(func(d *Database) any { return d.ID })
	}},
	"EssentialsSubscriptions": {kind: "subscription", path: "/fixed/subscriptions", around: `{"subscriptions":[*]}`, idName: "id", get: func(ctx context.Context, c *Client, name string) (any, error) {
		return foundID(c.EssentialsSubscriptions.GetByName(ctx, name))(func(s *EssentialsSubscription) any { return s.ID })
	}},
	"EssentialsDatabases": {kind: "database", path: "/fixed/subscriptions/12/databases?limit=100", read: "/fixed/subscriptions/12/databases/", around: `{"subscription":{"databases":[*]}}`, idName: "databaseId", get: func(ctx context.Context, c *Client, name string) (any, error) {
		return foundID(c.EssentialsDatabases.GetByName(ctx, 12, name))(func(d *EssentialsDatabase) any { return d.ID })
	}},
	"ACLRedisRules": {kind: "Redis ACL rule", path: "/acl/redisRules", around: `{"redisRules":[*]}`, idName: "id", get: func(ctx context.Context, c *Client, name string) (any, error) {
		return foundID(c.ACLRedisRules.GetByName(ctx, name))(func(r *ACLRedisRule) any { return r.ID })
	}},
	"ACLRoles": {kind: "ACL role", path: "/acl/roles", around: `{"roles":[*]}`, idName: "id", get: func(ctx context.Context, c *Client, name string) (any, error) {
		return foundID(c.ACLRoles.GetByName(ctx, name))(func(r *ACLRole) any { return r.ID })
	}},
	"ACLUsers": {kind: "ACL user", path: "/acl/users", around: `{"users":[*]}`, idName: "id", get: func(ctx context.Context, c *Client, name string) (any, error) {
		return foundID(c.ACLUsers.GetByName(ctx, name))(func(u *ACLUser) any { return u.ID })
	}},
	"AccountUsers": {kind: "user", path: "/users", around: `{"users":[*]}`, idName: "id", get: func(ctx context.Context, c *Client, name string) (any, error) {
		return foundID(c.AccountUsers.GetByName(ctx, name))(func(u *AccountUser) any { return u.ID })
	}},
	"CloudAccounts": {kind: "cloud account", path: "/cloud-accounts", around: `{"cloudAccounts":[*]}`, idName: "id", get: func(ctx context.Context, c *Client, name string) (any, error) {
		return foundID(c.CloudAccounts.GetByName(ctx, name))(func(a *CloudAccount) any { return a.ID })
	}},
	"AgentMemory": {kind: "memory store", path: "/memory-stores", read: "/memory-stores/store-", around: `{"data":[*]}`, idName: "storeId", textIDs: true, get: func(ctx context.Context, c *Client, name string) (any, error) {
		return foundID(c.AgentMemory.GetByName(ctx, name))(func(s *MemoryStore) any { return s.ID })
	}},
}

func TestGetByNameWire(t *testing.T) {
	for service, test := range byNameCases {
		id := func(text string) any {
			if test.textIDs {
				return "store-" + text
			}
			return map[string]int{"1": 1, "2": 2, "3": 3}[text]
		}
		element := func(number, name string) string {
			text := number
			if test.textIDs {
				text = `"store-` + number + `"`
			}
			return `{"` + test.idName + `":` + text + `,"name":` + name + `}`
		}
		search := func(t *testing.T, name, found string, elements ...string) (any, error) {
			wires := []wire{{method: "GET", path: test.path, answer: strings.Replace(test.around, "*", strings.Join(elements, ","), 1)}}
			if test.read != "" && found != "" {
				wires = append(wires, wire{method: "GET", path: test.read + found, answer: element(found, `"cache"`)})
			}
			return test.get(t.Context(), newWire(t, wires...), name)
		}
		t.Run(service, func(t *testing.T) {
			got, err := search(t, "cache", "2", element("1", `"Cache"`), element("2", `"cache"`), element("3", `"cache "`))
			require.NoError(t, err)
			assert.Equal(t, id("2"), got)

			for _, elements := range [][]string{nil, {element("1", `"CACHE"`), element("2", `"cache1"`), element("3", `null`)}} {
				got, err = search(t, "cache", "", elements...)
				require.EqualError(t, err, `rediscloud: there is no `+test.kind+` named "cache"`)
				require.ErrorIs(t, err, ErrNotFound)
				assert.Nil(t, got)
			}

			got, err = search(t, "cache", "", element("3", `"cache"`), element("2", `"other"`), element("1", `"cache"`))
			several, ok := errors.AsType[*AmbiguousNameError](err)
			require.True(t, ok, "%v", err)
			assert.Nil(t, got)
			ids := []string{"3", "1"}
			if test.textIDs {
				ids = []string{"store-3", "store-1"}
			}
			assert.Equal(t, &AmbiguousNameError{Kind: test.kind, Name: "cache", IDs: ids}, several)
			require.EqualError(t, err, `rediscloud: more than one `+test.kind+` is named "cache": ids `+strings.Join(ids, ", "))
			assert.NotErrorIs(t, err, ErrNotFound)

			// An element that a list shows twice counts once.
			got, err = search(t, "cache", "1", element("1", `"cache"`), element("1", `"cache"`))
			require.NoError(t, err)
			assert.Equal(t, id("1"), got)

			if test.read != "" { // it is gone, and the list still shows it
				list := strings.Replace(test.around, "*", element("1", `"cache"`), 1)
				_, err = test.get(t.Context(), newWire(t, wire{method: "GET", path: test.path, answer: list}, wire{method: "GET", path: test.read + "1", status: 404}), "cache")
				require.EqualError(t, err, `rediscloud: there is no `+test.kind+` named "cache"`)
				require.ErrorIs(t, err, ErrNotFound)
			}

			_, err = test.get(t.Context(), newWire(t), "")
			require.EqualError(t, err, "rediscloud: the name of the "+test.kind+" must not be empty")

			_, err = test.get(t.Context(), newWire(t, wire{method: "GET", path: test.path, status: 403}), "cache")
			require.ErrorIs(t, err, ErrForbidden)
		})
	}
}

// All pages are searched for a name, even after it is found.
func TestGetByNameReadsAllPages(t *testing.T) {
	page := func(offset string, elements ...string) wire {
		return wire{method: "GET", path: "/subscriptions/12/databases?limit=100" + offset, answer: `{"subscription":[{"numberOfDatabases":3,"databases":[` + strings.Join(elements, ",") + `]}]}`}
	}
	first, other := `{"databaseId":1,"name":"cache","status":"active"}`, `{"databaseId":2,"name":"other"}`
	whole := wire{method: "GET", path: "/subscriptions/12/databases/1", answer: first}
	db, err := newWire(t, page("", first, other), page("&offset=2", `{"databaseId":3,"name":"sessions"}`), whole).Databases.GetByName(t.Context(), 12, "cache")
	require.NoError(t, err)
	assert.Equal(t, &Database{ID: 1, Name: "cache", Status: DatabaseStatusActive}, db)

	_, err = newWire(t, page("", first, other), page("&offset=2", `{"databaseId":3,"name":"cache"}`)).Databases.GetByName(t.Context(), 12, "cache")
	require.EqualError(t, err, `rediscloud: more than one database is named "cache": ids 1, 3`)

	// A list that isn't read to its end doesn't show whether the name is
	// unique.
	_, err = newWire(t, page("", first, other), wire{method: "GET", path: "/subscriptions/12/databases?limit=100&offset=2", status: 403}).Databases.GetByName(t.Context(), 12, "cache")
	require.ErrorIs(t, err, ErrForbidden)
}

// A subscription without databases is distinguished from one that doesn't
// exist.
func TestGetByNameOfNothing(t *testing.T) {
	nothing := wire{method: "GET", path: "/subscriptions/12/databases?limit=100", status: 404}
	_, err := newWire(t, nothing, wire{method: "GET", path: "/subscriptions/12", answer: `{"id":12}`}).Databases.GetByName(t.Context(), 12, "cache")
	require.EqualError(t, err, `rediscloud: there is no database named "cache"`)
	_, err = newWire(t, nothing, wire{method: "GET", path: "/subscriptions/12", status: 404}).Databases.GetByName(t.Context(), 12, "cache")
	require.EqualError(t, err, `rediscloud: GET /subscriptions/12: 404 Not Found`)
	require.ErrorIs(t, err, ErrNotFound)
}

// Ids are foreign text.
func TestAmbiguousNameErrorIsOneLine(t *testing.T) {
	err := &AmbiguousNameError{Kind: "memory store", Name: "a\nb", IDs: []string{"x\ny", strings.Repeat("z", 5000)}}
	assert.NotContains(t, err.Error(), "\n")
	assert.Less(t, len(err.Error()), 700)
}

// Every service that lists things with names finds them by name.
func TestServicesFindByName(t *testing.T) {
	without := map[string]string{
		"EssentialsPlans": "a plan has the same name in each region",
	}
	for service, value := range servicesOf(&Client{}) {
		_, tested := byNameCases[service]
		assert.Equal(t, tested, value.MethodByName("GetByName").IsValid(), service)
		all := value.MethodByName("All")
		if !all.IsValid() || tested {
			continue
		}
		element := all.Type().Out(0).In(0).In(0).Elem()
		field, ok := element.FieldByName("Name")
		if _, known := without[service]; !known {
			assert.False(t, ok && field.Type.Kind() == reflect.String, "%s has no GetByName", service)
		}
	}
}
