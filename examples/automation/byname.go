package main

import (
	"context"
	"fmt"

	"github.com/rediscloud-go/rediscloud"
)

// Until the library has GetByName.

type ambiguousNameError struct{ ids []int }

func (e *ambiguousNameError) Error() string { return fmt.Sprintf("several have this name: %v", e.ids) }

func subscriptionByName(ctx context.Context, service *rediscloud.SubscriptionsService, name string) (*rediscloud.Subscription, error) {
	var found []*rediscloud.Subscription
	var ids []int
	for sub, err := range service.All(ctx) {
		if err != nil {
			return nil, err
		}
		if sub.Name == name {
			found = append(found, sub)
			ids = append(ids, sub.ID)
		}
	}
	switch len(found) {
	case 0:
		return nil, rediscloud.ErrNotFound
	case 1:
		return found[0], nil
	}
	return nil, &ambiguousNameError{ids}
}

func databaseByName(ctx context.Context, service *rediscloud.DatabasesService, subscriptionID int, name string) (*rediscloud.Database, error) {
	for db, err := range service.All(ctx, subscriptionID, nil) {
		if err != nil {
			return nil, err
		}
		if db.Name == name {
			return db, nil
		}
	}
	return nil, rediscloud.ErrNotFound
}
