// Package schedule decides which polls to send, and when, so many waits cost an
// API about as much as one.
//
// It is a pure policy: no goroutine, lock, clock or network. What is known and
// the time go in, polls come out. The whole rule:
//
//  1. A subject that is alone is polled itself: at a fixed pace at first,
//     then ever more slowly while nothing changes.
//  2. Several are covered by one list. Each tick reads it; one ordered by
//     latest change from the top down to what the last read knew, less a
//     margin: that covers everything new, in whatever order things happen. Now
//     and then it is read down to the oldest subject.
//  3. A subject of which nothing is known is sought down the list; one that a
//     read should have shown and didn't is polled itself, at once if it was
//     shown before.
//  4. A list that fails, is slow, hangs, lags behind, is too large or lacks
//     what single reads show to have begun carries nothing and is tried again
//     now and then. Single reads take turns instead: first each of which
//     nothing is known, then what is running, else the oldest, or one of the
//     oldest; every third is of the longest unasked, nearly every one where
//     the order is unknown.
//  5. The ticks stretch while nothing of ours moves, when much must be read,
//     and when the rate allowance runs out.
//  6. A poll that fails slows down its own subject. Only when different ones
//     fail in a row, all polls pause.
//  7. The group with a list ordered by latest change has its own pace. All
//     others share one budget, the most overdue first.
//  8. An overview, a list that shows for several groups whether anything moves
//     in them, is read beside those that have one subject left: such a group is
//     polled when it has come to rest there, and less often while it is moving.
package schedule

import (
	"slices"
	"time"
)

// A Group is what one list covers.
type Group struct {
	ID      string
	List    bool    // the whole group can be read
	Single  bool    // each subject can be read alone
	Latest  bool    // the list is ordered by latest change and stamped: its top has everything new
	Cadence Cadence // of single reads, and of a list that isn't Latest

	// Overview is a list whose element Member shows that something moves in
	// this group. Empty: there is none.
	Overview, Member string
}

// A Cadence is the pace of polls for something of which nothing else is known.
// Zero fields have the value of DefaultCadence, except for Jitter.
type Cadence struct {
	Min, Max time.Duration // the first pause, and the longest. A Min below the default makes everything else faster, too.
	Factor   float64       // by which the pause grows from poll to poll
	Jitter   float64       // the random share of a pause, 0 to 1
}

// A Phase is the state of a subject.
type Phase int

// The phases, in order.
const (
	Unknown Phase = iota
	Queued
	Running
	Over
)

// Known is what is known of a subject when it joins.
type Known struct {
	Phase Phase
	Stamp time.Time // the server's time of the latest change; zero if not known
}

// A Poll is one request to send.
type Poll struct {
	Group, Subject string // no Subject: the list. For an overview, Group is its name.

	Whole  bool            // of a list: read to its end
	Down   time.Time       // of a Latest list: read from the top down to the first change before this
	Sought map[string]bool // and until all of these have been seen. Read-only.
}

// An Answer is the result of a poll. That of a single read has one element in
// Seen, or none.
type Answer struct {
	Failed bool
	Pause  time.Duration // requested by the server
	Seen   []Seen        // may include subjects that nobody waits for

	Whole   bool      // the list was read to its end
	Sorted  bool      // what was read is in the order of latest change
	Stamped bool      // and each element has a stamp; both are true for an empty list
	Oldest  time.Time // the time down to which it was read
	Bytes   int       // how much was read
	Took    time.Duration
}

// Seen is the state of one subject in an answer.
type Seen struct {
	Subject string
	Phase   Phase
	Stamp   time.Time
	Moved   bool // it has changed, although the phase may be the same
}

// A Plan is the state of the policy. It isn't safe for concurrent use.
type Plan struct {
	groups    []*group // in the order of their first subject, so that the plan is deterministic
	overviews []*overview
	flying    map[key]time.Time // unanswered polls, by when they were sent; outlasts the subject
	budget    bucket            // of the groups that aren't Latest
	listsFree time.Time         // no list is read before that: the last read must be paid for first
	failing   map[key]bool      // what has failed since the last success
	pauses    int               // how often everything has paused since then
	paused    time.Time         // everything pauses until then
	scarce    time.Duration     // the factor on all pauses
	chance    func() float64    // of jitter
	crowd     float64           // the number of polls in a round of all groups that share the budget
	haste     float64           // that of the fastest of them
}

// key identifies a poll: without a subject, that of a list.
type key struct{ group, subject string }

// New returns an empty plan. chance decides on jitter, from 0 to below 1; nil
// means none.
func New(chance func() float64) *Plan {
	return &Plan{flying: map[key]time.Time{}, failing: map[key]bool{}, scarce: 1, haste: 1, chance: chance, budget: bucket{tokens: burst, most: burst}}
}

// Join adds a subject to a group. A subject that is already in it doesn't
// change. The group is as its first subject defines it, except for the cadence:
// the fastest counts.
func (p *Plan) Join(of Group, name string, k Known, now time.Time) {
	g := p.group(of.ID)
	if g == nil {
		g = newGroup(of)
		p.groups = append(p.groups, g)
		if of.Overview != "" && p.overview(of.Overview) == nil {
			p.overviews = append(p.overviews, &overview{id: of.Overview})
		}
	}
	g.join(name, k, of.Cadence, now)
}

// Leave removes a subject. Responses that are still on their way are then
// ignored.
func (p *Plan) Leave(id, name string, _ time.Time) {
	g := p.group(id)
	if g == nil {
		return
	}
	g.leave(name)
	delete(p.failing, key{id, name})
	if len(g.subjects) > 0 || g.Latest { // what is known of a Latest list stays
		return
	}
	p.groups = slices.DeleteFunc(p.groups, func(other *group) bool { return other == g })
	p.overviews = slices.DeleteFunc(p.overviews, func(o *overview) bool {
		return !slices.ContainsFunc(p.groups, func(g *group) bool { return g.Overview == o.id })
	})
}

// Hurry asks for news of the subject soon, whatever its phase, before anything
// else.
func (p *Plan) Hurry(id, name string, now time.Time) {
	if g := p.group(id); g != nil && g.byName[name] != nil {
		g.byName[name].hurried = now
	}
}

// Scarce sets how much of the rate allowance others use, 0 to 1: other
// processes with the same key. If that is much, all pauses are stretched, to
// leave some for all. (What this process uses doesn't belong here: its calls
// have priority over its polls anyway.)
func (p *Plan) Scarce(level float64) {
	p.scarce = 1
	for _, s := range scarcity {
		if level > s.level {
			p.scarce = s.factor
		}
	}
}

// Next returns the polls to send now, which count as sent, and when to call it
// again if nothing happens before: after now, or zero if only responses are
// awaited. It must be called after every call of another method.
func (p *Plan) Next(now time.Time) (polls []Poll, wake time.Time) {
	p.count()
	for {
		w, ok := p.first(now)
		if !ok {
			return polls, time.Time{}
		}
		if w.at.After(now) {
			return polls, w.at
		}
		if w.class != own {
			p.budget.spend(p.rate(), now)
		}
		poll := w.of.sent(p, now)
		p.flying[key{poll.Group, poll.Subject}] = now
		polls = append(polls, poll)
	}
}

// A want is a poll that is due at some time.
type want struct {
	at      time.Time
	class   class
	overdue float64 // by how many pauses, as of now
	of      target
}

// A target is the subject of a want: a subject, a group's list or an overview.
type target interface {
	sent(p *Plan, now time.Time) Poll
}

// Wants of a class go before those of the next.
type class int

const (
	hurried class = iota // overdraws the budget
	own                  // of a Latest group, which has its own pace
	shared
)

// first returns what to send first of what is due, or, if nothing is, what is
// due first.
func (p *Plan) first(now time.Time) (first want, ok bool) {
	rate := p.rate()
	consider := func(w want) {
		w.at = later(w.at, p.paused)
		switch w.class {
		case hurried:
			w.at = later(w.at, p.budget.affords(1-burst, rate, now))
		case shared:
			w.at = later(w.at, p.budget.affords(1, rate, now))
		case own: // its pace is within the budget
		}
		if !ok || goesBefore(w.at, first.at, now, func() bool {
			return w.class < first.class || w.class == first.class && w.overdue > first.overdue
		}) {
			first, ok = w, true
		}
	}
	for _, o := range p.overviews {
		o.wants(p, now, consider)
	}
	for _, g := range p.groups {
		g.wants(p, now, consider)
	}
	return first, ok
}

// goesBefore orders two wants: one that is due goes before one that isn't,
// prior decides between two that are, and otherwise the time.
func goesBefore(a, b, now time.Time, prior func() bool) bool {
	switch dueA, dueB := !a.After(now), !b.After(now); {
	case dueA != dueB:
		return dueA
	case dueA:
		return prior()
	}
	return a.Before(b)
}

func (p *Plan) isFlying(id, subject string) bool {
	_, yes := p.flying[key{id, subject}]
	return yes
}

func (p *Plan) group(id string) *group {
	for _, g := range p.groups {
		if g.ID == id {
			return g
		}
	}
	return nil
}
