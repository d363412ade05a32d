package coverage_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/internal/coverage"
)

func loadFacts(t *testing.T) *coverage.Facts {
	t.Helper()
	facts, err := coverage.Load("../../testdata/api_facts.json")
	require.NoError(t, err)
	return facts
}

func printed(report *coverage.Report) string {
	var out strings.Builder
	report.Print(&out)
	return out.String()
}

// The SDK has all of the API: whatever it loses, or the API gains, is named here.
func TestTheSDKCoversTheAPI(t *testing.T) {
	report, err := coverage.MeasureSDK(loadFacts(t))
	require.NoError(t, err)

	text := printed(report)
	assert.True(t, report.Complete(), text)
	totals := `query parameters 20/20
operations 169/169
request members 372/372
response members 615/615
`
	assert.Equal(t, totals, text[max(0, strings.LastIndex(text, "query parameters ")):])
}

// added are the lines that one report has and another hasn't.
func added(before, after string) (lines []string) {
	old := strings.Split(before, "\n")
	for line := range strings.SplitSeq(after, "\n") {
		if !slices.Contains(old, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// What the API has beyond the SDK is named, and the other way round.
func TestTheMeasureSeesWhatDiffers(t *testing.T) {
	measure := func(change func(*coverage.Facts)) string {
		facts := loadFacts(t)
		change(facts)
		report, err := coverage.Measure(facts, func(transport http.RoundTripper) (any, error) {
			client, err := coverage.NewSDK(transport)
			return &struct {
				Tasks         rediscloud.TasksService
				Subscriptions rediscloud.SubscriptionsService
			}{client.Tasks, client.Subscriptions}, err
		})
		require.NoError(t, err)
		return printed(report)
	}
	asIs := measure(func(*coverage.Facts) {})
	tests := []struct {
		name   string
		change func(*coverage.Facts)
		want   string
	}{
		{"an operation more", func(f *coverage.Facts) {
			f.Operations = append(f.Operations, coverage.Operation{Op: "POST /tasks"})
		}, "missing operation POST /tasks"},
		{"an operation less", func(f *coverage.Facts) {
			for i := range f.Operations {
				if f.Operations[i].Op == "GET /subscriptions/{subscriptionId}/pricing" {
					f.Operations[i].Op = "GET /prices"
				}
			}
		}, "unknown to the document: operation GET /subscriptions/10/pricing, called by Subscriptions.Pricing"},
		{"a request member more", func(f *coverage.Facts) {
			f.Requests["CustomerManagedKey"].Members["comment"] = "string"
		}, "missing request members CustomerManagedKey: comment in POST /subscriptions and 1 more"},
		{"a request member less", func(f *coverage.Facts) {
			delete(f.Requests["CustomerManagedKey"].Members, "region")
		}, "unknown to the document: request members CustomerManagedKey: region"},
		{"a response member more", func(f *coverage.Facts) {
			f.Responses["Subscription"].Members["cloudDetails[].colour"] = "string"
		}, "missing response members Subscription: cloudDetails[].colour in GET /subscriptions and 1 more"},
		{"a boolean more", func(f *coverage.Facts) {
			f.Responses["Subscription"].Members["frozen"] = "boolean"
		}, "missing response members Subscription: frozen in GET /subscriptions and 1 more"},
		{"a response member less", func(f *coverage.Facts) {
			delete(f.Observed["Subscription"].Members, "prometheusEndpoint")
		}, "unknown to the document: field Subscription.PrometheusEndpoint (prometheusEndpoint)"},
		{"a member of a task's document more", func(f *coverage.Facts) {
			f.Results["CIDRAllowlist"].Members["note"] = "string"
		}, "missing response members CIDRAllowlist: note in GET /subscriptions/{subscriptionId}/cidr and 1 more"},
		{"a query parameter more", func(f *coverage.Facts) {
			for i := range f.Operations {
				if f.Operations[i].Op == "GET /tasks" {
					f.Operations[i].Query = []string{"limit"}
				}
			}
		}, "missing query parameter limit of GET /tasks"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Contains(t, added(asIs, measure(tt.change)), tt.want)
		})
	}
}
