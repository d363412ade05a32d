package rediscloud

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// read decodes a document as the methods do, but doesn't require an id.
func read(doc string, v any) error {
	_, err := unmarshalUnchecked([]byte(doc), v)
	return err
}

// A database with strings for numbers and numbers for strings is the same
// database, for a call and for a wait, and unread names what can't be read.
func TestOddMembersDontLoseTheDatabase(t *testing.T) {
	const odd = `{"databaseId":"34","name":7,"status":"active","datasetSizeInGb":"2.5","clustering":{"numberOfShards":1.0},"replication":"true",
		"alerts":{"id":9,"name":"dataset-size","value":3000.0},"activatedOn":"20-Nov-2022","lastModified":[7],"modules":[{"id":"1","version":{"a":2}}],"ramPercentage":"half"}`
	want := Database{
		ID: 34, Name: "7", Status: DatabaseStatusActive, DatasetSizeInGB: 2.5, Clustering: DatabaseClustering{NumberOfShards: 1}, Replication: true,
		Alerts: []Alert{{ID: "9", Name: AlertNameDatasetSize, Value: 3000}}, LastModified: Time{Text: "7"}, Modules: []DatabaseModule{{ID: 1}},
	}
	unread := []string{"modules[0].version", "ramPercentage"}
	path := "/subscriptions/12/databases/34"
	check := func(db *Database) {
		t.Helper()
		assert.Equal(t, "2022-11-20T00:00:00Z", db.ActivatedOn.String())
		got := *db
		got.ActivatedOn = Time{}
		assert.Equal(t, want, got)
	}

	client := newWire(t, wire{method: "GET", path: path, answer: odd}, wire{method: "GET", path: path, answer: `{"databaseId":34}`}, wire{method: "GET", path: path, answer: odd})
	var answer Response
	ctx := WithCaptureResponse(t.Context(), &answer)
	db, err := client.Databases.Get(ctx, 12, 34)
	require.NoError(t, err)
	check(db)
	assert.Equal(t, unread, answer.Unread)
	_, err = client.Databases.Get(ctx, 12, 34)
	require.NoError(t, err)
	assert.Empty(t, answer.Unread)
	db, err = client.Databases.WaitProvisioned(t.Context(), 12, 34)
	require.NoError(t, err)
	check(db)
}

// For an element of a list, the paths start at the element.
func TestUnreadInList(t *testing.T) {
	client := newWire(t, wire{method: "GET", path: "/acl/roles", answer: `{"roles":[{"id":"2"},{"id":3.0,"name":{"a":1}}]}`})
	var answer Response
	role, err := client.ACLRoles.Get(WithCaptureResponse(t.Context(), &answer), 3)
	require.NoError(t, err)
	assert.Equal(t, &ACLRole{ID: 3}, role)
	assert.Equal(t, []string{"name"}, answer.Unread)
}

// Do reads the types of this package as the methods do, without requiring an
// id, and other types with encoding/json.
func TestDoDecodes(t *testing.T) {
	exchange := wire{method: "GET", path: "/x", answer: `{"taskId":5,"status":"received","id":"7"}`}
	client := newWire(t, exchange, exchange, wire{method: "GET", path: "/x", answer: `{"status":"received"}`})
	var state TaskState
	require.NoError(t, client.Do(t.Context(), "GET", "/x", nil, &state))
	assert.Equal(t, "5", state.TaskID)
	assert.JSONEq(t, exchange.answer, string(state.Raw))

	var own struct{ ID int }
	var odd *DecodeError
	require.ErrorAs(t, client.Do(t.Context(), "GET", "/x", nil, &own), &odd)
	require.NoError(t, client.Do(t.Context(), "GET", "/x", nil, &state))
	assert.Equal(t, TaskStatusReceived, state.Status)
}

func TestUnmarshal(t *testing.T) {
	var db Database
	unread, err := Unmarshal([]byte(`{"databaseId":"34","_links":{"self":{"href":"/x"}},"modules":"x"}`), &db)
	require.NoError(t, err)
	assert.Equal(t, []string{"modules"}, unread)
	assert.Equal(t, Database{ID: 34, Links: Links{{Rel: "self", Href: "/x"}}}, db)

	text := []byte(`{"tasks":[{"taskId":"a"}]}`)
	var list TaskList
	_, err = Unmarshal(text, &list)
	require.NoError(t, err)
	copy(text, strings.Repeat(" ", len(text)))
	assert.JSONEq(t, `{"taskId":"a"}`, string(list.Tasks[0].Raw))

	for doc, text := range map[string]string{
		``: "is empty", ` null `: "is null", `{"name":"x"}`: "missing databaseId", `{"databaseId":{}}`: "missing databaseId", `[]`: "cannot unmarshal array", `{`: "unexpected end",
	} {
		_, err := Unmarshal([]byte(doc), &db)
		require.ErrorContains(t, err, text, doc)
		require.ErrorContains(t, err, "rediscloud: ", doc)
	}
	var none *Database
	for _, v := range []any{nil, db, none, 5} {
		_, err := Unmarshal([]byte(`{}`), v)
		require.EqualError(t, err, "rediscloud: Unmarshal needs a pointer other than nil")
	}
}

// json.Unmarshal reads what json.Marshal has written: for every result, with a
// value in each field.
func TestResultsKeepToTheirJSON(t *testing.T) {
	for _, typ := range resultTypes(t) {
		first, _, err := newSampleDoc(typ).decode()
		require.NoError(t, err)
		text, err := json.Marshal(first.Addr().Interface())
		require.NoError(t, err)
		second := reflect.New(typ).Interface()
		require.NoError(t, json.Unmarshal(text, second), typ)
		again, err := json.Marshal(second)
		require.NoError(t, err)
		assert.JSONEq(t, string(text), string(again), typ)
	}
}
