package main

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/rediscloud-go/rediscloud/journal"
)

// A record is the journal of one job, in Redis, for the worker that has claimed
// it. Another worker may have claimed it in the meantime, because this one was
// silent for too long. Two things keep them apart: an entry is replaced only by
// a worker that knows it, and an intent isn't read before the time to send its
// request is over.
type record struct {
	rdb    *redis.Client
	job    Job
	known  string        // the entry, as this worker has read or written it
	within time.Duration // a request is about to be sent, within this time
}

var _ journal.Store = (*record)(nil)

// errTaken means that another worker has taken over the job.
var errTaken = errors.New("another worker has taken over")

var loadRecord = redis.NewScript(`
local entry, within = unpack(redis.call('HMGET', KEYS[1], 'entry', 'within'))
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return {entry or '', math.max((tonumber(within) or 0) - now, 0)}
`)

// Load implements journal.Store. It waits until a request that another worker
// is sending has been sent or abandoned.
func (r *record) Load(ctx context.Context, _ string) (string, error) {
	for {
		answer, err := loadRecord.Run(ctx, r.rdb, []string{r.job.key()}).Slice()
		if err != nil {
			return "", err
		}
		r.known, _ = answer[0].(string)
		left, _ := answer[1].(int64)
		if left == 0 {
			return r.known, nil
		}
		if err := sleep(ctx, time.Duration(left)*time.Millisecond); err != nil {
			return "", err
		}
	}
}

// saveRecord replaces an entry. If it is already there, the command is a retry
// whose first response was lost.
var saveRecord = redis.NewScript(`
local job, known, entry, within = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])
local stored = redis.call('HGET', job, 'entry')
if stored and stored ~= known and stored ~= entry or redis.call('HEXISTS', job, 'state') == 1 then return 0 end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('HSET', job, 'entry', entry, 'within', string.format('%.0f', within > 0 and now + within or 0))
return 1
`)

// Save implements journal.Store.
func (r *record) Save(ctx context.Context, _, entry string) error {
	ours, err := saveRecord.Run(ctx, r.rdb, []string{r.job.key()}, r.known, entry, r.within.Milliseconds()).Bool()
	if err != nil {
		return err
	}
	if !ours {
		return errTaken
	}
	r.known = entry
	if r.within > 0 {
		reached("intended")
	} else {
		reached("kept")
	}
	return nil
}

var removeRecord = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'entry') == ARGV[1] then redis.call('HDEL', KEYS[1], 'entry', 'within') end
return 1
`)

// Remove implements journal.Store.
func (r *record) Remove(ctx context.Context, _ string) error {
	return removeRecord.Run(ctx, r.rdb, []string{r.job.key()}, r.known).Err()
}
