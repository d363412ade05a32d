package rediscloud

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const tagJSON = `{"key":"env","value":"prod","createdAt":"2024-05-21T20:02:21Z","updatedAt":"2024-06-21T20:02:21Z",
	"links":[{"rel":"self","href":"/x"}]}`

var wantTag = Tag{
	Key: "env", Value: "prod",
	CreatedAt: Time{Time: time.Date(2024, 5, 21, 20, 2, 21, 0, time.UTC)},
	UpdatedAt: Time{Time: time.Date(2024, 6, 21, 20, 2, 21, 0, time.UTC)},
	Links:     Links{{Rel: "self", Href: "/x"}},
}

func TestDatabasesListTagsWire(t *testing.T) {
	for answer, want := range map[string]*TagList{
		`{"accountId":1,"tags":[` + tagJSON + `],"links":[{"rel":"self","href":"/y"}]}`: {
			AccountID: 1, Tags: []Tag{wantTag}, Links: Links{{Rel: "self", Href: "/y"}},
		},
		`{}`: {},
		`{"accountId":null,"tags":[{"key":null,"createdAt":null,"links":null},null],"links":null}`: {Tags: make([]Tag, 2)},
	} {
		client := newWire(t, wire{method: "GET", path: "/subscriptions/12/databases/34/tags", answer: answer})
		got, err := client.Databases.ListTags(t.Context(), 12, 34)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
}

func TestDatabasesTagWritesWire(t *testing.T) {
	const path = "/subscriptions/12/databases/34/tags"
	s := newWire(t,
		wire{method: "POST", path: path, body: `{"key":"env","value":"prod"}`, answer: tagJSON},
		wire{method: "PUT", path: path, body: `{"tags":[{"key":"env","value":"prod"},{"key":"b","value":""}]}`, answer: `{"tags":[` + tagJSON + `]}`},
		wire{method: "PUT", path: path, body: `{"tags":[]}`, answer: `{"tags":[]}`},
		wire{method: "PUT", path: path + "/a%20b%2Fc", body: `{"value":"prod"}`, answer: tagJSON},
		wire{method: "DELETE", path: path + "/env", answer: `{}`},
		wire{method: "DELETE", path: path + "/env", status: 204},
	).Databases
	ctx := t.Context()

	tag, err := s.CreateTag(ctx, 12, 34, &TagSpec{Key: "env", Value: "prod"})
	require.NoError(t, err)
	assert.Equal(t, &wantTag, tag)

	list, err := s.ReplaceTags(ctx, 12, 34, &TagsReplaceRequest{Tags: []TagSpec{{Key: "env", Value: "prod"}, {Key: "b"}}})
	require.NoError(t, err)
	assert.Equal(t, []Tag{wantTag}, list.Tags)

	list, err = s.ReplaceTags(ctx, 12, 34, &TagsReplaceRequest{Tags: []TagSpec{}})
	require.NoError(t, err)
	assert.Empty(t, list.Tags)

	tag, err = s.UpdateTag(ctx, TagRef{SubscriptionID: 12, DatabaseID: 34, Key: "a b/c"}, &TagUpdateRequest{Value: "prod"})
	require.NoError(t, err)
	assert.Equal(t, &wantTag, tag)

	require.NoError(t, s.DeleteTag(ctx, TagRef{SubscriptionID: 12, DatabaseID: 34, Key: "env"}))
	require.NoError(t, s.DeleteTag(ctx, TagRef{SubscriptionID: 12, DatabaseID: 34, Key: "env"}))
}

func TestTagRequestsValidate(t *testing.T) {
	checkValidate(t, &TagSpec{Key: "a"}, "")
	checkValidate(t, &TagSpec{Value: "b"}, "Key is required")
	checkValidate(t, &TagsReplaceRequest{}, "Tags is required")
	checkValidate(t, &TagsReplaceRequest{Tags: []TagSpec{}}, "")
	checkValidate(t, &TagsReplaceRequest{Tags: []TagSpec{{Key: "a"}, {}}}, "Tags[1].Key is required")
}
