package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// The keys. Their common hash tag puts them in one slot of a Redis cluster, as
// scripts require.
const (
	jobsStream  = "{fleet}:jobs"    // databases to create
	waitsStream = "{fleet}:waits"   // tasks that have been submitted, by their tokens
	settledKey  = "{fleet}:settled" // everything submitted before this Redis knew of it has ended
	limitKey    = "{fleet}:limit"   // the allowance

	group = "fleet" // of consumers, for both streams
)

// The states of a job. Before it is submitted it has none.
const (
	stateWaiting = "waiting" // submitted, in the stream of waits
	stateActive  = "active"
	stateFailed  = "failed"
)

// A Job is a database to create. Subscription and name identify it: added
// twice, it is done once.
type Job struct {
	Subscription int
	Name         string
}

func (j Job) key() string { return fmt.Sprintf("{fleet}:job:%d/%s", j.Subscription, j.Name) }

// namesKey contains the databases that a subscription had when this Redis first
// saw it, as ids by name, and the field surveyed.
func (j Job) namesKey() string { return fmt.Sprintf("{fleet}:names:%d", j.Subscription) }

const surveyed = "" // not a valid name of a database

// An Outcome is the state of a job, and its result.
type Outcome struct {
	State    string `redis:"state"`
	Database int    `redis:"database"`
	Error    string `redis:"error"`
}

// databaseToken stands in for a task's token if the database is known, but its
// task isn't.
const databaseToken = "database:"

// A Queue keeps the jobs in Redis. Each of its methods is one atomic step.
//
// A Redis that came back empty doesn't know what the workers are doing. They
// continue anyway, and what they report of an unknown job is recorded as if it
// were known.
type Queue struct{ rdb *redis.Client }

// Prepare creates the streams.
func (q Queue) Prepare(ctx context.Context) error {
	for _, stream := range []string{jobsStream, waitsStream} {
		err := q.rdb.XGroupCreateMkStream(ctx, stream, group, "0").Err()
		if err != nil && !redis.HasErrorPrefix(err, "BUSYGROUP") {
			return err
		}
	}
	return nil
}

// Add queues a job.
func (q Queue) Add(ctx context.Context, job Job) error {
	return q.rdb.XAdd(ctx, &redis.XAddArgs{Stream: jobsStream, Values: []any{"subscription", job.Subscription, "name", job.Name}}).Err()
}

// Outcome returns the state of a job.
func (q Queue) Outcome(ctx context.Context, job Job) (Outcome, error) {
	var outcome Outcome
	err := q.rdb.HGetAll(ctx, job.key()).Scan(&outcome)
	return outcome, err
}

// An Entry is a worker's claim on an element of a stream.
type Entry struct {
	stream, id, worker string
	job                Job
	token              string // in the stream of waits
	again              bool   // it has been refused before because the subscription was busy
}

// errEmptied means that the streams didn't exist, and have been created empty.
var errEmptied = errors.New("the Redis came back empty: add the queued jobs again")

// Next claims an entry that a dead worker has left, otherwise a new one. It
// returns nil if there is none for a second.
func (q Queue) Next(ctx context.Context, stream, worker string, lease time.Duration) (*Entry, error) {
	entry, err := q.next(ctx, stream, worker, lease)
	if redis.HasErrorPrefix(err, "NOGROUP") {
		return nil, errors.Join(errEmptied, q.Prepare(ctx))
	}
	return entry, err
}

func (q Queue) next(ctx context.Context, stream, worker string, lease time.Duration) (*Entry, error) {
	for start := "0-0"; ; {
		left, next, err := q.rdb.XAutoClaim(ctx, &redis.XAutoClaimArgs{Stream: stream, Group: group, Consumer: worker, MinIdle: lease, Start: start, Count: 1}).Result()
		if err != nil {
			return nil, err
		}
		if len(left) > 0 {
			return newEntry(stream, worker, left[0])
		}
		if next == "0-0" {
			break
		}
		start = next
	}
	streams, err := q.rdb.XReadGroup(ctx, &redis.XReadGroupArgs{Group: group, Consumer: worker, Streams: []string{stream, ">"}, Count: 1, Block: time.Second}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return newEntry(stream, worker, streams[0].Messages[0])
}

func newEntry(stream, worker string, message redis.XMessage) (*Entry, error) {
	text := func(name string) string { s, _ := message.Values[name].(string); return s }
	subscription, err := strconv.Atoi(text("subscription"))
	if err != nil {
		return nil, fmt.Errorf("%s %s: its subscription is %q", stream, message.ID, text("subscription"))
	}
	return &Entry{
		stream: stream, id: message.ID, worker: worker,
		job:   Job{Subscription: subscription, Name: text("name")},
		token: text("token"), again: text("again") != "",
	}, nil
}

// renew renews a claim, unless another worker has it by now, or has ended it.
// If Redis knows neither claim nor job, it came back empty.
var renew = redis.NewScript(`
local stream, job = KEYS[1], KEYS[2]
local group, first, worker = ARGV[1], ARGV[2], ARGV[3]
local last = first
local claims = redis.pcall('XPENDING', stream, group, first, last, 1)
if claims.err or not claims[1] then return 1 - redis.call('EXISTS', job) end
if claims[1][2] ~= worker then return 0 end
redis.call('XCLAIM', stream, group, worker, 0, first, 'JUSTID')
return 1
`)

// Renew extends a claim by another lease. It reports whether the worker still
// has it.
func (q Queue) Renew(ctx context.Context, e *Entry) (bool, error) {
	return renew.Run(ctx, q.rdb, []string{e.stream, e.job.key()}, group, e.id, e.worker).Bool()
}

// look returns what is known about a job that is about to be submitted.
var look = redis.NewScript(`
local jobs, job, names = KEYS[1], KEYS[2], KEYS[3]
local group, entry, name, surveyed = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('HEXISTS', job, 'state') == 1 then
	redis.call('XACK', jobs, group, entry)
	redis.call('XDEL', jobs, entry)
	return 'submitted'
end
if redis.call('HEXISTS', job, 'entry') == 1 then return 'new' end -- the journal knows
if redis.call('HEXISTS', names, surveyed) == 0 then return 'unknown' end
return redis.call('HGET', names, name) or 'new'
`)

// The results of Look, besides the id of the job's database.
const (
	standNew       = "new"       // submit it, following its record
	standUnknown   = "unknown"   // nobody has checked whether it exists
	standSubmitted = "submitted" // nothing left to do
)

// Look returns what is known about a job that is about to be submitted.
func (q Queue) Look(ctx context.Context, e *Entry) (stand string, err error) {
	return look.Run(ctx, q.rdb, []string{jobsStream, e.job.key(), e.job.namesKey()}, group, e.id, e.job.Name, surveyed).Text()
}

// Settled reports whether everything submitted before this Redis knew of it has
// ended.
func (q Queue) Settled(ctx context.Context) (bool, error) {
	n, err := q.rdb.Exists(ctx, settledKey).Result()
	return n == 1, err
}

// Settle records that it has.
func (q Queue) Settle(ctx context.Context) error { return q.rdb.Set(ctx, settledKey, "yes", 0).Err() }

// survey records databases, unless the Redis came back empty after Settle.
var survey = redis.NewScript(`
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
for i = 1, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
return 1
`)

// Survey records the databases of the job's subscription.
func (q Queue) Survey(ctx context.Context, job Job, ids map[string]int) error {
	args := []any{surveyed, "yes"}
	for name, id := range ids {
		args = append(args, name, id)
	}
	return survey.Run(ctx, q.rdb, []string{settledKey, job.namesKey()}, args...).Err()
}

// submitted moves a job to the stream of waits, once.
var submitted = redis.NewScript(`
local jobs, waits, job = KEYS[1], KEYS[2], KEYS[3]
local group, entry, token, subscription, name = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
if redis.call('HSETNX', job, 'state', 'waiting') == 1 then
	redis.call('HSET', job, 'entry', token)
	redis.call('XADD', waits, '*', 'subscription', subscription, 'name', name, 'token', token)
end
redis.call('XACK', jobs, group, entry)
return redis.call('XDEL', jobs, entry)
`)

// Submitted moves a job to the stream of waits, with the token of its task.
func (q Queue) Submitted(ctx context.Context, e *Entry, token string) error {
	return submitted.Run(ctx, q.rdb, []string{jobsStream, waitsStream, e.job.key()}, group, e.id, token, e.job.Subscription, e.job.Name).Err()
}

// conclude ends a job, or queues it again, unless the job has another token by
// now.
var conclude = redis.NewScript(`
local stream, jobs, job, names = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local group, entry, token, state, subscription, name = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[7], ARGV[8]
local known = redis.call('HGET', job, 'entry')
local ours = not known or known == token
if ours and state == '' then
	redis.call('HDEL', job, 'state', 'entry', 'within')
	redis.call('HDEL', names, name)
	redis.call('XADD', jobs, '*', 'subscription', subscription, 'name', name, 'again', 'yes')
elseif ours then
	redis.call('HSET', job, 'state', state, 'entry', token, 'database', ARGV[5], 'error', ARGV[6])
end
redis.call('XACK', stream, group, entry)
return redis.call('XDEL', stream, entry)
`)

// Conclude ends a job.
func (q Queue) Conclude(ctx context.Context, e *Entry, o Outcome) error {
	return q.conclude(ctx, e, o)
}

// Again queues a job again that created nothing, or whose database is gone.
func (q Queue) Again(ctx context.Context, e *Entry) error { return q.conclude(ctx, e, Outcome{}) }

func (q Queue) conclude(ctx context.Context, e *Entry, o Outcome) error {
	return conclude.Run(ctx, q.rdb, []string{e.stream, jobsStream, e.job.key(), e.job.namesKey()},
		group, e.id, e.token, o.State, o.Database, o.Error, e.job.Subscription, e.job.Name).Err()
}
