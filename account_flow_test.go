package rediscloud_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func TestAccountFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithAccountID(7))
		client, ctx := connect(t, fake), t.Context()
		account, err := client.Account.Get(ctx)
		require.NoError(t, err)
		assert.Equal(t, 7, account.ID)
		assert.Equal(t, 7, account.Key.AccountID)
		assert.NotEmpty(t, account.Key.Owner.Email)
		assert.NotEmpty(t, account.Links)

		cards, err := client.Account.ListPaymentMethods(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.CardDigits("4242"), cards.PaymentMethods[0].CreditCardEndsWith)
		regions, err := client.Account.ListRegions(ctx, &rediscloud.RegionListOptions{Provider: rediscloud.ProviderGCP})
		require.NoError(t, err)
		for _, region := range regions.Regions {
			assert.Equal(t, rediscloud.ProviderGCP, region.Provider)
		}
		modules, err := client.Account.ListDatabaseModules(ctx)
		require.NoError(t, err)
		assert.InEpsilon(t, 1e6, modules.Modules[1].Parameters[0].DefaultValue, 0.001)
		persistence, err := client.Account.ListDataPersistenceOptions(ctx)
		require.NoError(t, err)
		assert.Len(t, persistence.DataPersistence, 6)
		factors, err := client.Account.ListQueryPerformanceFactors(ctx)
		require.NoError(t, err)
		assert.Contains(t, factors.QueryPerformanceFactors, "4x")

		_, err = connect(t, fake, rediscloud.WithCredentials("a", "b")).Account.Get(ctx)
		require.ErrorIs(t, err, rediscloud.ErrUnauthorized)
	})
}

// The system log is read to its end page by page, although it grows meanwhile.
func TestLogsFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithLenientSubscriptions(), rediscloudtest.WithProcessing(0))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		add := func(name string) {
			task, err := client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: name})
			require.NoError(t, err)
			_, err = task.Wait(ctx)
			require.NoError(t, err)
			time.Sleep(time.Second)
		}
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			add(name)
		}
		for _, limit := range []int{0, 1, 2, 3} {
			before, err := client.Account.ListLogs(ctx, nil)
			require.NoError(t, err)
			var ids []int
			for entry, err := range client.Account.AllLogs(ctx, &rediscloud.LogOptions{Limit: limit}) {
				require.NoError(t, err)
				if ids = append(ids, entry.ID); len(ids) <= 2 {
					add(strings.Repeat("x", 10*limit+len(ids)))
				}
			}
			want := make([]int, 0, len(before.Entries))
			for _, entry := range before.Entries {
				want = append(want, entry.ID)
			}
			assert.Equal(t, want, ids)
		}

		all, err := client.Account.ListLogs(ctx, nil)
		require.NoError(t, err)
		third := all.Entries[len(all.Entries)-3]
		some, err := client.Account.ListLogs(ctx, &rediscloud.LogOptions{ResourceID: third.ResourceID, EndTime: third.Time.Add(time.Second).In(time.FixedZone("", 3600))})
		require.NoError(t, err)
		assert.Equal(t, []rediscloud.LogEntry{third}, some.Entries)

		fake.AddSessionLog("a@example.com", "login")
		fake.AddSessionLog("a@example.com", "logout")
		var actions []string
		for entry, err := range client.Account.AllSessionLogs(ctx, &rediscloud.SessionLogOptions{Limit: 1}) {
			require.NoError(t, err)
			actions = append(actions, entry.Action)
		}
		assert.Equal(t, []string{"logout", "login"}, actions)
	})
}

func TestCostReportFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		fake.AddDatabase(fake.AddSubscription("s"), "cache")
		time.Sleep(30 * 24 * time.Hour)
		req := &rediscloud.CostReportCreateRequest{StartDate: rediscloud.DateOf(time.Now().AddDate(0, 0, -9).UTC()), EndDate: rediscloud.DateOf(time.Now().UTC())}
		for format, check := range map[rediscloud.CostReportFormat]func([]byte){
			rediscloud.CostReportFormatCSV: func(file []byte) { assert.Equal(t, 1+10, strings.Count(string(file), "\n")) },
			rediscloud.CostReportFormatJSON: func(file []byte) {
				var rows []map[string]string
				require.NoError(t, json.Unmarshal(file, &rows))
				assert.Len(t, rows, 10)
			},
		} {
			req.Format = new(format)
			task, err := client.CostReports.Create(ctx, req)
			require.NoError(t, err)
			resumed, err := rediscloud.ResumeTask[rediscloud.CostReport](client, task.Token())
			require.NoError(t, err)
			report, err := resumed.WaitProvisioned(ctx)
			require.NoError(t, err)
			assert.True(t, strings.HasSuffix(report.ID, "."+string(format)), report.ID)
			fake.AnswerNext(2, "GET /cost-report/{costReportId}", http.StatusServiceUnavailable, nil, "")
			file, err := client.CostReports.Download(ctx, report.ID)
			require.NoError(t, err)
			text, err := io.ReadAll(file)
			require.NoError(t, err)
			require.NoError(t, file.Close())
			check(text)
		}

		_, err := client.CostReports.Download(ctx, "none.csv")
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		req.EndDate = rediscloud.DateOf(time.Now().AddDate(0, 0, 2))
		task, err := client.CostReports.Create(ctx, req)
		require.NoError(t, err)
		_, err = task.Wait(ctx)
		failure, ok := errors.AsType[*rediscloud.TaskError](err)
		require.True(t, ok, err)
		assert.Equal(t, rediscloud.TaskErrorType("COST_REPORT_FUTURE_DATES_NOT_ALLOWED"), failure.Type)
	})
}

func TestEndpointRedirectionFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(2 * time.Minute))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		req := &rediscloud.EndpointRedirectionCreateRequest{
			SourceDatabaseID: fake.AddDatabase(sub, "old"), TargetDatabaseID: fake.AddDatabase(sub, "new"),
			EndpointTargetType: rediscloud.EndpointTypePublic, MigrationProtection: true,
		}
		begun, err := client.EndpointRedirections.Create(ctx, req)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.RedirectionStatusInitiated, begun.Status)
		_, err = client.EndpointRedirections.Create(ctx, req)
		require.ErrorIs(t, err, rediscloud.ErrConflict)
		_, err = client.EndpointRedirections.Revert(ctx, begun.ID)
		require.ErrorIs(t, err, rediscloud.ErrConflict)

		short, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		_, err = client.EndpointRedirections.WaitProvisioned(short, begun.ID)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		var seen []string
		done, err := client.EndpointRedirections.WaitProvisioned(ctx, begun.ID, rediscloud.OnProvisioning(func(p rediscloud.Provisioning) { seen = append(seen, p.Status) }))
		require.NoError(t, err)
		assert.Equal(t, []string{"in-progress", "completed"}, seen)
		assert.Equal(t, 121*time.Second, done.CompletedAt.Sub(done.StartedAt.Time))

		back, err := client.EndpointRedirections.Revert(ctx, begun.ID)
		require.NoError(t, err)
		assert.True(t, back.IsRevert)
		_, err = client.EndpointRedirections.WaitProvisioned(ctx, back.ID)
		require.NoError(t, err)
		done, err = client.EndpointRedirections.WaitProvisioned(ctx, begun.ID)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.RedirectionStatusReverted, done.Status)
		assert.NotZero(t, done.RevertedAt)

		again, err := client.EndpointRedirections.Create(ctx, req)
		require.NoError(t, err)
		time.AfterFunc(30*time.Second, func() { fake.SetStatus("/endpoint-redirections/"+again.ID, "failed") })
		_, err = client.EndpointRedirections.WaitProvisioned(ctx, again.ID)
		failure, ok := errors.AsType[*rediscloud.ProvisionError](err)
		require.True(t, ok, err)
		var document rediscloud.EndpointRedirection
		require.NoError(t, json.Unmarshal(failure.Body, &document))
		assert.NotEmpty(t, document.ErrorMessage)

		start := time.Now()
		_, err = client.EndpointRedirections.WaitProvisioned(ctx, "none")
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		assert.GreaterOrEqual(t, time.Since(start), 30*time.Second, "the grace for a 404")
		req.TargetDatabaseID = 5
		_, err = client.EndpointRedirections.Create(ctx, req)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
	})
}

func TestDataIntegrationFlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		list, err := client.DataIntegration.List(ctx)
		require.NoError(t, err)
		assert.Contains(t, string(list), `"workspaces":[{`)
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			for _, path := range []string{"", "pipelines/a%20b"} {
				req := &rediscloud.DataIntegrationRequest{Method: method, SubscriptionID: sub, Path: path, Query: url.Values{"q": {"1"}}}
				if method != "GET" {
					req.Body = json.RawMessage(`{"k":[1]}`)
				}
				doc, err := client.DataIntegration.Do(ctx, req)
				require.NoError(t, err)
				if method == "DELETE" {
					assert.Empty(t, doc)
					continue
				}
				var echo struct {
					Method, Path string
					Query        url.Values
					Body         json.RawMessage
				}
				require.NoError(t, json.Unmarshal(doc, &echo))
				assert.Equal(t, method, echo.Method)
				assert.Equal(t, path == "", strings.HasSuffix(echo.Path, "/data-integration-workspace"))
				assert.Equal(t, url.Values{"q": {"1"}}, echo.Query)
				if method != "GET" {
					assert.JSONEq(t, `{"k":[1]}`, string(echo.Body))
				}
			}
		}
		_, err = client.DataIntegration.Do(ctx, &rediscloud.DataIntegrationRequest{Method: "GET", SubscriptionID: 5})
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
	})
}
