package rediscloud

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const essentialsPlanJSON = `{
	"id": 98183, "name": "Multi-AZ 5GB", "provider": "AZURE", "region": "east-us", "regionId": 4, "redisFlex": true,
	"size": 5, "datasetSize": 2.5, "sizeMeasurementUnit": "GB", "price": 100, "priceCurrency": "USD", "pricePeriod": "Month",
	"maximumDatabases": 1, "maximumThroughput": 10000, "maximumBandwidthGB": 200,
	"availability": "Multi-zone", "connections": "unlimited", "cidrAllowRules": 16,
	"supportDataPersistence": true, "supportInstantAndDailyBackups": true, "supportReplication": true,
	"supportClustering": true, "supportSsl": true, "supportedAlerts": ["datasets-size", "latency"], "customerSupport": "Standard",
	"links": [{"rel": "self", "href": "https://api.example.com/v1/fixed/plans/98183"}]}`

func wantEssentialsPlan() EssentialsPlan {
	return EssentialsPlan{
		ID: 98183, Name: "Multi-AZ 5GB", Provider: ProviderAzure, Region: "east-us", RegionID: 4, RedisFlex: true,
		Size: 5, DatasetSize: 2.5, SizeMeasurementUnit: SizeUnitGB, Price: 100, PriceCurrency: "USD", PricePeriod: "Month",
		MaximumDatabases: 1, MaximumThroughput: 10000, MaximumBandwidthGB: 200,
		Availability: AvailabilityMultiZone, Connections: ConnectionLimitUnlimited, CIDRAllowRules: 16,
		SupportDataPersistence: true, SupportInstantAndDailyBackups: true, SupportReplication: true,
		SupportClustering: true, SupportSSL: true, SupportedAlerts: []AlertName{AlertNameDatasetsSize, AlertNameLatency}, CustomerSupport: "Standard",
		Links: Links{{Rel: "self", Href: "https://api.example.com/v1/fixed/plans/98183"}},
	}
}

func TestEssentialsPlanAllMembers(t *testing.T) {
	want := wantEssentialsPlan()
	assertDecodes(t, want, essentialsPlanJSON)
	want.Links = nil
	assert.Equal(t, []string{".Links"}, unsetFields(want))
	assertDecodes(t, EssentialsPlanList{
		Plans: []EssentialsPlan{wantEssentialsPlan()}, Links: Links{{Rel: "self", Href: "/x"}},
	}, `{"plans":[`+essentialsPlanJSON+`],"links":[{"rel":"self","href":"/x"}]}`)
}

func TestAvailabilityForms(t *testing.T) {
	for text, want := range map[string]Availability{
		`"No replication"`: AvailabilityNoReplication,
		`"no-replication"`: AvailabilityNoReplication,
		`"Single-zone"`:    AvailabilitySingleZone,
		`"Multi-zone"`:     AvailabilityMultiZone,
		`"Some Day"`:       "Some Day",
		`""`:               "",
		`null`:             "",
		`7`:                "7",
	} {
		got := AvailabilityMultiZone
		require.NoError(t, json.Unmarshal([]byte(text), &got), text)
		assert.Equal(t, want, got, text)
	}
	assert.Error(t, json.Unmarshal([]byte(`{}`), new(Availability)))
}

func TestConnectionLimitForms(t *testing.T) {
	for text, want := range map[string]struct {
		limit ConnectionLimit
		n     int
		ok    bool
	}{
		`"1024"`:      {"1024", 1024, true},
		`30`:          {"30", 30, true},
		`"unlimited"`: {ConnectionLimitUnlimited, 0, false},
		`""`:          {"", 0, false},
		`null`:        {"", 0, false},
	} {
		got := ConnectionLimit("5")
		require.NoError(t, json.Unmarshal([]byte(text), &got), text)
		assert.Equal(t, want.limit, got, text)
		n, ok := got.Count()
		assert.Equal(t, want.n, n, text)
		assert.Equal(t, want.ok, ok, text)
	}
	assert.Error(t, json.Unmarshal([]byte(`{}`), new(ConnectionLimit)))
}

func TestEssentialsPlansGet(t *testing.T) {
	client := newWire(t,
		wire{method: "GET", path: "/fixed/plans/98183", answer: essentialsPlanJSON},
		wire{method: "GET", path: "/fixed/plans/5", status: 404},
		wire{method: "GET", path: "/fixed/plans/5", answer: `{}`})
	plan, err := client.EssentialsPlans.Get(t.Context(), 98183)
	require.NoError(t, err)
	want := wantEssentialsPlan()
	assert.Equal(t, &want, plan)
	_, err = client.EssentialsPlans.Get(t.Context(), 5)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = client.EssentialsPlans.Get(t.Context(), 5)
	var odd *DecodeError
	require.ErrorAs(t, err, &odd)
	_, err = client.EssentialsPlans.Get(t.Context(), 0)
	require.ErrorContains(t, err, "planId must be positive")
}

func TestEssentialsPlansList(t *testing.T) {
	for path, opts := range map[string]*EssentialsPlanListOptions{
		"/fixed/plans":                                nil,
		"/fixed/plans?provider=AZURE":                 {Provider: ProviderAzure},
		"/fixed/plans?redisFlex=false":                {RedisFlex: new(false)},
		"/fixed/plans?provider=AWS&redisFlex=true":    {Provider: ProviderAWS, RedisFlex: new(true)},
		"/fixed/plans?provider=A%26b&redisFlex=false": {Provider: "A&b", RedisFlex: new(false)},
	} {
		client := newWire(t, wire{method: "GET", path: path, answer: `{"plans":[` + essentialsPlanJSON + `]}`})
		list, err := client.EssentialsPlans.List(t.Context(), opts)
		require.NoError(t, err)
		assert.Equal(t, []EssentialsPlan{wantEssentialsPlan()}, list.Plans)
	}
}

func TestEssentialsPlansListForSubscription(t *testing.T) {
	client := newWire(t, wire{method: "GET", path: "/fixed/plans/subscriptions/12", answer: `{"plans":[{"id":1},{"id":2}]}`})
	list, err := client.EssentialsPlans.ListForSubscription(t.Context(), 12)
	require.NoError(t, err)
	assert.Equal(t, []EssentialsPlan{{ID: 1}, {ID: 2}}, list.Plans)
	_, err = client.EssentialsPlans.ListForSubscription(t.Context(), -1)
	require.ErrorContains(t, err, "subscriptionId must be positive")
}

// A price of 0 alone, which may just be missing, doesn't mean free.
func TestFreePlans(t *testing.T) {
	free := EssentialsPlan{ID: 1, Size: 30, SizeMeasurementUnit: SizeUnitMB, MaximumDatabases: 1}
	assert.True(t, free.Free())
	for name, change := range map[string]func(*EssentialsPlan){
		"a price":        func(p *EssentialsPlan) { p.Price = 0.5 },
		"paid by use":    func(p *EssentialsPlan) { p.Size = 0 },
		"clustering":     func(p *EssentialsPlan) { p.SupportClustering = true },
		"replication":    func(p *EssentialsPlan) { p.SupportReplication = true },
		"persistence":    func(p *EssentialsPlan) { p.SupportDataPersistence = true },
		"backups":        func(p *EssentialsPlan) { p.SupportInstantAndDailyBackups = true },
		"Redis Flex":     func(p *EssentialsPlan) { p.RedisFlex = true },
		"nothing at all": func(p *EssentialsPlan) { *p = EssentialsPlan{} },
	} {
		plan := free
		change(&plan)
		assert.False(t, plan.Free(), name)
	}
}
