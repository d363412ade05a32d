package rediscloudtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// redirect starts a redirection and returns its path.
func (r rig) redirect(source, target int) string {
	r.t.Helper()
	res, text := r.do("POST", "/endpoint-redirections", redirectionBody(source, target))
	require.Equal(r.t, 200, res.StatusCode, text)
	return "/endpoint-redirections/" + parse(r.t, text)["redirectionId"].(string)
}

func redirectionBody(source, target int) string {
	return fmt.Sprintf(`{"sourceDatabaseId":%d,"targetDatabaseId":%d,"endpointTargetType":"private","duplicateACLs":true,"migrationProtection":true}`, source, target)
}

func TestRedirections(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		one, two := r.AddDatabase(sub, "one"), r.AddDatabase(sub, "two")
		path := r.redirect(one, two)
		require.Equal(t, "initiated", r.get(path)["status"])
		require.Equal(t, 409, r.status("POST", "/endpoint-redirections", redirectionBody(two, one)))
		require.Equal(t, 409, r.status("POST", path+"/revert", ""))
		time.Sleep(time.Second)
		require.Equal(t, "in-progress", r.get(path)["status"])
		require.Nil(t, r.get(path)["completedAt"])
		time.Sleep(2 * time.Second)
		document := r.get(path)
		require.Equal(t, "completed", document["status"])
		require.Equal(t, "2000-01-01T00:00:03.000Z", document["completedAt"])
		require.Equal(t, true, document["duplicateACLs"])
		require.Equal(t, false, document["isRevert"])

		res, text := r.do("POST", path+"/revert", "")
		require.Equal(t, 200, res.StatusCode)
		back := parse(t, text)
		require.Equal(t, true, back["isRevert"])
		require.EqualValues(t, two, back["sourceDatabaseId"])
		require.Equal(t, "completed", r.get(path)["status"])
		require.Equal(t, 409, r.status("POST", path+"/revert", ""))
		time.Sleep(3 * time.Second)
		require.Equal(t, "completed", r.get("/endpoint-redirections/" + back["redirectionId"].(string))["status"])
		require.Equal(t, "reverted", r.get(path)["status"])
		require.Equal(t, "2000-01-01T00:00:06.000Z", r.get(path)["revertedAt"])
		require.Equal(t, 409, r.status("POST", path+"/revert", ""))
		require.Len(t, r.descriptions(""), 2)
	})
}

func TestRedirectionsFail(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		one, two := r.AddDatabase(sub, "one"), r.AddDatabase(sub, "two")
		path := r.redirect(one, two)
		r.SetStatus(path, "failed")
		document := r.get(path)
		require.Equal(t, "failed", document["status"])
		require.NotEmpty(t, document["errorMessage"])
		require.Equal(t, 409, r.status("POST", path+"/revert", ""))
		r.redirect(one, two) // the failed one is over

		require.Equal(t, 404, r.status("POST", "/endpoint-redirections", redirectionBody(one, 5)))
		require.Equal(t, 400, r.status("POST", "/endpoint-redirections", redirectionBody(one, one)))
		require.Equal(t, 400, r.status("POST", "/endpoint-redirections", `{"sourceDatabaseId":1,"targetDatabaseId":2,"endpointTargetType":"public","migrationProtection":false}`))
		require.Equal(t, 400, r.status("POST", "/endpoint-redirections", `{"sourceDatabaseId":1,"targetDatabaseId":2,"endpointTargetType":"both","migrationProtection":true}`))
		require.Equal(t, 400, r.status("POST", "/endpoint-redirections", `{"sourceDatabaseId":1,"targetDatabaseId":2,"migrationProtection":true}`))
		r.SetStatus(fmt.Sprintf("/subscriptions/%d/databases/%d", sub, two), "error")
		require.Equal(t, 400, r.status("POST", "/endpoint-redirections", redirectionBody(one, two)))
		require.Equal(t, 404, r.status("GET", "/endpoint-redirections/none", ""))
		require.Equal(t, 404, r.status("POST", "/endpoint-redirections/none/revert", ""))
	})
}
