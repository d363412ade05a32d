package rediscloudtest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ask makes a request to the other side.
func (r rig) ask(method, path, body string) (int, object) {
	r.t.Helper()
	recorder := httptest.NewRecorder()
	r.OtherSide().ServeHTTP(recorder, httptest.NewRequestWithContext(r.t.Context(), method, path, strings.NewReader(body)))
	require.Equal(r.t, "application/json", recorder.Header().Get("Content-Type"))
	return recorder.Code, parse(r.t, recorder.Body.String())
}

func TestSeed(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		require.NoError(t, r.Seed(strings.NewReader(`{
			"/users": [{"name":"Ann","email":"ann@example.com","role":"Viewer"}],
			"/acl/users": [{"name":"ann","role":"reader","password":"Pa55-word"}],
			"/acl/roles": [{"name":"reader","redisRules":[{"ruleName":"getter","databases":[{"subscriptionId":120001,"databaseId":51000001}]}]}],
			"/acl/redisRules": [{"name":"getter","redisRule":"+get ~*"}],
			"/cloud-accounts": [`+cloudAccountBody+`],
			"/subscriptions": [
				{"name":"plain","databases":[{"name":"cache","datasetSizeInGb":2.5},{"name":"twin","quantity":2}]},
				{"name":"empty","cloudProviders":[{"provider":"GCP","cloudAccountId":101,"regions":[{"region":"europe-west1"},{"region":"us-east1"}]}]}],
			"/fixed/subscriptions": [{"name":"staging","planId":98276,"databases":[{"name":"a"},{"name":"b","protocol":"memcached"}]}]
		}`)))
		require.Equal(t, []int{120001, 120002, 120003}, r.Subscriptions())
		require.Equal(t, []int{51000001, 51000002, 51000003}, r.Databases(120001))
		require.Empty(t, r.Databases(120002))
		require.Equal(t, []int{51000004, 51000005}, r.Databases(120003))
		require.Empty(t, r.Tasks())
		for _, path := range []string{
			"/subscriptions/120001", "/subscriptions/120002", "/fixed/subscriptions/120003", "/subscriptions/120001/databases/51000001",
			"/fixed/subscriptions/120003/databases/51000005", "/acl/users/40001", "/cloud-accounts/101",
		} {
			require.Equal(t, "active", r.get(path)["status"], path)
		}
		require.InDelta(t, 2.5, r.get("/subscriptions/120001/databases/51000001")["datasetSizeInGb"], 0)
		require.Equal(t, "memcached", r.get("/fixed/subscriptions/120003/databases/51000005")["protocol"])
		require.Equal(t, "active-active", r.get("/subscriptions/120002")["deploymentType"])
		require.Equal(t, "Viewer", r.get("/users/60001")["role"])
		require.Equal(t, []any{object{"id": 40001.0, "name": "ann"}}, r.element("/acl/roles", "roles", 1001)["users"])
	})
}

func TestSeedRefuses(t *testing.T) {
	for document, want := range map[string]string{
		`[]`:                    "not an object of lists",
		`{"/subscriptions":{}}`: "not an object of lists",
		`{} {}`:                 "data after the seed",
		`{"/tasks":[{}]}`:       `can't contain "/tasks"`,
		`{"/subscriptions":[{"databases":[{}]}]}`:                                                        "/subscriptions[0]: missing name",
		`{"/subscriptions":[{"name":1}]}`:                                                                "/subscriptions[0]: name has the wrong type",
		`{"/subscriptions":[{},{"databases":[{"name":"a"},{"name":"a"}]}]}`:                              "/subscriptions[1]: DATABASE_NAME_DUPLICATE",
		`{"/fixed/subscriptions":[{"name":"a","planId":1}]}`:                                             "/fixed/subscriptions[0]: FIXED_SUBSCRIPTION_CREATE_PLAN_NOT_FOUND",
		`{"/fixed/subscriptions":[{"name":"a","planId":98001,"databases":[{"name":"x"},{"name":"y"}]}]}`: "/fixed/subscriptions[0]: databases[1]: FIXED_DATABASE",
		`{"/acl/users":[{"name":"a","password":"Pa55-word"}]}`:                                           "/acl/users[0]: missing role",
		`{"/acl/users":[{"name":"a","role":"b","password":"Pa55-word"}]}`:                                "/acl/users[0]: ACL_ROLE_DOES_NOT_EXISTS",
		`{"/users":[{"name":"a","email":"b","role":"King"}]}`:                                            "/users[0]: USER_ROLE_DOES_NOT_EXISTS",
		`{"/users":[{"name":"a"}]}`:                                                                      "/users[0]: missing email",
		`{"/subscriptions":[null]}`:                                                                      "/subscriptions[0]: is null",
	} {
		require.ErrorContains(t, New().Seed(strings.NewReader(document)), want, document)
	}
}

func TestMoveClock(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		r.submit("POST", "/subscriptions", creation)
		require.Equal(t, 429, r.status("GET", "/tasks", ""))
		r.MoveClock(-time.Hour)
		require.Equal(t, 429, r.status("GET", "/tasks", ""))
		r.MoveClock(time.Hour)
		require.Equal(t, "active", r.get("/subscriptions/120001")["status"])
		require.Equal(t, epoch, time.Now().UTC(), "nobody has waited")
		require.Equal(t, time.Hour, r.Requests()[3].Time.Sub(r.Requests()[0].Time))
	}, WithRateLimit(1))
}

func TestReset(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		first := r.submit("POST", "/subscriptions", creation)
		r.AnswerNext(5, "", 500, nil, "")
		r.FailNextTask("X", "400 BAD_REQUEST", "")
		r.SetStatus("/subscriptions/120001", "error")
		r.MoveClock(time.Minute)
		r.Reset()
		require.Empty(t, r.Requests())
		require.Empty(t, r.Tasks())
		require.Empty(t, r.Subscriptions())
		require.Equal(t, 404, r.status("GET", "/tasks/"+first, ""))
		require.Len(t, r.get("/acl/redisRules")["redisRules"], 3)
		r.submit("POST", "/subscriptions", creation)
		r.MoveClock(time.Second)
		require.Equal(t, "pending", r.get("/subscriptions/120001")["status"], "ids count from the start, no fault is left")
		require.EqualValues(t, 7, r.get("/")["account"].(object)["id"], "options stay")
	}, WithAccountID(7))
}

func TestLinksToItself(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		links := r.get("/subscriptions")["links"]
		require.Equal(t, r.URL()+"/subscriptions", links.([]any)[0].(object)["href"])
		task := r.get("/tasks/" + r.submit("POST", "/subscriptions", creation))
		require.Contains(t, encode(t, task), `"`+r.URL()+"/tasks/")

		listening := httptest.NewRecorder()
		req := r.request(t, "GET", "/regions", "")
		req.URL.Scheme, req.URL.Host, req.Host = "", "", "somewhere:81"
		r.ServeHTTP(listening, req)
		require.Contains(t, listening.Body.String(), `"href":"http://somewhere:81/v1/regions"`)
	}, WithLinkHost(""), WithUnknownFor(0))
}

func TestOtherSide(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		status, index := r.ask("GET", "/_fake", "")
		require.Equal(t, 200, status)
		list := objects(index, "controls")
		require.Len(t, list, len(controls))
		for _, entry := range list {
			require.NotEmpty(t, entry["about"])
			if entry["method"] == "GET" {
				continue
			}
			// Every mistake gets a response, and the example is accepted.
			path := entry["path"].(string)
			if body := entry["body"]; body != nil {
				for _, odd := range []string{``, `null x`, `[]`, `"x"`, `{"nonsense":1}`, `{"subscriptionId":"x"}`} {
					status, answer := r.ask("POST", path, odd)
					require.Equal(t, 400, status, "%s %s", path, odd)
					require.NotEmpty(t, answer["error"])
				}
				status, answer := r.ask("POST", path, encode(t, body))
				require.Contains(t, []int{200, 409}, status, "%s: %v", path, answer)
			}
			status, _ := r.ask("DELETE", path, "")
			require.Equal(t, 405, status)
		}
		for path, want := range map[string]int{"/_fake/": 200, "/_fake/nonsense": 404, "/v1/subscriptions": 404, "/_fakes": 404} {
			status, _ := r.ask("GET", path, "")
			require.Equal(t, want, status, path)
		}
		for path, body := range map[string]string{
			"status": `{"status":"error"}`, "tasks/fail": `{"type":"X"}`, "answers": `{"status":7}`, "cuts": `{"when":"now"}`, "clock": `{"seconds":-1}`,
		} {
			status, _ := r.ask("POST", "/_fake/"+path, body)
			require.Equal(t, 400, status, path)
		}
	})
}

// The other side is on no path that the Server itself serves, and its requests
// don't count as exchanges with the API.
func TestOtherSideIsOptIn(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		for _, path := range []string{"/_fake", "/_fake/reset", "/v1/_fake/reset"} {
			req := r.request(t, "POST", "", "")
			req.URL.Path = path
			res, err := r.Client().Do(req)
			require.NoError(t, err)
			_, err = io.Copy(io.Discard, res.Body)
			require.NoError(t, err)
			require.Equal(t, http.StatusNotFound, res.StatusCode, path)
		}
		require.Len(t, r.Requests(), 3)
		r.ask("GET", "/_fake/clock", "")
		require.Len(t, r.Requests(), 3)
	})
}

func TestBooksOfTheOtherSide(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		r.AddEssentialsSubscription("e", PlanStandard)
		id := r.submit("POST", fmt.Sprintf("/subscriptions/%d/databases", sub), `{"name":"db"}`)
		_, tasks := r.ask("GET", "/_fake/tasks", "")
		require.JSONEq(t, `{"tasks":[{"taskId":"`+id+`","commandType":"databaseCreateRequest","status":"processing-in-progress","resourceId":0,
			"additionalResourceId":0,"submitted":"2000-01-01T00:00:00.000Z","started":"2000-01-01T00:00:00.000Z"}]}`, encode(t, tasks))
		status, clock := r.ask("POST", "/_fake/clock", `{"seconds":1.5}`)
		require.Equal(t, []any{200, "2000-01-01T00:00:01.500Z"}, []any{status, clock["now"]})
		_, tasks = r.ask("GET", "/_fake/tasks", "")
		require.Equal(t, "2000-01-01T00:00:01.000Z", objects(tasks, "tasks")[0]["ended"])
		_, requests := r.ask("GET", "/_fake/requests", "")
		require.JSONEq(t, `[{"time":"2000-01-01T00:00:00.000Z","method":"POST","host":"api.rediscloud.test","path":"/v1/subscriptions/120001/databases",
			"query":"","route":"POST /subscriptions/{subscriptionId}/databases","status":202,"responseBytes":`+
			fmt.Sprint(r.Requests()[0].ResponseBytes)+`,"userAgent":"test"}]`, encode(t, requests["requests"]))
		_, ids := r.ask("GET", "/_fake/subscriptions", "")
		require.JSONEq(t, `{"subscriptions":[{"id":120001,"databases":[51000001]},{"id":120002,"databases":[]}]}`, encode(t, ids))
	})
}

// FuzzSeed looks for a document that makes the server panic, or after which it
// can't show its resources.
func FuzzSeed(f *testing.F) {
	for _, document := range []string{
		`{"/subscriptions":[{"name":"a","cloudProviders":[{"provider":"GCP","regions":[{"region":"r","networking":null}]}],"databases":[{"name":"x","modules":[{}]}]}]}`,
		`{"/fixed/subscriptions":[{"name":"a","planId":98601,"databases":[{"name":"x","datasetSizeInGb":1e308,"alerts":[{"name":"latency"}]}]}]}`,
		`{"/acl/redisRules":[{"name":"r","redisRule":"+get"}],"/acl/roles":[{"name":"x","redisRules":[{"ruleName":"r","databases":[]}]}],"/users":[null]}`,
		`{"/cloud-accounts":[` + cloudAccountBody + `]}`,
	} {
		f.Add(document)
	}
	f.Fuzz(func(t *testing.T, document string) {
		s := New()
		_ = s.Seed(strings.NewReader(document))
		for _, path := range []string{"/subscriptions", "/fixed/subscriptions", "/acl/roles", "/acl/users", "/acl/redisRules", "/cloud-accounts", "/users"} {
			res, err := s.Client().Do(s.request(t, "GET", path, ""))
			require.NoError(t, err)
			require.Equal(t, 200, res.StatusCode, path)
		}
	})
}
