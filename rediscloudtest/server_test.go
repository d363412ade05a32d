package rediscloudtest

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOverHTTP(t *testing.T) {
	fake := New(WithProcessing(0), WithProvisioning(0), WithUnknownFor(0), WithLinkHost("https://links.test/v1"))
	listening := httptest.NewServer(fake)
	defer listening.Close()
	do := func(method, path, body string) (*http.Response, error) {
		req := fake.request(t, method, path, body)
		req.URL.Scheme, req.URL.Host = "http", strings.TrimPrefix(listening.URL, "http://")
		return listening.Client().Do(req)
	}

	res, err := do("POST", "/subscriptions", creation)
	require.NoError(t, err)
	require.Equal(t, 202, res.StatusCode)
	require.Equal(t, "399", res.Header.Get("X-Rate-Limit-Remaining"))
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	links := parse(t, string(text))["_links"].(object)
	require.Equal(t, "https://links.test/v1/tasks/"+fake.Tasks()[0].ID, links["task"].(object)["href"])
	require.Equal(t, []int{120001}, fake.Subscriptions())

	for _, when := range []Cut{CutBefore, CutAfter} {
		fake.CutNext(1, "POST /subscriptions", when)
		_, err = do("POST", "/subscriptions", creation)
		require.True(t, errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF), err)
	}
	require.Len(t, fake.Subscriptions(), 2)

	res, err = do("POST", "/subscriptions/120001/databases/51000001/traffic/resume", "")
	require.NoError(t, err)
	require.Equal(t, 204, res.StatusCode)
	require.NoError(t, res.Body.Close())
}

func TestManyCallersAtOnce(t *testing.T) {
	const callers, each = 16, 4
	inBubble(t, func(t *testing.T, r rig) {
		id := r.AddSubscription("s")
		databases := fmt.Sprintf("/subscriptions/%d/databases", id)
		var group sync.WaitGroup
		for i := range callers {
			group.Go(func() {
				for j := range each {
					r.DelayNext(1, "GET /subscriptions", time.Millisecond)
					task := r.submit("POST", databases, fmt.Sprintf(`{"name":"db-%d-%d"}`, i, j))
					r.ForgetTask(task, time.Second)
					r.status("GET", "/subscriptions", "")
					r.status("GET", databases, "")
					r.SetStatus(fmt.Sprint(databases, "/", i), "error")
					r.Requests()
					r.Tasks()
				}
			})
		}
		group.Wait()
		time.Sleep(2 * time.Minute)
		require.Len(t, r.Databases(id), callers*each)
		require.Len(t, r.Requests(), callers*each*3)
		for i, task := range r.Tasks() {
			require.Equal(t, time.Duration(i)*time.Second, task.Started.Sub(r.Tasks()[0].Started), "one task at a time")
		}
	}, WithLenientSubscriptions())
}

func TestBooks(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		time.Sleep(time.Second)
		_, text := r.do("GET", "/subscriptions?a=b", "")
		r.do("GET", "/tasks/abc", "")
		r.do("GET", "/nowhere", "")
		requests := r.Requests()
		requests[2].ResponseBytes, requests[2].BytesRead = 0, 0
		at := epoch.Local().Add(time.Second)
		require.Equal(t, []Request{
			{Time: at, Method: "GET", Host: "api.rediscloud.test", Path: "/v1/subscriptions", Query: "a=b", Route: "GET /subscriptions",
				Status: 200, ResponseBytes: len(text), BytesRead: len(text), UserAgent: "test"},
			{Time: at, Method: "GET", Host: "api.rediscloud.test", Path: "/v1/tasks/abc", Route: "GET /tasks/{taskId}",
				Status: 404, UserAgent: "test"},
			{Time: at, Method: "GET", Host: "api.rediscloud.test", Path: "/v1/nowhere", Status: 404, UserAgent: "test"},
		}, requests)
		require.NotZero(t, r.Requests()[2].ResponseBytes, "what is returned is a copy")

		require.Nil(t, r.Databases(1))
		require.Zero(t, r.AddDatabase(1, "x"))
	})
}

func TestBooksAreBounded(t *testing.T) {
	s := New()
	for i := range maxRequests + 1 {
		s.enter(&Request{ResponseBytes: i})
	}
	require.Len(t, s.requests, maxRequests-maxRequests/10+1)
	require.Equal(t, maxRequests/10, s.requests[0].ResponseBytes)
	require.Equal(t, maxRequests, s.requests[len(s.requests)-1].ResponseBytes)
}

// TestOddRequests sends odd bodies everywhere: nothing may panic, and no
// response may be a 500.
func TestOddRequests(t *testing.T) {
	bodies := []string{
		`null`, `[]`, `{}`, `"x"`, `{"name":"x","cloudProviders":[{"regions":[{"region":"r","networking":null}]}],"databases":[{"name":"x"}]}`,
		`{"name":"x","links":5,"status":[],"regions":[],"tags":[{}],"mode":"manual","windows":[{"days":null}]}`,
		`{"key":{},"value":[],"region":"","databases":[],"cloudProviders":[{"regions":[]}]}`,
		`{"name":"y","alerts":[{"id":{}}],"modules":[{}],"replicaOf":[],"port":1e308,"memoryLimitInGb":1e308,"localThroughputMeasurement":7}`,
		`{"region":"new","databases":[{"name":"crdb","localThroughputMeasurement":"x"}],"regions":[{"region":"us-east-1","remoteBackup":{}}]}`,
		`{"targetRedisVersion":"","sourceType":"","importFromUri":["x"],"resourceTags":[{}],"value":"v","key":"k"}`,
		`{"password":"","sourceIp":null,"remoteBackup":{"active":true,"interval":"every-12-hours","timeUTC":"x"},"enableDefaultUser":true}`,
	}
	inBubble(t, func(t *testing.T, r rig) {
		single, double := r.AddSubscription("s"), r.AddSubscription("d", "us-east-1", "r2")
		owners := []string{fmt.Sprint(single), fmt.Sprint(double)}
		databases := []string{fmt.Sprint(r.AddDatabase(single, "db")), fmt.Sprint(r.AddDatabase(double, "crdb"))}
		for _, route := range routes {
			if route.method == "DELETE" {
				continue
			}
			for i := range owners {
				path := strings.NewReplacer("{subscriptionId}", owners[i], "{databaseId}", databases[i], "{tagKey}", "k").Replace(route.pattern)
				for _, body := range bodies {
					status := r.status(route.method, path, body)
					require.Less(t, status, 500, "%s %s %s", route.method, path, body)
				}
			}
		}
		time.Sleep(time.Hour)
		for i := range owners {
			require.Equal(t, 200, r.status("GET", "/subscriptions/"+owners[i], ""))
			require.Equal(t, 200, r.status("GET", "/subscriptions/"+owners[i]+"/databases", ""))
		}
	}, WithRateLimit(0))
}
