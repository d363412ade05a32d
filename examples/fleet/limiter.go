package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rediscloud-go/rediscloud"
)

// An Allowance is what an account may request from the API, over all processes
// that share it.
type Allowance struct {
	Requests int           // accepted in any time of length Per
	Per      time.Duration //
	Burst    int           // requests that may follow each other without a pause, after a quiet time
	Slack    time.Duration // how much longer one request may take to arrive than another
}

// interval is the pause between two requests. In a time of Per+Slack it lets no
// more than Burst + (Per+Slack)/interval requests through, which is Requests.
func (a Allowance) interval() time.Duration {
	return (a.Per + a.Slack) / time.Duration(a.Requests-a.Burst)
}

func (a Allowance) check() error {
	if a.Burst < 1 || a.Requests <= a.Burst || a.Per <= 0 || a.Slack < 0 {
		return errors.New("an allowance needs a burst of at least 1, more requests than that, and positive times")
	}
	return nil
}

// accountAllowance is the allowance of the real API: 377 requests a minute in
// the long run.
var accountAllowance = Allowance{Requests: rediscloud.DefaultRateLimit, Per: time.Minute, Burst: 10, Slack: 2 * time.Second}

// A SharedLimiter is a rediscloud.Limiter whose state is a key in Redis. Each
// request takes the next slot in time and sleeps until it comes: first come,
// first served, one Redis command per request, however many wait. Only the
// clock of Redis counts.
type SharedLimiter struct {
	rdb       redis.Scripter
	key       string
	allowance Allowance
}

var _ rediscloud.Limiter = (*SharedLimiter)(nil)

// NewSharedLimiter returns a limiter that shares its state with all others of
// this key.
func NewSharedLimiter(rdb redis.Scripter, key string, allowance Allowance) (*SharedLimiter, error) {
	if err := allowance.check(); err != nil {
		return nil, err
	}
	return &SharedLimiter{rdb: rdb, key: key, allowance: allowance}, nil
}

// takeSlot takes a slot and returns the microseconds until then, or -1 if that
// is longer than the caller can wait: then it takes none.
var takeSlot = redis.NewScript(`
local interval, burst, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local slot = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now - (burst - 1) * interval)
local wait = math.max(slot - now, 0)
if wait > patience then return -1 end
local keep = math.ceil((wait + burst * interval) / 1000) + 1000
redis.call('SET', KEYS[1], string.format('%.0f', slot + interval), 'PX', keep)
return wait
`)

// Wait returns when one request may be sent. Without Redis it fails.
func (l *SharedLimiter) Wait(ctx context.Context) error {
	patience := int64(math.MaxInt32) * 1000 // about 25 days
	if deadline, ok := ctx.Deadline(); ok {
		patience = max(time.Until(deadline).Microseconds(), 0)
	}
	wait, err := takeSlot.Run(ctx, l.rdb, []string{l.key}, l.allowance.interval().Microseconds(), l.allowance.Burst, patience).Int64()
	switch {
	case err != nil:
		return fmt.Errorf("shared rate limit: %w", err)
	case wait < 0:
		return fmt.Errorf("no slot of the shared rate limit before the deadline: %w", context.DeadlineExceeded)
	}
	return sleep(ctx, time.Duration(wait)*time.Microsecond)
}

// sleep returns after d, or when ctx ends. A process that was stopped for long
// continues before the timer of ctx fires, and must not mistake that for time
// left.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
	if deadline, ok := ctx.Deadline(); ok && ctx.Err() == nil && !time.Now().Before(deadline) {
		return context.DeadlineExceeded
	}
	return context.Cause(ctx)
}
