package rediscloud

import (
	"context"
	"iter"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// assertAll checks an iterator over three reads of its list: the ids that the
// first yields, one that is stopped early, and a third that is refused.
func assertAll[T any, K comparable](t *testing.T, all func(context.Context) iter.Seq2[*T, error], id func(*T) K, want ...K) {
	t.Helper()
	var ids []K
	for element, err := range all(t.Context()) {
		require.NoError(t, err)
		ids = append(ids, id(element))
	}
	assert.Equal(t, want, ids)
	for element, err := range all(t.Context()) {
		require.NoError(t, err)
		assert.Equal(t, want[0], id(element))
		break
	}
	for element, err := range all(t.Context()) {
		assert.Nil(t, element)
		require.ErrorIs(t, err, ErrForbidden)
	}
}

func createRole(ctx context.Context, c *Client) (*Task[ACLRole], error) {
	return submit(ctx, c, post("/acl/roles"), readBack(aclRoleKind, "/acl/roles").element(0))
}

var postRole = wire{method: "POST", path: "/acl/roles", answer: received}

func rolesAnswer(answer string) wire { return wire{method: "GET", path: "/acl/roles", answer: answer} }

func TestFetchElement(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		odd    bool // a DecodeError; else ErrNotFound
	}{
		"another":       {`{"roles":[{"id":4}]}`, false},
		"an empty list": {`{"roles":[]}`, false},
		"no list":       {`{}`, false},
		"odd elements":  {`{"roles":[null,7,{"id":null},{"id":{}},{}]}`, false},
		"one, another":  {`{"roles":{"id":4}}`, false},
		"an odd list":   {`{"roles":"x"}`, true},
		"one, no id":    {`{"roles":{}}`, true},
		"a bare list":   {`[{"id":3}]`, true},
		"null":          {`null`, true},
		"nothing":       {``, true},
		"HTML":          {`<html>`, true},
		"half of it":    {`{"roles":[{"id":4}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newWire(t, rolesAnswer(test.answer)).ACLRoles.Get(t.Context(), 3)
			if test.odd {
				var odd *DecodeError
				require.ErrorAs(t, err, &odd)
				return
			}
			require.ErrorIs(t, err, ErrNotFound)
			require.ErrorContains(t, err, "rediscloud: GET /acl/roles: ACL role 3 isn't in the list")
		})
	}
}

// An element that doesn't exist yet is waited for, and one whose list can't be
// read isn't gone.
func TestWaitElement(t *testing.T) {
	role, err := waitWire(t, createRole, postRole, completed(`{"resourceId":3}`),
		rolesAnswer(`{"roles":[{"id":2}]}`), rolesAnswer(`{"roles":[{"id":2},{"id":3,"status":"pending"}]}`))
	require.NoError(t, err)
	assert.Equal(t, &ACLRole{ID: 3, Status: ACLStatusPending}, role)

	role, err = provisionWire(t, createRole, postRole, completed(`{"resourceId":3}`),
		rolesAnswer(`{"roles":[{"id":2,"status":"active"}]}`), rolesAnswer(`{"roles":[{"id":3,"status":"pending"}]}`), rolesAnswer(`{"roles":[{"id":3,"status":"active"}]}`))
	require.NoError(t, err)
	assert.Equal(t, &ACLRole{ID: 3, Status: ACLStatusActive}, role)

	_, err = provisionWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) { return c.ACLRoles.Delete(ctx, 3) },
		wire{method: "DELETE", path: "/acl/roles/3", answer: received}, completed(`{}`),
		rolesAnswer(``), rolesAnswer(`<html>`), rolesAnswer(`{"roles":[{"id":3,"status":"deleting"}]}`), rolesAnswer(`{"roles":[]}`), rolesAnswer(`{"roles":[]}`))
	require.NoError(t, err)
}

// A task that doesn't name the element that it created ends the wait, without a
// read of the list.
func TestWaitElementWithoutID(t *testing.T) {
	_, err := waitWire(t, createRole, postRole, completed(`{}`))
	require.ErrorContains(t, err, "the task names neither a resource nor a document")
	_, err = provisionWire(t, createRole, postRole, completed(`{}`))
	require.ErrorContains(t, err, "the task names no resource to wait for")
}

func TestResumeElement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newWire(t, postRole,
			completed(`{"resourceId":3}`), rolesAnswer(`{"roles":[{"id":2},{"id":3}]}`),
			completed(`{"resourceId":3}`), rolesAnswer(`{"roles":[{"id":2},{"id":3}]}`))
		task, err := createRole(t.Context(), client)
		require.NoError(t, err)
		for _, token := range []string{task.Token(), "t1"} {
			resumed, err := ResumeTask[ACLRole](client, token)
			require.NoError(t, err)
			role, err := resumed.Wait(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 3, role.ID)
		}
	})
}
