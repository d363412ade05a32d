package main

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rediscloud-go/rediscloud"
)

// Metrics are the metrics of a client.
type Metrics struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	waits     *prometheus.HistogramVec
}

// NewMetrics creates the metrics and registers them.
func NewMetrics(registry prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "rediscloud_requests_total",
			Help: "Requests to the API of Redis Cloud, including retries.",
		}, []string{"method", "route", "code"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "rediscloud_request_duration_seconds",
			Help:    "Time until the header of the response arrived.",
			Buckets: prometheus.DefBuckets,
		}, []string{"method", "route"}),
		waits: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "rediscloud_task_wait_seconds",
			Help:    "Time from the start of a wait until the task was processed.",
			Buckets: []float64{1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 3600},
		}, []string{"command_type", "status"}),
	}
	for _, collector := range []prometheus.Collector{m.requests, m.durations, m.waits} {
		if err := registry.Register(collector); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// Transport returns a transport that counts each attempt of a request. next may
// be nil.
func (m *Metrics) Transport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return metered{m, next}
}

type metered struct {
	*Metrics
	next http.RoundTripper
}

func (t metered) RoundTrip(req *http.Request) (*http.Response, error) {
	route := rediscloud.Route(req.Context())
	start := time.Now()
	resp, err := t.next.RoundTrip(req)
	t.durations.WithLabelValues(req.Method, route).Observe(time.Since(start).Seconds())
	code := "error"
	if err == nil {
		code = strconv.Itoa(resp.StatusCode)
	}
	t.requests.WithLabelValues(req.Method, route, code).Inc()
	return resp, err
}

// Wait returns an option that measures how long one wait takes until the task
// is processed. A wait that ends earlier isn't counted.
func (m *Metrics) Wait() rediscloud.WaitOption {
	start := time.Now()
	return rediscloud.OnUpdate(func(state *rediscloud.TaskState) {
		if state.Done() {
			m.waits.WithLabelValues(state.CommandType, string(state.Status)).Observe(time.Since(start).Seconds())
		}
	})
}
