package rediscloud

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// provisionWire is waitWire with WaitProvisioned.
func provisionWire[T any](t *testing.T, submit func(context.Context, *Client) (*Task[T], error), exchanges ...wire) (result *T, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		task, submitErr := submit(t.Context(), newWire(t, exchanges...))
		require.NoError(t, submitErr)
		result, err = task.WaitProvisioned(t.Context())
	})
	return result, err
}

// withoutValues returns a document with null for each value that isn't an
// object or an array.
func withoutValues(doc any) any {
	switch doc := doc.(type) {
	case map[string]any:
		for name, value := range doc {
			doc[name] = withoutValues(value)
		}
		return doc
	case []any:
		for i, value := range doc {
			doc[i] = withoutValues(value)
		}
		return doc
	}
	return nil
}

// assertDecodes checks the decoded document, and that it may lack any field, or
// have null for it at any depth.
func assertDecodes[T any](t *testing.T, want T, doc string) {
	t.Helper()
	var got, zero T
	require.NoError(t, read(doc, &got))
	assert.Equal(t, want, got)

	var members map[string]any
	require.NoError(t, json.Unmarshal([]byte(doc), &members))
	deep, err := json.Marshal(withoutValues(members))
	require.NoError(t, err)
	require.NoError(t, read(string(deep), new(T)))

	for name := range members {
		members[name] = nil
	}
	nulls, err := json.Marshal(members)
	require.NoError(t, err)
	for _, empty := range []string{`{}`, string(nulls), `{"unknown":{"a":[1]}}`} {
		var got T
		require.NoError(t, read(empty, &got), empty)
		assert.Equal(t, zero, got, empty)
	}
}

const subscription12 = `{"id":12,"name":"prod","status":"active"}`

func assertSubscription12(t *testing.T, s *Subscription, err error) {
	t.Helper()
	require.NoError(t, err)
	assert.Equal(t, &Subscription{ID: 12, Name: "prod", Status: SubscriptionStatusActive}, s)
}

func TestSubscriptionsGet(t *testing.T) {
	client := newWire(t, wire{method: "GET", path: "/subscriptions/12", answer: subscription12})
	s, err := client.Subscriptions.Get(t.Context(), 12)
	assertSubscription12(t, s, err)
}

func TestSubscriptionsGetFailures(t *testing.T) {
	client := newWire(t,
		wire{method: "GET", path: "/subscriptions/12", status: 404},
		wire{method: "GET", path: "/subscriptions/12", answer: `{}`},
		wire{method: "GET", path: "/subscriptions/12", answer: `null`},
	)
	_, err := client.Subscriptions.Get(t.Context(), 12)
	require.ErrorIs(t, err, ErrNotFound)
	for range 2 {
		_, err = client.Subscriptions.Get(t.Context(), 12)
		var odd *DecodeError
		require.ErrorAs(t, err, &odd)
	}
	_, err = client.Subscriptions.Get(t.Context(), 0)
	require.ErrorContains(t, err, "subscriptionId must be positive")
}

const subscriptionList = `{"accountId":7,"subscriptions":[` + subscription12 + `,{"id":13}],"links":[{"rel":"self","href":"https://x/subscriptions"}]}`

func TestSubscriptionsList(t *testing.T) {
	client := newWire(t, wire{method: "GET", path: "/subscriptions", answer: subscriptionList})
	list, err := client.Subscriptions.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 7, list.AccountID)
	require.Len(t, list.Subscriptions, 2)
	assert.Equal(t, 13, list.Subscriptions[1].ID)
}

func TestSubscriptionsAll(t *testing.T) {
	client := newWire(t,
		wire{method: "GET", path: "/subscriptions", answer: subscriptionList},
		wire{method: "GET", path: "/subscriptions", answer: subscriptionList},
		wire{method: "GET", path: "/subscriptions", answer: `{}`},
		wire{method: "GET", path: "/subscriptions", status: 403},
	)
	ids := func() (ids []int, err error) {
		for s, err := range client.Subscriptions.All(t.Context()) {
			if err != nil {
				assert.Nil(t, s)
				return ids, err
			}
			ids = append(ids, s.ID)
		}
		return ids, nil
	}
	all, err := ids()
	require.NoError(t, err)
	assert.Equal(t, []int{12, 13}, all)

	for s, err := range client.Subscriptions.All(t.Context()) {
		require.NoError(t, err)
		assert.Equal(t, 12, s.ID)
		break
	}

	all, err = ids()
	require.NoError(t, err)
	assert.Empty(t, all)

	_, err = ids()
	require.ErrorIs(t, err, ErrForbidden)
}

func smallSubscription() *SubscriptionCreateRequest {
	return &SubscriptionCreateRequest{
		CloudProviders: []CloudProviderSpec{{Regions: []CloudRegionSpec{{Region: "us-east-1"}}}},
		Databases:      []SubscriptionDatabaseSpec{{Name: "cache"}},
	}
}

const smallSubscriptionJSON = `{"cloudProviders":[{"regions":[{"region":"us-east-1"}]}],"databases":[{"name":"cache"}]}`

func TestSubscriptionsCreate(t *testing.T) {
	s, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[Subscription], error) {
			return c.Subscriptions.Create(ctx, smallSubscription())
		},
		wire{method: "POST", path: "/subscriptions", body: smallSubscriptionJSON, status: 202, answer: received},
		completed(`{"resourceId":12}`),
		wire{method: "GET", path: "/subscriptions/12", answer: `{"id":12,"status":"pending"}`},
		wire{method: "GET", path: "/subscriptions/12", answer: subscription12},
	)
	assertSubscription12(t, s, err)
}

func TestSubscriptionsCreateAwaitsKey(t *testing.T) {
	_, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[Subscription], error) {
			return c.Subscriptions.Create(ctx, smallSubscription())
		},
		wire{method: "POST", path: "/subscriptions", body: smallSubscriptionJSON, status: 202, answer: received},
		completed(`{"resourceId":12}`),
		wire{method: "GET", path: "/subscriptions/12", answer: `{"id":12,"status":"encryption_key_pending"}`},
	)
	var failed *ProvisionError
	require.ErrorAs(t, err, &failed)
	assert.True(t, failed.ActionRequired)
}

func TestSubscriptionsCreateDryRun(t *testing.T) {
	req := smallSubscription()
	pricing, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[Pricing], error) {
			return c.Subscriptions.CreateDryRun(ctx, req)
		},
		wire{method: "POST", path: "/subscriptions", body: strings.TrimSuffix(smallSubscriptionJSON, "}") + `,"dryRun":true}`, status: 202, answer: received},
		completed(`{"resource":{"pricing":[{"databaseName":"cache","type":"Shards","quantity":2}]}}`),
	)
	require.NoError(t, err)
	assert.Equal(t, &Pricing{Items: []PricingItem{{DatabaseName: "cache", Type: "Shards", Quantity: 2}}}, pricing)
}

func TestSubscriptionsUpdate(t *testing.T) {
	s, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[Subscription], error) {
			return c.Subscriptions.Update(ctx, 12, &SubscriptionUpdateRequest{Name: new("prod")})
		},
		wire{method: "PUT", path: "/subscriptions/12", body: `{"name":"prod"}`, answer: received},
		completed(`{}`),
		wire{method: "GET", path: "/subscriptions/12", answer: subscription12},
	)
	assertSubscription12(t, s, err)
}

func TestSubscriptionsUpdateEncryptionKeys(t *testing.T) {
	s, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[Subscription], error) {
			return c.Subscriptions.UpdateEncryptionKeys(ctx, 12, &EncryptionKeysUpdateRequest{
				CustomerManagedKeys: []CustomerManagedKey{{ResourceName: "key"}},
			})
		},
		wire{method: "PUT", path: "/subscriptions/12", body: `{"customerManagedKeys":[{"resourceName":"key"}]}`, answer: received},
		completed(`{}`),
		wire{method: "GET", path: "/subscriptions/12", answer: subscription12},
	)
	assertSubscription12(t, s, err)
}

func TestSubscriptionsDelete(t *testing.T) {
	_, err := provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) { return c.Subscriptions.Delete(ctx, 12) },
		wire{method: "DELETE", path: "/subscriptions/12", answer: received},
		completed(`{}`),
		wire{method: "GET", path: "/subscriptions/12", answer: `{"id":12,"status":"deleting"}`},
		wire{method: "GET", path: "/subscriptions/12", status: 404, times: 2},
	)
	require.NoError(t, err)
}

func TestSubscriptionsRedisVersions(t *testing.T) {
	const answer = `{"redisVersions":[
		{"version":"7.4","eolDate":"2027-11-30","isPreview":false,"isDefault":true},
		{"version":"8.4","eolDate":null,"isPreview":true,"isDefault":false}]}`
	client := newWire(t,
		wire{method: "GET", path: "/subscriptions/redis-versions", answer: answer},
		wire{method: "GET", path: "/subscriptions/redis-versions", answer: `{"redisVersions":[]}`},
		wire{method: "GET", path: "/subscriptions/redis-versions?subscriptionId=12", answer: answer},
	)
	list, err := client.Subscriptions.ListRedisVersions(t.Context(), nil)
	require.NoError(t, err)
	require.Len(t, list.Versions, 2)
	assert.Equal(t, "2027-11-30", list.Versions[0].EOLDate.Format("2006-01-02"))
	assert.Equal(t, "7.4", list.Versions[0].Version)
	assert.True(t, list.Versions[0].IsDefault)
	assert.Equal(t, RedisVersion{Version: "8.4", IsPreview: true}, list.Versions[1])

	list, err = client.Subscriptions.ListRedisVersions(t.Context(), &RedisVersionsOptions{})
	require.NoError(t, err)
	assert.Empty(t, list.Versions)

	_, err = client.Subscriptions.ListRedisVersions(t.Context(), &RedisVersionsOptions{SubscriptionID: 12})
	require.NoError(t, err)
}

// An invalid request is refused before anything is sent.
func TestSubscriptionsRefuse(t *testing.T) {
	client, ctx := newWire(t), t.Context()
	s := client.Subscriptions
	for name, call := range map[string]func() error{
		"Create nil":                    func() error { _, err := s.Create(ctx, nil); return err },
		"Create empty":                  func() error { _, err := s.Create(ctx, &SubscriptionCreateRequest{}); return err },
		"CreateDryRun nil":              func() error { _, err := s.CreateDryRun(ctx, nil); return err },
		"Update nil":                    func() error { _, err := s.Update(ctx, 12, nil); return err },
		"Update id":                     func() error { _, err := s.Update(ctx, 0, &SubscriptionUpdateRequest{}); return err },
		"UpdateEncryptionKeys nil":      func() error { _, err := s.UpdateEncryptionKeys(ctx, 12, nil); return err },
		"Delete id":                     func() error { _, err := s.Delete(ctx, -1); return err },
		"GetPricing id":                 func() error { _, err := s.GetPricing(ctx, 0); return err },
		"ReplaceResourceTags nil":       func() error { _, err := s.ReplaceResourceTags(ctx, 12, nil); return err },
		"ReplaceResourceTags nil list":  func() error { _, err := s.ReplaceResourceTags(ctx, 12, &ResourceTagsReplaceRequest{}); return err },
		"GetCIDRAllowlist id":           func() error { _, err := s.GetCIDRAllowlist(ctx, 0); return err },
		"UpdateCIDRAllowlist nil":       func() error { _, err := s.UpdateCIDRAllowlist(ctx, 12, nil); return err },
		"GetMaintenanceWindows id":      func() error { _, err := s.GetMaintenanceWindows(ctx, 0); return err },
		"ReplaceMaintenanceWindows nil": func() error { _, err := s.ReplaceMaintenanceWindows(ctx, 12, nil); return err },
		"ListRegions id":                func() error { _, err := s.ListRegions(ctx, 0); return err },
		"CreateRegion nil":              func() error { _, err := s.CreateRegion(ctx, 12, nil); return err },
		"CreateRegionDryRun nil":        func() error { _, err := s.CreateRegionDryRun(ctx, 12, nil); return err },
		"DeleteRegions nil":             func() error { _, err := s.DeleteRegions(ctx, 12, nil); return err },
		"DeleteRegionsDryRun nil":       func() error { _, err := s.DeleteRegionsDryRun(ctx, 12, nil); return err },
	} {
		t.Run(name, func(t *testing.T) { require.Error(t, call()) })
	}
}
