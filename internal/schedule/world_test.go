package schedule

import (
	"cmp"
	"container/heap"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"time"
)

// The world of the simulations: a server with tasks and databases, a network,
// and a client that follows the plan. The clock is that of the events: no time
// passes.

var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// A thing is a task or a database: something that ends.
type thing struct {
	group, name         string
	created, start, end time.Time // at the server
	length              time.Duration
	ours                bool
	resumed             bool
	of                  *client
	fails               func(at time.Time) bool // its single read
	hangs               bool                    // it fails by not responding for 10 s
	known, done         time.Time
	read                int    // the last read that showed it
	then                func() // when its result has been read
}

func (t *thing) state(at time.Time) (Phase, time.Time) {
	switch {
	case t.end.IsZero() == false && !at.Before(t.end):
		return Over, t.end
	case !t.start.IsZero() && !at.Before(t.start):
		return Running, t.start
	}
	return Queued, t.created
}

// A client is a process that follows a plan.
type client struct {
	plan   *Plan
	wake   time.Time
	flying map[string]bool
}

// A scene describes a row of the table.
type scene struct {
	n         int
	length    func(*rand.Rand) time.Duration
	creators  int           // creates at once; none: all
	spread    time.Duration // if set, they are created one by one over this time
	order     string        // "", "lifo", "random"
	atOnce    int
	processes int // that share the tasks, and a rate limit; none: one, without
	foreign   int // tasks of others before each of ours
	old       int

	skew                 time.Duration
	stale, slow          time.Duration // the list
	listFails            bool
	unqueued, unfinished bool // the list shows only tasks that have begun; that haven't ended
	unstamped            bool
	unsorted             bool
	reversed             bool          // the oldest change comes first
	coarse               time.Duration // stamps are in units of this
	others               bool          // the list shows none of ours
	frozen               bool          // an end doesn't change the stamp, nor the place in the list
	outlier              bool          // a task of others has a stamp that is an hour ahead
	late                 time.Duration // the list shows a task this long after its creation
	until                time.Duration // the list is that bad until then
	outage               time.Duration // nothing responds until then
	leg                  func(*rand.Rand) time.Duration
	resumed              string                      // "half", "all": share done
	bad                  func(at time.Duration) bool // the single read of one task
	hangs                bool
	badAt                int // which

	subs, perSub int  // databases that are being provisioned
	busy         bool // the overview shows which
	flow         bool // each comes from a task
	overview     bool
}

type world struct {
	scene
	rng      *rand.Rand
	now      time.Time
	things   []*thing
	byName   map[string]*thing
	tasks    []*thing // not the old ones
	events   events
	clients  []*client
	requests []request // of the last minute
	refused  int

	polls   int
	bytes   int
	open    int
	reads   int
	changes []change
	log     func(format string, args ...any)
}

// A change brings a task to the top of the list.
type change struct {
	at time.Time
	of *thing
}

type event struct {
	at  time.Time
	seq int
	do  func()
}
type events struct {
	queue []event
	seq   int
}

func (e *events) Len() int { return len(e.queue) }
func (e *events) Less(i, j int) bool {
	if !e.queue[i].at.Equal(e.queue[j].at) {
		return e.queue[i].at.Before(e.queue[j].at)
	}
	return e.queue[i].seq < e.queue[j].seq
}
func (e *events) Swap(i, j int) { e.queue[i], e.queue[j] = e.queue[j], e.queue[i] }
func (e *events) Push(x any)    { e.queue = append(e.queue, x.(event)) }
func (e *events) Pop() any {
	last := e.queue[len(e.queue)-1]
	e.queue = e.queue[:len(e.queue)-1]
	return last
}

func (w *world) at(t time.Time, do func()) {
	w.events.seq++
	heap.Push(&w.events, event{t, w.events.seq, do})
}

func (w *world) leg() time.Duration {
	if w.scene.leg != nil {
		return w.scene.leg(w.rng)
	}
	return 20*time.Millisecond + time.Duration(w.rng.Int64N(int64(180*time.Millisecond)))
}

var taskGroup = Group{ID: "tasks", List: true, Single: true, Latest: true}

func newWorld(s scene, seed uint64) *world {
	w := &world{scene: s, rng: rand.New(rand.NewPCG(seed, 7)), now: epoch, byName: map[string]*thing{}}
	for range max(s.processes, 1) {
		w.clients = append(w.clients, &client{plan: New(nil), flying: map[string]bool{}})
	}
	w.create()
	w.process()
	w.provision()
	for _, t := range w.tasks {
		for i, at := range []time.Time{t.created, t.start, t.end} {
			if i == 2 && w.frozen {
				continue
			}
			w.changes = append(w.changes, change{at, t})
		}
	}
	slices.SortStableFunc(w.changes, func(a, b change) int { return a.at.Compare(b.at) })
	for _, t := range w.things {
		if t.ours {
			w.byName[t.group+"/"+t.name] = t
		}
	}
	return w
}

// create sets when the server receives the creates, and when their responses
// are back.
func (w *world) create() {
	creators := make([]time.Time, cmp.Or(w.creators, max(w.n, 1)))
	for i := range creators {
		creators[i] = epoch
	}
	for i := range w.n {
		t := &thing{group: "tasks", name: fmt.Sprint("t", i), length: w.length(w.rng), ours: true, of: w.clients[i%len(w.clients)]}
		c := i % len(creators)
		if w.creators > 0 {
			for k := range creators {
				if creators[k].Before(creators[c]) {
					c = k
				}
			}
		}
		sent := creators[c]
		if w.spread > 0 {
			sent = epoch.Add(w.spread * time.Duration(i) / time.Duration(w.n))
		}
		t.created = sent.Add(w.leg())
		for f := range w.foreign {
			w.tasks = append(w.tasks, &thing{group: "tasks", name: fmt.Sprint("f", i, ".", f), length: w.length(w.rng), created: t.created.Add(-time.Millisecond * time.Duration(f+1))})
		}
		back := t.created.Add(w.leg())
		creators[c] = back
		w.tasks = append(w.tasks, t)
		if i == w.badAt && w.bad != nil {
			t.fails, t.hangs = func(at time.Time) bool { return w.bad(at.Sub(epoch)) }, w.hangs
		}
		w.open++
		if w.resumed != "" {
			t.created = epoch.Add(-time.Hour + time.Duration(i)*100*time.Millisecond)
			w.at(epoch, func() { t.of.plan.Join(taskGroup, t.name, Known{}, w.now) })
			continue
		}
		w.at(t.created, func() { w.request(t.of) })
		w.at(back, func() { t.of.plan.Join(taskGroup, t.name, Known{Queued, w.stamp(t.created)}, w.now) })
	}
	w.things = append(w.things, w.tasks...)
}

// process sets when the server works on each task.
func (w *world) process() {
	waiting := slices.Clone(w.tasks)
	slices.SortStableFunc(waiting, func(a, b *thing) int { return a.created.Compare(b.created) })
	busy := make([]time.Time, cmp.Or(w.atOnce, 1))
	if w.resumed != "" {
		w.resume(waiting)
		return
	}
	for len(waiting) > 0 {
		k := 0
		for i := range busy {
			if busy[i].Before(busy[k]) {
				k = i
			}
		}
		free := later(busy[k], waiting[0].created)
		n := 1
		for n < len(waiting) && !waiting[n].created.After(free) {
			n++
		}
		pick := 0
		switch w.order {
		case "lifo":
			pick = n - 1
		case "random":
			pick = w.rng.IntN(n)
		}
		t := waiting[pick]
		waiting = slices.Delete(waiting, pick, pick+1)
		t.start = free.Add(20 * time.Millisecond)
		t.end = t.start.Add(t.length)
		busy[k] = t.end
	}
}

// resume does the same for tasks of an earlier process.
func (w *world) resume(tasks []*thing) {
	done := len(tasks)
	if w.resumed == "half" {
		done /= 2
	}
	at := epoch.Add(-time.Duration(done) * 5 * time.Second)
	if done < len(tasks) {
		at = at.Add(2 * time.Second)
	}
	for _, t := range tasks {
		t.created = at.Add(-30*time.Minute + time.Duration(w.rng.Int64N(int64(time.Minute))))
		t.start = at
		t.end = at.Add(t.length)
		t.resumed = true
		at = t.end
	}
}

// provision creates databases that are being provisioned, all from the start,
// or each from when the result of its task has been read.
func (w *world) provision() {
	for i := range w.subs {
		g := Group{ID: fmt.Sprint("sub", i), List: true, Single: true}
		if w.overview {
			g.Overview, g.Member = "subs", fmt.Sprint(i)
		}
		for j := range w.perSub {
			t := &thing{group: g.ID, name: fmt.Sprint("d", j), ours: true, of: w.clients[0], created: epoch, start: epoch}
			takes := 5*time.Minute + time.Duration(w.rng.Int64N(int64(10*time.Minute)))
			join := func() { t.of.plan.Join(g, t.name, Known{Phase: Running}, w.now) }
			if w.flow {
				task := w.tasks[i*w.perSub+j]
				task.then = join
				t.created, t.start = task.end, task.end
			} else {
				w.at(epoch.Add(w.leg()), join)
			}
			t.end = t.start.Add(takes)
			w.things = append(w.things, t)
			w.open++
		}
	}
}

func (w *world) stamp(t time.Time) time.Time {
	if w.unstamped {
		return time.Time{}
	}
	return t.Truncate(w.coarse).Add(w.skew)
}

// run lets everything happen until every wait has ended. It reports whether
// they all have within the time.
func (w *world) run(most time.Duration) bool {
	for w.open > 0 {
		var next time.Time
		for _, c := range w.clients {
			if next.IsZero() || !c.wake.IsZero() && c.wake.Before(next) {
				next = c.wake
			}
		}
		if w.events.Len() > 0 && (next.IsZero() || !w.events.queue[0].at.After(next)) {
			e := heap.Pop(&w.events).(event)
			w.now = e.at
			e.do()
		} else if next.IsZero() {
			return false
		} else {
			w.now = next
		}
		if w.now.Sub(epoch) > most {
			return false
		}
		for _, c := range w.clients {
			var polls []Poll
			polls, c.wake = c.plan.Next(w.now)
			if !c.wake.IsZero() && !c.wake.After(w.now) {
				panic(fmt.Sprint("a wake in the past: ", w.now.Sub(c.wake)))
			}
			for _, p := range polls {
				w.send(c, p)
			}
		}
	}
	return true
}

// request counts a request against the rate limit. It returns how much of the
// limit other clients use, and how long a rejected one must wait.
func (w *world) request(of *client) (level float64, refused time.Duration) {
	if w.processes == 0 {
		return 0, 0
	}
	const limit = 400
	for len(w.requests) > 0 && w.now.Sub(w.requests[0].at) >= time.Minute {
		w.requests = w.requests[1:]
	}
	others := 0
	for _, r := range w.requests {
		if r.of != of {
			others++
		}
	}
	if level = float64(others) / limit; len(w.requests) >= limit {
		w.refused++
		return level, w.requests[0].at.Add(time.Minute).Sub(w.now)
	}
	w.requests = append(w.requests, request{w.now, of})
	return level, 0
}

type request struct {
	at time.Time
	of *client
}

func (w *world) send(c *client, p Poll) {
	k := p.Group + "/" + p.Subject
	if c.flying[k] {
		panic("two polls in flight: " + k)
	}
	c.flying[k] = true
	w.polls++
	sent := w.now
	w.at(sent.Add(w.leg()), func() {
		a, takes := w.answer(p)
		level, pause := w.request(c)
		if pause > 0 {
			a, takes = Answer{Failed: true, Pause: pause}, 0
		}
		w.at(w.now.Add(takes+w.leg()), func() {
			delete(c.flying, k)
			c.plan.Scarce(level)
			a.Took = w.now.Sub(sent)
			w.bytes += a.Bytes
			c.plan.Answered(p, a, w.now)
			if w.log != nil {
				w.log("%8.2f-%.2f %s %s whole=%t down=%.2f failed=%t bytes=%d", sent.Sub(epoch).Seconds(), w.now.Sub(epoch).Seconds(), p.Group, p.Subject, p.Whole, p.Down.Sub(epoch).Seconds(), a.Failed, a.Bytes)
			}
			w.take(c, p.Group, a)
		})
	})
}

// take ends the waits that the response ends.
func (w *world) take(c *client, group string, a Answer) {
	for _, s := range a.Seen {
		t := w.byName[group+"/"+s.Subject]
		if t == nil || t.of != c || s.Phase != Over || !t.known.IsZero() {
			continue
		}
		t.known = w.now
		w.request(c)
		c.plan.Leave(group, t.name, w.now)
		w.at(w.now.Add(w.leg()+w.leg()), func() {
			t.done = w.now
			w.open--
			if t.then != nil {
				t.then()
			}
		})
	}
}

func (w *world) answer(p Poll) (Answer, time.Duration) {
	switch {
	case w.now.Sub(epoch) < w.outage:
		return Answer{Failed: true}, 0
	case p.Group == "subs":
		return w.overviewAnswer(), 0
	case p.Group != "tasks":
		return w.databases(p), 0
	case p.Subject != "":
		return w.task(p)
	}
	return w.list(p)
}

const elementSize = 400

func (w *world) task(p Poll) (Answer, time.Duration) {
	t := w.byName["tasks/"+p.Subject]
	if t.fails != nil && t.fails(w.now) {
		if t.hangs {
			return Answer{Failed: true}, 10 * time.Second
		}
		return Answer{Failed: true}, 0
	}
	if w.now.Before(t.created.Add(300 * time.Millisecond)) {
		return Answer{Failed: true}, 0
	}
	phase, stamp := t.state(w.now)
	return Answer{Seen: []Seen{{Subject: t.name, Phase: phase, Stamp: w.stamp(stamp)}}, Bytes: elementSize}, 0
}

func (w *world) list(p Poll) (Answer, time.Duration) {
	good := w.until > 0 && w.now.Sub(epoch) > w.until
	if w.listFails && !good {
		return Answer{Failed: true}, 0
	}
	stale, slow := w.stale, w.slow
	if good {
		stale, slow = 0, 0
	}
	a := Answer{Whole: true, Sorted: true, Stamped: true}
	sought := maps.Clone(p.Sought)
	var last time.Time
	for seen := range w.elements(w.now.Add(-stale)) {
		a.Stamped = a.Stamped && !seen.Stamp.IsZero()
		a.Sorted = a.Sorted && (len(a.Seen) == 0 || !seen.Stamp.After(last))
		last = seen.Stamp
		a.Seen = append(a.Seen, seen)
		a.Bytes += elementSize
		a.Oldest = seen.Stamp
		delete(sought, seen.Subject)
		if !p.Whole && a.Stamped && a.Sorted && seen.Stamp.Before(p.Down) && len(sought) == 0 {
			a.Whole = false
			break
		}
	}
	return a, slow
}

// elements returns what the list shows, as of then.
func (w *world) elements(at time.Time) iter.Seq[Seen] {
	return func(yield func(Seen) bool) {
		w.reads++
		if w.unsorted {
			for _, t := range w.tasks {
				if !w.element(t, at, yield) {
					return
				}
			}
			return
		}
		if w.outlier && !yield(Seen{Subject: "ahead", Phase: Over, Stamp: w.stamp(epoch.Add(time.Hour))}) {
			return
		}
		last, _ := slices.BinarySearchFunc(w.changes, at, func(c change, at time.Time) int { return c.at.Compare(at) })
		order := slices.Backward(w.changes[:last])
		if w.reversed {
			order = w.oldestFirst(at)
		}
		for _, c := range order {
			if !w.element(c.of, at, yield) {
				return
			}
		}
		for i := range w.old {
			if w.unfinished || !yield(Seen{Subject: "old", Phase: Over, Stamp: w.stamp(epoch.Add(-2*time.Hour - time.Duration(i)*time.Minute))}) {
				return
			}
		}
	}
}

func (w *world) oldestFirst(at time.Time) iter.Seq2[int, change] {
	var order []change
	for _, t := range w.tasks {
		_, stamp := t.state(at)
		order = append(order, change{stamp, t})
	}
	slices.SortStableFunc(order, func(a, b change) int { return a.at.Compare(b.at) })
	return slices.All(order)
}

func (w *world) element(t *thing, at time.Time, yield func(Seen) bool) bool {
	phase, stamp := t.state(at)
	if w.frozen && phase == Over {
		stamp = t.start
	}
	if t.read == w.reads || w.others && t.ours || at.Before(t.created.Add(max(w.late, 300*time.Millisecond))) || w.unqueued && phase == Queued || w.unfinished && phase == Over {
		return true
	}
	t.read = w.reads
	return yield(Seen{Subject: t.name, Phase: phase, Stamp: w.stamp(stamp)})
}

func (w *world) databases(p Poll) Answer {
	var a Answer
	a.Whole = p.Subject == ""
	for _, t := range w.things {
		if t.group == p.Group && (p.Subject == "" || p.Subject == t.name) {
			phase, _ := t.state(w.now)
			a.Seen = append(a.Seen, Seen{Subject: t.name, Phase: phase})
			a.Bytes += 2000
		}
	}
	return a
}

func (w *world) overviewAnswer() Answer {
	a := Answer{Whole: true}
	moving := map[string]bool{}
	for _, t := range w.things {
		if t.group == "tasks" {
			continue
		}
		phase, _ := t.state(w.now)
		moving[t.group] = moving[t.group] || w.busy && phase != Over
	}
	for i := range w.subs {
		phase := Over
		if moving[fmt.Sprint("sub", i)] {
			phase = Running
		}
		a.Seen = append(a.Seen, Seen{Subject: fmt.Sprint(i), Phase: phase})
		a.Bytes += 700
	}
	return a
}

// A figure is a result.
type figure struct {
	requests             float64
	rate, mean, max, kib float64
	ended                bool
}

func (w *world) figure(ended bool) figure {
	f := figure{ended: ended}
	var end time.Time
	n := 0
	for _, t := range w.things {
		if !t.ours || t.done.IsZero() {
			continue
		}
		late := t.done.Sub(later(t.end, epoch)).Seconds()
		f.mean += late
		f.max = max(f.max, late)
		end = later(end, t.done)
		n++
	}
	f.mean /= float64(max(n, 1))
	f.requests = float64(w.polls + 2*n)
	took := max(end.Sub(epoch).Seconds(), 2) // one poll is not a rate
	f.rate = float64(w.polls) / took
	f.kib = float64(w.bytes) / 1024 / took
	return f
}
