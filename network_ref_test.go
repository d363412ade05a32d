package rediscloud

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestNetworkRef(t *testing.T) {
	for _, test := range []struct {
		network NetworkRef
		want    string // the path, or else the error
	}{
		{NetworkRef{SubscriptionID: 12}, "/subscriptions/12/things/5"},
		{NetworkRef{SubscriptionID: 12, RegionID: 3}, "/subscriptions/12/regions/3/things/5"},
		{NetworkRef{SubscriptionID: 12, RegionID: -1}, "regionId must be positive, not -1"},
		{NetworkRef{RegionID: 3}, "subscriptionId must be positive, not 0"},
	} {
		route, ids := test.network.route("/things/{thingId}", 5)
		path, err := expand(route, ids...)
		if err != nil {
			path = err.Error()
		}
		assert.Equal(t, test.want, path)
	}
	_, err := newWire(t).PrivateLink.Get(t.Context(), NetworkRef{SubscriptionID: 12, RegionID: -1})
	require.ErrorContains(t, err, "regionId must be positive")
}
