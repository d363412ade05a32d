package rediscloud

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A setting responds to requests by the time since its start: with a status, 0
// for 200, and a body. Without a body, the response is a 404.
type setting func(request string, at time.Duration) (status int, body string)

// newSetting returns a client in a setting with a round trip of 40 ms. A task
// that is read is completed, unless the setting says otherwise.
func newSetting(t *testing.T, w setting) *Client {
	began := time.Now()
	return newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
		if err := sleep(req.Context(), 40*time.Millisecond); err != nil {
			return nil, err
		}
		request := req.Method + " " + req.URL.Path[len("/v1"):]
		status, body := w(request, time.Since(began))
		switch {
		case body != "" && status == 0:
			status = http.StatusOK
		case status == 0 && request == "GET /tasks/t1":
			return response(http.StatusOK, taskT1), nil
		case status == 0 && req.Method != http.MethodGet:
			return response(http.StatusAccepted, `{"taskId":"t1","status":"received","timestamp":"2000-01-01T00:00:00Z"}`), nil
		case status == 0:
			status = http.StatusNotFound
		}
		return response(status, body, "Location", "https://elsewhere.example/"), nil
	}))
}

const taskT1 = `{"taskId":"t1","status":"processing-completed","timestamp":"2000-01-01T00:00:00Z","response":{"resourceId":8}}`

// A phase is what is shown from a given time on.
type phase struct {
	from time.Duration
	body string
}

// shown is what the phases show at a given time.
func shown(at time.Duration, phases ...phase) (body string) {
	for _, p := range phases {
		if at >= p.from {
			body = p.body
		}
	}
	return body
}

const database8Path = "GET /subscriptions/7/databases/8"

// updated submits an update of database 8 in a setting that shows it in phases.
func updated(t *testing.T, req *DatabaseUpdateRequest, phases ...phase) *Task[Database] {
	client := newSetting(t, func(request string, at time.Duration) (int, string) {
		if request == database8Path {
			return 0, shown(at, phases...)
		}
		return 0, ""
	})
	task, err := client.Databases.Update(t.Context(), 7, 8, req)
	require.NoError(t, err)
	return task
}

// A change isn't over before it has begun.
func TestChangeThatHasNotBegun(t *testing.T) {
	grow := &DatabaseUpdateRequest{DatasetSizeInGB: new(2.0)}
	secret := &DatabaseUpdateRequest{Password: new(Secret("n3w"))}
	const (
		small   = `{"databaseId":8,"status":"active","datasetSizeInGb":1}`
		pending = `{"databaseId":8,"status":"active-change-pending","datasetSizeInGb":1}`
		big     = `{"databaseId":8,"status":"active","datasetSizeInGb":2}`
		before  = `{"databaseId":8,"status":"active","lastModified":"1999-12-31T23:00:00Z"}`
		since   = `{"databaseId":8,"status":"active","lastModified":"2000-01-01T00:00:01Z"}`
		broken  = `{"databaseId":8,"status":"error","datasetSizeInGb":1}`
	)
	for name, test := range map[string]struct {
		req      *DatabaseUpdateRequest
		phases   []phase
		from, to time.Duration // when the wait ends
		fails    bool
	}{
		"stale, then taken up":            {grow, []phase{{0, small}, {3 * time.Second, pending}, {time.Minute, big}}, time.Minute, 64 * time.Second, false},
		"stale, then as asked for":        {grow, []phase{{0, small}, {4 * time.Second, big}}, 4 * time.Second, 6 * time.Second, false},
		"as asked for":                    {grow, []phase{{0, big}}, 0, 700 * time.Millisecond, false},
		"never as asked for":              {grow, []phase{{0, small}}, 10 * time.Second, 13 * time.Second, false},
		"nothing shows it":                {secret, []phase{{0, before}}, 10 * time.Second, 13 * time.Second, false},
		"modified since":                  {secret, []phase{{0, before}, {4 * time.Second, since}}, 4 * time.Second, 6 * time.Second, false},
		"stale, then moving, not shown":   {secret, []phase{{0, before}, {3 * time.Second, pending}, {30 * time.Second, before}}, 30 * time.Second, 33 * time.Second, false},
		"mended":                          {grow, []phase{{0, broken}, {3 * time.Second, pending}, {30 * time.Second, big}}, 30 * time.Second, 33 * time.Second, false},
		"broken before and after":         {grow, []phase{{0, broken}}, 10 * time.Second, 13 * time.Second, true},
		"broken again after it was taken": {grow, []phase{{0, broken}, {3 * time.Second, pending}, {5 * time.Second, broken}}, 5 * time.Second, 8 * time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				db, err := updated(t, test.req, test.phases...).WaitProvisioned(t.Context())
				assert.GreaterOrEqual(t, time.Since(start), test.from)
				assert.LessOrEqual(t, time.Since(start), test.to)
				if test.fails {
					failure, ok := errors.AsType[*ProvisionError](err)
					require.True(t, ok, "%v", err)
					assert.Equal(t, "error", failure.Status)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, DatabaseStatusActive, db.Status)
			})
		})
	}
	// WithSettling replaces the default.
	for settling, want := range map[time.Duration]time.Duration{0: time.Second, 5 * time.Second: 8 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			start := time.Now()
			_, err := updated(t, grow, phase{0, small}).WaitProvisioned(t.Context(), WithSettling(settling))
			require.NoError(t, err)
			assert.GreaterOrEqual(t, time.Since(start), settling)
			assert.LessOrEqual(t, time.Since(start), want)
		})
	}
}

// The previous upgrade is shown, completed, until the new one starts: however
// long that takes, its target is different.
func TestUpgradeAfterAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newSetting(t, func(request string, at time.Duration) (int, string) {
			if request != "GET /subscriptions/7/databases/8/upgrade" {
				return 0, ""
			}
			return 0, shown(at,
				phase{0, `{"databaseId":8,"targetRedisVersion":"7.2","progress":100,"upgradeStatus":"done"}`},
				phase{time.Minute, `{"databaseId":8,"targetRedisVersion":"7.4","progress":10,"upgradeStatus":"in-progress"}`},
				phase{2 * time.Minute, `{"databaseId":8,"targetRedisVersion":"7.4","progress":100,"upgradeStatus":"done"}`})
		})
		task, err := client.Databases.Upgrade(t.Context(), 7, 8, &DatabaseUpgradeRequest{TargetRedisVersion: "7.4"})
		require.NoError(t, err)
		upgrade, err := task.WaitProvisioned(t.Context())
		require.NoError(t, err)
		assert.Equal(t, "7.4", upgrade.TargetRedisVersion)
		assert.Equal(t, UpgradeStatusDone, upgrade.Status)
	})
}

// After a revert, a redirection is completed for a moment.
func TestRedirectionAfterRevert(t *testing.T) {
	for name, test := range map[string]struct {
		phases []phase
		want   RedirectionStatus
		within time.Duration
	}{
		"reverted":  {[]phase{{0, `{"redirectionId":"r1","status":"completed"}`}, {3 * time.Second, `{"redirectionId":"r1","status":"in-progress","isRevert":true}`}, {30 * time.Second, `{"redirectionId":"r1","status":"reverted"}`}}, RedirectionStatusReverted, 33 * time.Second},
		"completed": {[]phase{{0, `{"redirectionId":"r1","status":"completed"}`}}, RedirectionStatusCompleted, 8 * time.Second},
	} {
		inVirtualTime(t, name, func(t *testing.T) {
			client := newSetting(t, func(request string, at time.Duration) (int, string) {
				switch request {
				case "POST /endpoint-redirections/r1/revert":
					return 0, `{"redirectionId":"r1","status":"initiated"}`
				case "GET /endpoint-redirections/r1":
					return 0, shown(at, test.phases...)
				}
				return 0, ""
			})
			if test.want == RedirectionStatusReverted {
				_, err := client.EndpointRedirections.Revert(t.Context(), "r1")
				require.NoError(t, err)
			}
			start := time.Now()
			redirection, err := client.EndpointRedirections.WaitProvisioned(t.Context(), "r1")
			require.NoError(t, err)
			assert.Equal(t, test.want, redirection.Status)
			assert.LessOrEqual(t, time.Since(start), test.within)
		})
	}
}

func inVirtualTime(t *testing.T, name string, f func(t *testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

// asking is a setting in which the read of a path is a task whose resource is
// what the phases show.
func asking(path string, phases ...phase) setting {
	return func(request string, at time.Duration) (int, string) {
		switch request {
		case "GET " + path:
			return http.StatusAccepted, `{"taskId":"ask","status":"received"}`
		case "GET /tasks/ask":
			return 0, `{"taskId":"ask","status":"processing-completed","response":` + shown(at, phases...) + `}`
		}
		return 0, ""
	}
}

// A new resource that can't be read long after its task ended has been removed
// since. Before that it may be on its way.
func TestRemovedSince(t *testing.T) {
	for name, test := range map[string]struct {
		ended   string
		removed bool
	}{
		"the task ended two hours ago":   {"1999-12-31T22:00:00Z", true},
		"the task ended ten minutes ago": {"1999-12-31T23:50:00Z", false},
		"nobody knows when":              {"", false},
	} {
		inVirtualTime(t, name, func(t *testing.T) { // from 2000-01-01T00:00:00Z on
			client := newTestClient(t, routes{
				"GET /tasks/t1": `{"taskId":"t1","status":"processing-completed","timestamp":"` + test.ended + `","response":{"resourceId":8}}`,
				"GET /tasks":    `{"tasks":[]}`,
			})
			task := newTask(client, &TaskState{TaskID: "t1"}, readBack(databaseKind, "/subscriptions/{subscriptionId}/databases/{databaseId}", 7))
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			start := time.Now()
			_, err := task.WaitProvisioned(ctx)
			if !test.removed {
				require.ErrorIs(t, err, context.DeadlineExceeded)
				return
			}
			require.ErrorIs(t, err, ErrNotFound)
			assert.Less(t, time.Since(start), time.Minute)
		})
	}
}

// A resource that was just created may be missing for a while, which is not an
// error.
func TestNotThereYet(t *testing.T) {
	network := NetworkRef{SubscriptionID: 7}
	const late = 2 * time.Minute
	link := "/subscriptions/7/private-link"
	for name, test := range map[string]struct {
		setting setting
		wait    func(context.Context, *Client) error
	}{
		"database": {func(request string, at time.Duration) (int, string) {
			if request == database8Path {
				return 0, shown(at, phase{late, `{"databaseId":8,"status":"active"}`})
			}
			return 0, ""
		}, waitFor(func(ctx context.Context, c *Client) (*Task[Database], error) {
			return c.Databases.Create(ctx, 7, &DatabaseCreateRequest{Name: "d"})
		})},
		"role": {func(request string, at time.Duration) (int, string) {
			if request == "GET /acl/roles" {
				return 0, shown(at, phase{0, `{"roles":[]}`}, phase{late, `{"roles":[{"id":8,"status":"active"}]}`})
			}
			return 0, ""
		}, waitFor(createRole)},
		"PrivateLink": {asking(link, phase{0, `{"resource":{"links":[]}}`}, phase{late, `{"resource":{"status":"active"}}`}),
			waitFor(func(ctx context.Context, c *Client) (*Task[PrivateLink], error) {
				return c.PrivateLink.Create(ctx, network, &PrivateLinkCreateRequest{ShareName: "s", Principal: "1", Type: PrincipalTypeAWSAccount})
			})},
		"principal": {asking(link, phase{0, `{"resource":{"status":"active","principals":[]}}`}, phase{late, `{"resource":` + privateLinkStatus("active", "associated") + `}`}),
			waitFor(func(ctx context.Context, c *Client) (*Task[PrivateLinkPrincipal], error) {
				return c.PrivateLink.CreatePrincipal(ctx, network, &PrivateLinkPrincipalCreateRequest{Principal: "123456789012"})
			})},
		"peering": {asking("/subscriptions/7/peerings", phase{0, `{"resource":{"peerings":[]}}`}, phase{late, `{"resource":{"peerings":[{"vpcPeeringId":8,"status":"active"}]}}`}),
			waitFor(func(ctx context.Context, c *Client) (*Task[VPCPeering], error) {
				return c.VPCPeerings.CreateGCP(ctx, NetworkRef{SubscriptionID: 7}, &VPCPeeringCreateGCPRequest{VPCProjectUID: "p", VPCNetworkName: "n"})
			})},
		"attachment": {asking("/subscriptions/7/transitGateways", phase{0, `{"resource":{"tgws":[]}}`}, phase{late, `{"resource":{"tgws":[{"id":5,"status":"available","attachmentStatus":"available"}]}}`}),
			waitFor(func(ctx context.Context, c *Client) (*Task[TransitGateway], error) {
				return c.TransitGateways.CreateAttachment(ctx, network, 5)
			})},
	} {
		inVirtualTime(t, name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			start := time.Now()
			require.NoError(t, test.wait(ctx, newSetting(t, test.setting)))
			assert.GreaterOrEqual(t, time.Since(start), late)
			assert.LessOrEqual(t, time.Since(start), late+30*time.Second)
		})
	}
	// A resource that should have existed before gets a short grace period.
	inVirtualTime(t, "not made by us", func(t *testing.T) {
		start := time.Now()
		_, err := newSetting(t, func(string, time.Duration) (int, string) { return 0, "" }).Databases.WaitProvisioned(t.Context(), 7, 8)
		require.ErrorIs(t, err, ErrNotFound)
		assert.InDelta(t, existingGrace.Seconds(), time.Since(start).Seconds(), 3)
	})
	// The wait for a resource that existed and is gone for good ends, too.
	inVirtualTime(t, "made, and removed by another", func(t *testing.T) {
		client := newSetting(t, func(request string, at time.Duration) (int, string) {
			if request == database8Path && at < time.Minute {
				return 0, `{"databaseId":8,"status":"pending"}`
			}
			return 0, ""
		})
		start := time.Now()
		err := waitFor(createDatabase)(t.Context(), client)
		require.ErrorIs(t, err, ErrNotFound)
		assert.InDelta(t, 91, time.Since(start).Seconds(), 5)
	})
}

// waitFor submits a task and waits for what it creates.
func waitFor[T any](submit func(context.Context, *Client) (*Task[T], error)) func(context.Context, *Client) error {
	return func(ctx context.Context, c *Client) error {
		task, err := submit(ctx, c)
		if err != nil {
			return err
		}
		_, err = task.WaitProvisioned(ctx)
		return err
	}
}

// A single moment in which a resource being removed isn't found is not its end.
func TestRemovalIsSeenTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		client := newSetting(t, func(request string, at time.Duration) (int, string) {
			flicker := at > 2*time.Second && at < 2500*time.Millisecond
			if request != database8Path || flicker || at > time.Minute {
				return 0, ""
			}
			return 0, `{"databaseId":8,"status":"delete-pending"}`
		})
		task, err := client.Databases.Delete(t.Context(), 7, 8)
		require.NoError(t, err)
		_, err = task.WaitProvisioned(t.Context())
		require.NoError(t, err)
		assert.GreaterOrEqual(t, time.Since(start), time.Minute)
		assert.LessOrEqual(t, time.Since(start), 70*time.Second)
	})
}

// The last read of a wait survives everything that a poll survives.
func TestResultIsReadPatiently(t *testing.T) {
	for name, bad := range map[string]struct {
		status int
		body   string
		lasts  time.Duration
	}{
		"HTML":     {200, "<html>maintenance</html>", 5 * time.Second},
		"empty":    {200, " ", 5 * time.Second},
		"409":      {409, "{}", 5 * time.Second},
		"302":      {302, "{}", 5 * time.Second},
		"503":      {503, "{}", 20 * time.Second},
		"404":      {404, "{}", 20 * time.Second},
		"long 503": {503, "{}", 10 * time.Minute},
	} {
		inVirtualTime(t, name, func(t *testing.T) {
			client := newSetting(t, func(request string, at time.Duration) (int, string) {
				switch {
				case request != database8Path:
					return 0, ""
				case at < bad.lasts:
					return bad.status, bad.body
				}
				return 0, database8
			})
			task, err := createDatabase(t.Context(), client)
			require.NoError(t, err)
			start := time.Now()
			db, err := task.Wait(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 8, db.ID)
			assert.LessOrEqual(t, time.Since(start), bad.lasts+35*time.Second)
		})
	}
}
