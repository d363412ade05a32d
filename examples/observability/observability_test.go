package main

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// The README shows exactly what the program prints.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		var out, progress strings.Builder
		require.Zero(t, run(t.Context(), nil, &out, &progress, rediscloud.WithWaitOptions(rediscloud.WithPollJitter(0))), progress.String())
		assert.Contains(t, string(readme), "```\n"+out.String()+"```\n", out.String())
		assert.Equal(t, "task received\ntask processing-in-progress\ntask processing-completed\ndatabase pending\ndatabase active\n", progress.String())
	})
}

func TestUsage(t *testing.T) {
	for _, help := range []string{"-h", "--help"} {
		var out, problems strings.Builder
		assert.Zero(t, run(t.Context(), []string{help}, &out, &problems))
		assert.Equal(t, usage, out.String())
		assert.Empty(t, problems.String())
	}
	for arg, message := range map[string]string{
		"-fly":  "flag provided but not defined: -fly",
		"stray": `unexpected argument "stray"`,
	} {
		var out, problems strings.Builder
		assert.Equal(t, 2, run(t.Context(), []string{arg}, &out, &problems))
		assert.Equal(t, "observability: "+message+"\n\n"+usage, problems.String())
		assert.Empty(t, out.String())
	}
}

type rig struct {
	fake     *rediscloudtest.Server
	client   *rediscloud.Client
	spans    *tracetest.InMemoryExporter
	registry *prometheus.Registry
	metrics  *Metrics
}

func newRig(t *testing.T, opts ...rediscloudtest.Option) *rig {
	t.Helper()
	r := &rig{fake: rediscloudtest.New(opts...), spans: tracetest.NewInMemoryExporter(), registry: prometheus.NewRegistry()}
	var err error
	r.metrics, err = NewMetrics(r.registry)
	require.NoError(t, err)
	provider := trace.NewTracerProvider(trace.WithSyncer(r.spans))
	r.client, err = rediscloud.NewClient(
		rediscloud.WithBaseURL(r.fake.URL()),
		rediscloud.WithCredentials(r.fake.AccountKey(), r.fake.SecretKey()),
		rediscloud.WithHTTPClient(&http.Client{Transport: Tracing(r.metrics.Transport(r.fake.Transport()), provider)}))
	require.NoError(t, err)
	return r
}

// However many ids there are, there are only as many names as operations.
func TestFewNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, rediscloudtest.WithRateLimit(0))
		for range 10 {
			sub := r.fake.AddSubscription("s")
			for range 5 {
				_, err := r.client.Databases.Get(t.Context(), sub, r.fake.AddDatabase(sub, "d"))
				require.NoError(t, err)
			}
			_, err := r.client.Databases.Get(t.Context(), sub, 5)
			require.ErrorIs(t, err, rediscloud.ErrNotFound)
		}
		const want = `
# HELP rediscloud_requests_total Requests to the API of Redis Cloud, including retries.
# TYPE rediscloud_requests_total counter
rediscloud_requests_total{code="200",method="GET",route="/subscriptions/{id}/databases/{id}"} 50
rediscloud_requests_total{code="404",method="GET",route="/subscriptions/{id}/databases/{id}"} 10
`
		require.NoError(t, testutil.GatherAndCompare(r.registry, strings.NewReader(want), "rediscloud_requests_total"))
		names := map[string]int{}
		for _, span := range r.spans.GetSpans() {
			names[span.Name]++
		}
		assert.Equal(t, map[string]int{"GET /subscriptions/{id}/databases/{id}": 60}, names)
	})
}

// Each attempt is counted and has a span.
func TestAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.fake.AnswerNext(1, "", 503, nil, "")
		r.fake.CutNext(1, "", rediscloudtest.CutAfter)
		r.fake.AnswerNext(1, "", 429, http.Header{"Retry-After": {"3"}}, "")
		_, err := r.client.Subscriptions.List(t.Context())
		require.NoError(t, err)
		for code, n := range map[string]float64{"503": 1, "error": 1, "429": 1, "200": 1} {
			assert.InDelta(t, n, testutil.ToFloat64(r.metrics.requests.WithLabelValues("GET", "/subscriptions", code)), 0, code)
		}
		assert.Len(t, r.spans.GetSpans(), 4)
	})
}

// A span has what the README says, and no key.
func TestAttributes(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		_, err := r.client.Databases.Get(t.Context(), 7, 8)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		r.fake.CutNext(5, "", rediscloudtest.CutBefore)
		_, err = r.client.Subscriptions.List(t.Context())
		require.Error(t, err)
		seen := map[string]string{}
		for _, span := range r.spans.GetSpans() {
			for _, attribute := range span.Attributes {
				key, value := string(attribute.Key), attribute.Value.String()
				assert.Contains(t, string(readme), "`"+key+"`")
				assert.NotContains(t, value, r.fake.AccountKey())
				assert.NotContains(t, value, r.fake.SecretKey())
				if _, ok := seen[key]; !ok {
					seen[key] = value
				}
			}
		}
		assert.Equal(t, "/subscriptions/{id}/databases/{id}", seen["url.template"])
		assert.Equal(t, "404", seen["http.response.status_code"])
		assert.Equal(t, "GET", seen["http.request.method"])
		for name := range seen {
			t.Log(name, seen[name])
		}
	})
}

// No header sends trace ids to the API.
func TestNothingIsPropagated(t *testing.T) {
	var header http.Header
	next := roundTripper(func(req *http.Request) (*http.Response, error) {
		header = req.Header
		return nil, errors.New("no answer")
	})
	provider := trace.NewTracerProvider(trace.WithSyncer(tracetest.NewInMemoryExporter()))
	client, err := rediscloud.NewClient(rediscloud.WithCredentials("a", "s"), rediscloud.WithoutRetries(),
		rediscloud.WithHTTPClient(&http.Client{Transport: Tracing(next, provider)}))
	require.NoError(t, err)
	_, err = client.Subscriptions.List(t.Context())
	require.ErrorContains(t, err, "no answer")
	assert.NotEmpty(t, header.Get("X-Api-Key"))
	assert.Empty(t, header.Get("Traceparent"))
	assert.Empty(t, header.Get("Baggage"))
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func TestWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, rediscloudtest.WithProcessing(20*time.Second))
		sub := r.fake.AddSubscription("s")
		submit := func(name string) *rediscloud.Task[rediscloud.Database] {
			task, err := r.client.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: name})
			require.NoError(t, err)
			return task
		}
		_, err := submit("d").Wait(t.Context(), r.metrics.Wait())
		require.NoError(t, err)
		again := submit("d")
		_, err = again.Wait(t.Context(), r.metrics.Wait())
		require.ErrorIs(t, err, rediscloud.ErrConflict)
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = submit("e").Wait(short, r.metrics.Wait())
		require.ErrorIs(t, err, context.DeadlineExceeded)

		families, err := r.registry.Gather()
		require.NoError(t, err)
		counts := map[string]uint64{}
		for _, family := range families {
			for _, metric := range family.GetMetric() {
				if family.GetName() == "rediscloud_task_wait_seconds" {
					key := metric.GetLabel()[0].GetValue() + " " + metric.GetLabel()[1].GetValue()
					counts[key] = metric.GetHistogram().GetSampleCount()
					assert.InDelta(t, 20.7, metric.GetHistogram().GetSampleSum(), 1)
				}
			}
		}
		assert.Equal(t, map[string]uint64{"databaseCreateRequest processing-completed": 1, "databaseCreateRequest processing-error": 1}, counts)
	})
}

func TestRegisteredOnce(t *testing.T) {
	registry := prometheus.NewRegistry()
	_, err := NewMetrics(registry)
	require.NoError(t, err)
	_, err = NewMetrics(registry)
	require.Error(t, err)
}
