package coverage_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
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

// The SDK has all of the API: whatever it loses, or the API gains, is named
// here.
func TestTheSDKCoversTheAPI(t *testing.T) {
	report, err := coverage.MeasureSDK(t.Context(), loadFacts(t))
	require.NoError(t, err)

	text := printed(report)
	assert.True(t, report.Complete(), text)
	totals := `query parameters 20/20 of the document, 1/1 beyond it
operations 169/169 of the document, 15/15 beyond it
request fields 372/372 of the document, 88/88 beyond it
response fields 621/621 of the document, 101/101 beyond it
`
	assert.Equal(t, totals, text[max(0, strings.LastIndex(text, "query parameters ")):])

	// The pages say the same.
	page, readme := words(t, "../../docs/services.md"), words(t, "../../README.md")
	for what, tally := range map[string][2]coverage.Tally{
		"operations":         {report.Operations, report.Beyond.Operations},
		"fields of requests": {report.Requests, report.Beyond.Requests},
		"fields of answers":  {report.Responses, report.Beyond.Responses},
	} {
		assert.Regexp(t, fmt.Sprintf("%d of %d %s( of the document)? and %d of %d beyond it", tally[0].Have, tally[0].Want, what, tally[1].Have, tally[1].Want), page)
	}
	have, beyond := report.Operations.Have, report.Beyond.Operations.Have
	assert.Contains(t, readme, fmt.Sprintf("%d operations are covered: the %d of the API's document and [%d beyond it]", have+beyond, have, beyond))
}

// words returns a file with single spaces between its words.
func words(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	require.NoError(t, err)
	return strings.Join(strings.Fields(string(text)), " ")
}

// What is beyond the document is measured like the rest, counted separately,
// and kept when the document is read again. What the document has gained isn't
// beyond it.
func TestBeyondTheDocument(t *testing.T) {
	text, err := os.ReadFile("../../testdata/api_facts.json")
	require.NoError(t, err)
	facts := loadFacts(t)
	again, err := facts.Encode()
	require.NoError(t, err)
	require.Equal(t, string(text), string(again))

	document := `{"paths":{"/v1/memory-stores":{"get":{"responses":{"200":{}}}}}}`
	latest, err := coverage.FromDocument([]byte(document), facts)
	require.NoError(t, err)
	assert.Equal(t, facts.Beyond, latest.Beyond)
	latest.Beyond.Operations = append(latest.Beyond.Operations, coverage.Operation{Op: "PUT /memory-stores/{storeId}"})
	latest.Beyond.Responses["MemoryStore"].Members["colour"] = "string"
	latest.Beyond.Requests["LangCacheUpdateRequest"].Members["colour"] = "string"
	latest.Responses["TaskStateUpdate"] = loadFacts(t).Responses["TaskStateUpdate"]
	report, err := coverage.MeasureSDK(t.Context(), latest)
	require.NoError(t, err)
	assert.False(t, report.Complete())
	assert.Equal(t, coverage.Tally{Have: 1, Want: 1}, report.Operations)
	assert.Equal(t, coverage.Tally{Have: 14, Want: 15}, report.Beyond.Operations)
	for _, line := range []string{
		"missing operation PUT /memory-stores/{storeId}",
		"missing response fields MemoryStore: colour in GET /memory-stores/{storeId}",
		"missing request fields LangCacheUpdateRequest: colour in PATCH /iris/ui/caches/{cacheId}",
	} {
		assert.Contains(t, strings.Split(printed(report), "\n"), line)
	}
}

// added returns the lines that one report has and another hasn't.
func added(before, after string) (lines []string) {
	old := strings.Split(before, "\n")
	for line := range strings.SplitSeq(after, "\n") {
		if !slices.Contains(old, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// What the API has beyond the SDK is named, and vice versa.
func TestTheMeasureSeesWhatDiffers(t *testing.T) {
	measure := func(change func(*coverage.Facts)) string {
		facts := loadFacts(t)
		change(facts)
		report, err := coverage.Measure(t.Context(), facts, func(transport http.RoundTripper) (any, error) {
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
		}, "unknown to the document: operation GET /subscriptions/10/pricing, called by Subscriptions.GetPricing"},
		{"a request field more", func(f *coverage.Facts) {
			f.Requests["CustomerManagedKey"].Members["comment"] = "string"
		}, "missing request fields CustomerManagedKey: comment in POST /subscriptions and 1 more"},
		{"a request field less", func(f *coverage.Facts) {
			delete(f.Requests["CustomerManagedKey"].Members, "region")
		}, "unknown to the document: request fields CustomerManagedKey: region"},
		{"a response field more", func(f *coverage.Facts) {
			f.Responses["Subscription"].Members["cloudDetails[].colour"] = "string"
		}, "missing response fields Subscription: cloudDetails[].colour in GET /subscriptions and 1 more"},
		{"a boolean more", func(f *coverage.Facts) {
			f.Responses["Subscription"].Members["frozen"] = "boolean"
		}, "missing response fields Subscription: frozen in GET /subscriptions and 1 more"},
		{"a response field less", func(f *coverage.Facts) {
			delete(f.Observed["Subscription"].Members, "prometheusEndpoint")
		}, "unknown to the document: field Subscription.PrometheusEndpoint (prometheusEndpoint)"},
		{"a member of a task's document more", func(f *coverage.Facts) {
			f.Results["CIDRAllowlist"].Members["note"] = "string"
		}, "missing response fields CIDRAllowlist: note in GET /subscriptions/{subscriptionId}/cidr and 1 more"},
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

// Values of another type than the SDK expects are kept nevertheless, in every
// field of every response.
func TestTheSDKKeepsWhatIsOfAnotherKind(t *testing.T) {
	number := regexp.MustCompile(`^-?\d+(\.\d+)?$`)
	for name, turn := range map[string]func(any) any{
		"numbers and booleans in texts": func(v any) any {
			switch v := v.(type) {
			case json.Number:
				return v.String()
			case bool:
				return strconv.FormatBool(v)
			}
			return v
		},
		"texts as numbers, whole numbers as doubles": func(v any) any {
			switch v := v.(type) {
			case string:
				if number.MatchString(v) {
					return json.Number(v)
				}
			case json.Number:
				if !strings.Contains(v.String(), ".") {
					return v + ".0"
				}
			}
			return v
		},
		"one in place of a list, whole numbers with exponents": func(v any) any {
			switch v := v.(type) {
			case []any:
				if len(v) == 1 {
					return v[0]
				}
			case json.Number:
				if len(v) == 5 {
					return v[:1] + "." + v[1:] + "E+4"
				}
			}
			return v
		},
		"a list in place of one": func(v any) any {
			switch v.(type) {
			case string, json.Number, bool:
				return []any{v}
			}
			return v
		},
	} {
		t.Run(name, func(t *testing.T) {
			report, err := coverage.Measure(t.Context(), loadFacts(t), func(transport http.RoundTripper) (any, error) {
				return coverage.NewSDK(turning{transport, turn})
			})
			require.NoError(t, err)
			for line := range strings.SplitSeq(printed(report), "\n") {
				// What stays undecoded stays unchanged.
				if !strings.Contains(line, "ProcessorResponse: resource in ") {
					assert.NotRegexp(t, "^(missing|failed)", line)
				}
			}
		})
	}
}

// turning changes the types of values in responses.
type turning struct {
	http.RoundTripper
	turn func(any) any
}

func (t turning) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.RoundTripper.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	var doc any
	decoder := json.NewDecoder(resp.Body)
	decoder.UseNumber()
	if err := decoder.Decode(&doc); err != nil {
		return nil, err
	}
	text, err := json.Marshal(t.values(doc))
	if err != nil {
		return nil, err
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return resp, nil
}

// values changes what is below a value, and then the value itself.
func (t turning) values(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			if value = t.turn(t.values(value)); name == "id" && !isScalar(value) {
				value = v[name] // elements of a list are found by it
			}
			v[name] = value
		}
	case []any:
		for i, value := range v {
			v[i] = t.values(value)
		}
	}
	return v
}

func isScalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}
