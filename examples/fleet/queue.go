package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// The keys. Their common hash tag keeps them in one slot of a Redis cluster, as
// scripts need it.
const (
	jobsStream  = "{fleet}:jobs"  // databases that are to be created
	waitsStream = "{fleet}:waits" // tasks that have been submitted, by their tokens
	tasksKey    = "{fleet}:tasks" // ids of all tasks of the fleet, by the time they were noted
	limitKey    = "{fleet}:limit" // the allowance

	group = "fleet" // of consumers, for both streams
)

// The states of a job. Before it is submitted it has none.
const (
	stateWaiting = "waiting" // submitted, in the stream of waits
	stateActive  = "active"
	stateFailed  = "failed"
)

// A Job is a database that is to be created. Subscription and name identify it:
// added twice, it is done once.
type Job struct {
	Subscription int
	Name         string
}

func (j Job) key() string { return fmt.Sprintf("{fleet}:job:%d/%s", j.Subscription, j.Name) }

// An Outcome is what has become of a job.
type Outcome struct {
	State    string `redis:"state"`
	Database int    `redis:"database"`
	Error    string `redis:"error"`
	Attempts int    `redis:"attempts"` // requests to create it that were begun
}

// databaseToken stands in for a task's token where the database is known, but
// not its task.
const databaseToken = "database:"

// A Queue keeps the jobs in Redis. Each of its methods is one atomic step.
type Queue struct{ rdb *redis.Client }

// Prepare makes the streams.
func (q Queue) Prepare(ctx context.Context) error {
	for _, stream := range []string{jobsStream, waitsStream} {
		err := q.rdb.XGroupCreateMkStream(ctx, stream, group, "0").Err()
		if err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
			return err
		}
	}
	return nil
}

// Add queues a job.
func (q Queue) Add(ctx context.Context, job Job) error {
	return q.rdb.XAdd(ctx, &redis.XAddArgs{Stream: jobsStream, Values: []any{"subscription", job.Subscription, "name", job.Name}}).Err()
}

// Outcome tells how a job stands.
func (q Queue) Outcome(ctx context.Context, job Job) (Outcome, error) {
	var outcome Outcome
	err := q.rdb.HGetAll(ctx, job.key()).Scan(&outcome)
	return outcome, err
}

// An Entry is a claim of a worker on an element of a stream.
type Entry struct {
	stream, id, worker string
	job                Job
	token              string // in the stream of waits
	again              bool   // it has been refused before, because the subscription was busy
}

// Next claims an entry that a dead worker has left, or else a new one. It is
// nil if there is none for a second.
func (q Queue) Next(ctx context.Context, stream, worker string, lease time.Duration) (*Entry, error) {
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

// renew keeps a claim, unless another worker has it meanwhile.
var renew = redis.NewScript(`
local group, first, worker = ARGV[1], ARGV[2], ARGV[3]
local last = first
local claim = redis.call('XPENDING', KEYS[1], group, first, last, 1)[1]
if not claim or claim[2] ~= worker then return 0 end
redis.call('XCLAIM', KEYS[1], group, worker, 0, first, 'JUSTID')
return 1
`)

// Renew keeps a claim for another lease. It reports whether the worker still has it.
func (q Queue) Renew(ctx context.Context, e *Entry) (bool, error) {
	return renew.Run(ctx, q.rdb, []string{e.stream}, group, e.id, e.worker).Bool()
}

// begin notes that a job is about to be submitted, unless that was noted before
// and it isn't known what came of it.
var begin = redis.NewScript(`
local jobs, job = KEYS[1], KEYS[2]
local group, entry, settled, within = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
if redis.call('HEXISTS', job, 'state') == 1 then
	redis.call('XACK', jobs, group, entry)
	redis.call('XDEL', jobs, entry)
	return {'submitted', '', 0}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local intent = redis.call('HGET', job, 'intent')
if intent and intent ~= settled then
	return {'unsure', intent, math.max(tonumber(string.match(intent, '^%d+')) - now, 0)}
end
local attempt = redis.call('HINCRBY', job, 'attempts', 1)
intent = string.format('%.0f', now + within) .. '/' .. attempt
redis.call('HSET', job, 'intent', intent)
return {'go', intent, 0}
`)

// What Begin says of a job.
const (
	verdictGo        = "go"        // submit it, before the time is up
	verdictUnsure    = "unsure"    // somebody was about to
	verdictSubmitted = "submitted" // nothing is left to do
)

// Begin notes the intent to submit a job within a time. If there is an intent
// already, other than the settled one, the verdict is unsure, with the time
// that is left to whoever has it.
func (q Queue) Begin(ctx context.Context, e *Entry, settled string, within time.Duration) (verdict, intent string, left time.Duration, err error) {
	answer, err := begin.Run(ctx, q.rdb, []string{jobsStream, e.job.key()}, group, e.id, settled, within.Milliseconds()).Slice()
	if err != nil {
		return "", "", 0, err
	}
	verdict, _ = answer[0].(string)
	intent, _ = answer[1].(string)
	ms, _ := answer[2].(int64)
	return verdict, intent, time.Duration(ms) * time.Millisecond, nil
}

var takeBack = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'intent') == ARGV[1] then redis.call('HDEL', KEYS[1], 'intent') end
return 1
`)

// TakeBack removes an intent of which nothing came for certain.
func (q Queue) TakeBack(ctx context.Context, job Job, intent string) error {
	return takeBack.Run(ctx, q.rdb, []string{job.key()}, intent).Err()
}

// submitted moves a job to the stream of waits, once.
var submitted = redis.NewScript(`
local jobs, waits, tasks, job = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local group, entry, token, task, subscription, name = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if task ~= '' then
	local now = redis.call('TIME')[1]
	redis.call('ZADD', tasks, now, task)
	redis.call('ZREMRANGEBYSCORE', tasks, 0, now - 11 * 86400) -- the API has forgotten them
end
if redis.call('HSETNX', job, 'state', 'waiting') == 1 then
	redis.call('HSET', job, 'token', token)
	redis.call('XADD', waits, '*', 'subscription', subscription, 'name', name, 'token', token)
end
redis.call('XACK', jobs, group, entry)
return redis.call('XDEL', jobs, entry)
`)

// Submitted notes the token of a job's task. The job leaves its stream, and the
// token enters that of the waits.
func (q Queue) Submitted(ctx context.Context, e *Entry, token, taskID string) error {
	keys := []string{jobsStream, waitsStream, tasksKey, e.job.key()}
	return submitted.Run(ctx, q.rdb, keys, group, e.id, token, taskID, e.job.Subscription, e.job.Name).Err()
}

// IsOurs reports whether a task is one that the fleet has noted.
func (q Queue) IsOurs(ctx context.Context, taskID string) (bool, error) {
	err := q.rdb.ZScore(ctx, tasksKey, taskID).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, err
}

// conclude ends a job, or queues it again, if the token is still the job's.
var conclude = redis.NewScript(`
local stream, jobs, job = KEYS[1], KEYS[2], KEYS[3]
local group, entry, token, state = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local ours = token == '' or redis.call('HGET', job, 'token') == token
if ours and state == '' then
	redis.call('HDEL', job, 'state', 'token', 'intent')
	redis.call('XADD', jobs, '*', 'subscription', ARGV[7], 'name', ARGV[8], 'again', 'yes')
elseif ours then
	redis.call('HSET', job, 'state', state, 'database', ARGV[5], 'error', ARGV[6])
end
redis.call('XACK', stream, group, entry)
return redis.call('XDEL', stream, entry)
`)

// Conclude ends a job.
func (q Queue) Conclude(ctx context.Context, e *Entry, o Outcome) error {
	return q.conclude(ctx, e, o)
}

// Again queues a job again of which nothing came.
func (q Queue) Again(ctx context.Context, e *Entry) error { return q.conclude(ctx, e, Outcome{}) }

func (q Queue) conclude(ctx context.Context, e *Entry, o Outcome) error {
	return conclude.Run(ctx, q.rdb, []string{e.stream, jobsStream, e.job.key()},
		group, e.id, e.token, o.State, o.Database, o.Error, e.job.Subscription, e.job.Name).Err()
}
