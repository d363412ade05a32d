package rediscloud

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const essentialsSubscriptionJSON = `{
	"id": 12, "name": "small", "status": "active", "databaseStatus": "draft", "creationDate": "2022-11-21T20:02:21.5Z",
	"paymentMethodType": "credit-card", "paymentMethodId": 8241,
	"planId": 98276, "planName": "Standard 1GB", "planType": "pay-as-you-go", "provider": "AWS", "region": "us-west-1",
	"size": 1.5, "sizeMeasurementUnit": "GB", "price": 22.5, "priceCurrency": "USD", "pricePeriod": "Month",
	"maximumDatabases": 3, "availability": "Single-zone", "connections": "1024", "cidrAllowRules": 8,
	"supportDataPersistence": true, "supportInstantAndDailyBackups": true, "supportReplication": true, "supportClustering": true,
	"customerSupport": "Standard", "links": [{"rel": "self", "href": "/x"}]}`

func wantEssentialsSubscription() EssentialsSubscription {
	return EssentialsSubscription{
		ID: 12, Name: "small", Status: SubscriptionStatusActive, DatabaseStatus: DatabaseStatusDraft,
		CreationDate:      Time{Time: time.Date(2022, 11, 21, 20, 2, 21, 5e8, time.UTC)},
		PaymentMethodType: PaymentMethodCreditCard, PaymentMethodID: 8241,
		PlanID: 98276, PlanName: "Standard 1GB", PlanType: PlanTypePayAsYouGo, Provider: ProviderAWS, Region: "us-west-1",
		Size: 1.5, SizeMeasurementUnit: SizeUnitGB, Price: 22.5, PriceCurrency: "USD", PricePeriod: "Month",
		MaximumDatabases: 3, Availability: AvailabilitySingleZone, Connections: "1024", CIDRAllowRules: 8,
		SupportDataPersistence: true, SupportInstantAndDailyBackups: true, SupportReplication: true, SupportClustering: true,
		CustomerSupport: "Standard", Links: Links{{Rel: "self", Href: "/x"}},
	}
}

func TestEssentialsSubscriptionAllMembers(t *testing.T) {
	want := wantEssentialsSubscription()
	assertDecodes(t, want, essentialsSubscriptionJSON)
	want.Links = nil
	assert.Equal(t, []string{".Links"}, unsetFields(want))
	assertDecodes(t, EssentialsSubscription{
		ID: 12, Connections: "30", CreationDate: Time{Time: time.Date(2022, 11, 20, 0, 0, 0, 0, time.UTC)}, Availability: AvailabilityNoReplication,
	}, `{"id":12,"connections":30,"creationDate":"20-Nov-2022","availability":"no-replication"}`)
	assertDecodes(t, EssentialsSubscriptionList{
		AccountID: 7, Subscriptions: []EssentialsSubscription{wantEssentialsSubscription()}, Links: Links{{Rel: "self", Href: "/y"}},
	}, `{"accountId":7,"subscriptions":[`+essentialsSubscriptionJSON+`],"links":[{"rel":"self","href":"/y"}]}`)
}

// readEssentials is the read of the subscription that the task tests use.
func readEssentials(status string) wire {
	return wire{method: "GET", path: "/fixed/subscriptions/12", answer: `{"id":12,"status":"` + status + `"}`}
}

func TestEssentialsSubscriptionsGet(t *testing.T) {
	client := newWire(t,
		wire{method: "GET", path: "/fixed/subscriptions/12", answer: essentialsSubscriptionJSON},
		wire{method: "GET", path: "/fixed/subscriptions/12", status: 404},
		wire{method: "GET", path: "/fixed/subscriptions/12", answer: `{}`})
	s, err := client.EssentialsSubscriptions.Get(t.Context(), 12)
	require.NoError(t, err)
	want := wantEssentialsSubscription()
	assert.Equal(t, &want, s)
	_, err = client.EssentialsSubscriptions.Get(t.Context(), 12)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = client.EssentialsSubscriptions.Get(t.Context(), 12)
	var odd *DecodeError
	require.ErrorAs(t, err, &odd)
}

func TestEssentialsSubscriptionsListAndAll(t *testing.T) {
	const answer = `{"accountId":7,"subscriptions":[{"id":12},{"id":13}]}`
	client := newWire(t,
		wire{method: "GET", path: "/fixed/subscriptions", answer: answer},
		wire{method: "GET", path: "/fixed/subscriptions", answer: answer},
		wire{method: "GET", path: "/fixed/subscriptions", status: 403})
	list, err := client.EssentialsSubscriptions.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, &EssentialsSubscriptionList{AccountID: 7, Subscriptions: []EssentialsSubscription{{ID: 12}, {ID: 13}}}, list)

	var ids []int
	for s, err := range client.EssentialsSubscriptions.All(t.Context()) {
		require.NoError(t, err)
		ids = append(ids, s.ID)
	}
	assert.Equal(t, []int{12, 13}, ids)
	for s, err := range client.EssentialsSubscriptions.All(t.Context()) {
		assert.Nil(t, s)
		require.ErrorIs(t, err, ErrForbidden)
	}
}

func TestEssentialsSubscriptionsCreate(t *testing.T) {
	create := func(ctx context.Context, c *Client) (*Task[EssentialsSubscription], error) {
		return c.EssentialsSubscriptions.Create(ctx, &EssentialsSubscriptionCreateRequest{Name: "small", PlanID: 98276})
	}
	post := wire{method: "POST", path: "/fixed/subscriptions", body: `{"name":"small","planId":98276}`, status: 202, answer: received}

	s, err := waitWire(t, create, post, completed(`{"resourceId":12}`), readEssentials("pending"))
	require.NoError(t, err)
	assert.Equal(t, &EssentialsSubscription{ID: 12, Status: SubscriptionStatusPending}, s)

	s, err = provisionWire(t, create, post, completed(`{"resourceId":12}`), readEssentials("pending"), readEssentials("active"))
	require.NoError(t, err)
	assert.Equal(t, &EssentialsSubscription{ID: 12, Status: SubscriptionStatusActive}, s)

	_, err = provisionWire(t, create, post, completed(`{"resourceId":12}`), readEssentials("error"))
	var failed *ProvisionError
	require.ErrorAs(t, err, &failed)
}

func TestEssentialsSubscriptionsUpdate(t *testing.T) {
	s, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[EssentialsSubscription], error) {
			return c.EssentialsSubscriptions.Update(ctx, 12, &EssentialsSubscriptionUpdateRequest{PlanID: new(98183)})
		},
		wire{method: "PUT", path: "/fixed/subscriptions/12", body: `{"planId":98183}`, status: 202, answer: received},
		completed(`{}`), readEssentials("pending"), readEssentials("active"))
	require.NoError(t, err)
	assert.Equal(t, 12, s.ID)
}

func TestEssentialsSubscriptionsDelete(t *testing.T) {
	_, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) {
			return c.EssentialsSubscriptions.Delete(ctx, 12)
		},
		wire{method: "DELETE", path: "/fixed/subscriptions/12", answer: received},
		completed(`{"resourceId":12}`), readEssentials("deleting"),
		wire{method: "GET", path: "/fixed/subscriptions/12", status: 404, times: 2})
	require.NoError(t, err)
}

func TestEssentialsSubscriptionsRedisVersions(t *testing.T) {
	client := newWire(t, wire{method: "GET", path: "/fixed/redis-versions?subscriptionId=12", answer: `{"redisVersions":[{"version":"7.4","isDefault":true}]}`})
	list, err := client.EssentialsSubscriptions.ListRedisVersions(t.Context(), 12)
	require.NoError(t, err)
	assert.Equal(t, []RedisVersion{{Version: "7.4", IsDefault: true}}, list.Versions)
	_, err = client.EssentialsSubscriptions.ListRedisVersions(t.Context(), 0)
	require.EqualError(t, err, "rediscloud: GET /fixed/redis-versions: subscriptionId must be at least 1, not 0")
}

func TestEssentialsSubscriptionRequests(t *testing.T) {
	create := &EssentialsSubscriptionCreateRequest{Name: "a", PlanID: 1, PaymentMethod: new(PaymentMethodCreditCard), PaymentMethodID: new(5)}
	update := &EssentialsSubscriptionUpdateRequest{Name: new("a"), PlanID: new(1), PaymentMethod: new(PaymentMethodMarketplace), PaymentMethodID: new(5)}
	for want, request := range map[string]any{
		`{"name":"a","planId":1,"paymentMethod":"credit-card","paymentMethodId":5}`: create,
		`{"name":"a","planId":1,"paymentMethod":"marketplace","paymentMethodId":5}`: update,
		`{}`: &EssentialsSubscriptionUpdateRequest{},
	} {
		got, err := json.Marshal(request)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(got))
	}
	assert.Empty(t, unsetFields(create))
	assert.Empty(t, unsetFields(update))

	checkValidate(t, create, "")
	checkValidate(t, update, "")
	checkValidate(t, &EssentialsSubscriptionCreateRequest{PlanID: 1}, "Name is required")
	checkValidate(t, &EssentialsSubscriptionCreateRequest{Name: "a"}, "PlanID is required")
	checkValidate(t, &EssentialsSubscriptionCreateRequest{Name: "a", PlanID: -1}, "PlanID must be at least 1, not -1")
	checkValidate(t, &EssentialsSubscriptionCreateRequest{Name: "a", PlanID: 1, PaymentMethod: new(PaymentMethodCreditCard)},
		"PaymentMethodID is required with PaymentMethod credit-card")
	checkValidate(t, &EssentialsSubscriptionCreateRequest{Name: "a", PlanID: 1, PaymentMethod: new(PaymentMethodMarketplace)}, "")
	checkValidate(t, &EssentialsSubscriptionUpdateRequest{}, "")
	checkValidate(t, &EssentialsSubscriptionUpdateRequest{Name: new("")}, "Name must not be empty")
	checkValidate(t, &EssentialsSubscriptionUpdateRequest{PlanID: new(0)}, "PlanID must be at least 1, not 0")
	checkValidate(t, &EssentialsSubscriptionUpdateRequest{PaymentMethod: new(PaymentMethodCreditCard)},
		"PaymentMethodID is required with PaymentMethod credit-card")
}
