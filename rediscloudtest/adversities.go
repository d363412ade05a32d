package rediscloudtest

import (
	"net/http"
	"slices"
	"time"
)

// What can be wrong with the task queue and with what the API reports about it.
type adversities struct {
	seed           uint64
	seeded         bool
	leastLeg       time.Duration
	mostLeg        time.Duration
	taskOrder      TaskOrder
	shortestTask   time.Duration
	longestTask    time.Duration
	foreignTasks   int
	oldTasks       int
	unsorted       bool
	listDelay      time.Duration
	listStaleness  time.Duration
	hiddenStatuses []string
	noTimestamps   bool
	clockSkew      time.Duration
	listOutages    []Outage
	taskOutages    []taskOutage
}

// TaskOrder is the order in which waiting tasks are processed.
type TaskOrder int

const (
	// OrderSubmission processes tasks first in, first out.
	OrderSubmission TaskOrder = iota
	// OrderLIFO processes the most recently submitted task first.
	OrderLIFO
	// OrderRandom processes waiting tasks in random order. See [WithSeed].
	OrderRandom
)

// Outage is a period in which requests aren't served. They still count against
// the rate limit.
type Outage struct {
	// Status is the status of the responses, such as 500. With 0 the connection
	// breaks and there is no response.
	Status int
	// Header and Body are those of the responses; both may be empty.
	Header http.Header
	Body   string
	// From is when the outage begins and For how long it lasts; with a For of 0
	// it never ends.
	From, For time.Duration
}

type taskOutage struct {
	concerns func(n int) bool
	outage   Outage
}

// WithSeed sets the seed for all of the server's randomness, including task
// ids: the same calls at the same times give the same results. Without this
// option task ids differ between servers, and everything else uses the same
// fixed seed.
func WithSeed(seed uint64) Option {
	return func(c *config) { c.seed, c.seeded = seed, true }
}

// WithRandomRoundTrip draws the duration of each exchange from between two
// bounds, instead of [WithRoundTrip]. The request's and the response's share
// are drawn separately, each between half of the lower and half of the upper
// bound, so exchanges overtake each other. See [WithSeed].
func WithRandomRoundTrip(least, most time.Duration) Option {
	return func(c *config) {
		c.leastLeg = max(least, 0) / 2
		c.mostLeg = max(c.leastLeg, most/2)
	}
}

// WithTaskOrder sets the order in which tasks are processed. Default:
// [OrderSubmission].
func WithTaskOrder(order TaskOrder) Option {
	return func(c *config) { c.taskOrder = order }
}

// WithHeavyTail draws the processing time of each task from a heavy-tailed
// distribution, instead of [WithProcessing]: about half of the tasks take less
// than twice the shortest time, about one in a hundred takes more than a
// hundred times as long, and none takes longer than the longest. A shortest
// time of 0 means 1 ms. [WithTaskDuration] takes precedence. See [WithSeed].
func WithHeavyTail(shortest, longest time.Duration) Option {
	return func(c *config) {
		c.shortestTask = max(shortest, time.Millisecond)
		c.longestTask = max(longest, c.shortestTask)
	}
}

// WithForeignTasks has other programs submit n tasks just before each task of a
// caller. They are queued and processed like any others, appear in GET /tasks,
// and are marked by [Task.Foreign]. Default: 0.
func WithForeignTasks(n int) Option {
	return func(c *config) { c.foreignTasks = max(n, 0) }
}

// WithOldTasks gives the account n tasks that ended within the last ten days,
// marked by [Task.Old]. GET /tasks lists them until they are ten days old. See
// [WithSeed]. Default: 0.
func WithOldTasks(n int) Option {
	return func(c *config) { c.oldTasks = max(n, 0) }
}

// WithUnsortedTaskList has GET /tasks list the tasks in random order, the same
// at each read, instead of latest change first. See [WithSeed].
func WithUnsortedTaskList() Option {
	return func(c *config) { c.unsorted = true }
}

// WithSlowTaskList delays each response to GET /tasks by d. It shows the state
// at the time the server received the request.
func WithSlowTaskList(d time.Duration) Option {
	return func(c *config) { c.listDelay = max(d, 0) }
}

// WithStaleTaskList has GET /tasks show the state of d ago. Reading a single
// task returns its current state.
func WithStaleTaskList(d time.Duration) Option {
	return func(c *config) { c.listStaleness = max(d, 0) }
}

// WithTaskListHiding has GET /tasks omit the tasks with one of the statuses:
// "received" for a list of what has begun, "processing-completed" and
// "processing-error" for one of what hasn't ended.
func WithTaskListHiding(statuses ...string) Option {
	hidden := slices.Clone(statuses)
	return func(c *config) { c.hiddenStatuses = hidden }
}

// WithoutTaskTimestamps omits the timestamp of all tasks, in GET /tasks and
// elsewhere.
func WithoutTaskTimestamps() Option {
	return func(c *config) { c.noTimestamps = true }
}

// WithClockSkew sets the server's clock d ahead of the caller's, or behind it
// if d is negative, in documents and in the Date header. The request log uses
// the caller's clock.
func WithClockSkew(d time.Duration) Option {
	return func(c *config) { c.clockSkew = d }
}

// WithTaskListOutage makes GET /tasks fail. Outage.From counts from [New]. If
// several outages overlap, the first one given applies.
func WithTaskListOutage(o Outage) Option {
	return func(c *config) { c.listOutages = append(c.listOutages, o.clone()) }
}

// WithTaskOutage makes reading single tasks fail, GET /tasks/{taskId}, while
// GET /tasks lists them properly. It affects the tasks for which concerns
// reports true; tasks are numbered from 0 in the order in which callers
// submitted them. Outage.From counts from the task's submission. If several
// outages overlap, the first one given applies. The function must not call the
// Server.
func WithTaskOutage(concerns func(n int) bool, o Outage) Option {
	return func(c *config) { c.taskOutages = append(c.taskOutages, taskOutage{concerns, o.clone()}) }
}

func (o Outage) clone() Outage {
	o.Header = o.Header.Clone()
	return o
}

// has reports whether the outage is in progress when passed has elapsed since
// its reference time.
func (o Outage) has(passed time.Duration) bool {
	return passed >= o.From && (o.For <= 0 || passed < o.From+o.For)
}

// suffer responds to a call during an outage.
func (c *call) suffer(o Outage) answer {
	if o.Status == 0 {
		c.cut = true
		return answer{}
	}
	a := newAnswer(o.Status, "", []byte(o.Body))
	for name, values := range o.Header {
		a.header[http.CanonicalHeaderKey(name)] = slices.Clone(values)
	}
	return a
}
