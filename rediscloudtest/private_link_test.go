package rediscloudtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPrivateLinkStages(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		path := fmt.Sprintf("/subscriptions/%d/private-link", sub)
		const first, second = "123456789012", "arn:aws:iam::123456789012:user/x"
		body := func(principal string) string {
			return `{"shareName":"s","type":"aws_account","principal":"` + principal + `"}`
		}
		link := func() object { return r.complete("GET", path, "")["resource"].(object) }
		principals := func() (list []string) {
			for _, p := range objects(link(), "principals") {
				list = append(list, fmt.Sprint(p["principal"], " ", p["status"]))
			}
			return list
		}
		require.Equal(t, "PRIVATELINK_SERVICE_NOT_FOUND", r.fail("GET", path, ""))
		require.Equal(t, "PRIVATELINK_SERVICE_NOT_FOUND", r.fail("DELETE", path, ""))
		require.Equal(t, "PRIVATELINK_SERVICE_NOT_FOUND", r.fail("GET", path+"/endpoint-script", ""))
		require.Equal(t, "PRIVATELINK_SERVICE_NOT_FOUND", r.fail("POST", path+"/principals", body(first)))
		require.Equal(t, "PRIVATELINK_SERVICE_NOT_FOUND", r.fail("DELETE", path+"/principals", body(first)))
		require.Equal(t, "PRIVATELINK_SERVICE_NOT_FOUND", r.fail("POST", path+"/connections/disassociate", `{"connections":[]}`))
		require.Equal(t, "PRIVATE_LINK_PRINCIPAL_INVALID_PRINCIPLE", r.fail("POST", path, body("me")))
		require.Empty(t, r.AddPrivateLinkConnection(sub, 0, first))

		r.complete("POST", path, body(first))
		require.Equal(t, "PRIVATE_LINK_ALREADY_EXISTS", r.fail("POST", path, body(first)))
		require.Equal(t, "initializing", link()["status"])
		require.Empty(t, r.AddPrivateLinkConnection(sub, 0, first))
		require.Equal(t, []string{first + " initializing"}, principals())
		time.Sleep(2 * time.Second)
		require.Equal(t, []string{first + " associating"}, principals())
		time.Sleep(10 * time.Second)
		require.Equal(t, "active", link()["status"])
		require.Equal(t, []string{first + " associated"}, principals())
		r.SetStatus(path, "odd")
		require.Equal(t, "odd", link()["status"])
		r.SetStatus(path, "")

		require.Equal(t, "PRIVATE_LINK_PRINCIPAL_ALREADY_EXISTS", r.fail("POST", path+"/principals", body(first)))
		r.complete("POST", path+"/principals", body(second))
		require.Equal(t, []string{first + " associated", second + " initializing"}, principals())

		association := r.AddPrivateLinkConnection(sub, 0, first)
		require.Empty(t, r.AddPrivateLinkConnection(sub, 7, first))
		require.Empty(t, r.AddPrivateLinkConnection(7, 0, first))
		require.Empty(t, r.AddPrivateLinkConnection(sub, 0, "other"))
		require.Len(t, link()["connections"], 1)
		disassociate := func(owner string) string {
			return fmt.Sprintf(`{"connections":[{"associationId":%q,"type":"vpc_endpoint","principalId":%q}]}`, association, owner)
		}
		require.Equal(t, "ENTITY_NOT_FOUND", r.fail("POST", path+"/connections/disassociate", disassociate(second)))
		r.complete("POST", path+"/connections/disassociate", disassociate(first))
		require.Empty(t, link()["connections"])

		require.Equal(t, "PRIVATE_LINK_PRINCIPAL_NOT_FOUND", r.fail("DELETE", path+"/principals", body("other")))
		r.complete("DELETE", path+"/principals", body(second))
		require.Equal(t, []string{first + " associated", second + " disassociating"}, principals())
		time.Sleep(10 * time.Second)
		require.Equal(t, []string{first + " associated"}, principals())

		task := r.finish("DELETE", path, "")
		require.Equal(t, "processing-completed", task["status"])
		require.NotContains(t, task, "response")
		require.Equal(t, "deleting", link()["status"])
		time.Sleep(10 * time.Second)
		require.Equal(t, object{"links": []any{}}, link())
		r.complete("POST", path, body(first))
		require.Equal(t, "initializing", link()["status"])
	}, WithProvisioning(7*time.Second))
}
