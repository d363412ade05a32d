package rediscloud

import (
	"testing"
	"time"
)

// What the limiter adds to a request, with a minute full of requests behind it.
func BenchmarkLimiter(b *testing.B) {
	limiter := newSlidingWindow(DefaultRateLimit)
	now := time.Now()
	b.ReportAllocs()
	for b.Loop() {
		now = now.Add(limiter.window / (DefaultRateLimit - 1))
		if wait := limiter.take(now, false); wait > 0 {
			b.Fatal(wait)
		}
	}
}
