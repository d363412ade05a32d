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

// An engine makes the polls of all waits of a client, for tasks and resources
// alike. Which poll comes next, and when, is the policy of package schedule;
// the engine carries it out and passes on what it observes.
//
// One goroutine plans; each poll runs in a separate goroutine, so that a slow
// response delays nothing else. They run from the first wait to the last. A
// waiter sleeps in its caller's goroutine until there is news of its subject.
// Callbacks run there too, so one that is slow, or panics, affects only its
// caller.
type engine struct {
	client *Client
	alone  atomic.Int64 // how many waits have joined alone, each with its own group

	mu     sync.Mutex
	stop   context.CancelFunc // nil while there are no waiters
	wake   chan struct{}      // makes the running loop plan again
	plan   *schedule.Plan
	groups map[string]*group
}

// A group is what one read of a list shows: the tasks of the account, or the
// databases of a subscription. A resource that no list shows is a group by
// itself.
type group struct {
	schedule.Group
	reader   reader
	subjects map[string]*subject
}

// A reader makes the polls of a group.
type reader interface {
	// list reads the list. What it returns along with an error was observed all
	// the same. waited are the subjects that it is read for.
	list(ctx context.Context, poll schedule.Poll, waited map[string]bool) (listing, error)

	// one reads a single subject. first is what was known of it when the wait
	// began; failed means that the previous poll failed.
	one(ctx context.Context, subject string, first observation, failed bool) observation
}

// A listing is what one read of a list has shown.
type listing struct {
	seen   map[string]observation // by subject
	answer schedule.Answer
}

// An observation is what one poll has shown of a subject.
type observation struct {
	state  *TaskState // of a task
	status string     // of a resource
	value  any        // for reads of anything else: see joinAlone
	doc    []byte     // the resource's whole document; nil from a list, which may omit fields
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

// failures count the failed polls of a subject.
type failures struct {
	inARow, inAll int
	last          error     // of the latest poll, nil if it did not fail
	missing       time.Time // when it became a 404
}

// take records the outcome of a poll.
func (f *failures) take(err error, now time.Time) {
	f.missing = missingSince(err, f.missing, now)
	if f.last = err; err == nil {
		f.inARow = 0
		return
	}
	f.inARow++
	f.inAll++
}

// missingSince returns when something became a 404, after a poll that ended in
// err: zero if it isn't one.
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
	next    int           // index of the first observation that it hasn't received
	failed  int           // the subject's failures before it joined
	news    chan struct{} // has an element if there is something to receive
}

func newEngine(c *Client) *engine {
	return &engine{client: c, plan: schedule.New(rand.Float64), groups: map[string]*group{}}
}

// join starts waiting for a subject of a group. known is what the waiter knows
// already. The caller must call leave on the waiter.
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
		w.next-- // the earlier waiters know more
		w.news <- struct{}{}
	}
	s.waiters[w] = struct{}{}
	if e.stop == nil {
		e.start()
	}
	e.nudge()
	return w
}

// joinAlone starts waiting for the result of a read that no other wait shares.
func (e *engine) joinAlone(path string, cadence schedule.Cadence, read loneReader) *waiter {
	name := fmt.Sprintf("%s alone %d", path, e.alone.Add(1))
	return e.join(&group{Group: schedule.Group{ID: name, Single: true, Cadence: cadence}, reader: read}, name, observation{})
}

// reads reports whether a group's list is being read already, for others: it
// will show the subject soon.
func (e *engine) reads(spec *group) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	g := e.groups[spec.ID]
	return g != nil && g.List && len(g.subjects) > 0
}

// leave ends a wait. After the last one for a subject its polls end, and after
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

// await returns what the waiter hasn't received yet, as soon as there is
// something, with the failed polls since it joined. It ends with ctx.
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

// start starts a run of the loop, in which nothing is known of the list yet.
func (e *engine) start() {
	ctx, stop := context.WithCancel(asPoll(context.Background())) // it outlives the wait that it begins with
	e.stop, e.wake = stop, make(chan struct{}, 1)
	e.client.transport.reservePolls(true)
	wake := e.wake
	go func() {
		e.run(ctx, wake)
		e.mu.Lock()
		defer e.mu.Unlock()
		if e.stop == nil { // the next run may have started
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

// breath is the pause between a change and the next plan. A waiter that has
// just seen the end of its subject leaves within it, so no poll is sent for it;
// and waiters that arrive together are planned together.
const breath = time.Millisecond

// run is the loop: it sends the polls that are due, and sleeps until the next
// one is or something has changed.
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
			next = time.Now().Add(time.Hour) // a response or a waiter wakes it earlier
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

// sendDue sends the polls that are due, and returns when the next one will be;
// zero if a response or a waiter must wake the loop first. What the rate limit
// would delay isn't planned yet: by then the plan may know better.
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

// send makes a poll in a goroutine.
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
	e.plan.Answered(poll, schedule.Answer{Failed: true}, time.Now()) // its last waiter has just left
}

// overview is the group whose list shows in which of its subjects something
// changes, if there is no waiter for any of them.
func (e *engine) overview(id string) *group {
	for _, g := range e.groups {
		if above, ok := g.reader.(interface{ overview() *group }); ok && g.Overview == id {
			return above.overview()
		}
	}
	return &group{Group: schedule.Group{ID: id}, reader: noReader{}}
}

// noReader stands in for a group whose last waiter has just left.
type noReader struct{}

func (noReader) list(context.Context, schedule.Poll, map[string]bool) (listing, error) {
	return listing{}, nil
}

func (noReader) one(context.Context, string, observation, bool) observation { return observation{} }

// pollList reads the list of a group. If it can't be read, that isn't a failure
// of any subject, unless the subjects can't be read in another way.
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
	g = e.groups[poll.Group] // the group may have changed
	if g != nil {
		// Some waiters have joined during the read. For their subjects the list
		// was read only to learn the times: the plan must not consider finished
		// what they haven't received.
		shown.answer.Seen = slices.DeleteFunc(shown.answer.Seen, func(seen schedule.Seen) bool {
			_, given := shown.seen[seen.Subject]
			return !given && g.subjects[seen.Subject] != nil
		})
	}
	e.plan.Answered(poll, shown.answer, now) // before any subject is dropped, so the plan learns from their ends
	if g != nil {
		e.observeList(g, shown, err, asked, now)
	}
	e.client.transport.logWait(ctx, slog.String("list", poll.Group), slog.Int("shown", len(shown.seen)), slog.Duration("took", shown.answer.Took), errorAttr(err))
	e.nudge()
}

// observeList records what a list has shown.
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

// pollOne reads one subject. A failure delays nothing else: the plan polls the
// subject again later.
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
		s = g.subjects[s.id] // all waiters may have changed since
	}
	switch {
	case errors.Is(seen.err, ErrNotFound): // how a new resource begins; not a failure
	case seen.err != nil:
		answer.Failed, answer.Pause = true, pauseAsked(seen.err)
	default:
		known := seen.known()
		answer.Seen = []schedule.Seen{{Subject: s.id, Phase: known.Phase, Stamp: known.Stamp, Moved: seen.differs(s.last())}}
	}
	e.plan.Answered(poll, answer, now) // before the subject is dropped, so the plan learns from its end
	e.observe(s, seen, now)
	if errors.Is(seen.err, ErrUnauthorized) {
		e.tellOthers(s, seen.err, now)
	}
	e.client.transport.logWait(ctx, slog.String(s.group.noun(), s.id), slog.String("status", oneLine(s.last().told())), errorAttr(seen.err))
	e.nudge()
}

// tellOthers passes an error in which every poll would end to all other waits
// too: the keys are no longer valid.
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

// observe records what was seen of a subject.
func (e *engine) observe(s *subject, seen observation, now time.Time) {
	if s.over || seen.err == nil && seen.olderThan(s.last()) {
		return // a list may be older than a single read
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

// noun is the name of a group's subjects in logs.
func (g *group) noun() string {
	if g.Latest {
		return "task"
	}
	return "resource"
}

func (s *subject) last() observation { return s.history[len(s.history)-1] }

// maxHistory bounds what is kept for waiters that are slow.
const maxHistory = 64

// add keeps an observation for the waiters. Of several observations of a
// resource with the same status only the latest is kept.
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

// known is the part of an observation that matters to the plan.
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

// differs reports whether two observations differ for the user.
func (o observation) differs(last observation) bool {
	if o.state != nil && last.state != nil {
		return changed(last.state, o.state)
	}
	return o.status != last.status
}

// olderThan reports whether another observation is later than this one. A final
// state always comes last, whatever its time: the clocks of the servers differ.
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

// pauseAsked is the pause that the response to a failed poll asks for.
func pauseAsked(err error) time.Duration {
	if answer, ok := errors.AsType[*APIError](err); ok {
		return min(answer.RetryAfter, rateWindow)
	}
	return 0
}
