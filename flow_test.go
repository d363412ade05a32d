package rediscloud_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// connect returns a client of a fake API. The endpoints that the test uses are
// recorded.
func connect(t testing.TB, fake *rediscloudtest.Server, opts ...rediscloud.Option) *rediscloud.Client {
	t.Helper()
	t.Cleanup(func() { usedRoutes.add(fake) })
	client, err := rediscloud.NewClient(append([]rediscloud.Option{
		rediscloud.WithBaseURL(fake.URL()),
		rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
		rediscloud.WithHTTPClient(fake.Client()),
	}, opts...)...)
	require.NoError(t, err)
	return client
}

// calm is for tests whose waits accept the first status that they see: the
// state from before a change, which the API shows for a moment, would end them.
var calm = rediscloudtest.WithCalm()

func subscriptionRequest(databases ...string) *rediscloud.SubscriptionCreateRequest {
	req := &rediscloud.SubscriptionCreateRequest{
		Name: new("flow"),
		CloudProviders: []rediscloud.CloudProviderSpec{{
			Regions: []rediscloud.CloudRegionSpec{{Region: "us-east-1", Networking: &rediscloud.CloudNetworkingSpec{DeploymentCIDR: new("10.0.0.0/24")}}},
		}},
	}
	for _, name := range databases {
		req.Databases = append(req.Databases, rediscloud.SubscriptionDatabaseSpec{Name: name, DatasetSizeInGB: new(1.0)})
	}
	return req
}

// The main flow: create, wait, use, change, remove.
func TestFlow(t *testing.T) {
	for name, form := range map[string]rediscloudtest.LinkForm{"object": rediscloudtest.LinkObject, "array": rediscloudtest.LinkArray, "mixed": rediscloudtest.LinkMixed} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New(calm, rediscloudtest.WithProvisioning(2*time.Minute), rediscloudtest.WithLinkForm(form), rediscloudtest.WithRoundTrip(80*time.Millisecond))
				client := connect(t, fake)
				ctx := t.Context()

				create, err := client.Subscriptions.Create(ctx, subscriptionRequest("first"))
				require.NoError(t, err)
				sub, err := create.Wait(ctx)
				require.NoError(t, err)
				assert.Equal(t, rediscloud.SubscriptionStatusPending, sub.Status)
				sub, err = create.WaitProvisioned(ctx)
				require.NoError(t, err)
				assert.Equal(t, rediscloud.SubscriptionStatusActive, sub.Status)
				assert.Equal(t, 1, sub.NumberOfDatabases)

				task, err := client.Databases.Create(ctx, sub.ID, &rediscloud.DatabaseCreateRequest{Name: "second", DatasetSizeInGB: new(1.0)})
				require.NoError(t, err)
				db, err := task.WaitProvisioned(ctx)
				require.NoError(t, err)
				assert.Equal(t, rediscloud.DatabaseStatusActive, db.Status)
				assert.NotEmpty(t, db.PublicEndpoint)
				assert.Len(t, string(db.Security.Password), 32)

				update, err := client.Databases.Update(ctx, sub.ID, db.ID, &rediscloud.DatabaseUpdateRequest{DataPersistence: new(rediscloud.DataPersistenceAOFEvery1Second)})
				require.NoError(t, err)
				db, err = update.WaitProvisioned(ctx)
				require.NoError(t, err)
				assert.Equal(t, rediscloud.DataPersistenceAOFEvery1Second, db.DataPersistence)

				var ids []int
				for db, err := range client.Databases.All(ctx, sub.ID, nil) {
					require.NoError(t, err)
					ids = append(ids, db.ID)
				}
				require.Len(t, ids, 2)
				for _, id := range ids {
					removal, err := client.Databases.Delete(ctx, sub.ID, id)
					require.NoError(t, err)
					_, err = removal.WaitProvisioned(ctx)
					require.NoError(t, err)
					_, err = client.Databases.Get(ctx, sub.ID, id)
					require.ErrorIs(t, err, rediscloud.ErrNotFound)
				}

				remove, err := client.Subscriptions.Delete(ctx, sub.ID)
				require.NoError(t, err)
				_, err = remove.WaitProvisioned(ctx)
				require.NoError(t, err)
				_, err = client.Subscriptions.Get(ctx, sub.ID)
				require.ErrorIs(t, err, rediscloud.ErrNotFound)
				assert.Empty(t, fake.Subscriptions())
			})
		})
	}
}

// The documents of the API's own documentation, followed from the response to
// the write to the resource.
func TestDocumentedTask(t *testing.T) {
	read := func(name string) []byte {
		data, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		return data
	}
	synctest.Test(t, func(t *testing.T) {
		var asked []string
		transport := roundTripper(func(req *http.Request) *http.Response {
			asked = append(asked, req.Method+" "+req.URL.String())
			switch req.URL.Path {
			case "/v1/subscriptions":
				return answer(http.StatusAccepted, read("task_received.json"))
			case "/v1/tasks/f3ec0e7b-0548-46e3-82f3-1977012ec738":
				// In the documentation it is that of another task.
				return answer(http.StatusOK, bytes.ReplaceAll(read("task_completed.json"), []byte("36d4b04d-72d4-4404-8600-a223120a553e"), []byte("f3ec0e7b-0548-46e3-82f3-1977012ec738")))
			case "/v1/subscriptions/77899":
				return answer(http.StatusOK, []byte(`{"id":77899,"status":"pending"}`))
			}
			return answer(http.StatusNotFound, nil)
		})
		client, err := rediscloud.NewClient(rediscloud.WithCredentials("a", "s"), rediscloud.WithHTTPClient(&http.Client{Transport: transport}))
		require.NoError(t, err)
		task, err := client.Subscriptions.Create(t.Context(), subscriptionRequest("first"))
		require.NoError(t, err)
		assert.Equal(t, "f3ec0e7b-0548-46e3-82f3-1977012ec738", task.ID())
		sub, err := task.Wait(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 77899, sub.ID)
		assert.Equal(t, []string{
			"POST https://api.redislabs.com/v1/subscriptions",
			"GET https://api.redislabs.com/v1/tasks/f3ec0e7b-0548-46e3-82f3-1977012ec738",
			"GET https://api.redislabs.com/v1/subscriptions/77899",
		}, asked)
	})
}

// An early 404, a 503, HTML and an unknown status don't affect a wait.
func TestFlowOverFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProcessing(10 * time.Second))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		task, err := client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
		require.NoError(t, err)
		const poll = "GET /tasks/{taskId}"
		fake.AnswerNext(2, poll, 503, nil, "")
		fake.AnswerNext(1, poll, 200, http.Header{"Content-Type": {"text/html"}}, "<html>maintenance</html>")
		fake.AnswerNext(1, poll, 200, nil, `{"taskId":"`+task.ID()+`","status":"pondering"}`)
		fake.CutNext(1, poll, rediscloudtest.CutAfter)
		fake.ForgetTask(task.ID(), 5*time.Second)
		db, err := task.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Equal(t, []int{db.ID}, fake.Databases(sub))
	})
}

// A write that may have been accepted is sent once.
func TestFlowLostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		req := &rediscloud.DatabaseCreateRequest{Name: "d"}
		fake.CutNext(1, "POST /subscriptions/{subscriptionId}/databases", rediscloudtest.CutAfter)
		_, err := client.Databases.Create(ctx, sub, req)
		unknown, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, "POST", unknown.Method)
		fake.AnswerNext(1, "POST /subscriptions/{subscriptionId}/databases", 500, nil, "")
		_, err = client.Databases.Create(ctx, sub, req)
		_, ok = errors.AsType[*rediscloud.OutcomeUnknownError](err)
		require.True(t, ok, "%v", err)
		assert.Len(t, fake.Requests(), 2)
		time.Sleep(time.Minute)
		assert.Len(t, fake.Databases(sub), 1)
	})
}

func TestFlowFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		fake.AddDatabase(sub, "taken")
		task, err := client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "taken"})
		require.NoError(t, err)
		_, err = task.Wait(ctx)
		require.ErrorIs(t, err, rediscloud.ErrConflict)
		failure, ok := errors.AsType[*rediscloud.TaskError](err)
		require.True(t, ok)
		assert.Equal(t, rediscloud.TaskErrorTypeDatabaseNameExists, failure.Type)

		_, err = client.Databases.Create(ctx, 5, &rediscloud.DatabaseCreateRequest{Name: "d"})
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		_, err = client.Databases.Get(ctx, sub, 5)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)

		short, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		task, err = client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "d"})
		require.NoError(t, err)
		_, err = task.Wait(short)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		wait, ok := errors.AsType[*rediscloud.WaitError](err)
		require.True(t, ok)
		assert.Equal(t, task.ID(), wait.TaskID)
		assert.Equal(t, rediscloud.TaskStatusReceived, wait.Last.Status)

		resumed, err := rediscloud.ResumeTask[rediscloud.Database](client, task.Token())
		require.NoError(t, err)
		db, err := resumed.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Equal(t, "d", db.Name)

		wrong := connect(t, fake, rediscloud.WithCredentials("a", "b"))
		_, err = wrong.Subscriptions.List(ctx)
		require.ErrorIs(t, err, rediscloud.ErrUnauthorized)
	})
}

func TestFlowDryRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		task, err := client.Subscriptions.CreateDryRun(ctx, subscriptionRequest("first"))
		require.NoError(t, err)
		pricing, err := task.Wait(ctx)
		require.NoError(t, err)
		require.NotEmpty(t, pricing.Items)
		assert.Positive(t, pricing.Items[0].PricePerUnit)
		assert.Empty(t, fake.Subscriptions())
	})
}

// The client stays below the API's limit.
func TestFlowRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithRoundTrip(80 * time.Millisecond))
		client := connect(t, fake)
		fake.AddSubscription("s")
		start := time.Now()
		done := make(chan error)
		for range 1000 {
			go func() {
				_, err := client.Subscriptions.List(t.Context())
				done <- err
			}()
		}
		for range 1000 {
			require.NoError(t, <-done)
		}
		for _, req := range fake.Requests() {
			require.Equal(t, http.StatusOK, req.Status)
		}
		t.Logf("1000 reads in %s, none refused", time.Since(start))
	})
}

type roundTripper func(*http.Request) *http.Response

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req), nil }

func answer(status int, body []byte) *http.Response {
	recorder := &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody, ContentLength: int64(len(body))}
	if body != nil {
		recorder.Body = readCloser(body)
	}
	return recorder
}

func readCloser(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }

func itoa(n int) string { return strconv.Itoa(n) }
