package rediscloudtest

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestRateLimitIsASlidingWindow(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		for i := range 3 { // at 0, 10 and 20 s
			res, _ := r.do("GET", "/tasks", "")
			require.Equal(t, 200, res.StatusCode)
			require.Equal(t, strconv.Itoa(2-i), res.Header.Get("X-Rate-Limit-Remaining"))
			time.Sleep(10 * time.Second)
		}
		refused := func(retryAfter string) {
			t.Helper()
			res, text := r.do("GET", "/tasks", "")
			require.Equal(t, 429, res.StatusCode)
			require.JSONEq(t, `{"message":"Too many requests!"}`, text)
			require.Equal(t, retryAfter, res.Header.Get("x-rate-limit-retry-after-seconds"))
			require.Equal(t, "0", res.Header.Get("x-rate-limit-remaining"))
		}
		refused("30")
		time.Sleep(500 * time.Millisecond)
		refused("29") // rounded down
		time.Sleep(29500*time.Millisecond - 1)
		refused("0")
		time.Sleep(time.Nanosecond)
		require.Equal(t, 200, r.status("GET", "/tasks", ""), "the first has left the window")
		refused("10")
		time.Sleep(10*time.Second - 1)
		refused("0")
		time.Sleep(time.Nanosecond)
		require.Equal(t, 404, r.status("GET", "/nowhere", ""), "refused requests do not count")
		refused("10")
	}, WithRateLimit(3))
}

func TestNoRateLimit(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		for range 500 {
			res, _ := r.do("GET", "/tasks", "")
			require.Equal(t, 200, res.StatusCode)
			require.NotContains(t, res.Header, "X-Rate-Limit-Remaining")
		}
	}, WithRateLimit(0))
}

func TestDefaultRateLimit(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		for range 400 {
			require.Equal(t, 200, r.status("GET", "/tasks", ""))
		}
		require.Equal(t, 429, r.status("GET", "/tasks", ""))
	})
}

func TestRateWindow(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		require.Equal(t, 200, r.status("GET", "/tasks", ""))
		time.Sleep(2*time.Second - 1)
		require.Equal(t, 429, r.status("GET", "/tasks", ""))
		time.Sleep(time.Nanosecond)
		require.Equal(t, 200, r.status("GET", "/tasks", ""))
	}, WithRateLimit(1), WithRateWindow(2*time.Second))
}
