package rediscloud

import (
	"context"
	"iter"
)

// ListTags returns all tags of a database.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/tags
func (s *EssentialsDatabasesService) ListTags(ctx context.Context, subscriptionID, databaseID int) (*TagList, error) {
	return fetch[TagList](ctx, s.client,
		get("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/tags", subscriptionID, databaseID))
}

// AllTags iterates over the tags that [EssentialsDatabasesService.ListTags]
// returns. On failure it yields the error and stops.
//
// API: GET /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/tags
func (s *EssentialsDatabasesService) AllTags(ctx context.Context, subscriptionID, databaseID int) iter.Seq2[*Tag, error] {
	return listed(ctx, func(ctx context.Context) (*TagList, error) { return s.ListTags(ctx, subscriptionID, databaseID) })
}

// CreateTag adds a tag to a database.
//
// API: POST /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/tags
func (s *EssentialsDatabasesService) CreateTag(ctx context.Context, subscriptionID, databaseID int, req *TagSpec) (*Tag, error) {
	return fetch[Tag](ctx, s.client,
		post("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/tags", subscriptionID, databaseID).withBody(req))
}

// ReplaceTags replaces all tags of a database, and returns the new ones.
//
// API: PUT /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/tags
func (s *EssentialsDatabasesService) ReplaceTags(ctx context.Context, subscriptionID, databaseID int, req *TagsReplaceRequest) (*TagList, error) {
	return fetch[TagList](ctx, s.client,
		put("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/tags", subscriptionID, databaseID).withBody(req))
}

// UpdateTag changes the value of a tag.
//
// API: PUT /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/tags/{tagKey}
func (s *EssentialsDatabasesService) UpdateTag(ctx context.Context, tag TagRef, req *TagUpdateRequest) (*Tag, error) {
	return fetch[Tag](ctx, s.client,
		put("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/tags/{tagKey}", tag.SubscriptionID, tag.DatabaseID, tag.Key).withBody(req))
}

// DeleteTag removes a tag from a database.
//
// API: DELETE /fixed/subscriptions/{subscriptionId}/databases/{databaseId}/tags/{tagKey}
func (s *EssentialsDatabasesService) DeleteTag(ctx context.Context, tag TagRef) error {
	return run(ctx, s.client,
		del("/fixed/subscriptions/{subscriptionId}/databases/{databaseId}/tags/{tagKey}", tag.SubscriptionID, tag.DatabaseID, tag.Key))
}
