package rediscloud

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// A poller watches tasks for all waits of a client. Since an account processes
// its tasks one after the other, most of the tasks that are waited for can only
// be queued: what is asked for, one request at a time, is the task whose turn
// it is. The list of all tasks, which is large, is read now and then, because
// the order may be another one: other programs submit tasks too, and several
// may be processed at once.
//
// It runs from the first wait to the last. A waiter sleeps in its own goroutine
// until its task has news, so that a slow one holds nobody up.
type poller struct {
	client *Client

	mu      sync.Mutex
	stop    context.CancelFunc // nil while it doesn't run
	wake    chan struct{}      // tells the running loop to plan anew
	tasks   map[string]*taskWatch
	running map[*taskWatch]struct{} // those that may end at any time
	queue   []*taskWatch            // those that wait for their turn, oldest first; some may have left it
	crowd   bool                    // more than one task has been watched in this run

	nextLook  time.Time
	quiet     int // looks since a status has changed
	failures  int // looks in a row that failed, whatever their task
	streak    int // looks in a row that found the end of a task
	parallel  int // how many tasks seem to be processed at once
	sweeping  bool
	swept     bool // in this run
	nextSweep time.Time
	noSweep   time.Time // until when not even ends in a row bring it forward
	disorder  bool      // the last sweep found an end that nobody was looking for
}

const (
	// crowdFactor stretches the pause between looks when there are several
	// tasks, whose ends follow each other: each is noticed as soon on average.
	crowdFactor = 2

	maxQueuedPause = 5 * time.Second // between looks at a task that waits for its turn
	urgentAtOnce   = 4               // looks that may run beside each other
	lateAnswer     = 5 * time.Second // after which another task is looked at

	// How often the list is read: in looks, and bounded by what it weighs.
	firstSweep       = 4
	sweepEvery       = 10
	sweepInDisorder  = 2
	sweepBytes       = 1200     // a second
	disorderBytes    = 16 << 10 // a second
	streakBeforeList = 5
)

// A taskWatch is one task that is waited for.
type taskWatch struct {
	id        string
	poll      call
	submitted time.Time
	pace      pace
	states    []*TaskState // each differs from the one before; never empty
	since     time.Time    // when the status became as it is
	joined    time.Time
	looked    time.Time
	asking    bool
	urgent    bool // to be looked at without a pause
	done      bool
	failed    int // looks
	err       error
	missing   time.Time // since when it is a 404
	waiters   map[*taskWaiter]struct{}
}

func (t *taskWatch) last() *TaskState { return t.states[len(t.states)-1] }

// A taskWaiter is one wait for a task.
type taskWaiter struct {
	task   *taskWatch
	next   int           // index of the first state that it hasn't been given
	failed int           // of task.failed, when it came
	news   chan struct{} // has an element when there is something to take
}

func newPoller(c *Client) *poller {
	return &poller{client: c, tasks: map[string]*taskWatch{}, running: map[*taskWatch]struct{}{}}
}

// join begins to wait for a task. The waiter must leave.
func (p *poller) join(state *TaskState, submitted time.Time, pace pace) *taskWaiter {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.tasks[state.TaskID]
	if t == nil {
		t = p.watch(state, submitted, pace)
	}
	if pace.min < t.pace.min {
		t.pace = pace
	}
	w := &taskWaiter{task: t, failed: t.failed, news: make(chan struct{}, 1)}
	w.next = len(t.states)
	if t.last().Status != state.Status && t.last().Status != "" {
		w.next-- // the others know more
		w.news <- struct{}{}
	}
	t.waiters[w] = struct{}{}
	if p.stop == nil {
		p.start()
	}
	p.nudge()
	return w
}

// watch adds a task.
func (p *poller) watch(state *TaskState, submitted time.Time, pace pace) *taskWatch {
	now := time.Now()
	t := &taskWatch{
		id: state.TaskID, poll: p.client.taskCall(state), submitted: submitted, pace: pace,
		states: []*TaskState{state}, since: now, joined: now, waiters: map[*taskWaiter]struct{}{},
	}
	p.tasks[t.id] = t
	p.place(t)
	if len(p.tasks) > 1 {
		p.crowd = true
	}
	// A new task isn't looked at before its first pause; one of which
	// nothing is known at once.
	t.urgent = state.Status == ""
	return t
}

// place puts a task where its status belongs.
func (p *poller) place(t *taskWatch) {
	delete(p.running, t)
	switch t.last().Status {
	case TaskReceived, TaskInitialized:
		// Tasks mostly come in the order of their submission.
		at := len(p.queue)
		for at > 0 && t.submitted.Before(p.queue[at-1].submitted) {
			at--
		}
		p.queue = slices.Insert(p.queue, at, t)
	default:
		p.running[t] = struct{}{}
	}
}

// leave ends a wait. The last one for a task takes it off, and the last of all
// ends the loop.
func (p *poller) leave(w *taskWaiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := w.task
	delete(t.waiters, w)
	if len(t.waiters) == 0 && p.tasks[t.id] == t {
		p.drop(t)
	}
}

func (p *poller) drop(t *taskWatch) {
	t.done = true
	delete(p.tasks, t.id)
	delete(p.running, t)
	if len(p.tasks) == 0 && p.stop != nil {
		p.stop()
		p.stop = nil
		p.queue = nil
	}
}

// start begins a run of the loop, in which nothing is known of the order yet.
func (p *poller) start() {
	ctx, stop := context.WithCancel(asPoll(context.Background()))
	p.stop, p.crowd, p.parallel, p.disorder = stop, false, 1, false
	p.quiet, p.failures, p.streak, p.sweeping, p.swept = 0, 0, 0, false, false
	p.nextLook, p.nextSweep, p.noSweep = time.Time{}, time.Time{}, time.Time{}
	p.client.transport.reservePolls(true)
	wake := make(chan struct{}, 1)
	p.wake = wake
	go func() {
		p.run(ctx, wake)
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.stop == nil {
			p.client.transport.reservePolls(false)
		}
	}()
}

// nudge makes the loop plan anew.
func (p *poller) nudge() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run is the loop: it plans, sends off what is due, and sleeps until the next
// thing is or something has changed.
func (p *poller) run(ctx context.Context, wake <-chan struct{}) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		p.mu.Lock()
		if ctx.Err() != nil { // the next run may have begun
			p.mu.Unlock()
			return
		}
		next := p.plan(ctx, time.Now())
		p.mu.Unlock()
		timer.Reset(time.Until(next))
		select {
		case <-ctx.Done():
		case <-wake:
		case <-timer.C:
		}
	}
}

// plan sends off what is due and returns when the next thing will be.
func (p *poller) plan(ctx context.Context, now time.Time) time.Time {
	active := p.active(now)
	asking, urgent := 0, 0
	for _, t := range active {
		if t.asking {
			asking++
		} else if t.urgent {
			urgent++
		}
	}
	if p.crowd && p.nextSweep.IsZero() {
		p.nextSweep = now.Add(firstSweep * p.tick(active))
	}
	if urgent > 2*urgentAtOnce && !p.swept {
		p.nextSweep = now // the list tells of all of them at once
	}
	if p.crowd && !p.sweeping && !now.Before(p.nextSweep) && p.failures == 0 {
		p.sweeping = true
		go p.sweep(ctx)
	}
	for _, t := range active {
		if t.urgent && !t.asking && asking < urgentAtOnce && p.failures == 0 && (urgent <= 2*urgentAtOnce || p.swept) {
			p.send(ctx, t, now)
			asking++
		}
	}
	if t := longestUnseen(active); t != nil {
		if p.nextLook.IsZero() {
			p.nextLook = now.Add(p.pause(t, now))
		}
		if !now.Before(p.nextLook) {
			p.send(ctx, t, now)
			asking++
			// Until the answer comes and sets it; a late one holds
			// nobody else up.
			p.nextLook = now.Add(max(lateAnswer, p.pause(t, now)))
		}
	}
	next := p.nextLook
	if asking == len(active) {
		next = now.Add(lateAnswer) // an answer will wake the loop before
	}
	if p.crowd && !p.sweeping && p.failures == 0 && p.nextSweep.Before(next) {
		next = p.nextSweep
	}
	return next
}

// active are the tasks that may end at any time: those that are not queued, and
// as many of the queue as could be processed beside them. One whose answer is
// late may have ended already, and doesn't hold up the queue.
func (p *poller) active(now time.Time) []*taskWatch {
	active := make([]*taskWatch, 0, len(p.running)+1)
	late := 0
	add := func(t *taskWatch) {
		active = append(active, t)
		if t.asking && now.Sub(t.looked) >= lateAnswer {
			late++
		}
	}
	for t := range p.running {
		add(t)
	}
	p.queue = slices.DeleteFunc(p.queue, func(t *taskWatch) bool { return !p.queued(t) })
	for _, t := range p.queue {
		if len(active)-late < max(1, p.parallel) || t.urgent {
			add(t)
		}
	}
	return active
}

// queued reports whether a task still waits for its turn.
func (p *poller) queued(t *taskWatch) bool {
	_, running := p.running[t]
	return !t.done && !running
}

func longestUnseen(tasks []*taskWatch) *taskWatch {
	tasks = slices.DeleteFunc(tasks, func(t *taskWatch) bool { return t.asking })
	if len(tasks) == 0 {
		return nil
	}
	return slices.MinFunc(tasks, func(a, b *taskWatch) int {
		if c := a.looked.Compare(b.looked); c != 0 {
			return c
		}
		return a.joined.Compare(b.joined)
	})
}

// pause is the time until the next look, after one at t.
func (p *poller) pause(t *taskWatch, now time.Time) time.Duration {
	pace := p.pace(t)
	age := now.Sub(t.since)
	pause := pace.pause(p.quiet, age)
	if p.queued(t) {
		pause = min(pause, max(maxQueuedPause, pace.max))
	}
	if p.client.transport.scarce() {
		pause *= 2
	}
	return pause
}

func (p *poller) pace(t *taskWatch) pace {
	pace := t.pace
	if p.crowd {
		pace.min = time.Duration(float64(pace.min) * crowdFactor)
		pace.max = max(pace.max, pace.min)
	}
	return pace
}

// tick is the least time between two looks.
func (p *poller) tick(active []*taskWatch) time.Duration {
	if len(active) == 0 {
		return defaultPace.min
	}
	return p.pace(active[0]).min
}

func (p *poller) send(ctx context.Context, t *taskWatch, now time.Time) {
	t.asking, t.urgent, t.looked = true, false, now
	go p.look(ctx, t)
}

// look reads one task.
func (p *poller) look(ctx context.Context, t *taskWatch) {
	state, err := p.client.pollTask(ctx, t.poll)
	p.mu.Lock()
	defer p.mu.Unlock()
	t.asking = false
	if ctx.Err() != nil {
		return
	}
	now := time.Now()
	switch {
	case t.done: // the list was faster, or its waiters have left
		p.nextLook = now.Add(p.pause(t, now))
	case err != nil:
		p.note(t, err, now)
	default:
		p.failures = 0
		p.observe(t, state, now)
		p.nextLook = now.Add(p.pause(t, now))
		if !state.Done() {
			p.streak = 0
		} else {
			p.streak++
			p.followEnd(now)
		}
	}
	p.client.transport.logWait(slog.String("task", t.id), slog.String("status", oneLine(string(t.last().Status))),
		slog.Duration("elapsed", now.Sub(t.joined)), slog.Duration("next", p.nextLook.Sub(now)), errorAttr(err))
	p.nudge()
}

// followEnd hurries on after the end of a task: to those that were processed
// beside it, and past ends that were missed.
func (p *poller) followEnd(now time.Time) {
	for t := range p.running {
		t.urgent = t.urgent || now.Sub(t.looked) > p.pace(t).min/2
	}
	if p.streak > 1 {
		p.nextLook = now
	}
	if p.streak >= streakBeforeList && !p.nextSweep.IsZero() && !now.Before(p.noSweep) {
		p.nextSweep = now
		p.streak = 1 // the list may lack them: hurry on
	}
}

// observe takes in a state of a task.
func (p *poller) observe(t *taskWatch, state *TaskState, now time.Time) {
	last := t.last()
	t.err, t.missing, t.urgent = nil, time.Time{}, false
	p.quiet++
	if state.Status != last.Status {
		t.since, p.quiet = now, 0
	}
	if changed(last, state) {
		t.add(state)
	}
	if state.Done() {
		p.drop(t)
	} else if state.Status != last.Status {
		p.place(t)
		p.parallel = max(p.parallel, len(p.running))
	}
	t.tellWaiters()
}

// maxStates bounds what is kept for waiters that don't keep up.
const maxStates = 64

// add keeps a state for the waiters.
func (t *taskWatch) add(state *TaskState) {
	t.states = append(t.states, state)
	if len(t.states) <= maxStates {
		return
	}
	t.states = slices.Delete(t.states, 0, 1)
	for w := range t.waiters {
		w.next = max(0, w.next-1)
	}
}

// note takes in that a look failed.
func (p *poller) note(t *taskWatch, err error, now time.Time) {
	t.failed++
	p.quiet++
	pause := p.pause(t, now)
	byLink := t.poll
	t.poll = p.client.taskCall(&TaskState{TaskID: t.id}) // in case it was the link that was wrong
	if t.poll.path != byLink.path && !transient(err) {
		p.nextLook = now.Add(pause)
		return
	}
	t.err = err
	if t.missing = missingSince(err, t.missing, now); t.missing.IsZero() {
		p.failures++
		pause = pauseAfter(err, p.failures, pause)
	}
	p.nextLook = now.Add(pause)
	p.streak = 0
	if errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrForbidden) {
		for _, other := range p.tasks { // it would be the same for all
			other.err = err
			other.tellWaiters()
		}
	}
	t.tellWaiters()
}

func (t *taskWatch) tellWaiters() {
	for w := range t.waiters {
		select {
		case w.news <- struct{}{}:
		default:
		}
	}
}

// sweep reads the list of all tasks.
func (p *poller) sweep(ctx context.Context) {
	answer, err := p.client.transport.do(ctx, get("/tasks"), noRetries)
	var list *TaskList
	if err == nil {
		list, err = decode[TaskList](answer)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	p.sweeping, p.swept = false, true
	now := time.Now()
	tick := p.tick(p.active(now))
	if err != nil {
		p.nextSweep = now.Add(3 * sweepEvery * tick)
		p.noSweep = p.nextSweep
		p.client.transport.log.LogAttrs(ctx, slog.LevelDebug, "rediscloud: the list of tasks can't be read", slog.String("error", err.Error()))
		p.nudge()
		return
	}
	p.compare(list, now)
	every, weight := sweepEvery, sweepBytes
	if p.disorder || len(p.running) > urgentAtOnce {
		every, weight = sweepInDisorder, disorderBytes
	}
	p.nextSweep = now.Add(max(time.Duration(every)*tick, weighing(answer.Body, weight)))
	p.noSweep = now.Add(weighing(answer.Body, disorderBytes))
	p.nudge()
}

// weighing is the time that a document may take, at so many bytes a second.
func weighing(doc []byte, perSecond int) time.Duration {
	return time.Duration(float64(len(doc)) / float64(perSecond) * float64(time.Second))
}

// compare takes in what the list says of the tasks that are watched.
func (p *poller) compare(list *TaskList, now time.Time) {
	expected := p.active(now)
	listed := make(map[string]bool, len(list.Tasks))
	p.disorder = false
	for i := range list.Tasks {
		state := &list.Tasks[i]
		t := p.tasks[state.TaskID]
		listed[state.TaskID] = true
		if t == nil || state.Timestamp.Before(t.last().Timestamp.Time) {
			continue // it may be older than what a look has seen
		}
		if state.Done() && !slices.Contains(expected, t) {
			p.disorder = true
		}
		p.observe(t, state, now)
	}
	// What the list lacks may be too new for it, or too old.
	asked := 0
	for _, t := range p.tasks {
		if !listed[t.id] && now.Sub(t.joined) > 2*p.tick(nil) && asked < urgentAtOnce {
			t.urgent = true
			asked++
		}
	}
	p.parallel = max(1, p.parallel-1, len(p.running))
}

// take returns the states that the waiter hasn't been given yet, how many looks
// have failed since it came, since when the task is a 404, and the error of the
// latest look.
func (p *poller) take(w *taskWaiter) (states []*TaskState, failed int, missing time.Time, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := w.task
	states = slices.Clone(t.states[w.next:])
	w.next = len(t.states)
	return states, t.failed - w.failed, t.missing, t.err
}
