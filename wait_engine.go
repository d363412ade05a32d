package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rediscloud-go/rediscloud/internal/schedule"
)

// An engine makes the polls of all waits of a client, for tasks and for
// resources alike. Which poll comes next, and when, is the policy of package
// schedule; the engine carries it out and hands on what is observed.
//
// One goroutine plans; each poll has one of its own, so that a slow answer
// holds up nothing else. They run from the first wait to the last. A waiter
// sleeps in its caller's goroutine until its subject has news: callbacks run
// there, and one that is slow, or panics, is its caller's affair.
type engine struct {
	client *Client
	alone  atomic.Int64 // how many waits have joined alone: each has a group of its own

	mu     sync.Mutex
	stop   context.CancelFunc // nil while nobody waits
	wake   chan struct{}      // makes the running loop plan anew
	plan   *schedule.Plan
	groups map[string]*group
}

// A group is what one read of a list shows together: the tasks of the account,
// or the databases of a subscription. A resource that no list shows is a group
// of its own.
type group struct {
	schedule.Group
	reader   reader
	subjects map[string]*subject
}

// A reader makes the polls of a group.
type reader interface {
	// list reads the list. What it returns beside an error was observed all the same.
	// waited are the subjects that it is read for.
	list(ctx context.Context, poll schedule.Poll, waited map[string]bool) (listing, error)

	// one reads a subject by itself. first is what was known of it when the
	// wait began; failed says that the poll before has failed.
	one(ctx context.Context, subject string, first observation, failed bool) observation
}

// A listing is what a read of a list has shown.
type listing struct {
	seen   map[string]observation // by subject
	answer schedule.Answer
}

// An observation is what one poll has shown of a subject.
type observation struct {
	state  *TaskState // of a task
	status string     // of a resource
	value  any        // of what is neither: see lone
	doc    []byte     // the whole of the resource; nil where a list has told, which may leave fields out
	err    error      // why nothing was shown
	asked  time.Time  // when the poll was sent: answers can overtake each other
}

// A subject is a task or a resource that is waited for.
type subject struct {
	group   *group
	id      string
	first   observation   // what the first waiter knew
	history []observation // each differs from the one before; never empty
	over    bool          // no further poll can change it
	failing failures
	waiters map[*waiter]struct{}
}

// failures are the books of polls that have failed.
type failures struct {
	inARow, inAll int
	last          error     // of the latest poll, nil if it did not fail
	missing       time.Time // since when it is a 404
}

// take enters the outcome of a poll.
func (f *failures) take(err error, now time.Time) {
	f.missing = missingSince(err, f.missing, now)
	if f.last = err; err == nil {
		f.inARow = 0
		return
	}
	f.inARow++
	f.inAll++
}

// missingSince is since when something is a 404, after a poll that ended in err:
// zero if it isn't one.
func missingSince(err error, before, now time.Time) time.Time {
	switch {
	case !errors.Is(err, ErrNotFound):
		return time.Time{}
	case before.IsZero():
		return now
	}
	return before
}

// A waiter is one wait for a subject.
type waiter struct {
	engine  *engine
	subject *subject
	next    int           // index of the first observation that it hasn't been given
	failed  int           // of the subject's failures in all, when it came
	news    chan struct{} // has an element when there is something to take
}

func newEngine(c *Client) *engine {
	return &engine{client: c, plan: schedule.New(rand.Float64), groups: map[string]*group{}}
}

// join begins to wait for a subject of a group. known is what the waiter knows
// already. The waiter must leave.
func (e *engine) join(spec *group, id string, known observation) *waiter {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	g := e.groups[spec.ID]
	if g == nil {
		g = &group{Group: spec.Group, reader: spec.reader, subjects: map[string]*subject{}}
		e.groups[spec.ID] = g
	}
	s := g.subjects[id]
	if s == nil {
		s = &subject{group: g, id: id, first: known, history: []observation{known}, waiters: map[*waiter]struct{}{}}
		g.subjects[id] = s
	}
	e.plan.Join(spec.Group, id, known.known(), now)
	w := &waiter{engine: e, subject: s, next: len(s.history), failed: s.failing.inAll, news: make(chan struct{}, 1)}
	if known.differs(s.last()) {
		w.next-- // the others know more
		w.news <- struct{}{}
	}
	s.waiters[w] = struct{}{}
	if e.stop == nil {
		e.start()
	}
	e.nudge()
	return w
}

// joinAlone begins to wait for what a read yields that no other wait shares.
func (e *engine) joinAlone(path string, cadence schedule.Cadence, read loneReader) *waiter {
	name := fmt.Sprintf("%s alone %d", path, e.alone.Add(1))
	return e.join(&group{Group: schedule.Group{ID: name, Single: true, Cadence: cadence}, reader: read}, name, observation{})
}

// reads reports whether a group's list is read already, for others: it will show
// the subject soon.
func (e *engine) reads(spec *group) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	g := e.groups[spec.ID]
	return g != nil && g.List && len(g.subjects) > 0
}

// leave ends a wait. With the last one for a subject its polls end, and with
// the last of all the loop.
func (w *waiter) leave() {
	e, s := w.engine, w.subject
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(s.waiters, w)
	if len(s.waiters) > 0 {
		return
	}
	e.drop(s)
	if len(e.groups) == 0 && e.stop != nil {
		e.stop()
		e.stop = nil
	}
}

func (e *engine) drop(s *subject) {
	g := s.group
	if g.subjects[s.id] != s {
		return
	}
	delete(g.subjects, s.id)
	e.plan.Leave(g.ID, s.id, time.Now())
	if len(g.subjects) == 0 && e.groups[g.ID] == g {
		delete(e.groups, g.ID)
	}
}

// await returns what the waiter hasn't been given yet, as soon as there is
// something, with the books of the polls since it came. It ends with ctx.
func (w *waiter) await(ctx context.Context) ([]observation, failures, error) {
	select {
	case <-ctx.Done():
		return nil, failures{}, contextError(ctx)
	case <-w.news:
	}
	w.engine.mu.Lock()
	defer w.engine.mu.Unlock()
	s := w.subject
	fresh := slices.Clone(s.history[w.next:])
	w.next = len(s.history)
	books := s.failing
	books.inAll -= w.failed
	return fresh, books, nil
}

// start begins a run of the loop, in which nothing is known of the list yet.
func (e *engine) start() {
	ctx, stop := context.WithCancel(asPoll(context.Background())) // it outlives the wait that it begins with
	e.stop, e.wake = stop, make(chan struct{}, 1)
	e.client.transport.reservePolls(true)
	wake := e.wake
	go func() {
		e.run(ctx, wake)
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.stop == nil { // the next run may have begun
			e.client.transport.reservePolls(false)
		}
	}()
}

func (e *engine) nudge() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// breath is how long the loop lets pass between a change and the next plan:
// whoever has just been told of an end leaves, and no poll is sent for it; and
// of waiters that come together the first doesn't come alone.
const breath = time.Millisecond

// run is the loop: it sends off what the plan says is due, and sleeps until the
// next thing is or something has changed.
func (e *engine) run(ctx context.Context, wake <-chan struct{}) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		e.mu.Lock()
		if ctx.Err() != nil {
			e.mu.Unlock()
			return
		}
		e.plan.Scarce(e.client.transport.pressure())
		next := e.sendDue(ctx)
		e.mu.Unlock()
		if next.IsZero() {
			next = time.Now().Add(time.Hour) // an answer or a waiter wakes it before
		}
		timer.Reset(time.Until(next))
		select {
		case <-ctx.Done():
		case <-wake:
			timer.Reset(breath)
			select {
			case <-ctx.Done():
			case <-timer.C:
			}
		case <-timer.C:
		}
	}
}

// sendDue sends off what is due, and returns when the next thing will be; zero
// if an answer or a waiter wakes the loop before. What the rate limit holds back
// isn't planned yet: by then the plan may know better.
func (e *engine) sendDue(ctx context.Context) time.Time {
	now := time.Now()
	if held := e.client.transport.nextPoll(); held > 0 {
		return now.Add(held)
	}
	polls, next := e.plan.Next(now)
	for _, poll := range polls {
		e.send(ctx, poll)
	}
	return next
}

// send makes a poll in a goroutine of its own.
func (e *engine) send(ctx context.Context, poll schedule.Poll) {
	g := e.groups[poll.Group]
	if g == nil {
		g = e.overview(poll.Group)
	}
	if poll.Subject == "" {
		waited := make(map[string]bool, len(g.subjects))
		for id := range g.subjects {
			waited[id] = true
		}
		go e.pollList(ctx, g, poll, waited)
		return
	}
	if s := g.subjects[poll.Subject]; s != nil {
		go e.pollOne(ctx, s, poll, s.failing.inARow > 0)
		return
	}
	e.plan.Answered(poll, schedule.Answer{Failed: true}, time.Now()) // it has just been left
}

// overview is the group whose list says of others that something moves in
// them, where nobody waits for one of its own subjects.
func (e *engine) overview(id string) *group {
	for _, g := range e.groups {
		if above, ok := g.reader.(interface{ overview() *group }); ok && g.Overview == id {
			return above.overview()
		}
	}
	return &group{Group: schedule.Group{ID: id}, reader: noReader{}}
}

// noReader stands in for a group that has just been left.
type noReader struct{}

func (noReader) list(context.Context, schedule.Poll, map[string]bool) (listing, error) {
	return listing{}, nil
}

func (noReader) one(context.Context, string, observation, bool) observation { return observation{} }

// pollList reads the list of a group. That it can't be read is nobody's
// failure, unless the list is all there is.
func (e *engine) pollList(ctx context.Context, g *group, poll schedule.Poll, waited map[string]bool) {
	asked := time.Now()
	shown, err := g.reader.list(ctx, poll, waited)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if ctx.Err() != nil {
		e.plan.Answered(poll, schedule.Answer{Failed: true}, now)
		return
	}
	shown.answer.Took = now.Sub(asked)
	if err != nil {
		shown.answer.Failed, shown.answer.Pause = true, pauseAsked(err)
	}
	g = e.groups[poll.Group] // as it is by now
	if g != nil {
		// Of who came while it was read the list was read for the times alone:
		// the plan must not take for over what their waiters haven't been given.
		shown.answer.Seen = slices.DeleteFunc(shown.answer.Seen, func(seen schedule.Seen) bool {
			_, given := shown.seen[seen.Subject]
			return !given && g.subjects[seen.Subject] != nil
		})
	}
	e.plan.Answered(poll, shown.answer, now) // before any is dropped, so that the plan learns from their ends
	if g != nil {
		e.observeList(g, shown, err, asked, now)
	}
	e.client.transport.logWait(ctx, slog.String("list", poll.Group), slog.Int("shown", len(shown.seen)), slog.Duration("took", shown.answer.Took), errorAttr(err))
	e.nudge()
}

// observeList takes in what a list has shown.
func (e *engine) observeList(g *group, shown listing, err error, asked, now time.Time) {
	for id, s := range g.subjects {
		seen, listed := shown.seen[id]
		if !listed && err != nil && !g.Single {
			seen, listed = observation{err: err}, true
		}
		if listed {
			seen.asked = asked
			e.observe(s, seen, now)
		}
	}
}

// pollOne reads one subject. Its failure is its own affair: the plan asks it
// later again, and nothing else waits for that.
func (e *engine) pollOne(ctx context.Context, s *subject, poll schedule.Poll, failed bool) {
	asked := time.Now()
	seen := s.group.reader.one(ctx, s.id, s.first, failed)
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if ctx.Err() != nil {
		e.plan.Answered(poll, schedule.Answer{Failed: true}, now)
		return
	}
	seen.asked = asked
	answer := schedule.Answer{Took: now.Sub(asked)}
	if g := e.groups[poll.Group]; g != nil && g.subjects[s.id] != nil {
		s = g.subjects[s.id] // who waits by now may not be who did then
	}
	switch {
	case errors.Is(seen.err, ErrNotFound): // how something new begins: no failure
	case seen.err != nil:
		answer.Failed, answer.Pause = true, pauseAsked(seen.err)
	default:
		known := seen.known()
		answer.Seen = []schedule.Seen{{Subject: s.id, Phase: known.Phase, Stamp: known.Stamp, Moved: seen.differs(s.last())}}
	}
	e.plan.Answered(poll, answer, now) // before the subject is dropped, so that the plan learns from its end
	e.observe(s, seen, now)
	if errors.Is(seen.err, ErrUnauthorized) {
		e.tellOthers(s, seen.err, now)
	}
	e.client.transport.logWait(ctx, slog.String(s.group.noun(), s.id), slog.String("status", oneLine(s.last().told())), errorAttr(seen.err))
	e.nudge()
}

// tellOthers ends the other waits too for an error that every poll would end
// in: the keys are no longer valid.
func (e *engine) tellOthers(asked *subject, err error, now time.Time) {
	for _, g := range e.groups {
		for _, s := range g.subjects {
			if s != asked {
				s.failing.take(err, now)
				s.tell()
			}
		}
	}
}

// observe takes in what was seen of a subject.
func (e *engine) observe(s *subject, seen observation, now time.Time) {
	if s.over || seen.err == nil && seen.olderThan(s.last()) {
		return // a list may be behind what a single read has shown
	}
	s.failing.take(seen.err, now)
	if seen.err == nil && (seen.state == nil || seen.differs(s.last())) {
		s.add(seen)
	}
	if seen.state.Done() {
		s.over = true
		e.drop(s)
	}
	s.tell()
}

// noun is what a log calls the subjects of a group.
func (g *group) noun() string {
	if g.Latest {
		return "task"
	}
	return "resource"
}

func (s *subject) last() observation { return s.history[len(s.history)-1] }

// maxHistory bounds what is kept for waiters that don't keep up.
const maxHistory = 64

// add keeps an observation for the waiters. Of a resource only the latest of
// those with the same status is kept.
func (s *subject) add(seen observation) {
	if last := &s.history[len(s.history)-1]; seen.state == nil && last.state == nil && last.status == seen.status {
		at := len(s.history) - 1
		s.history[at] = seen
		for w := range s.waiters {
			w.next = min(w.next, at)
		}
		return
	}
	s.history = append(s.history, seen)
	if len(s.history) <= maxHistory {
		return
	}
	s.history = slices.Delete(s.history, 0, 1)
	for w := range s.waiters {
		w.next = max(0, w.next-1)
	}
}

func (s *subject) tell() {
	for w := range s.waiters {
		select {
		case w.news <- struct{}{}:
		default:
		}
	}
}

// known is what the plan has to know of an observation.
func (o observation) known() schedule.Known {
	if o.state == nil {
		return schedule.Known{Phase: schedule.Running}
	}
	k := schedule.Known{Phase: phaseOf(o.state.Status), Stamp: o.state.Timestamp.Time}
	if o.state.Done() {
		k.Phase = schedule.Over
	}
	return k
}

func phaseOf(status TaskStatus) schedule.Phase {
	switch status {
	case "":
		return schedule.Unknown
	case TaskStatusReceived, TaskStatusInitialized:
		return schedule.Queued
	case TaskStatusProcessingCompleted, TaskStatusProcessingError:
		return schedule.Over
	default:
		return schedule.Running
	}
}

// differs reports whether two observations differ for a reader.
func (o observation) differs(last observation) bool {
	if o.state != nil && last.state != nil {
		return changed(last.state, o.state)
	}
	return o.status != last.status
}

// olderThan reports whether another observation has shown something later. An
// end comes last, whatever its time: not all servers' clocks go alike.
func (o observation) olderThan(last observation) bool {
	if o.state == nil || last.state == nil || o.state.Done() {
		return false
	}
	at := o.state.Timestamp
	return !at.IsZero() && at.Before(last.state.Timestamp.Time)
}

func (o observation) told() string {
	if o.state != nil {
		return string(o.state.Status)
	}
	return o.status
}

// pauseAsked is the pause that a failed poll's answer asks for.
func pauseAsked(err error) time.Duration {
	if answer, ok := errors.AsType[*APIError](err); ok {
		return min(answer.RetryAfter, rateWindow)
	}
	return 0
}
