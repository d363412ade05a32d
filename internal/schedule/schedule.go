// Package schedule decides which polls to send, and when, so that many waits cost an API about as much as one.
//
// It is a pure policy: no goroutine, lock, clock or network. What is known and the time go in, polls come out. The whole rule:
//
//  1. A subject that is alone is asked itself: at a fixed pace at first, then ever more slowly while nothing changes.
//  2. Several are told of by one list. Each tick reads it, of a list ordered by latest change only the top: down to what was known
//     at the last read, less a margin. That tells all that is new, in whatever order things happen. Now and then it is read down to
//     the oldest subject. What is not known at all is sought.
//  3. A subject that a read should have shown and didn't is asked itself; one that the list has shown before, at once.
//  4. A list that fails, is slow, lags behind or is too large to read carries nothing: single reads take turns in its place, running
//     subjects first, then the oldest, each third one the longest unasked; it is tried again now and then.
//  5. The ticks stretch while nothing of ours moves, when much has to be read, and when the rate allowance runs out.
//  6. A poll that fails slows down its own subject. Only when different ones fail in a row, all polls pause.
//  7. All groups share one budget: hurried polls first, then the list ordered by latest change, then whatever is most overdue.
//  8. A list that tells of several groups whether anything moves in them (an overview) is read in their stead: a group is asked when it
//     has come to rest there, and less often while it is moving.
package schedule

import (
	"slices"
	"time"
)

// A Group is what one list tells of together.
type Group struct {
	ID      string
	List    bool    // there is a read of the whole group
	Single  bool    // there is a read of each subject by itself
	Latest  bool    // the list is ordered by latest change and stamped: its top tells all that is new
	Cadence Cadence // of single reads, and of a list that isn't Latest

	// Overview is a list that says, of Member, that something moves in this group. Empty: there is none.
	Overview, Member string
}

// A Cadence is the pace at which something is asked of which nothing else is known. A field that is zero has the value of
// DefaultCadence, except for Jitter.
type Cadence struct {
	Min, Max time.Duration // the first pause, and the longest
	Factor   float64       // by which the pause grows from poll to poll
	Jitter   float64       // the share of a pause that is left to chance, 0 to 1
}

// A Phase is how far a subject has come.
type Phase int

// The phases, in their order.
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
	Group, Subject string // no Subject: the list. The list of an overview has its name for Group.

	Whole  bool            // of a list: read to its end
	Down   time.Time       // of a Latest list: read from the top down to the first change before this,
	Sought map[string]bool // and until all of these have been seen. Not to be changed.
}

// An Answer is what a poll has brought. The answer to a single read has one element in Seen, or none.
type Answer struct {
	Failed bool
	Pause  time.Duration // that the server has asked for
	Seen   []Seen        // subjects that nobody waits for may be among them

	Whole   bool      // the list was read to its end
	Sorted  bool      // what was read of it is in the order of latest change
	Stamped bool      // and has stamps
	Oldest  time.Time // down to when it was read
	Bytes   int       // how much was read
	Took    time.Duration
}

// Seen is the state of one subject in an answer.
type Seen struct {
	Subject string
	Phase   Phase
	Stamp   time.Time
	Moved   bool // it isn't as it was, although the phase may be
}

// A Plan is the state of the policy. It isn't safe for concurrent use.
type Plan struct {
	groups    []*group // in the order of their first subject, so that the plan is deterministic
	overviews []*overview
	flying    map[key]time.Time // polls without an answer yet, by when they were sent; outlasts the subject
	budget    bucket
	listsFree time.Time      // no list before: what was read last has to be paid for first
	failing   map[key]bool   // what has failed since the last success
	pauses    int            // how often all have paused since then
	paused    time.Time      // all pause until
	scarce    time.Duration  // the factor on all pauses
	chance    func() float64 // of jitter
}

type key struct{ group, subject string }

// New returns an empty plan. Chance decides on jitter, from 0 to below 1; nil leaves it out.
func New(chance func() float64) *Plan {
	return &Plan{flying: map[key]time.Time{}, failing: map[key]bool{}, scarce: 1, chance: chance, budget: bucket{tokens: burst, most: burst}}
}

// Join adds a subject to a group. A subject that is in it already stays as it is.
func (p *Plan) Join(of Group, name string, k Known, now time.Time) {
	g := p.group(of.ID)
	if g == nil {
		g = newGroup(of, now)
		p.groups = append(p.groups, g)
		p.overview(of.Overview)
	}
	g.join(name, k, now)
}

// Leave removes a subject. An answer that is still under way is ignored then.
func (p *Plan) Leave(id, name string, now time.Time) {
	g := p.group(id)
	if g == nil {
		return
	}
	g.leave(name)
	delete(p.failing, key{id, name})
	if len(g.subjects) > 0 {
		return
	}
	if g.Latest {
		return // what is known of such a list stays
	}
	p.groups = slices.DeleteFunc(p.groups, func(other *group) bool { return other == g })
	p.overviews = slices.DeleteFunc(p.overviews, func(o *overview) bool {
		return !slices.ContainsFunc(p.groups, func(g *group) bool { return g.Overview == o.id })
	})
}

// Hurry asks for one poll of the subject soon, whatever its phase: it goes before all others.
func (p *Plan) Hurry(id, name string, now time.Time) {
	if g := p.group(id); g != nil && g.byName[name] != nil {
		g.byName[name].hurried = true
	}
}

// Scarce says how much of the rate allowance is in use, by whomever: 0 to 1. Near 1 all pauses are stretched.
func (p *Plan) Scarce(level float64) {
	switch {
	case level > scarceMost:
		p.scarce = 4
	case level > scarceMuch:
		p.scarce = 2
	default:
		p.scarce = 1
	}
}

// Next returns the polls to send now, which count as sent, and when to call again if nothing happens before: after now, or zero
// if there is nothing to wait for but answers.
func (p *Plan) Next(now time.Time) (polls []Poll, wake time.Time) {
	for {
		w, ok := p.first(now)
		if !ok {
			return polls, time.Time{}
		}
		if w.at.After(now) {
			return polls, w.at
		}
		polls = append(polls, p.send(w, now))
	}
}

// A want is a poll that is due at some time.
type want struct {
	at      time.Time
	class   class
	overdue float64 // in pauses, as of now; the most overdue goes first
	of      asked
}

// asked is what a want is about: a subject, a group's list or an overview.
type asked interface {
	sent(p *Plan, now time.Time) Poll
}

type class int

const (
	hurried class = iota
	latest        // a group with such a list: it keeps to a pace of its own
	others
)

// first returns what to send first of all that is due, or, if nothing is, what is due first.
func (p *Plan) first(now time.Time) (first want, ok bool) {
	rate := p.rate()
	consider := func(w want) {
		w.at = later(w.at, p.paused)
		switch w.class {
		case hurried: // may overdraw
			w.at = later(w.at, p.budget.affords(1-burst, rate, now))
		case others:
			w.at = later(w.at, p.budget.affords(1, rate, now))
		}
		if !ok || before(w, first, now) {
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

func before(a, b want, now time.Time) bool {
	dueA, dueB := !a.at.After(now), !b.at.After(now)
	switch {
	case dueA != dueB:
		return dueA
	case !dueA:
		return a.at.Before(b.at)
	case a.class != b.class:
		return a.class < b.class
	}
	return a.overdue > b.overdue
}

func (p *Plan) send(w want, now time.Time) Poll {
	if w.class != latest {
		p.budget.spend(p.rate(), now)
	}
	poll := w.of.sent(p, now)
	p.flying[key{poll.Group, poll.Subject}] = now
	return poll
}

// rate is how many polls a second the groups share that aren't Latest.
func (p *Plan) rate() float64 {
	return min(max(p.crowd()/groupPause, budgetLeast), budgetMost) / p.stretch()
}

// stretch is the factor on all pauses that no cadence says: the scarcer the allowance, the longer. Who asks for a first pause below
// the default, as tests do, has all the others shortened alike.
func (p *Plan) stretch() float64 {
	unit := 1.0
	for _, g := range p.groups {
		unit = min(unit, float64(g.Cadence.orDefault().Min)/float64(DefaultCadence.Min))
	}
	return unit * float64(p.scarce)
}

func (p *Plan) stretched(d time.Duration) time.Duration {
	return time.Duration(float64(d) * p.stretch())
}

func (p *Plan) crowd() (groups float64) {
	for _, g := range p.groups {
		if !g.Latest {
			groups++
		}
	}
	return groups
}

// pause is the pause between two polls of what has been polled n times since it changed, which is a time of age ago.
func (p *Plan) pause(c Cadence, n int, age time.Duration) time.Duration {
	c = c.orDefault()
	pause := float64(c.Min)
	for i := firstPolls; i <= n && pause < float64(c.Min)*quickPauses; i++ {
		pause *= c.Factor
	}
	pause = min(pause, float64(c.Min)*quickPauses)
	pause = max(pause, min(float64(age)/youngShare, float64(c.Min)*youngPauses), float64(age)/oldShare)
	pause = max(min(pause, float64(c.Max)), float64(c.Min))
	if p.chance != nil {
		pause *= 1 + c.Jitter*(p.chance()-0.5)
	}
	return time.Duration(pause) * p.scarce
}

func (c Cadence) orDefault() Cadence {
	if c.Min <= 0 {
		c.Min = DefaultCadence.Min
	}
	if c.Max <= 0 {
		c.Max = DefaultCadence.Max
	}
	if c.Factor < 1 {
		c.Factor = DefaultCadence.Factor
	}
	return c
}

func (p *Plan) group(id string) *group {
	for _, g := range p.groups {
		if g.ID == id {
			return g
		}
	}
	return nil
}

func later(times ...time.Time) time.Time {
	latest := times[0]
	for _, t := range times[1:] {
		if t.After(latest) {
			latest = t
		}
	}
	return latest
}

// A bucket holds the polls that may be sent.
type bucket struct {
	tokens, most float64
	at           time.Time
}

func (b *bucket) refill(rate float64, now time.Time) {
	if passed := now.Sub(b.at); !b.at.IsZero() && passed > 0 {
		b.tokens = min(b.tokens+rate*passed.Seconds(), b.most)
	}
	b.at = later(b.at, now)
}

// affords is when there is what a poll needs: zero if there is.
func (b *bucket) affords(need, rate float64, now time.Time) time.Time {
	b.refill(rate, now)
	if b.tokens >= need {
		return time.Time{}
	}
	return now.Add(time.Duration((need-b.tokens)/rate*float64(time.Second)) + time.Millisecond)
}

func (b *bucket) spend(rate float64, now time.Time) {
	b.refill(rate, now)
	b.tokens = max(b.tokens-1, -b.most)
}
