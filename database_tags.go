package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"iter"
)

// ListTags returns all tags of a database.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/tags
func (s *DatabasesService) ListTags(ctx context.Context, subscriptionID, databaseID int) (*TagList, error) {
	return fetch[TagList](ctx, s.client,
		get("/subscriptions/{subscriptionId}/databases/{databaseId}/tags", subscriptionID, databaseID))
}

// AllTags iterates over the tags that [DatabasesService.ListTags] returns. On
// failure it yields the error and stops.
//
// API: GET /subscriptions/{subscriptionId}/databases/{databaseId}/tags
func (s *DatabasesService) AllTags(ctx context.Context, subscriptionID, databaseID int) iter.Seq2[*Tag, error] {
	return listed(ctx, func(ctx context.Context) (*TagList, error) { return s.ListTags(ctx, subscriptionID, databaseID) })
}

// CreateTag adds a tag to a database.
//
// API: POST /subscriptions/{subscriptionId}/databases/{databaseId}/tags
func (s *DatabasesService) CreateTag(ctx context.Context, subscriptionID, databaseID int, req *TagSpec) (*Tag, error) {
	return fetch[Tag](ctx, s.client,
		post("/subscriptions/{subscriptionId}/databases/{databaseId}/tags", subscriptionID, databaseID).withBody(req))
}

// ReplaceTags replaces all tags of a database, and returns the new ones.
//
// API: PUT /subscriptions/{subscriptionId}/databases/{databaseId}/tags
func (s *DatabasesService) ReplaceTags(ctx context.Context, subscriptionID, databaseID int, req *TagsReplaceRequest) (*TagList, error) {
	return fetch[TagList](ctx, s.client,
		put("/subscriptions/{subscriptionId}/databases/{databaseId}/tags", subscriptionID, databaseID).withBody(req))
}

// UpdateTag changes the value of a tag.
//
// API: PUT /subscriptions/{subscriptionId}/databases/{databaseId}/tags/{tagKey}
func (s *DatabasesService) UpdateTag(ctx context.Context, tag TagRef, req *TagUpdateRequest) (*Tag, error) {
	return fetch[Tag](ctx, s.client,
		put("/subscriptions/{subscriptionId}/databases/{databaseId}/tags/{tagKey}", tag.SubscriptionID, tag.DatabaseID, tag.Key).withBody(req))
}

// DeleteTag removes a tag from a database.
//
// API: DELETE /subscriptions/{subscriptionId}/databases/{databaseId}/tags/{tagKey}
func (s *DatabasesService) DeleteTag(ctx context.Context, tag TagRef) error {
	return run(ctx, s.client,
		del("/subscriptions/{subscriptionId}/databases/{databaseId}/tags/{tagKey}", tag.SubscriptionID, tag.DatabaseID, tag.Key))
}

// A TagRef identifies a tag of a database.
type TagRef struct {
	SubscriptionID int
	DatabaseID     int
	Key            string
}

// A Tag is a key and a value attached to a database.
type Tag struct {
	Key       string `json:"key"`
	Value     string `json:"value"`
	CreatedAt Time   `json:"createdAt,omitzero"`
	UpdatedAt Time   `json:"updatedAt,omitzero"`
	Links     Links  `json:"links,omitempty"`
}

func (t *Tag) check() error {
	if t.Key == "" {
		return errors.New("missing tag key")
	}
	return nil
}

// TagList is the result of [DatabasesService.ListTags].
type TagList struct {
	AccountID int   `json:"accountId"`
	Tags      []Tag `json:"tags"`
	Links     Links `json:"links,omitempty"`
}

func (l *TagList) elements() []Tag { return l.Tags }

// A TagSpec is a tag to attach to a database.
type TagSpec struct {
	Key   string `json:"key"` // required
	Value string `json:"value"`
}

func (t *TagSpec) validate() error { return required("Key", t.Key != "") }

// TagsReplaceRequest holds the new tags of a database.
type TagsReplaceRequest struct {
	Tags []TagSpec `json:"tags"` // an empty list removes all; nil is rejected
}

func (r *TagsReplaceRequest) validate() error {
	return cmp.Or(
		required("Tags", r.Tags != nil),
		nestedEach("Tags", r.Tags))
}

// TagUpdateRequest holds the new value of a tag.
type TagUpdateRequest struct {
	Value string `json:"value"`
}
