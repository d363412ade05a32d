package rediscloudtest

import (
	"net/http"
	"slices"
	"time"
)

// What can be wrong with the queue of tasks and with what the API tells of it.
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

// TaskOrder is the order in which tasks are processed that wait for their turn.
type TaskOrder int

const (
	// OrderSubmission processes first what was submitted first.
	OrderSubmission TaskOrder = iota
	// OrderLIFO processes first what was submitted last.
	OrderLIFO
	// OrderRandom processes any of those that wait. See [WithSeed].
	OrderRandom
)

// Outage is a time in which a request isn't served. It counts against the rate limit all the same.
type Outage struct {
	// Status is that of the answers, such as 500. With 0 the connection breaks, and no answer comes.
	Status int
	// Header and Body are those of the answers; both may be empty.
	Header http.Header
	Body   string
	// From is when the outage begins, For is how long it lasts; with 0 it doesn't end.
	From, For time.Duration
}

type taskOutage struct {
	concerns func(n int) bool
	outage   Outage
}

// WithSeed sets what all randomness of the server is drawn from, the ids of tasks included: a caller that does the same at the same times
// finds the same. Without this option the ids differ from server to server, and all else is drawn from the same seed each time.
func WithSeed(seed uint64) Option {
	return func(c *config) { c.seed, c.seeded = seed, true }
}

// WithRandomRoundTrip draws the time that each exchange takes from between two bounds, in place of [WithRoundTrip]. The way to the server
// and the way back are drawn one by one, each at least half of the lower bound and at most half of the upper one, so that exchanges
// overtake each other. See [WithSeed].
func WithRandomRoundTrip(least, most time.Duration) Option {
	return func(c *config) {
		c.leastLeg = max(least, 0) / 2
		c.mostLeg = max(c.leastLeg, most/2)
	}
}

// WithTaskOrder sets the order in which tasks are processed. Default: [OrderSubmission].
func WithTaskOrder(order TaskOrder) Option {
	return func(c *config) { c.taskOrder = order }
}

// WithHeavyTail draws the processing time of each task from a distribution with a heavy tail, in place of [WithProcessing]: about
// half of the tasks take less than twice the shortest time, about one in a hundred takes more than a hundred times as long, and none takes longer than the
// longest. A shortest time of 0 is one of 1 ms. [WithTaskDuration] goes before it. See [WithSeed].
func WithHeavyTail(shortest, longest time.Duration) Option {
	return func(c *config) {
		c.shortestTask = max(shortest, time.Millisecond)
		c.longestTask = max(longest, c.shortestTask)
	}
}

// WithForeignTasks has other programs submit n tasks just before each task of the callers. They wait for their turn and are processed as
// all others, GET /tasks shows them, and [Task.Foreign] tells them apart. Default: 0.
func WithForeignTasks(n int) Option {
	return func(c *config) { c.foreignTasks = max(n, 0) }
}

// WithOldTasks gives the account n tasks that ended within the last ten days, [Task.Old], of which GET /tasks tells until they are ten
// days old. See [WithSeed]. Default: 0.
func WithOldTasks(n int) Option {
	return func(c *config) { c.oldTasks = max(n, 0) }
}

// WithUnsortedTaskList has GET /tasks show the tasks in random order, which is the same at each read, in place of the latest change
// first. See [WithSeed].
func WithUnsortedTaskList() Option {
	return func(c *config) { c.unsorted = true }
}

// WithSlowTaskList makes each answer to GET /tasks come d later. It shows how things stood when the server took the request up.
func WithSlowTaskList(d time.Duration) Option {
	return func(c *config) { c.listDelay = max(d, 0) }
}

// WithStaleTaskList has GET /tasks show how things stood d ago. The read of a single task is up to date.
func WithStaleTaskList(d time.Duration) Option {
	return func(c *config) { c.listStaleness = max(d, 0) }
}

// WithTaskListHiding has GET /tasks leave out the tasks that have one of the statuses: "received" for a list of what has begun,
// "processing-completed" and "processing-error" for one of what hasn't ended.
func WithTaskListHiding(statuses ...string) Option {
	hidden := slices.Clone(statuses)
	return func(c *config) { c.hiddenStatuses = hidden }
}

// WithoutTaskTimestamps leaves the timestamp out of all tasks, in GET /tasks and elsewhere.
func WithoutTaskTimestamps() Option {
	return func(c *config) { c.noTimestamps = true }
}

// WithClockSkew sets the server's clock d ahead of the caller's, or behind for a negative d: in documents and in the Date header. The
// books are kept by the caller's clock.
func WithClockSkew(d time.Duration) Option {
	return func(c *config) { c.clockSkew = d }
}

// WithTaskListOutage makes GET /tasks fail. The outage begins as long after [New] as it says. Of several at the same time the first one
// given has the request.
func WithTaskListOutage(o Outage) Option {
	return func(c *config) { c.listOutages = append(c.listOutages, o.clone()) }
}

// WithTaskOutage makes the reads of single tasks fail, GET /tasks/{taskId}, while GET /tasks shows them properly. It concerns the tasks for
// which the function reports true; they are numbered from 0 in the order in which callers submitted them. The outage begins as long after
// the task's submission as it says. Of several at the same time the first one given has the request. The function must not call the
// Server.
func WithTaskOutage(concerns func(n int) bool, o Outage) Option {
	return func(c *config) { c.taskOutages = append(c.taskOutages, taskOutage{concerns, o.clone()}) }
}

func (o Outage) clone() Outage {
	o.Header = o.Header.Clone()
	return o
}

// has reports whether the outage is going on some time after what it counts from.
func (o Outage) has(passed time.Duration) bool {
	return passed >= o.From && (o.For <= 0 || passed < o.From+o.For)
}

// suffer answers a call that an outage has.
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
