package schedule

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A drive runs a plan against scripted responses that all take the same time.
type drive struct {
	*testing.T
	plan   *Plan
	now    time.Time
	wake   time.Time
	took   time.Duration
	answer func(Poll) Answer
	flying []flight
	log    []string // "1.100 tasks", "1.200 tasks/a"
	polls  []Poll
}

type flight struct {
	Poll
	a    Answer
	back time.Time
}

func newDrive(t *testing.T, answer func(Poll) Answer) *drive {
	return &drive{T: t, plan: New(nil), now: epoch, took: 100 * time.Millisecond, answer: answer}
}

func (d *drive) next() {
	polls, wake := d.plan.Next(d.now)
	d.wake = wake
	for _, p := range polls {
		what := p.Group
		if p.Subject != "" {
			what += "/" + p.Subject
		}
		d.log = append(d.log, fmt.Sprintf("%.3f %s", d.now.Sub(epoch).Seconds(), what))
		d.polls = append(d.polls, p)
		d.flying = append(d.flying, flight{p, d.answer(p), d.now.Add(d.took)})
	}
}

// until lets everything happen before that time after the start, and returns
// what was polled meanwhile.
func (d *drive) until(after time.Duration) []string {
	d.Helper()
	end := epoch.Add(after)
	for d.next(); ; d.next() {
		at := d.wake
		if len(d.flying) > 0 && (at.IsZero() || !d.flying[0].back.After(at)) {
			at = d.flying[0].back
		}
		if at.IsZero() || !at.Before(end) {
			break
		}
		d.now = at
		for len(d.flying) > 0 && !d.flying[0].back.After(d.now) {
			f := d.flying[0]
			d.flying = d.flying[1:]
			f.a.Took = d.took
			d.plan.Answered(f.Poll, f.a, d.now)
		}
	}
	d.now = end
	log := d.log
	d.log = nil
	return log
}

func (d *drive) join(g Group, names string, k Known) {
	for name := range strings.FieldsSeq(names) {
		d.plan.Join(g, name, k, d.now)
	}
}

func at(seconds float64) time.Time { return epoch.Add(time.Duration(seconds * float64(time.Second))) }

// shows is the response of a list that behaves as documented. Subjects are
// written like "a:running@1.5", the phase and the server's time.
func shows(subjects string) Answer {
	a := Answer{Whole: true, Sorted: true, Stamped: true}
	for word := range strings.FieldsSeq(subjects) {
		name, rest, _ := strings.Cut(word, ":")
		phase, stamp, _ := strings.Cut(rest, "@")
		s := Seen{Subject: name, Phase: map[string]Phase{"queued": Queued, "running": Running, "over": Over}[phase]}
		var seconds float64
		if _, err := fmt.Sscan(stamp, &seconds); err == nil {
			s.Stamp = at(seconds)
		}
		a.Seen = append(a.Seen, s)
		a.Oldest = s.Stamp
		a.Bytes += elementSize
	}
	return a
}

// cut removes what comes after the first element before that.
func (a Answer) cut(down time.Time) Answer {
	for i, s := range a.Seen {
		if s.Stamp.Before(down) {
			a.Seen, a.Oldest, a.Whole = a.Seen[:i+1], s.Stamp, i == len(a.Seen)-1
			break
		}
	}
	return a
}

func answers(a Answer) func(Poll) Answer { return func(Poll) Answer { return a } }

// from answers a list with the first text, and single reads with their own.
func from(list string, singles map[string]string) func(Poll) Answer {
	return func(p Poll) Answer {
		text := list
		if p.Subject != "" {
			text = singles[p.Subject]
		}
		if text == "fails" {
			return Answer{Failed: true}
		}
		return shows(text)
	}
}

func TestOneIsAskedItself(t *testing.T) {
	d := newDrive(t, answers(shows("a:running@0")))
	d.join(taskGroup, "a", Known{Running, at(0)})
	assert.Equal(t, strings.Fields("0.500 1.000 1.500 2.000 2.500 3.000 3.625 4.406 5.383 6.604 8.004 9.404"), times(d.until(10*time.Second), "tasks/a"))
	d.until(45 * time.Second)
	assert.Len(t, d.polls, 37)
	d.until(600 * time.Second)
	assert.Len(t, d.polls, 195)
	last := times(d.until(4*time.Hour), "tasks/a")
	assert.InDelta(t, 30, span(last[len(last)-2:]), 0.001, "no pause is longer than the cadence allows")
}

func times(log []string, of string) (times []string) {
	for _, line := range log {
		if at, what, _ := strings.Cut(line, " "); what == of {
			times = append(times, at)
		}
	}
	return times
}

func span(times []string) float64 {
	from, _ := strconv.ParseFloat(times[0], 64)
	to, _ := strconv.ParseFloat(times[len(times)-1], 64)
	return to - from
}

func TestCadence(t *testing.T) {
	g := taskGroup
	g.Cadence = Cadence{Min: 10 * time.Second, Max: 40 * time.Second, Factor: 2}
	d := newDrive(t, answers(shows("a:running@0")))
	d.join(g, "a", Known{Running, at(0)})
	assert.Equal(t, strings.Fields("10.000 20.000 30.000 40.000 50.000 60.000 80.000 108.000 136.000"), times(d.until(150*time.Second), "tasks/a"))

	d = newDrive(t, answers(shows("a:running@0")))
	d.plan = New(func() float64 { return 0.75 })
	g.Cadence.Jitter = 0.4
	d.join(g, "a", Known{Running, at(0)})
	assert.Equal(t, strings.Fields("11.000 22.000"), times(d.until(30*time.Second), "tasks/a"))
}

func TestAQuickCadenceMakesAllElseQuicker(t *testing.T) {
	g := taskGroup
	g.Cadence = Cadence{Min: 5 * time.Millisecond}
	d := newDrive(t, answers(shows("a:running@0 b:queued@0")))
	d.took = time.Millisecond
	d.join(g, "a b", Known{Queued, at(0)})
	assert.Equal(t, strings.Fields("0.011 0.022 0.033 0.044 0.055"), times(d.until(60*time.Millisecond), "tasks"))

	d = newDrive(t, from("fails", map[string]string{"a": "a:running@0", "b": "b:queued@0"}))
	d.took = time.Millisecond
	d.join(g, "a b", Known{Queued, at(0)})
	assert.Greater(t, len(d.until(200*time.Millisecond)), 25)
}

func TestASlowAnswerDelaysTheNextPoll(t *testing.T) {
	g := taskGroup
	g.List = false
	d := newDrive(t, answers(shows("a:running@0")))
	d.took = 2 * time.Second
	d.join(g, "a", Known{Running, at(0)})
	assert.Equal(t, strings.Fields("0.500 2.500 4.500 6.500"), times(d.until(8*time.Second), "tasks/a"))
}

func TestSeveralAreToldOfByTheList(t *testing.T) {
	list := shows("a:running@0.05 b:queued@0 c:queued@0 old:over@-60")
	d := newDrive(t, func(p Poll) Answer { return list.cut(p.Down) })
	d.join(taskGroup, "a b c", Known{Queued, at(0)})
	log := d.until(6 * time.Second)
	assert.Equal(t, strings.Fields("1.100 2.200 3.300 4.400 5.500"), times(log, "tasks"))
	assert.Len(t, log, 5, "nothing else is polled")
	assert.Equal(t, at(0), d.polls[0].Down, "the first read goes down to the oldest")
	assert.Equal(t, at(2.2-3), d.polls[2].Down, "the others to what the last one knew, less the margin")
	assert.Equal(t, at(4.4-3), d.polls[4].Down)

	d.now = at(6)
	d.join(taskGroup, "late", Known{Queued, at(1)})
	d.until(7 * time.Second)
	assert.Equal(t, at(1), d.polls[len(d.polls)-1].Down, "what has joined since is not passed over")

	d.until(40 * time.Second)
	deep := slices.IndexFunc(d.polls[1:], func(p Poll) bool { return p.Down.Equal(at(0)) })
	assert.Positive(t, deep, "now and then it is read down to the oldest")
}

func TestTheServersClock(t *testing.T) {
	for _, skew := range []float64{-3600, 3600} {
		list := fmt.Sprintf("a:running@%f b:queued@%f old:over@%f", skew+0.1, skew, skew-60)
		d := newDrive(t, answers(shows(list)))
		d.join(taskGroup, "a b", Known{Queued, at(skew)})
		d.until(4 * time.Second)
		assert.WithinDuration(t, at(skew+2.2-3), d.polls[2].Down, 100*time.Millisecond)
	}
}

func TestTicksStretchWhileItIsQuiet(t *testing.T) {
	d := newDrive(t, answers(shows("a:running@0 b:queued@0 old:over@-60")))
	d.join(taskGroup, "a b", Known{Running, at(0)})
	d.until(20 * time.Second)
	assert.InDelta(t, 1.1, span(times(d.until(22500*time.Millisecond), "tasks")), 0.01)
	d.until(115 * time.Second)
	quiet := times(d.until(119500*time.Millisecond), "tasks")
	assert.InDelta(t, 2, span(quiet[:2]), 0.01)
	d.until(time.Hour)
	long := times(d.until(time.Hour+70*time.Second), "tasks")
	assert.InDelta(t, 30, span(long[:2]), 0.01)
}

func TestUnknownOnesAreSought(t *testing.T) {
	list := "a:running@-1 b:over@-5 old:over@-60"
	d := newDrive(t, func(p Poll) Answer {
		if p.Subject != "" {
			return Answer{Failed: true}
		}
		return shows(list)
	})
	d.join(taskGroup, "a b c", Known{})
	assert.Equal(t, []string{"0.200 tasks"}, d.until(time.Second))
	assert.Equal(t, map[string]bool{"a": true, "b": true, "c": true}, d.polls[0].Sought)
	assert.True(t, d.polls[0].Down.After(at(3600)), "what is sought says how far to read")
	d.until(2 * time.Second)
	assert.Empty(t, d.polls[1].Sought, "the list was read to its end")
	assert.Equal(t, []string{"2.000 tasks/c"}, d.until(2300*time.Millisecond), "what isn't there is asked itself")

	d = newDrive(t, func(Poll) Answer { a := shows("a:running@-1"); a.Whole = false; return a })
	d.join(taskGroup, "a b", Known{})
	d.until(1500 * time.Millisecond)
	assert.Equal(t, map[string]bool{"b": true}, d.polls[1].Sought)
}

func TestWhoJoinsWhileTheListIsReadIsSoughtInTheNextRead(t *testing.T) {
	d := newDrive(t, answers(shows("a:running@-1 b:queued@-2 old:over@-60")))
	d.join(taskGroup, "a b", Known{})
	d.until(250 * time.Millisecond)
	require.Len(t, d.polls, 1, "it is being read")
	d.join(taskGroup, "c", Known{})
	d.until(1500 * time.Millisecond)
	require.Len(t, d.polls, 2)
	assert.Equal(t, map[string]bool{"c": true}, d.polls[1].Sought)
}

func TestWhatTheListDoesNotShowIsAskedItself(t *testing.T) {
	d := newDrive(t, from("b:running@0.2 old:over@-60", map[string]string{"a": "a:queued@0.1"}))
	d.join(taskGroup, "a b", Known{Queued, at(0.1)})
	log := d.until(40 * time.Second)
	assert.Equal(t, strings.Fields("2.000 6.000 14.000 30.000"), times(log, "tasks/a"), "not at once, and less and less")
	assert.Empty(t, times(log, "tasks/b"))
}

func TestAListThatShowsNoneOfOurs(t *testing.T) {
	list := "old:over@-60"
	state := ":queued@0"
	d := newDrive(t, func(p Poll) Answer {
		if p.Subject != "" {
			return shows(p.Subject + state)
		}
		return shows(list)
	})
	d.join(taskGroup, strings.Join(names(50), " "), Known{Queued, at(0)})
	d.until(20 * time.Second)
	assert.InDelta(t, 9, len(times(d.until(30*time.Second), "tasks")), 1, "it may show only what has begun")
	state = ":running@10"
	d.until(40 * time.Second)
	log := d.until(70 * time.Second)
	assert.InDelta(t, 2, len(times(log, "tasks")), 1, "but it doesn't: it is tried")
	assert.InDelta(t, 30*turnRate, len(log), 5, "and single reads carry the wait")
	list = strings.Join(names(50), ":running@65 ") + ":running@65 old:over@-60"
	d.until(100 * time.Second)
	assert.InDelta(t, 27, len(times(d.until(130*time.Second), "tasks")), 1, "until it shows any")
}

func TestAListThatShowsTooFewOfOurs(t *testing.T) {
	state := ":queued@0"
	over := map[string]bool{}
	d := newDrive(t, func(p Poll) Answer {
		if p.Subject == "" {
			return shows("x:running@0 old:over@-60")
		}
		over[p.Subject] = true
		return shows(p.Subject + state)
	})
	d.join(taskGroup, "x "+strings.Join(names(50), " "), Known{Queued, at(0)})
	d.until(20 * time.Second)
	state = ":over@12"
	clear(over)
	d.until(44 * time.Second)
	assert.InDelta(t, 6, len(over), 4, "the first ones at the pace of what a list may lack")
	d.until(120 * time.Second)
	delete(over, "x")
	assert.Len(t, over, 50, "the others in turn")
}

func TestSinglesForWhatTheListDoesNotShowAreFew(t *testing.T) {
	d := newDrive(t, func(p Poll) Answer {
		if p.Subject != "" {
			return shows(p.Subject + ":queued@0")
		}
		return shows("x:running@0 old:over@-60")
	})
	d.join(taskGroup, "x "+strings.Join(names(50), " "), Known{Queued, at(0)})
	d.until(10 * time.Second)
	singles := slices.DeleteFunc(d.until(90*time.Second), func(line string) bool { return strings.HasSuffix(line, " tasks") })
	assert.Len(t, singles, 20, "one in 4 s")
}

func names(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("s%03d", i))
	}
	return names
}

func TestWhatTheListNoLongerShowsHasProbablyEnded(t *testing.T) {
	list := "a:running@0.2 b:queued@0 c:queued@0"
	d := newDrive(t, func(p Poll) Answer {
		if p.Subject != "" {
			return shows(p.Subject + ":over@2")
		}
		return shows(list)
	})
	d.join(taskGroup, "a b c", Known{Queued, at(0)})
	d.until(2 * time.Second)
	list = "b:queued@0 c:queued@0"
	assert.Equal(t, []string{"2.200 tasks", "2.300 tasks/a"}, d.until(3*time.Second))
	d.plan.Leave("tasks", "a", d.now)
	d.until(4 * time.Second)
	assert.True(t, d.polls[len(d.polls)-1].Whole, "such a list has to be read to its end")
}

func TestAListWithoutOrderIsReadToItsEnd(t *testing.T) {
	a := shows("b:queued@0 a:running@0.5")
	a.Sorted = false
	d := newDrive(t, answers(a))
	d.join(taskGroup, "a b", Known{Queued, at(0)})
	d.until(3 * time.Second)
	assert.False(t, d.polls[0].Whole)
	assert.True(t, d.polls[1].Whole)
}

func TestWhatIsReadHasToBePaidFor(t *testing.T) {
	a := shows("b:queued a:running")
	a.Stamped, a.Bytes = false, 94<<10 // 2 s
	d := newDrive(t, answers(a))
	d.join(taskGroup, "a b", Known{Queued, at(0)})
	assert.Equal(t, strings.Fields("1.100 3.100 5.100 7.100"), times(d.until(9*time.Second), "tasks"))

	a.Bytes = 1 << 20 // 23 s: too large
	d = newDrive(t, func(p Poll) Answer {
		if p.Subject != "" {
			return shows(p.Subject + ":running")
		}
		return a
	})
	d.join(taskGroup, "a b", Known{Queued, at(0)})
	log := d.until(80 * time.Second)
	assert.Len(t, times(log, "tasks"), 1)
	assert.InDelta(t, 78*1.8, len(log), 15, "single reads carry the wait")
}

func TestTurns(t *testing.T) {
	for name, list := range map[string]func() Answer{
		"fails": func() Answer { return Answer{Failed: true} },
		"lags":  func() Answer { return shows("a:queued@0 b:queued@0.1 c:queued@0.2 old:over@-60") },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDrive(t, func(p Poll) Answer {
				switch p.Subject {
				case "":
					return list()
				case "a":
					return shows("a:running@0.3")
				}
				return shows(p.Subject + ":queued@0.1")
			})
			d.join(taskGroup, "a", Known{Running, at(0.3)})
			d.join(taskGroup, "b", Known{Queued, at(0.1)})
			d.join(taskGroup, "c", Known{Queued, at(0.2)})
			d.until(10 * time.Second)
			log := d.until(40 * time.Second)
			count := map[string]int{}
			for _, line := range log {
				_, what, _ := strings.Cut(line, " ")
				count[what]++
			}
			assert.InDelta(t, 1.8*30*2/3, count["tasks/a"], 3, "mostly what is running")
			assert.InDelta(t, 1.8*30/6, count["tasks/b"], 2, "in between the longest unasked")
			assert.InDelta(t, count["tasks/b"], count["tasks/c"], 1)
			assert.InDelta(t, 2, count["tasks"], 1, "the list is tried")
		})
	}
}

func TestASlowList(t *testing.T) {
	g := taskGroup
	d := newDrive(t, from("a:running@0 b:queued@0", map[string]string{"a": "a:running@0", "b": "b:queued@0"}))
	d.took = 1900 * time.Millisecond // single reads are as slow
	d.join(g, "a b", Known{Queued, at(0)})
	log := d.until(30 * time.Second)
	assert.Greater(t, len(times(log, "tasks")), 9, "it is no slower than single reads")
	assert.Less(t, len(log)-len(times(log, "tasks")), 5)
}

// A list without single reads beside it is all there is: being slow, or lacking
// some of ours, is no reason to read it less often.
func TestASlowListIsReadOnIfItIsAllThereIs(t *testing.T) {
	for name, list := range map[string]string{"slow": "a:running@0 b:running@0", "and lacks one": "a:running@0"} {
		t.Run(name, func(t *testing.T) {
			quick := newDrive(t, answers(shows(list)))
			slow := newDrive(t, answers(shows(list)))
			slow.took = 2500 * time.Millisecond
			for _, d := range []*drive{quick, slow} {
				d.join(Group{ID: "roles", List: true}, "a b", Known{Running, at(0)})
			}
			polls := len(quick.until(time.Minute))
			assert.Greater(t, len(slow.until(time.Minute)), polls/2)
			assert.Greater(t, polls, 15)
		})
	}
}

func TestWhileTheListHangsSingleReadsCarryTheWait(t *testing.T) {
	p := New(nil)
	for _, name := range names(20) {
		p.Join(taskGroup, name, Known{Queued, at(0)}, at(0))
	}
	_, now := p.Next(at(0))
	polls, wake := p.Next(now)
	require.Len(t, polls, 1)
	list := polls[0]
	require.Empty(t, list.Subject)
	assert.WithinDuration(t, now.Add(slowList), wake, time.Millisecond)
	singles := 0
	for now = wake; now.Before(at(25)); {
		polls, wake = p.Next(now)
		require.False(t, wake.IsZero())
		for _, poll := range polls {
			singles++
			p.Answered(poll, Answer{Seen: []Seen{{Subject: poll.Subject, Phase: Queued, Stamp: at(0)}}, Took: 100 * time.Millisecond}, now.Add(100*time.Millisecond))
		}
		now = wake
	}
	assert.InDelta(t, 23*searchRate, singles, 30)
	p.Answered(list, shows("s000:running@24 old:over@-60"), now)
	assert.Equal(t, at(24), p.group("tasks").byName["s000"].Stamp, "it is taken in when it comes")
}

func TestTheOldestIsAskedFirst(t *testing.T) {
	d := newDrive(t, func(p Poll) Answer {
		if p.Subject == "" {
			return Answer{Failed: true}
		}
		return shows(p.Subject + ":queued@0")
	})
	d.plan.Join(taskGroup, "second", Known{Queued, at(-1)}, d.now)
	d.plan.Join(taskGroup, "first", Known{Queued, at(-2)}, d.now)
	d.plan.Join(taskGroup, "third", Known{Queued, at(-0.5)}, d.now)
	singles := slices.DeleteFunc(d.until(5*time.Second), func(line string) bool { return strings.HasSuffix(line, " tasks") })
	require.NotEmpty(t, singles)
	assert.Contains(t, singles[0], "tasks/first")
}

func TestThoseOfWhichNothingIsKnownAreAskedFirst(t *testing.T) {
	d := newDrive(t, func(p Poll) Answer {
		if p.Subject == "" {
			return Answer{Failed: true}
		}
		return shows(p.Subject + ":running@0")
	})
	d.join(taskGroup, strings.Join(names(50), " "), Known{})
	asked := map[string]bool{}
	for _, line := range d.until(20 * time.Second) {
		if _, name, ok := strings.Cut(line, "/"); ok && len(asked) < 50 {
			require.False(t, asked[name], "%s is asked again before others are at all", name)
			asked[name] = true
		}
	}
	assert.Len(t, asked, 50)
}

func TestThoseQueuedAtTheSameTimeTakeTurns(t *testing.T) {
	over := false
	d := newDrive(t, func(p Poll) Answer {
		switch {
		case p.Subject == "":
			return Answer{Failed: true}
		case p.Subject == "s001" && over:
			return shows("s001:running@10")
		}
		return shows(p.Subject + ":queued@0")
	})
	d.join(taskGroup, strings.Join(names(3), " "), Known{Queued, at(0)})
	for _, name := range names(20)[3:] {
		d.plan.Join(taskGroup, name, Known{Queued, at(1)}, d.now)
	}
	d.until(4 * time.Second)
	log := d.until(10 * time.Second)
	for _, name := range names(3) {
		assert.InDelta(t, 2.5, len(times(log, "tasks/"+name)), 1.5, "any of them may be the next")
	}
	over = true
	log = d.until(20 * time.Second)
	begun := slices.IndexFunc(log, func(line string) bool { return strings.HasSuffix(line, "/s001") })
	assert.ElementsMatch(t, []string{"s000", "s002"}, []string{strings.Split(log[begun+1], "/")[1], strings.Split(log[begun+2], "/")[1]}, "they may be over")
	assert.True(t, d.plan.group("tasks").inOrder())
}

func TestThoseBeforeOneThatHasBegunAreAsked(t *testing.T) {
	places := map[string]float64{}
	d := newDrive(t, func(p Poll) Answer {
		switch p.Subject {
		case "":
			return Answer{Failed: true}
		case "s002":
			return shows("s002:running@3")
		}
		return shows(fmt.Sprintf("%s:queued@%f", p.Subject, places[p.Subject]))
	})
	for i, name := range names(5) {
		places[name] = float64(i-10) / 10
		d.plan.Join(taskGroup, name, Known{Queued, at(places[name])}, d.now)
	}
	log := slices.DeleteFunc(d.until(20*time.Second), func(line string) bool { return strings.HasSuffix(line, " tasks") })
	begun := slices.IndexFunc(log, func(line string) bool { return strings.HasSuffix(line, "/s002") })
	next := []string{log[begun+1], log[begun+2]}
	assert.Contains(t, next[0], "/s000")
	assert.Contains(t, next[1], "/s001")
	assert.False(t, d.plan.group("tasks").inOrder(), "they are queued: the order is unknown")
}

func TestAFailureIsItsOwnSubjectsAffair(t *testing.T) {
	g := Group{ID: "lone", Single: true}
	d := newDrive(t, func(p Poll) Answer {
		if p.Subject == "bad" {
			return Answer{Failed: true, Pause: 5 * time.Second}
		}
		return shows(p.Subject + ":running")
	})
	d.join(g, "bad good", Known{Phase: Running})
	log := d.until(20 * time.Second)
	assert.Equal(t, strings.Fields("0.500 5.955 11.409 16.864"), times(log, "lone/bad"), "5 s after each answer, when there is a poll to spare")
	assert.Greater(t, len(times(log, "lone/good")), 10)

	d = newDrive(t, answers(Answer{Failed: true}))
	d.join(Group{ID: "other", Single: true}, "a", Known{Phase: Running})
	assert.Equal(t, strings.Fields("0.500 1.600 3.700 7.800 15.900 32.000 62.100"), times(d.until(80*time.Second), "other/a"))
}

func TestTheListCarriesOneWhoseReadFails(t *testing.T) {
	for name, took := range map[string]time.Duration{"fails": 100 * time.Millisecond, "hangs": 20 * time.Second} {
		t.Run(name, func(t *testing.T) {
			d := newDrive(t, from("a:running@0 old:over@-60", map[string]string{"a": "fails"}))
			d.took = took
			d.join(taskGroup, "a", Known{Running, at(0)})
			log := d.until(30 * time.Second)
			require.NotEmpty(t, times(log, "tasks"))
			if name == "hangs" {
				assert.Equal(t, "1.600", times(log, "tasks")[0])
				return
			}
			assert.Greater(t, len(times(log, "tasks")), 20)
		})
	}
}

func TestAllPauseWhenDifferentOnesFail(t *testing.T) {
	fails := true
	d := newDrive(t, func(p Poll) Answer { return Answer{Failed: fails, Seen: []Seen{{Subject: p.Subject, Phase: Running}}} })
	for _, name := range names(50) {
		d.join(Group{ID: name, Single: true}, name, Known{Phase: Running})
	}
	d.until(2 * time.Minute)
	assert.Less(t, len(d.polls), 40)
	fails = false
	d.until(3 * time.Minute)
	before := len(d.polls)
	d.until(4 * time.Minute)
	assert.InDelta(t, 60*budgetMost, len(d.polls)-before, 5, "the first success ends it")
}

func TestOtherGroupsShareABudget(t *testing.T) {
	d := newDrive(t, func(p Poll) Answer { return Answer{Seen: []Seen{{Subject: p.Subject, Phase: Running}}} })
	for _, name := range names(30) {
		d.join(Group{ID: name, Single: true}, name, Known{Phase: Running})
	}
	d.until(time.Minute)
	log := d.until(3 * time.Minute)
	assert.InDelta(t, 120*budgetMost, len(log), 3)
	for _, name := range names(30) {
		assert.InDelta(t, 6, len(times(log, name+"/"+name)), 1, "each is asked as often as the others")
	}

	d.plan.Hurry("s007", "s007", d.now)
	d.plan.Hurry("s011", "s011", d.now)
	log = d.until(3*time.Minute + 100*time.Millisecond)
	assert.Contains(t, log, "180.000 s007/s007")
	assert.Contains(t, log, "180.000 s011/s011")
}

func TestHurryIsForWhatIsOverToo(t *testing.T) {
	g := Group{ID: "databases", List: true, Single: true}
	d := newDrive(t, answers(shows("a:over b:over c:over")))
	d.join(g, "a b c", Known{Phase: Over})
	assert.Empty(t, d.until(time.Minute))
	d.plan.Hurry("databases", "b", d.now)
	assert.Equal(t, []string{"60.000 databases/b"}, d.until(2*time.Minute))
	d.plan.Hurry("databases", "b", d.now)
	d.plan.Hurry("databases", "a", d.now)
	assert.Equal(t, []string{"120.000 databases"}, d.until(3*time.Minute), "one read of the list tells of both")
	g.ID, g.Single = "keys", false
	d.join(g, "a", Known{Phase: Over})
	d.plan.Hurry("keys", "a", d.now)
	assert.Equal(t, []string{"180.000 keys"}, d.until(4*time.Minute))
}

func TestAnOverviewTellsWhatHasComeToRest(t *testing.T) {
	moving := map[string]bool{}
	d := newDrive(t, func(p Poll) Answer {
		if p.Group != "overview" {
			return Answer{Seen: []Seen{{Subject: p.Subject, Phase: Running}}}
		}
		a := Answer{Whole: true}
		for _, name := range names(20) {
			phase := Over
			if moving[name] {
				phase = Running
			}
			a.Seen = append(a.Seen, Seen{Subject: name, Phase: phase})
		}
		return a
	})
	for _, name := range names(20) {
		moving[name] = true
		d.join(Group{ID: "g" + name, Single: true, List: true, Overview: "overview", Member: name}, "x", Known{Phase: Running})
	}
	d.until(5 * time.Minute)
	log := d.until(6 * time.Minute)
	assert.InDelta(t, 12, len(times(log, "overview")), 1)
	delete(moving, "s005")
	log = d.until(6*time.Minute + 7*time.Second)
	overview := times(log, "overview")
	due := times(log, "gs005/x")
	require.NotEmpty(t, due)
	assert.LessOrEqual(t, span([]string{overview[0], due[0]}), 2.0, "at once")

	clear(moving)
	d.until(10 * time.Minute)
	assert.InDelta(t, 2, len(times(d.until(12*time.Minute), "overview")), 1, "one that shows nothing is hardly read")
}

func TestScarcity(t *testing.T) {
	for level, polls := range map[float64]int{0: 54, 0.6: 54, 0.7: 27, 0.8: 13, 0.95: 5} {
		d := newDrive(t, answers(shows("a:running@0 b:queued@0 old:over@-60")))
		d.plan.Scarce(level)
		d.join(taskGroup, "a b", Known{Queued, at(0)})
		d.until(5 * time.Second)
		assert.InDelta(t, polls, len(d.until(65*time.Second)), float64(polls)/3)
	}
}

func TestNothingIsLeftToDo(t *testing.T) {
	d := newDrive(t, answers(shows("a:running@0 b:queued@0")))
	d.join(taskGroup, "a b", Known{Queued, at(0)})
	d.join(Group{ID: "g", Single: true, Overview: "o", Member: "m"}, "x", Known{Phase: Running})
	d.until(3 * time.Second)
	d.plan.Leave("tasks", "a", d.now)
	d.plan.Leave("tasks", "b", d.now)
	d.plan.Leave("g", "x", d.now)
	d.plan.Leave("g", "x", d.now)
	d.plan.Leave("none", "x", d.now)
	d.plan.Hurry("none", "x", d.now)
	assert.Empty(t, d.until(time.Hour))
	assert.Zero(t, d.wake)
	assert.Len(t, d.plan.groups, 1, "what is known of the list stays")
	assert.Empty(t, d.plan.overviews)
	assert.Empty(t, d.plan.flying)
}

func TestAnAnswerOutlastsItsSubject(t *testing.T) {
	d := newDrive(t, answers(shows("a:running@0")))
	d.join(taskGroup, "a", Known{Running, at(0)})
	polls, _ := d.plan.Next(at(0.5))
	require.Len(t, polls, 1)
	d.plan.Leave("tasks", "a", at(0.6))
	d.plan.Join(taskGroup, "a", Known{Running, at(0)}, at(0.7))
	again, _ := d.plan.Next(at(1.3))
	assert.Empty(t, again, "the first poll is still in flight")
	d.plan.Answered(polls[0], Answer{Failed: true}, at(1.4))
	d.plan.Answered(polls[0], Answer{Failed: true}, at(1.4))
	assert.Equal(t, 1, d.plan.group("tasks").byName["a"].fails, "an answer counts once")
}

// TestWhateverHappens checks the plan's promises, whatever happens.
func TestWhateverHappens(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 3))
		c := &chaos{t: t, r: r, plan: New(r.Float64), now: epoch, joined: map[key]*asking{}}
		for range 1500 {
			c.pass(c.poll())
			if r.IntN(10) == 0 {
				c.change()
			}
			c.nobodyIsForgotten()
		}
		c.endsQuietly()
	}
}

// A chaos feeds a plan random events, and does what it says.
type chaos struct {
	t      *testing.T
	r      *rand.Rand
	plan   *Plan
	now    time.Time
	joined map[key]*asking
	flying []flight
	sent   int
}

// An asking is when an awaited subject was last polled.
type asking struct{ last time.Time }

var chaosGroups = []Group{taskGroup, {ID: "lone", Single: true}, {ID: "list", List: true},
	{ID: "g1", List: true, Single: true, Overview: "o", Member: "1"}, {ID: "g2", List: true, Single: true, Overview: "o", Member: "2"}}

func (c *chaos) phase() Phase { return Phase(c.r.IntN(4)) }

func (c *chaos) stamp() time.Time {
	if c.r.IntN(4) == 0 {
		return time.Time{}
	}
	return c.now.Add(time.Duration(c.r.IntN(20)-15) * time.Second)
}

// change lets someone come or go.
func (c *chaos) change() {
	g := chaosGroups[c.r.IntN(len(chaosGroups))]
	k := key{g.ID, fmt.Sprint(c.r.IntN(12))}
	switch c.r.IntN(8) {
	case 0, 1, 2, 3:
		c.plan.Join(g, k.subject, Known{c.phase(), c.stamp()}, c.now)
		if c.joined[k] == nil {
			c.joined[k] = &asking{c.now}
		}
	case 4, 5:
		c.plan.Leave(k.group, k.subject, c.now)
		delete(c.joined, k)
	case 6:
		c.plan.Hurry(k.group, k.subject, c.now)
	default:
		c.plan.Scarce(c.r.Float64() * 0.8)
	}
}

func (c *chaos) answer(poll Poll) Answer {
	r := c.r
	a := Answer{Failed: r.IntN(4) == 0, Whole: r.IntN(2) == 0, Sorted: r.IntN(4) > 0, Stamped: r.IntN(4) > 0, Oldest: c.stamp(), Bytes: r.IntN(100_000)}
	if a.Failed {
		a.Pause = time.Duration(r.IntN(5)) * time.Second
		return a
	}
	for i := range 12 {
		if name := fmt.Sprint(i); poll.Subject == name || poll.Subject == "" && r.IntN(3) > 0 {
			a.Seen = append(a.Seen, Seen{name, c.phase(), c.stamp(), r.IntN(9) == 0})
		}
	}
	return a
}

// poll sends what is due, and returns when the plan must be asked again.
func (c *chaos) poll() (wake time.Time) {
	polls, wake := c.plan.Next(c.now)
	require.True(c.t, wake.IsZero() || wake.After(c.now), "a wake in the past")
	for _, poll := range polls {
		require.False(c.t, slices.ContainsFunc(c.flying, func(f flight) bool { return f.Group == poll.Group && f.Subject == poll.Subject }),
			"two polls of the same in flight")
		c.sent++
		c.flying = append(c.flying, flight{poll, Answer{}, c.now.Add(time.Duration(c.r.IntN(1500)) * time.Millisecond)})
		for k, asked := range c.joined {
			if k.group == poll.Group && (poll.Subject == "" || poll.Subject == k.subject) {
				asked.last = c.now
			}
		}
	}
	return wake
}

// pass lets time pass until a response comes or the plan must be asked.
func (c *chaos) pass(wake time.Time) {
	slices.SortStableFunc(c.flying, func(a, b flight) int { return a.back.Compare(b.back) })
	switch {
	case len(c.flying) > 0 && (wake.IsZero() || !c.flying[0].back.After(wake)):
		f := c.flying[0]
		c.flying = c.flying[1:]
		c.now = later(c.now, f.back)
		a := c.answer(f.Poll)
		a.Took = time.Second
		c.plan.Answered(f.Poll, a, c.now)
	case !wake.IsZero():
		c.now = wake
	default:
		c.now = c.now.Add(time.Second)
	}
}

func (c *chaos) nobodyIsForgotten() {
	for k, asked := range c.joined {
		if s := c.plan.group(k.group).byName[k.subject]; s.Phase == Over && s.hurried.IsZero() {
			asked.last = c.now
		}
		require.Less(c.t, c.now.Sub(asked.last), 6*time.Minute, "%v is forgotten", k)
	}
}

// endsQuietly lets everyone leave: then there is nothing to do.
func (c *chaos) endsQuietly() {
	require.Less(c.t, float64(c.sent)/c.now.Sub(epoch).Seconds(), 6.0)
	for k := range c.joined {
		c.plan.Leave(k.group, k.subject, c.now)
	}
	for _, f := range c.flying {
		c.plan.Answered(f.Poll, c.answer(f.Poll), c.now)
	}
	polls, wake := c.plan.Next(c.now.Add(time.Hour))
	require.Empty(c.t, polls)
	require.Zero(c.t, wake)
}
