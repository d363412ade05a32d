package rediscloud

import (
	"context"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCostReportsCreate(t *testing.T) {
	for name, test := range map[string]struct {
		req  CostReportCreateRequest
		body string
	}{
		"all members": {
			CostReportCreateRequest{
				StartDate: "2025-10-01", EndDate: "2025-11-06", Format: new(CostReportFormatJSON),
				SubscriptionIDs: []int{123, 456}, DatabaseIDs: []int{789}, SubscriptionType: new(SubscriptionTypePro),
				Regions: []string{"us-east-1"}, Tags: []CostReportTag{{Key: "env", Value: "prod"}},
			},
			`{"startDate":"2025-10-01","endDate":"2025-11-06","format":"json","subscriptionIds":[123,456],"databaseIds":[789],
				"subscriptionType":"pro","regions":["us-east-1"],"tags":[{"key":"env","value":"prod"}]}`,
		},
		"required members": {
			CostReportCreateRequest{StartDate: DateOf(time.Date(2025, 2, 1, 23, 0, 0, 0, time.UTC)), EndDate: "2025-02-01"},
			`{"startDate":"2025-02-01","endDate":"2025-02-01"}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := waitWire(t, func(ctx context.Context, c *Client) (*Task[CostReport], error) {
				return c.CostReports.Create(ctx, &test.req)
			},
				wire{method: "POST", path: "/cost-report", body: test.body, status: 202, answer: received},
				completed(`{"resource":{"costReportId":"b1b1.json"}}`))
			require.NoError(t, err)
			assert.Equal(t, &CostReport{ID: "b1b1.json"}, report)
		})
	}
}

func TestCostReportsCreateWithoutID(t *testing.T) {
	req := &CostReportCreateRequest{StartDate: "2025-10-01", EndDate: "2025-10-01"}
	for _, response := range []string{`{}`, `{"resource":{}}`, `{"resource":{"costReportId":null}}`} {
		_, err := waitWire(t, func(ctx context.Context, c *Client) (*Task[CostReport], error) { return c.CostReports.Create(ctx, req) },
			wire{method: "POST", path: "/cost-report", body: `{"startDate":"2025-10-01","endDate":"2025-10-01"}`, answer: received},
			completed(response))
		var failure *WaitError
		require.ErrorAs(t, err, &failure, response)
	}
}

func TestCostReportCreateRequestValidate(t *testing.T) {
	req := func(change func(*CostReportCreateRequest)) *CostReportCreateRequest {
		r := &CostReportCreateRequest{StartDate: "2025-10-01", EndDate: "2025-11-10"} // 40 days later
		change(r)
		return r
	}
	require.NoError(t, req(func(*CostReportCreateRequest) {}).validate())
	for want, change := range map[string]func(*CostReportCreateRequest){
		"StartDate is required": func(r *CostReportCreateRequest) { r.StartDate = "" },
		"EndDate is required":   func(r *CostReportCreateRequest) { r.EndDate = "" },
		`StartDate must be a day like 2026-01-31, not "1.10.2025"`: func(r *CostReportCreateRequest) { r.StartDate = "1.10.2025" },
		`EndDate must be a day like 2026-01-31, not "2025-02-29"`:  func(r *CostReportCreateRequest) { r.EndDate = "2025-02-29" },
		"EndDate must not be before StartDate":                     func(r *CostReportCreateRequest) { r.EndDate = "2025-09-30" },
		"EndDate must be at most 40 days after StartDate, not 41":  func(r *CostReportCreateRequest) { r.EndDate = "2025-11-11" },
		"Format must not be empty":                                 func(r *CostReportCreateRequest) { r.Format = new(CostReportFormat("")) },
		"SubscriptionIDs[1] must be positive, not 0":               func(r *CostReportCreateRequest) { r.SubscriptionIDs = []int{1, 0} },
		"DatabaseIDs[0] must be positive, not -1":                  func(r *CostReportCreateRequest) { r.DatabaseIDs = []int{-1} },
		"SubscriptionType must not be empty":                       func(r *CostReportCreateRequest) { r.SubscriptionType = new(SubscriptionType("")) },
		"Regions[0] must not be empty":                             func(r *CostReportCreateRequest) { r.Regions = []string{""} },
		"Tags[0].Key is required":                                  func(r *CostReportCreateRequest) { r.Tags = []CostReportTag{{Value: "v"}} },
		"Tags[0].Value is required":                                func(r *CostReportCreateRequest) { r.Tags = []CostReportTag{{Key: "k"}} },
	} {
		require.EqualError(t, req(change).validate(), want)
	}
	_, err := newWire(t).CostReports.Create(t.Context(), nil)
	require.EqualError(t, err, "rediscloud: POST /cost-report: the request is nil")
	_, err = newWire(t).CostReports.Create(t.Context(), req(func(r *CostReportCreateRequest) { r.EndDate = "9999-12-31" }))
	require.ErrorContains(t, err, "at most 40 days")
}

func TestCostReportsDownload(t *testing.T) {
	client := newWire(t,
		wire{method: "GET", path: "/cost-report/a%2Fb%20c.csv", answer: "A,B\n1,2\n"},
		wire{method: "GET", path: "/cost-report/none.csv", status: 404, answer: `{"message":"no such report"}`},
	)
	file, err := client.CostReports.Download(t.Context(), "a/b c.csv")
	require.NoError(t, err)
	text, err := io.ReadAll(file)
	require.NoError(t, err)
	assert.Equal(t, "A,B\n1,2\n", string(text))
	require.NoError(t, file.Close())

	file, err = client.CostReports.Download(t.Context(), "none.csv")
	require.ErrorIs(t, err, ErrNotFound)
	require.EqualError(t, err, "rediscloud: GET /cost-report/none.csv: 404 Not Found: no such report")
	assert.Nil(t, file)

	for _, id := range []string{"", "..", " "} {
		_, err = client.CostReports.Download(t.Context(), id)
		require.ErrorContains(t, err, "costReportId must not be")
	}
}
