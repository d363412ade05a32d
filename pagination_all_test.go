package rediscloud

import (
	"context"
	"iter"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// For each method that lists, another one iterates.
func TestEveryListHasAnIterator(t *testing.T) {
	client := reflect.TypeFor[Client]()
	isList := func(result reflect.Type) bool {
		name := yielded(result).Name()
		return strings.HasSuffix(name, "List") && name != "QueryPerformanceFactorList" // of strings
	}
	lists := 0
	for i := range client.NumField() {
		if !client.Field(i).IsExported() {
			continue
		}
		service := reflect.PointerTo(client.Field(i).Type)
		for j := range service.NumMethod() {
			method := service.Method(j)
			if !strings.HasPrefix(method.Name, "List") || !isList(method.Type.Out(0)) {
				continue
			}
			lists++
			name := "All" + strings.TrimPrefix(method.Name, "List")
			all, ok := service.MethodByName(name)
			if assert.True(t, ok, "%s has no %s", client.Field(i).Name, name) {
				assert.True(t, all.Type.Out(0).CanSeq2(), name)
				assert.Equal(t, method.Type.NumIn(), all.Type.NumIn(), "%s takes what %s does", name, method.Name)
			}
		}
	}
	assert.GreaterOrEqual(t, lists, 30)
}

// asAny yields the elements of an iterator as values that can be compared.
func asAny[T any](seq iter.Seq2[*T, error]) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for element, err := range seq {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(*element, nil) {
				return
			}
		}
	}
}

// Lists that the API returns at once: one request, sent when the loop starts.
func TestAllOfAList(t *testing.T) {
	for path, test := range map[string]struct {
		all  func(context.Context, *Client) iter.Seq2[any, error]
		doc  string
		want []any
	}{
		"/payment-methods": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.Account.AllPaymentMethods(ctx))
		}, `{"paymentMethods":[{"id":1},{"id":2}]}`, []any{PaymentCard{ID: 1}, PaymentCard{ID: 2}}},
		"/regions?provider=AWS": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.Account.AllRegions(ctx, &RegionListOptions{Provider: ProviderAWS}))
		}, `{"regions":[{"name":"a"},{"name":"b"}]}`, []any{Region{Name: "a"}, Region{Name: "b"}}},
		"/database-modules": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.Account.AllDatabaseModules(ctx))
		}, `{"modules":[{"name":"a"},{"name":"b"}]}`, []any{Module{Name: "a"}, Module{Name: "b"}}},
		"/data-persistence": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.Account.AllDataPersistenceOptions(ctx))
		}, `{"dataPersistence":[{"name":"none"},{"name":"aof"}]}`, []any{DataPersistenceOption{Name: "none"}, DataPersistenceOption{Name: "aof"}}},
		"/subscriptions/12/databases/34/tags": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.Databases.AllTags(ctx, 12, 34))
		}, `{"tags":[{"key":"a"},{"key":"b"}]}`, []any{Tag{Key: "a"}, Tag{Key: "b"}}},
		"/fixed/subscriptions/12/databases/34/tags": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.EssentialsDatabases.AllTags(ctx, 12, 34))
		}, `{"tags":[{"key":"a"},{"key":"b"}]}`, []any{Tag{Key: "a"}, Tag{Key: "b"}}},
		"/subscriptions/12/databases/34/available-target-versions": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.Databases.AllTargetVersions(ctx, 12, 34))
		}, `{"targets":[{"redisVersion":"7.2"},{"redisVersion":"7.4"}]}`, []any{TargetVersion{"7.2"}, TargetVersion{"7.4"}}},
		"/fixed/subscriptions/12/databases/34/available-target-versions": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.EssentialsDatabases.AllTargetVersions(ctx, 12, 34))
		}, `{"targets":[{"redisVersion":"7.2"},{"redisVersion":"7.4"}]}`, []any{TargetVersion{"7.2"}, TargetVersion{"7.4"}}},
		"/subscriptions/redis-versions": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.Subscriptions.AllRedisVersions(ctx, nil))
		}, `{"redisVersions":[{"version":"7.2"},{"version":"7.4"}]}`, []any{RedisVersion{Version: "7.2"}, RedisVersion{Version: "7.4"}}},
		"/fixed/redis-versions?subscriptionId=12": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.EssentialsSubscriptions.AllRedisVersions(ctx, 12))
		}, `{"redisVersions":[{"version":"7.2"},{"version":"7.4"}]}`, []any{RedisVersion{Version: "7.2"}, RedisVersion{Version: "7.4"}}},
		"/subscriptions/12/regions": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.Subscriptions.AllRegions(ctx, 12))
		}, `{"regions":[{"regionId":1},{"regionId":2}]}`, []any{SubscriptionRegion{ID: 1}, SubscriptionRegion{ID: 2}}},
		"/fixed/plans?provider=GCP": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.EssentialsPlans.All(ctx, &EssentialsPlanListOptions{Provider: ProviderGCP}))
		}, `{"plans":[{"id":1},{"id":2}]}`, []any{EssentialsPlan{ID: 1}, EssentialsPlan{ID: 2}}},
		"/fixed/plans/subscriptions/12": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.EssentialsPlans.AllForSubscription(ctx, 12))
		}, `{"plans":[{"id":1},{"id":2}]}`, []any{EssentialsPlan{ID: 1}, EssentialsPlan{ID: 2}}},
		"/memory-stores/s/api-keys": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.AgentMemory.AllAPIKeys(ctx, "s"))
		}, `{"apiKeys":[{"apiKeyId":"a"},{"apiKeyId":"b"}]}`, []any{ServiceAPIKey{ID: "a"}, ServiceAPIKey{ID: "b"}}},
		"/iris/ui/caches/s/api-key": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.LangCache.AllAPIKeys(ctx, "s"))
		}, `{"apiKeys":[{"apiKeyId":"a"},{"apiKeyId":"b"}]}`, []any{ServiceAPIKey{ID: "a"}, ServiceAPIKey{ID: "b"}}},
	} {
		t.Run(path, func(t *testing.T) {
			answer := wire{method: "GET", path: path, answer: test.doc}
			all := test.all(t.Context(), newWire(t, answer, answer))
			assert.Equal(t, test.want, collected(t, all))
			for element, err := range all { // it can be used again, and stopped
				require.NoError(t, err)
				assert.Equal(t, test.want[0], element)
				break
			}
			assertLoneError(t, test.all(t.Context(), newWire(t, wire{method: "GET", path: path, status: 403})), ErrForbidden)
		})
	}
}

// Lists that the API reads in a task.
func TestAllOfAListThatIsATask(t *testing.T) {
	pro, region := NetworkRef{SubscriptionID: 12}, NetworkRef{SubscriptionID: 12, RegionID: 3}
	for path, test := range map[string]struct {
		all      func(context.Context, *Client) iter.Seq2[any, error]
		resource string
		want     []any
	}{
		"/subscriptions/12/peerings": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.VPCPeerings.All(ctx, pro))
		}, `{"peerings":[{"vpcPeeringId":1},{"vpcPeeringId":2}]}`, []any{VPCPeering{ID: 1}, VPCPeering{ID: 2}}},
		"/subscriptions/12/regions/peerings": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.VPCPeerings.All(ctx, region))
		}, `{"regions":[{"id":3,"vpcPeerings":[{"id":1}]},{"id":4,"vpcPeerings":[{"id":2}]}]}`, []any{VPCPeering{ID: 1, RegionID: 3}, VPCPeering{ID: 2, RegionID: 4}}},
		"/subscriptions/12/transitGateways": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.TransitGateways.All(ctx, pro))
		}, `{"tgws":[{"id":1},{"id":2}]}`, []any{TransitGateway{ID: 1}, TransitGateway{ID: 2}}},
		"/subscriptions/12/regions/3/transitGateways/invitations": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.TransitGateways.AllInvitations(ctx, region))
		}, `{"resources":[{"id":1},{"id":2}]}`, []any{TransitGatewayInvitation{ID: 1}, TransitGatewayInvitation{ID: 2}}},
		"/subscriptions/12/private-service-connect/5": {func(ctx context.Context, c *Client) iter.Seq2[any, error] {
			return asAny(c.PrivateServiceConnect.AllEndpoints(ctx, pro, 5))
		}, `{"endpoints":[{"id":1},{"id":2}]}`, []any{PSCEndpoint{ID: 1}, PSCEndpoint{ID: 2}}},
	} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := newWire(t, asked(path, "a", `{"resource":`+test.resource+`}`)...)
				assert.Equal(t, test.want, collected(t, test.all(t.Context(), client)))

				assertLoneError(t, test.all(t.Context(), newWire(t, wire{method: "GET", path: path, status: 403})), ErrForbidden)
				failing := newWire(t, wire{method: "GET", path: path, answer: received},
					wire{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-error","response":{"error":{"type":"X","status":"404 NOT_FOUND"}}}`})
				assertLoneError(t, test.all(t.Context(), failing), ErrNotFound)
			})
		})
	}
}

func collected(t *testing.T, seq iter.Seq2[any, error]) (all []any) {
	t.Helper()
	for element, err := range seq {
		require.NoError(t, err)
		all = append(all, element)
	}
	return all
}

func assertLoneError(t *testing.T, seq iter.Seq2[any, error], want error) {
	t.Helper()
	rounds := 0
	for element, err := range seq {
		rounds++
		assert.Nil(t, element)
		assert.ErrorIs(t, err, want)
	}
	assert.Equal(t, 1, rounds)
}
