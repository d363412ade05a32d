package rediscloudtest

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// report creates a cost report of the first two days of December and returns
// its file.
func (r rig) report(filters string) string {
	r.t.Helper()
	response := r.complete("POST", "/cost-report", `{"startDate":"1999-12-01","endDate":"1999-12-02"`+filters+`}`)
	id := response["resource"].(object)["costReportId"].(string)
	res, text := r.do("GET", "/cost-report/"+id, "")
	require.Equal(r.t, 200, res.StatusCode)
	require.Equal(r.t, "application/octet-stream", res.Header.Get("Content-Type"))
	require.Equal(r.t, fmt.Sprintf("attachment; filename=%q", id), res.Header.Get("Content-Disposition"))
	return text
}

func TestCostReports(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		single, double := r.AddSubscription("single"), r.AddSubscription("double", "us-east-1", "eu-west-1")
		one, two := r.AddDatabase(single, "one"), r.AddDatabase(single, "two")
		r.AddDatabase(double, "three")
		r.do("POST", fmt.Sprintf("/subscriptions/%d/databases/%d/tags", single, two), `{"key":"env","value":"prod"}`)
		for filters, rows := range map[string]int{
			``:                                                         8,
			`,"subscriptionType":"pro"`:                                8,
			`,"subscriptionType":"essentials"`:                         0,
			`,"regions":["eu-west-1","mars"]`:                          2,
			`,"regions":[]`:                                            8,
			`,"tags":[{"key":"env","value":"prod"}]`:                   2,
			`,"tags":[{"key":"env","value":"test"}]`:                   0,
			fmt.Sprintf(`,"subscriptionIds":[%d]`, double):             4,
			fmt.Sprintf(`,"databaseIds":[%d],"format":"csv"`, one):     2,
			fmt.Sprintf(`,"databaseIds":[%d],"regions":["mars"]`, one): 0,
		} {
			table, err := csv.NewReader(strings.NewReader(r.report(filters))).ReadAll()
			require.NoError(t, err)
			require.Equal(t, reportColumns, table[0])
			require.Len(t, table, rows+1, filters)
		}
		var list []object
		require.NoError(t, json.Unmarshal([]byte(r.report(fmt.Sprintf(`,"format":"json","databaseIds":[%d]`, one))), &list))
		require.Len(t, list, 2)
		require.Equal(t, "2.976", list[0]["BilledCost"])
		require.Equal(t, "1999-12-01T00:00:00.000Z", list[0]["ChargePeriodStart"])
		require.Equal(t, 404, r.status("GET", "/cost-report/none", ""))
	})
}

func TestCostReportsFail(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		for body, want := range map[string]string{
			`{}`:                         "COST_REPORT_START_DATE_IS_MISSING",
			`{"startDate":"1999-12-01"}`: "COST_REPORT_END_DATE_IS_MISSING",
			`{"startDate":"1.12.1999","endDate":"1999-12-02"}`:                         "COST_REPORT_INVALID_DATE_FORMAT",
			`{"startDate":"1999-12-02","endDate":"1999-12-01"}`:                        "COST_REPORT_END_DATE_BEFORE_START_DATE",
			`{"startDate":"1999-11-01","endDate":"1999-12-12"}`:                        "COST_REPORT_DATE_RANGE_EXCEEDS_LIMIT",
			`{"startDate":"1999-12-02","endDate":"2000-01-02"}`:                        "COST_REPORT_FUTURE_DATES_NOT_ALLOWED",
			`{"startDate":"1999-12-02","endDate":"1999-12-02","tags":[{"value":"v"}]}`: "COST_REPORT_TAG_KEY_EMPTY",
			`{"startDate":"1999-12-02","endDate":"1999-12-02","tags":[{"key":"k"}]}`:   "COST_REPORT_TAG_VALUE_EMPTY",
		} {
			require.Equal(t, want, r.fail("POST", "/cost-report", body), body)
		}
		require.Equal(t, 400, r.status("POST", "/cost-report", `{"startDate":5}`))
	})
}
