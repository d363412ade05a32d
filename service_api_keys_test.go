package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The keys of stores and of caches follow the same rules.
func TestServiceAPIKeys(t *testing.T) {
	for path, service := range map[string]func(*Client) (
		list func(context.Context, string) (*ServiceAPIKeyList, error),
		create func(context.Context, string, string) (*CreatedServiceAPIKey, error),
		remove func(context.Context, string, string) error,
	){
		"/memory-stores/a-1/api-keys": func(c *Client) (func(context.Context, string) (*ServiceAPIKeyList, error), func(context.Context, string, string) (*CreatedServiceAPIKey, error), func(context.Context, string, string) error) {
			return c.AgentMemory.ListAPIKeys, c.AgentMemory.CreateAPIKey, c.AgentMemory.DeleteAPIKey
		},
		"/iris/ui/caches/a-1/api-key": func(c *Client) (func(context.Context, string) (*ServiceAPIKeyList, error), func(context.Context, string, string) (*CreatedServiceAPIKey, error), func(context.Context, string, string) error) {
			return c.LangCache.ListAPIKeys, c.LangCache.CreateAPIKey, c.LangCache.DeleteAPIKey
		},
	} {
		t.Run(path, func(t *testing.T) {
			ctx := t.Context()
			shows := func(keys string) wire {
				return wire{method: "GET", path: path, answer: `{"apiKeys":[` + keys + `]}`}
			}
			key := func(id, name string) string {
				return fmt.Sprintf(`{"apiKeyId":%q,"keyName":%q,"obfuscatedToken":"****1234","createdAt":1767225600000}`, id, name)
			}
			post := wire{method: "POST", path: path, body: `{"keyName":"app"}`, answer: `{"apiKey":"hush-1234"}`}
			old := key("k1", "app")

			list, _, _ := service(newWire(t, shows(old)))
			keys, err := list(ctx, "a-1")
			require.NoError(t, err)
			assert.Equal(t, []ServiceAPIKey{{ID: "k1", Name: "app", ObfuscatedToken: "****1234", CreatedAt: 1767225600000}}, keys.APIKeys)

			// An older key with the same name, and new ones with other names,
			// don't count.
			_, create, _ := service(newWire(t, shows(old), post, shows(old+","+key("k2", "app")+","+key("k3", "other"))))
			made, err := create(ctx, "a-1", "app")
			require.NoError(t, err)
			assert.Equal(t, &CreatedServiceAPIKey{Secret: "hush-1234", Key: ServiceAPIKey{ID: "k2", Name: "app", ObfuscatedToken: "****1234", CreatedAt: 1767225600000}}, made)

			// An id that can't be determined is reported, and the key isn't
			// lost.
			for name, test := range map[string]struct {
				after wire
				ids   []string
				text  string
			}{
				"two":     {shows(key("k2", "app") + "," + key("k3", "app")), []string{"k2", "k3"}, `there are 2 new ones with this name: k2 k3`},
				"none":    {shows(old), nil, `the list doesn't show it`},
				"no list": {wire{method: "GET", path: path, status: 403}, nil, "GET " + path},
			} {
				_, create, _ := service(newWire(t, shows(old), post, test.after))
				made, err := create(ctx, "a-1", "app")
				assert.Nil(t, made, name)
				unknown, ok := errors.AsType[*ServiceAPIKeyError](err)
				require.True(t, ok, "%s: %v", name, err)
				assert.Equal(t, "hush-1234", string(unknown.Secret), name)
				var ids []string
				for _, candidate := range unknown.Candidates {
					ids = append(ids, candidate.ID)
				}
				assert.Equal(t, test.ids, ids, name)
				require.ErrorContains(t, err, `rediscloud: the API key "app" was created, but its id can't be determined: `)
				require.ErrorContains(t, err, test.text)
				assert.NotContains(t, fmt.Sprintf("%v %+v %#v", err, err, err), "hush")
				assert.Equal(t, name == "no list", errors.Is(err, ErrForbidden), name)
			}

			// Nothing is created if the list can't be read first; a response
			// without the key is that of a lost write.
			_, create, _ = service(newWire(t, wire{method: "GET", path: path, status: 404}))
			_, err = create(ctx, "a-1", "app")
			require.ErrorIs(t, err, ErrNotFound)
			_, create, _ = service(newWire(t, shows(""), wire{method: "POST", path: path, body: `{"keyName":"app"}`, answer: `{}`}))
			_, err = create(ctx, "a-1", "app")
			_, lost := errors.AsType[*OutcomeUnknownError](err)
			assert.True(t, lost, "%v", err)

			_, _, remove := service(newWire(t, wire{method: "DELETE", path: path + "/k%202", status: 204}, wire{method: "DELETE", path: path + "/k3", status: 404}))
			require.NoError(t, remove(ctx, "a-1", "k 2"))
			require.ErrorIs(t, remove(ctx, "a-1", "k3"), ErrNotFound)
		})
	}
}
