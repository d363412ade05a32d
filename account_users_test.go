package rediscloud

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var readUser = wire{method: "GET", path: "/users/60", answer: `{"id":60,"name":"Ann","role":"Viewer"}`}

func TestUsersGet(t *testing.T) {
	client := newWire(t, readUser,
		wire{method: "GET", path: "/users/60", status: 404},
		wire{method: "GET", path: "/users/60", answer: `{"name":"Ann"}`})
	user, err := client.AccountUsers.Get(t.Context(), 60)
	require.NoError(t, err)
	assert.Equal(t, &AccountUser{ID: 60, Name: "Ann", Role: AccountRoleViewer}, user)

	_, err = client.AccountUsers.Get(t.Context(), 60)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = client.AccountUsers.Get(t.Context(), 60)
	var odd *DecodeError
	require.ErrorAs(t, err, &odd)
}

func TestUsersList(t *testing.T) {
	exchange := wire{method: "GET", path: "/users", answer: `{"account":7,"users":[{"id":60},{"id":61}]}`}
	client := newWire(t, exchange, exchange, exchange, wire{method: "GET", path: "/users", status: 403})
	list, err := client.AccountUsers.List(t.Context())
	require.NoError(t, err)
	assert.Equal(t, &AccountUserList{AccountID: 7, Users: []AccountUser{{ID: 60}, {ID: 61}}}, list)
	assertAll(t, client.AccountUsers.All, func(u *AccountUser) int { return u.ID }, 60, 61)
}

func TestUsersUpdate(t *testing.T) {
	for body, req := range map[string]*AccountUserUpdateRequest{
		`{"name":"Ann"}`: {Name: "Ann"},
		`{"name":"Ann","role":"Logs Viewer (API use only)"}`: {Name: "Ann", Role: new(AccountRoleLogsViewer)},
	} {
		update := func(ctx context.Context, c *Client) (*Task[AccountUser], error) {
			return c.AccountUsers.Update(ctx, 60, req)
		}
		put := wire{method: "PUT", path: "/users/60", body: body, answer: received}
		user, err := waitWire(t, update, put, completed(`{}`), readUser)
		require.NoError(t, err)
		assert.Equal(t, "Ann", user.Name)

		// A user has no status to wait for.
		user, err = provisionWire(t, update, put, completed(`{"resourceId":60}`), readUser)
		require.NoError(t, err)
		assert.Equal(t, "Ann", user.Name)
	}
}

func TestUsersDelete(t *testing.T) {
	remove := func(ctx context.Context, c *Client) (*Task[None], error) { return c.AccountUsers.Delete(ctx, 60) }
	del := wire{method: "DELETE", path: "/users/60", answer: received}
	_, err := waitWire(t, remove, del, completed(`{}`))
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		task, err := remove(t.Context(), newWire(t, del, completed(`{}`), readUser, readUser, wire{method: "GET", path: "/users/60", status: 404, times: 2}))
		require.NoError(t, err)
		var seen []Provisioning
		_, err = task.WaitProvisioned(t.Context(), OnProvisioning(func(p Provisioning) { seen = append(seen, p) }))
		require.NoError(t, err)
		require.Len(t, seen, 1, "a user has no status, but an end")
		assert.Equal(t, "user", seen[0].Kind)
		assert.Empty(t, seen[0].Status)
	})
}

func TestAccountUserDecodes(t *testing.T) {
	assertDecodes(t, AccountUserList{
		AccountID: 7,
		Users: []AccountUser{{
			ID: 60, Name: "Ann O'neill", Email: "ann@example.com", Role: AccountRoleOwner, SignUp: "2024-01-02T03:04:05Z",
			UserType: AccountUserTypeLocal, HasAPIKey: true,
			Options: AccountUserOptions{Billing: true, EmailAlerts: true, OperationalEmails: true, MFAEnabled: true},
			Links:   Links{{Rel: "self", Href: "https://x/users/60"}},
		}},
		Links: Links{{Rel: "self", Href: "https://x/users"}},
	}, `{"account":7,"users":[{"id":60,"name":"Ann O'neill","email":"ann@example.com","role":"Owner","signUp":"2024-01-02T03:04:05Z",
		"userType":"Local","hasApiKey":true,"options":{"billing":true,"emailAlerts":true,"operationalEmails":true,"mfaEnabled":true},
		"links":[{"rel":"self","href":"https://x/users/60"}]}],"links":[{"rel":"self","href":"https://x/users"}]}`)
}

func TestUsersRefuse(t *testing.T) {
	ctx, s := t.Context(), newWire(t).AccountUsers
	second := func(_ any, err error) error { return err }
	for want, err := range map[string]error{
		"GET /users/{userId}: userId must be positive, not 0":    second(s.Get(ctx, 0)),
		"PUT /users/{userId}: the request is nil":                second(s.Update(ctx, 60, nil)),
		"PUT /users/{userId}: Name is required":                  second(s.Update(ctx, 60, &AccountUserUpdateRequest{Role: new(AccountRoleOwner)})),
		"PUT /users/{userId}: Role must not be empty":            second(s.Update(ctx, 60, &AccountUserUpdateRequest{Name: "n", Role: new(AccountRole(""))})),
		"DELETE /users/{userId}: userId must be positive, not 0": second(s.Delete(ctx, 0)),
	} {
		require.EqualError(t, err, "rediscloud: "+want)
	}
}
