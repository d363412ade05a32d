package rediscloud

// Pricing is what something costs: a subscription, or what a dry run planned.
type Pricing struct {
	Items []PricingItem `json:"pricing"`
}

var pricingKind = newKind[Pricing]("Pricing", kind{})

// A PricingItem is one item of Pricing. Its cost is Quantity times
// PricePerUnit, in each PricePeriod.
type PricingItem struct {
	DatabaseName        string  `json:"databaseName,omitempty"`        // only in dry runs
	Region              string  `json:"region,omitempty"`              // if it has one
	Type                string  `json:"type"`                          // such as "Shards" or "MinimumPrice"
	TypeDetails         string  `json:"typeDetails,omitempty"`         // such as "high-throughput"
	Quantity            int     `json:"quantity"`                      // in units of QuantityMeasurement
	QuantityMeasurement string  `json:"quantityMeasurement,omitempty"` // such as "shards"
	PricePerUnit        float64 `json:"pricePerUnit"`                  // 0 if the item has no separate price
	PriceCurrency       string  `json:"priceCurrency,omitempty"`       // such as "USD"
	PricePeriod         string  `json:"pricePeriod,omitempty"`         // such as "hour"
}
