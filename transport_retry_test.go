package rediscloud

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// until responds with a 429 and those headers until a given time, and normally
// after.
func until(begin time.Time, d time.Duration, body string, headers ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		if time.Since(begin) < d {
			return response(429, body, headers...), nil
		}
		return response(200, `{"taskId":"t1","databaseId":7}`), nil
	}
}

// A pause of 0 is the rest of a pause shorter than a second: "soon", not "at
// once".
func TestZeroPauseIsSoon(t *testing.T) {
	past := time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC).Format(http.TimeFormat) // before the time in a bubble
	for name, headers := range map[string][]string{
		"0":                       {"Retry-After", "0"},
		"a fraction":              {"Retry-After", "0.2"},
		"a date that has passed":  {"Retry-After", past},
		"0, of the API's own":     {"X-Rate-Limit-Retry-After-Seconds", "0"},
		"both":                    {"X-Rate-Limit-Retry-After-Seconds", "0", "Retry-After", "0"},
		"none":                    nil,
		"the rate is used up too": {"X-Rate-Limit-Retry-After-Seconds", "0", "X-Rate-Limit-Remaining", "0"},
	} {
		for why, test := range map[string]struct {
			body   string
			lasts  time.Duration
			atMost int
		}{
			"rate":    {`{"message":"Too many requests!"}`, 2 * time.Second, 5},
			"changes": {`{"message":"Too many resources are concurrently created"}`, 20 * time.Second, 9},
		} {
			t.Run(name+"/"+why, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					server := &script{steps: []func() (*http.Response, error){until(time.Now(), test.lasts, test.body, headers...)}}
					client := newTestClient(t, server)
					_, err := client.Databases.Get(t.Context(), 1, 7)
					require.NoError(t, err)
					assert.LessOrEqual(t, server.sent, test.atMost, "reads")
					server.sent, server.steps[0] = 0, until(time.Now(), test.lasts, test.body, headers...)
					_, err = createOne(t.Context(), client)
					require.NoError(t, err)
					assert.LessOrEqual(t, server.sent, test.atMost, "writes")
				})
			})
		}
	}
}

// After a 429 for the rate, the whole client pauses; one for too many changes
// concerns only the one change.
func TestPauseIsShared(t *testing.T) {
	const rate, changes = `{"message":"Too many requests!"}`, `{"message":"Too many resources are concurrently created"}`
	for name, test := range map[string]struct {
		body     string
		hint     string
		min, max time.Duration
	}{
		"rate":             {rate, "12", 12 * time.Second, 12 * time.Second},
		"rate, soon":       {rate, "0", 250 * time.Millisecond, 500 * time.Millisecond},
		"rate, for a week": {rate, "604800", time.Minute, 2 * time.Minute},
		"changes":          {changes, "12", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: []func() (*http.Response, error){answers(429, test.body, "Retry-After", test.hint), answers(200, `{"taskId":"t1"}`)}}
				client := newTestClient(t, server, WithoutRetries())
				_, err := createOne(t.Context(), client)
				require.ErrorIs(t, err, ErrRateLimited)
				start := time.Now()
				_, err = client.Tasks.Get(t.Context(), "t1")
				require.NoError(t, err)
				assert.GreaterOrEqual(t, time.Since(start), test.min)
				assert.LessOrEqual(t, time.Since(start), test.max)
			})
		})
	}
}

func TestRetryPolicyDefaults(t *testing.T) {
	d := DefaultRetryPolicy
	for given, want := range map[RetryPolicy]RetryPolicy{
		{}:                           d,
		{MaxRetries: 8}:              {8, d.MinDelay, d.MaxDelay, d.MaxHint},
		{MaxDelay: time.Millisecond}: {d.MaxRetries, time.Millisecond, time.Millisecond, d.MaxHint},
		{MinDelay: time.Hour}:        {d.MaxRetries, time.Hour, time.Hour, d.MaxHint},
		{MaxHint: time.Second}:       {d.MaxRetries, d.MinDelay, d.MaxDelay, time.Second},
		{1, 2, 3, 4}:                 {1, 2, 3, 4},
	} {
		require.NoError(t, given.validate())
		assert.Equal(t, want, given.withDefaults())
	}
	synctest.Test(t, func(t *testing.T) {
		server := &script{steps: []func() (*http.Response, error){answers(503, "")}}
		start := time.Now()
		_, err := newTestClient(t, server, WithRetry(RetryPolicy{MaxRetries: 8})).Tasks.Get(t.Context(), "t1")
		require.Error(t, err)
		assert.Equal(t, 9, server.sent)
		assert.Greater(t, time.Since(start), 30*time.Second)

		server.sent = 0
		_, err = newTestClient(t, server, WithRetry(RetryPolicy{MaxRetries: 8}), WithoutRetries()).Tasks.Get(t.Context(), "t1")
		require.Error(t, err)
		assert.Equal(t, 1, server.sent)
	})
}

// A bad certificate fails a call at once, but is only one failed poll for a
// wait: it may be renewed.
func TestBadCertificateIsOneFailedPoll(t *testing.T) {
	bad := fails(&tls.CertificateVerificationError{Err: errors.New("certificate has expired")})
	synctest.Test(t, func(t *testing.T) {
		polls := 0
		const done = `{"taskId":"t1","status":"processing-completed","response":{"resourceId":8}}`
		task, err := createOne(t.Context(), newTestClient(t, roundTripper(func(req *http.Request) (*http.Response, error) {
			switch {
			case req.Method == http.MethodPost:
				return response(202, received), nil
			case req.URL.Path == "/v1/subscriptions/7/databases/8":
				return response(200, `{"databaseId":8}`), nil
			}
			if polls++; polls <= 2 {
				return bad()
			}
			if req.URL.Path == "/v1/tasks" {
				return response(200, `{"tasks":[`+done+`]}`), nil
			}
			return response(200, done), nil
		})))
		require.NoError(t, err)
		db, err := task.Wait(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 8, db.ID)

		server := &script{steps: []func() (*http.Response, error){bad}}
		start := time.Now()
		_, err = newTestClient(t, server).Tasks.Get(t.Context(), "t1")
		require.ErrorContains(t, err, "certificate has expired")
		assert.Equal(t, 1, server.sent)
		assert.Zero(t, time.Since(start))
	})
}

// The timeout of an http.Client applies to an attempt: pauses, and the time for
// which the limiter delays a request, don't count.
func TestHTTPClientTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := roundTripper(func(req *http.Request) (*http.Response, error) {
			if err := sleep(req.Context(), time.Second); err != nil {
				return nil, err
			}
			return response(200, `{"taskId":"t1"}`), nil
		})
		httpClient := &http.Client{Transport: slow, Timeout: 10 * time.Second}
		client := newTestClient(t, slow, WithHTTPClient(httpClient), WithRateLimit(10))
		start := time.Now()
		for range 25 {
			_, err := client.Tasks.Get(t.Context(), "t1")
			require.NoError(t, err)
		}
		assert.Greater(t, time.Since(start), 2*time.Minute, "two windows are waited for")
		assert.Equal(t, 10*time.Second, httpClient.Timeout, "the caller's is left as it is")
	}) // which panics if a goroutine is left
	for timeout, want := range map[time.Duration]time.Duration{7 * time.Second: 7 * time.Second, 0: 20 * time.Second, -1: 20 * time.Second, time.Hour: 20 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			hang := roundTripper(hanging)
			client := newTestClient(t, hang, WithHTTPClient(&http.Client{Transport: hang, Timeout: timeout}), WithAttemptTimeout(20*time.Second))
			start := time.Now()
			_, err := createOne(t.Context(), client)
			require.ErrorContains(t, err, "no response within "+want.String())
			require.NotErrorIs(t, err, context.DeadlineExceeded)
			assert.Equal(t, want, time.Since(start))
		})
	}
}

// The effect of the other fields of an http.Client.
func TestHTTPClientFields(t *testing.T) {
	jar := &countingJar{}
	client := newTestClient(t, nil, WithHTTPClient(&http.Client{
		Transport: roundTripper(func(req *http.Request) (*http.Response, error) {
			if req.URL.Path == "/v1/tasks/t1" {
				return response(302, "", "Location", "/v1/tasks/t2", "Set-Cookie", "a=b"), nil
			}
			assert.Equal(t, "c=d", req.Header.Get("Cookie"))
			return response(200, `{"taskId":"t2"}`), nil
		}),
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { t.Error("it isn't asked"); return nil },
	}))
	state, err := client.Tasks.Get(t.Context(), "t1")
	require.NoError(t, err)
	assert.Equal(t, "t2", state.TaskID)
	assert.Equal(t, 1, jar.set)
}

type countingJar struct{ set int }

func (j *countingJar) SetCookies(*url.URL, []*http.Cookie) { j.set++ }
func (j *countingJar) Cookies(*url.URL) []*http.Cookie {
	return []*http.Cookie{{Name: "c", Value: "d"}}
}
