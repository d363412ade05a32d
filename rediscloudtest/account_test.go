package rediscloudtest

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAccount(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		require.EqualValues(t, 7, r.get("/")["account"].(object)["id"])
		require.EqualValues(t, 7, r.get("/")["account"].(object)["key"].(object)["accountId"])
		req := r.request(t, "GET", "", "")
		req.URL.Path = basePath // without its slash
		res, err := r.Client().Do(req)
		require.NoError(t, err)
		require.Equal(t, 404, res.StatusCode)

		require.Len(t, r.get("/regions")["regions"], len(places))
		require.Len(t, r.get("/regions?provider=GCP")["regions"], 35)
		require.Equal(t, 400, r.status("GET", "/regions?provider=Azure", ""))
	}, WithAccountID(7))
}

// descriptions returns the descriptions of entries in the system log.
func (r rig) descriptions(query string) (texts []string) {
	r.t.Helper()
	for _, entry := range r.get("/logs" + query)["entries"].([]any) {
		texts = append(texts, entry.(object)["description"].(string))
	}
	return texts
}

func TestLogs(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		require.Empty(t, r.descriptions(""))
		sub := r.AddSubscription("s")
		databases := fmt.Sprintf("/subscriptions/%d/databases", sub)
		r.complete("POST", databases, `{"name":"a"}`) // at 1 s
		r.fail("POST", databases, `{"name":"a"}`)     // at 2 s
		time.Sleep(10 * time.Second)
		r.complete("PUT", databases+"/51000001", `{"name":"b"}`) // at 13 s

		created, failed, updated := "databaseCreateRequest was processed", "databaseCreateRequest failed: DATABASE_NAME_EXISTS", "databaseUpdateRequest was processed"
		for query, want := range map[string][]string{
			"":                                     {updated, failed, created},
			"?limit=2":                             {updated, failed},
			"?limit=2&offset=2":                    {created},
			"?offset=3":                            nil,
			"?resourceId=51000001":                 {updated, created},
			"?resourceId=51000001&offset=1":        {created},
			"?startTime=2000-01-01T00:00:02Z":      {updated, failed},
			"?endTime=2000-01-01T00:00:02Z":        {failed, created},
			"?endTime=2000-01-01T01:00:01%2B01:00": {created},
		} {
			require.Equal(t, want, r.descriptions(query), query)
		}
		for _, query := range []string{"?limit=0", "?limit=1001", "?offset=-1", "?limit=x", "?resourceId=x", "?startTime=today", "?endTime=0"} {
			require.Equal(t, 400, r.status("GET", "/logs"+query, ""), query)
		}
	}, WithLenientSubscriptions())
}

func TestSessionLogs(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.AddSessionLog("fay@rediscloud.test", "login")
		time.Sleep(time.Second)
		r.AddSessionLog("fay@rediscloud.test", "logout")
		entries := r.get("/session-logs")["entries"].([]any)
		require.Len(t, entries, 2)
		require.Equal(t, "logout", entries[0].(object)["action"])
		require.Equal(t, "2000-01-01T00:00:00.000Z", entries[1].(object)["time"])
		require.Equal(t, 400, r.status("GET", "/session-logs?limit=101", ""))
	})
}

func TestLogIsBounded(t *testing.T) {
	var log []object
	for i := range maxRequests + 1 {
		enterLog(&log, object{"id": i})
	}
	require.Len(t, log, maxRequests*9/10+1)
	require.Equal(t, maxRequests, log[len(log)-1]["id"])
}

func TestDataIntegration(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		require.Equal(t, object{"workspaces": []any{object{"subscriptionId": float64(sub), "status": "active"}}}, r.get("/data-integration-workspaces"))
		workspace := fmt.Sprintf("/subscriptions/%d/data-integration-workspace", sub)
		res, text := r.do("PATCH", workspace+"/pipelines/1?dry=yes", `[1]`)
		require.Equal(t, http.StatusOK, res.StatusCode)
		require.Equal(t, object{
			"method": "PATCH", "path": workspace + "/pipelines/1", "query": object{"dry": []any{"yes"}}, "body": []any{1.0},
		}, parse(t, text))
		require.Equal(t, 400, r.status("PUT", workspace, `{`))
		require.Equal(t, 404, r.status("GET", "/subscriptions/1/data-integration-workspace/x", ""))
		require.Equal(t, 405, r.status("HEAD", workspace, ""))
	})
}
