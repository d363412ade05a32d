package ratelimit

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

// A world is a server with a limit and programs that use it, in simulated time:
// a run of an hour takes milliseconds.
type world struct {
	now    time.Time
	begin  time.Time
	rand   *rand.Rand
	events eventQueue
	seq    int

	limit    int
	counted  []time.Time                // what the server has accepted
	left     func(truth int) (said int) // what it says is left; -1 for nothing
	accepted int
	refused  int
	arrived  []time.Time
}

func newWorld(seed uint64, limit int) *world {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return &world{now: begin, begin: begin, rand: rand.New(rand.NewPCG(seed, 1)), limit: limit, left: func(truth int) int { return truth }}
}

type event struct {
	at  time.Time
	seq int
	do  func()
}

type eventQueue []event

func (q eventQueue) Len() int { return len(q) }
func (q eventQueue) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].seq < q[j].seq
}
func (q eventQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *eventQueue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *eventQueue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

func (w *world) after(d time.Duration, do func()) {
	w.seq++
	heap.Push(&w.events, event{w.now.Add(d), w.seq, do})
}

func (w *world) run(d time.Duration) {
	end := w.begin.Add(d)
	for len(w.events) > 0 && !w.events[0].at.After(end) {
		e := heap.Pop(&w.events).(event)
		w.now = e.at
		e.do()
	}
	w.now = end
}

// leg is half a round trip.
func (w *world) leg() time.Duration {
	return 20*time.Millisecond + time.Duration(w.rand.Int64N(int64(180*time.Millisecond)))
}

// arrive is the server's handling of a request.
func (w *world) arrive() (ok bool, left int) {
	w.arrived = append(w.arrived, w.now)
	for len(w.counted) > 0 && w.now.Sub(w.counted[0]) >= time.Minute {
		w.counted = w.counted[1:]
	}
	if len(w.counted) >= w.limit {
		w.refused++
		return false, w.left(0)
	}
	w.counted = append(w.counted, w.now)
	w.accepted++
	return true, w.left(w.limit - len(w.counted))
}

// densest is the most requests that arrived in any minute.
func (w *world) densest() (most int) {
	first := 0
	for i, at := range w.arrived {
		for at.Sub(w.arrived[first]) >= time.Minute {
			first++
		}
		most = max(most, i-first+1)
	}
	return most
}

// A program sends requests through a window, in order on each side.
type program struct {
	*world
	window *Window
	queues map[Class][]request // by the first class that goes there
	asking map[Class]bool
}

type request struct {
	class  Class
	stall  time.Duration // before it is sent
	asked  time.Time
	answer func(ok bool, waited time.Duration)
}

func (w *world) program(limit int) *program {
	return &program{world: w, window: NewWindow(limit, Length), queues: map[Class][]request{}, asking: map[Class]bool{}}
}

// send queues a request; answer is called when its response has come, with the
// time that it was held back.
func (p *program) send(class Class, answer func(ok bool, waited time.Duration)) {
	p.queue(request{class: class, asked: p.now, answer: answer})
}

func (p *program) queue(r request) {
	p.window.Hold(r.class, 1)
	queue := r.class
	if queue == Write {
		queue = Read
	}
	p.queues[queue] = append(p.queues[queue], r)
	if !p.asking[queue] {
		p.ask(queue)
	}
}

// ask lets pass what may pass, and schedules itself again.
func (p *program) ask(queue Class) {
	p.asking[queue] = false
	for len(p.queues[queue]) > 0 {
		r := p.queues[queue][0]
		if wait := p.window.Take(p.now, r.class); wait > 0 {
			p.asking[queue] = true
			p.after(min(wait, lookAgain), func() { p.ask(queue) })
			return
		}
		p.queues[queue] = p.queues[queue][1:]
		p.window.Hold(r.class, -1)
		p.fly(r)
	}
}

func (p *program) fly(r request) {
	passed := p.now
	p.after(r.stall+p.leg(), func() {
		ok, left := p.arrive()
		p.after(p.leg(), func() {
			p.window.Done(p.now, r.class, 1)
			switch {
			case !ok:
				p.window.Refused(p.now, left)
				p.window.Pause(p.now, 500*time.Millisecond)
			case left >= 0:
				p.window.Told(p.now, passed, left)
			}
			if r.answer != nil {
				r.answer(ok, passed.Sub(r.asked))
			}
		})
	})
}

// every sends requests of a class repeatedly: each one a pause after the last
// was requested, once that is answered.
func (p *program) every(class Class, pause time.Duration, answer func(waited time.Duration)) {
	p.again(class, pause, func(_ bool, waited time.Duration) {
		if answer != nil {
			answer(waited)
		}
	})
}

func (p *program) everyOutcome(class Class, pause time.Duration, answer func(ok bool)) {
	p.again(class, pause, func(ok bool, _ time.Duration) { answer(ok) })
}

func (p *program) again(class Class, pause time.Duration, answer func(ok bool, waited time.Duration)) {
	asked := p.now
	p.send(class, func(ok bool, waited time.Duration) {
		answer(ok, waited)
		p.after(max(0, asked.Add(pause).Sub(p.now)), func() { p.again(class, pause, answer) })
	})
}
