package rediscloud

import "context"

// A NetworkRef names the network of a Pro subscription, or that of one region
// of an Active-Active subscription.
type NetworkRef struct {
	SubscriptionID int
	RegionID       int // of an Active-Active subscription; 0 for others
}

// route returns the route and the ids of what is below the network, such as
// "/transitGateways".
func (n NetworkRef) route(below string, ids ...any) (string, []any) {
	if n.RegionID == 0 {
		return "/subscriptions/{subscriptionId}" + below, append([]any{n.SubscriptionID}, ids...)
	}
	return "/subscriptions/{subscriptionId}/regions/{regionId}" + below, append([]any{n.SubscriptionID, n.RegionID}, ids...)
}

// command is the command type of a task that concerns the network.
func (n NetworkRef) command(pro, activeActive string) string {
	if n.RegionID == 0 {
		return pro
	}
	return activeActive
}

// waited turns a method that starts the task of a read into a read.
func waited[T any](submit func(context.Context) (*Task[T], error)) func(context.Context) (*T, error) {
	return func(ctx context.Context) (*T, error) {
		task, err := submit(ctx)
		if err != nil {
			return nil, err
		}
		return task.Wait(ctx)
	}
}
