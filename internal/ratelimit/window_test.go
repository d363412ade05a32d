package ratelimit

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

const limit = 400

// Ten programs with 20 tasks each on one key, one task processed at a time:
// they know of each other only by what is left.
func TestManyPrograms(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			const programs, tasks, length = 10, 20, 5 * time.Second
			w := newWorld(seed, limit)
			ends := make([]time.Duration, 0, programs*tasks)
			order := w.rand.Perm(programs * tasks)
			for i := range order {
				ends = append(ends, time.Duration(i+1)*length)
			}
			var late []time.Duration
			worst := make([]time.Duration, programs)
			for n := range programs {
				p := w.program(limit)
				var mine []time.Duration
				for i, task := range order {
					if task%programs == n {
						mine = append(mine, ends[i])
					}
				}
				for range tasks {
					p.send(Write, nil)
				}
				p.window.Watch(p.now, true)
				p.every(Poll, 1100*time.Millisecond, func(time.Duration) {
					for len(mine) > 0 && p.now.Sub(p.begin) > mine[0]+200*time.Millisecond {
						end := mine[0]
						mine = mine[1:]
						p.send(Result, func(bool, time.Duration) {
							lateness := p.now.Sub(p.begin) - end
							late = append(late, lateness)
							worst[n] = max(worst[n], lateness)
						})
					}
				})
			}
			w.run(1100 * time.Second)
			t.Logf("%d accepted, %d refused, %d at most in a minute; late by %s in the mean, %s at most; at most by program %v",
				w.accepted, w.refused, w.densest(), mean(late), maximum(late), worst)
			assert.Len(t, late, programs*tasks)
			assert.LessOrEqual(t, w.refused*500, w.accepted)
			assert.LessOrEqual(t, mean(late), 3*time.Second)
			assert.LessOrEqual(t, maximum(late), 15*time.Second)
		})
	}
}

// all sends n requests of a class at once, and returns when they passed, as
// they do.
func (p *program) all(n int, class Class) *[]time.Duration {
	passed := new([]time.Duration)
	for range n {
		p.send(class, func(_ bool, waited time.Duration) { *passed = append(*passed, waited) })
	}
	return passed
}

// A burst of writes leaves the polls their share, even before the first wait
// begins: here each answered write begins one.
func TestBurstOfWritesLeavesPolls(t *testing.T) {
	w := newWorld(1, limit)
	p := w.program(limit)
	watched, polls := false, []time.Duration{}
	writes := new([]time.Duration)
	for range 500 {
		p.send(Write, func(_ bool, waited time.Duration) {
			*writes = append(*writes, waited)
			if !watched {
				watched = true
				p.window.Watch(p.now, true)
				p.every(Poll, 1100*time.Millisecond, func(waited time.Duration) { polls = append(polls, waited) })
			}
		})
	}
	w.run(59 * time.Second)
	assert.Equal(t, limit-limit/pollShare, count(*writes, 5*time.Second), "writes that pass at once")
	assert.GreaterOrEqual(t, len(polls), 50)
	assert.LessOrEqual(t, maximum(polls), time.Second)
	w.run(3 * time.Minute)
	assert.Len(t, *writes, 500)
	assert.Zero(t, w.refused)
	assert.LessOrEqual(t, w.densest(), limit)
}

// The same while a wait that hardly polls has been running for long.
func TestBurstOfWritesBesideALongWait(t *testing.T) {
	w := newWorld(1, limit)
	p := w.program(limit)
	p.window.Watch(p.now, true)
	p.every(Poll, 30*time.Second, nil)
	p.every(Write, 30*time.Second, nil)
	w.run(10 * time.Minute)
	writes := p.all(500, Write)
	var polls []time.Duration
	p.every(Poll, 1100*time.Millisecond, func(waited time.Duration) { polls = append(polls, waited) })
	w.run(11*time.Minute - time.Second)
	assert.InDelta(t, limit-limit/pollShare, len(*writes), 20)
	assert.Greater(t, len(polls), 50)
	assert.LessOrEqual(t, maximum(polls), time.Second)
}

// Polls that don't need their share don't keep it: beside one poll a second,
// calls use nearly everything that is left, and the writes of a program that
// never waits come close to the limit.
func TestShareThatIsNotNeeded(t *testing.T) {
	for name, test := range map[string]struct {
		class Class
		polls bool
		least int // of the calls in ten minutes
	}{
		"reads":              {Read, false, 3990},
		"reads beside polls": {Read, true, 3150},
		"writes":             {Write, false, 3900},
		"writes and polls":   {Write, true, 3150},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(1, limit)
			p := w.program(limit)
			var polls []time.Duration
			if test.polls {
				p.window.Watch(p.now, true)
				p.every(Poll, 1100*time.Millisecond, func(waited time.Duration) { polls = append(polls, waited) })
			}
			passed := p.all(6000, test.class)
			w.run(10*time.Minute + time.Second)
			t.Logf("%d calls, %d polls, held back for %s at most", len(*passed), len(polls), maximum(polls))
			assert.GreaterOrEqual(t, len(*passed), test.least)
			assert.LessOrEqual(t, maximum(polls), 2*time.Second)
			assert.Zero(t, w.refused)
			assert.LessOrEqual(t, w.densest(), limit)
		})
	}
}

// A user's five reads a second, 300 of the 400, beside a burst of writes and
// the polls for them.
func TestReadsBesidePolls(t *testing.T) {
	w := newWorld(1, limit)
	p := w.program(limit)
	p.all(100, Write)
	p.window.Watch(p.now, true)
	var reads, polls []time.Duration
	p.every(Poll, 1100*time.Millisecond, func(waited time.Duration) { polls = append(polls, waited) })
	for i := range 5 * 600 {
		p.after(time.Duration(i)*time.Second/5, func() {
			p.send(Read, func(_ bool, waited time.Duration) { reads = append(reads, waited) })
		})
	}
	w.run(11 * time.Minute)
	t.Logf("%d reads, held back for %s in the mean, %s at most; %d polls, %s at most", len(reads), mean(reads), maximum(reads), len(polls), maximum(polls))
	assert.Len(t, reads, 3000)
	assert.LessOrEqual(t, mean(reads), 3*time.Second)
	assert.LessOrEqual(t, maximum(reads), 25*time.Second)
	assert.LessOrEqual(t, maximum(polls), 2*time.Second)
	assert.LessOrEqual(t, w.densest(), limit)
}

// Requests that are stalled on the way, as by a connection that is slow to
// establish, also arrive within the limit.
func TestStalledRequests(t *testing.T) {
	for _, stall := range []time.Duration{0, 5 * time.Second, 25 * time.Second, 50 * time.Second} {
		w := newWorld(1, limit)
		p := w.program(limit)
		for i := range 2000 {
			r := request{class: Read, asked: p.now}
			if i < limit {
				r.stall = stall
			}
			p.queue(r)
		}
		w.run(20 * time.Minute)
		assert.Len(t, w.arrived, 2000)
		assert.LessOrEqual(t, w.densest(), limit, stall)
	}
}

// A number that never moves is not a count: after a few requests it is ignored.
func TestConstantNumberIsNotBelieved(t *testing.T) {
	for _, constant := range []int{0, 1, 7, 100} {
		for _, class := range []Class{Read, Poll} {
			w := newWorld(1, limit)
			w.left = func(int) int { return constant }
			p := w.program(limit)
			p.every(class, time.Second, nil)
			w.run(3 * time.Minute)
			assert.Greater(t, w.accepted, 100, "of 180, told %d", constant)
			passed := p.all(limit, class)
			w.run(5 * time.Minute)
			assert.GreaterOrEqual(t, len(*passed), limit)
		}
	}
}

// When others really have used up everything, a 0 is believed, and we keep
// asking now and then.
func TestOthersHaveUsedUpEverything(t *testing.T) {
	w := newWorld(1, limit)
	greedy := w.program(100 * limit) // ignores the limit
	for range 8 {
		greedy.window.told = 0
		var ask func()
		ask = func() {
			greedy.fly(request{class: Read, answer: func(bool, time.Duration) { greedy.after(100*time.Millisecond, ask) }})
		}
		ask()
	}
	p := w.program(limit)
	sent, refused := 0, 0
	for range 3 {
		p.everyOutcome(Poll, time.Second, func(ok bool) {
			sent++
			if !ok {
				refused++
			}
		})
	}
	w.run(30 * time.Minute)
	t.Logf("%d sent, %d refused", sent, refused)
	assert.Greater(t, sent, 30, "at least one a minute")
	assert.Less(t, sent, 30*15, "not many")
}

// However many programs use a key, each as much as it can get: the allowance is
// used, hardly any request is rejected, and one that joins late gets its share
// too.
func TestPartsBecomeEqual(t *testing.T) {
	for _, programs := range []int{2, 5, 10} {
		for _, class := range []Class{Read, Poll} {
			t.Run(fmt.Sprintf("%d/%d", programs, class), func(t *testing.T) {
				w := newWorld(uint64(programs), limit)
				counts := make([]int, programs)
				for n := range counts {
					p := w.program(limit)
					start := time.Duration(0)
					if n == programs-1 {
						start = 10 * time.Minute
					}
					p.after(start, func() {
						for range 4 {
							p.every(class, 100*time.Millisecond, func(time.Duration) {
								if w.now.Sub(w.begin) > 15*time.Minute {
									counts[n]++
								}
							})
						}
					})
				}
				w.run(25 * time.Minute)
				sum := 0
				for _, n := range counts {
					sum += n
				}
				t.Logf("in ten minutes %d by %v; %d of %d refused", sum, counts, w.refused, w.accepted)
				for _, n := range counts {
					assert.Greater(t, n, sum/programs/4, "a quarter of an equal part")
				}
				assert.Greater(t, sum, 10*limit*3/4)
				assert.LessOrEqual(t, w.refused*100, w.accepted)
			})
		}
	}
}

// A small limit works by the same rules.
func TestSmallLimits(t *testing.T) {
	for small := 1; small <= 12; small++ {
		w := newWorld(uint64(small), small)
		p := w.program(small)
		var polls []time.Duration
		p.window.Watch(p.now, true)
		p.every(Poll, 20*time.Second, func(waited time.Duration) { polls = append(polls, waited) })
		calls := p.all(10*small, Write)
		w.run(time.Hour)
		assert.Len(t, *calls, 10*small)
		assert.NotEmpty(t, polls)
		assert.Zero(t, w.refused)
		assert.LessOrEqual(t, w.densest(), small)
	}
}

// No number makes the window panic, block forever or let too much pass.
func TestOddNumbers(t *testing.T) {
	now := time.Now()
	for _, left := range []int{0, 1, -5, math.MaxInt/2 + 1, math.MinInt / 2} {
		w := NewWindow(10, Length)
		w.Told(now, now, left)
		w.Refused(now, left)
		wait := time.Duration(0)
		for passed := 0; passed < 10; {
			if d := w.Take(now.Add(wait), Read); d > 0 {
				wait += d
				assert.Less(t, wait, 30*time.Minute)
				continue
			}
			passed++
			w.Done(now.Add(wait), Read, 1)
		}
	}
}

func count(list []time.Duration, within time.Duration) (n int) {
	for _, d := range list {
		if d <= within {
			n++
		}
	}
	return n
}

func maximum(list []time.Duration) (most time.Duration) {
	for _, d := range list {
		most = max(most, d)
	}
	return most
}

func mean(list []time.Duration) (sum time.Duration) {
	for _, d := range list {
		sum += d
	}
	return sum / time.Duration(max(1, len(list)))
}
