package rediscloud

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSubscriptionsPricing(t *testing.T) {
	client := newWire(t, wire{method: "GET", path: "/subscriptions/12/pricing", answer: `{"pricing":[{"type":"Shards"},{"type":"MinimumPrice"}]}`})
	pricing, err := client.Subscriptions.GetPricing(t.Context(), 12)
	require.NoError(t, err)
	assert.Equal(t, &Pricing{Items: []PricingItem{{Type: "Shards"}, {Type: "MinimumPrice"}}}, pricing)
}

func TestPricingDecodes(t *testing.T) {
	assertDecodes(t, Pricing{Items: []PricingItem{{
		DatabaseName:        "cache",
		Region:              "us-east-1",
		Type:                "Shards",
		TypeDetails:         "high-throughput",
		Quantity:            7,
		QuantityMeasurement: "shards",
		PricePerUnit:        0.124,
		PriceCurrency:       "USD",
		PricePeriod:         "hour",
	}}}, `{"pricing":[{"databaseName":"cache","region":"us-east-1","type":"Shards","typeDetails":"high-throughput","quantity":7,
		"quantityMeasurement":"shards","pricePerUnit":0.124,"priceCurrency":"USD","pricePeriod":"hour"}]}`)
}
