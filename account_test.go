package rediscloud

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAccountGet(t *testing.T) {
	client := newWire(t,
		wire{method: "GET", path: "/", answer: `{"account":{
			"id":1001,"name":"Example","createdTimestamp":"2018-12-23T15:15:31Z","updatedTimestamp":"2022-10-12T10:54:10Z",
			"pocStatus":"inactive","marketplaceStatus":"active",
			"key":{"name":"ci","accountId":1001,"accountName":"Example","allowedSourceIps":["0.0.0.0/0"],
				"createdTimestamp":"2022-05-11T12:05:47Z","owner":{"name":"A User","email":"user@example.com"},
				"userAccountId":1,"httpSourceIp":"192.0.2.1"}},
			"links":[{"rel":"self","href":"/"}]}`},
		wire{method: "GET", path: "/", answer: `{}`},
		wire{method: "GET", path: "/", answer: `{"account":null,"links":null}`},
		wire{method: "GET", path: "/", status: 401},
	)
	account, err := client.Account.Get(t.Context())
	require.NoError(t, err)
	assert.Equal(t, &Account{
		ID: 1001, Name: "Example",
		CreatedTimestamp: Time{Time: time.Date(2018, 12, 23, 15, 15, 31, 0, time.UTC)},
		UpdatedTimestamp: Time{Time: time.Date(2022, 10, 12, 10, 54, 10, 0, time.UTC)},
		POCStatus:        "inactive", MarketplaceStatus: "active",
		Key: APIKey{
			Name: "ci", AccountID: 1001, AccountName: "Example", AllowedSourceIPs: []string{"0.0.0.0/0"},
			CreatedTimestamp: Time{Time: time.Date(2022, 5, 11, 12, 5, 47, 0, time.UTC)},
			Owner:            APIKeyOwner{Name: "A User", Email: "user@example.com"},
			UserAccountID:    1, HTTPSourceIP: "192.0.2.1",
		},
		Links: Links{{Rel: "self", Href: "/"}},
	}, account)
	for range 2 {
		_, err = client.Account.Get(t.Context())
		var odd *DecodeError
		require.ErrorAs(t, err, &odd)
	}
	_, err = client.Account.Get(t.Context())
	require.ErrorIs(t, err, ErrUnauthorized)
}

func TestAccountDecodes(t *testing.T) {
	assertDecodes(t, Account{ID: 1, Key: APIKey{Name: "k", Owner: APIKeyOwner{Name: "o"}}}, `{"id":1,"key":{"name":"k","owner":{"name":"o"}}}`)
}

func TestAccountLists(t *testing.T) {
	client := newWire(t,
		wire{method: "GET", path: "/payment-methods", answer: paymentMethodsJSON},
		wire{method: "GET", path: "/regions", answer: regionsJSON},
		wire{method: "GET", path: "/regions?provider=GCP", answer: `{"regions":[]}`},
		wire{method: "GET", path: "/database-modules", answer: modulesJSON},
		wire{method: "GET", path: "/data-persistence", answer: persistenceJSON},
		wire{method: "GET", path: "/query-performance-factors", answer: factorsJSON},
	)
	ctx := t.Context()
	cards, err := client.Account.ListPaymentMethods(ctx)
	require.NoError(t, err)
	assert.Equal(t, CardDigits("9349"), cards.PaymentMethods[0].CreditCardEndsWith)

	regions, err := client.Account.ListRegions(ctx, nil)
	require.NoError(t, err)
	assert.Equal(t, "us-east-1", regions.Regions[0].Name)
	regions, err = client.Account.ListRegions(ctx, &RegionListOptions{Provider: ProviderGCP})
	require.NoError(t, err)
	assert.Empty(t, regions.Regions)

	modules, err := client.Account.ListDatabaseModules(ctx)
	require.NoError(t, err)
	assert.Equal(t, "RediSearch", modules.Modules[1].Name)
	persistence, err := client.Account.ListDataPersistenceOptions(ctx)
	require.NoError(t, err)
	assert.Equal(t, DataPersistenceAOFEveryWrite, persistence.DataPersistence[0].Name)
	factors, err := client.Account.ListQueryPerformanceFactors(ctx)
	require.NoError(t, err)
	assert.Equal(t, []string{"2x", "4x"}, factors.QueryPerformanceFactors)
}

const linksJSON = `"links":[{"rel":"self","href":"/x"}]`

var selfX = Links{{Rel: "self", Href: "/x"}}

const (
	paymentMethodsJSON = `{"accountId":1001,"paymentMethods":[
		{"id":2,"type":"Visa","creditCardEndsWith":"9349","nameOnCard":"A User","expirationMonth":2,"expirationYear":2026,` + linksJSON + `},
		{"id":3,"creditCardEndsWith":42,"isDefaultForShopper":true},{"id":4,"creditCardEndsWith":null},{"id":5,"creditCardEndsWith":"0042"}],` + linksJSON + `}`
	regionsJSON = `{"regions":[{"id":1,"name":"us-east-1","provider":"AWS"}],` + linksJSON + `}`
	modulesJSON = `{"modules":[
		{"name":"RedisJSON","capabilityName":"JSON","description":"documents","parameters":[]},
		{"name":"RediSearch","parameters":[
			{"name":"number-of-documents","description":"how many","type":"integer","defaultValue":1000000,"required":true},
			{"name":"mode","type":"string","defaultValue":"fast"},{"name":"other","defaultValue":null}]}],` + linksJSON + `}`
	persistenceJSON = `{"dataPersistence":[{"name":"aof-every-write","description":"each write"}],` + linksJSON + `}`
	factorsJSON     = `{"queryPerformanceFactors":["2x","4x"],` + linksJSON + `}`
)

func TestAccountListsDecode(t *testing.T) {
	assertDecodes(t, PaymentMethodList{
		AccountID: 1001,
		PaymentMethods: []PaymentCard{
			{ID: 2, Type: "Visa", CreditCardEndsWith: "9349", NameOnCard: "A User", ExpirationMonth: 2, ExpirationYear: 2026, Links: selfX},
			{ID: 3, CreditCardEndsWith: "0042", IsDefault: true}, {ID: 4}, {ID: 5, CreditCardEndsWith: "0042"},
		},
		Links: selfX,
	}, paymentMethodsJSON)
	assertDecodes(t, RegionList{Regions: []Region{{ID: 1, Name: "us-east-1", Provider: ProviderAWS}}, Links: selfX}, regionsJSON)
	assertDecodes(t, ModuleList{
		Modules: []Module{
			{Name: "RedisJSON", CapabilityName: "JSON", Description: "documents", Parameters: []ModuleParameter{}},
			{Name: "RediSearch", Parameters: []ModuleParameter{
				{Name: "number-of-documents", Description: "how many", Type: "integer", DefaultValue: 1e6, Required: true},
				{Name: "mode", Type: "string", DefaultValue: "fast"}, {Name: "other"},
			}},
		},
		Links: selfX,
	}, modulesJSON)
	assertDecodes(t, DataPersistenceList{DataPersistence: []DataPersistenceOption{{Name: DataPersistenceAOFEveryWrite, Description: "each write"}}, Links: selfX}, persistenceJSON)
	assertDecodes(t, QueryPerformanceFactorList{QueryPerformanceFactors: []string{"2x", "4x"}, Links: selfX}, factorsJSON)

	var digits CardDigits
	require.Error(t, digits.UnmarshalJSON([]byte(`{}`)))
}

func TestAccountWithoutClient(t *testing.T) {
	_, err := (&AccountService{}).Get(context.Background())
	require.ErrorIs(t, err, errNoClient)
}
