package rediscloud

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNetworkRefRoute(t *testing.T) {
	route, ids := NetworkRef{SubscriptionID: 12}.route("/things/{thingId}", 5)
	assert.Equal(t, "/subscriptions/{subscriptionId}/things/{thingId}", route)
	assert.Equal(t, []any{12, 5}, ids)

	route, ids = NetworkRef{SubscriptionID: 12, RegionID: 3}.route("/things")
	assert.Equal(t, "/subscriptions/{subscriptionId}/regions/{regionId}/things", route)
	assert.Equal(t, []any{12, 3}, ids)

	for want, network := range map[string]NetworkRef{
		"subscriptionId must be positive, not 0": {},
		"regionId must be positive, not -3":      {SubscriptionID: 12, RegionID: -3},
	} {
		route, ids := network.route("/things")
		assert.ErrorContains(t, get(route, ids...).err, want)
	}
}
