package schedule

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

var (
	firstSeed = flag.Uint64("seed", 1000, "the first of the seeds of the table")
	seeds     = flag.Int("seeds", 1, "how many runs a row of the table has")
)

// seeds is the number of runs of a row. One in which everything ends at once
// has only one moment to be late.
func (r row) seeds() int {
	if r.atOnce >= r.n && r.n > 1 {
		return 8 * *seeds
	}
	return *seeds
}

// raceEnabled reports that the race detector slows everything down.
var raceEnabled bool

type row struct {
	name string
	scene
	requests       float64 // in total, at most; or
	rate           float64 // polls a second, at most
	mean, max, kib float64 // late, in seconds, and read
}

func always(d time.Duration) func(*rand.Rand) time.Duration {
	return func(*rand.Rand) time.Duration { return d }
}

// heavy is half a second to ten minutes, most of it short.
func heavy(r *rand.Rand) time.Duration {
	d := 0.5 / math.Pow(1-r.Float64(), 1/0.8)
	return time.Duration(min(d, 600) * float64(time.Second))
}

// spread is 15 to 25 seconds.
func spread(r *rand.Rand) time.Duration {
	return 15*time.Second + time.Duration(r.Int64N(int64(10*time.Second)))
}

func tasks(n int, length time.Duration) scene { return scene{n: n, length: always(length)} }

func (s scene) with(changes ...func(*scene)) scene {
	for _, change := range changes {
		change(&s)
	}
	return s
}

func rows() []row {
	s := time.Second
	ten := func(s *scene) { s.creators = 10 }
	one := func(s *scene) { s.creators = 1 }
	random := func(s *scene) { s.order = "random" }
	foreign := func(s *scene) { s.foreign = 3 }
	old := func(s *scene) { s.old = 5000 }
	bad := func(until time.Duration) func(*scene) {
		return func(s *scene) { s.bad = func(at time.Duration) bool { return at < until } }
	}
	const ever = 1000 * time.Hour
	return []row{
		{"1 of 3 s", tasks(1, 3*s), 8, 0, 0.8, 0.8, 0},
		{"1 of 45 s", tasks(1, 45*s), 40, 0, 2, 2, 0},
		{"1 of 10 min", tasks(1, 600*s), 200, 0, 4, 4, 0},
		{"10 of 5 s", tasks(10, 5*s), 0, 1.2, 1.2, 3, 12},
		{"50 of 5 s", tasks(50, 5*s), 0, 1.2, 1.2, 3, 12},
		{"200 of 5 s", tasks(200, 5*s), 0, 1.2, 1.2, 6, 12},
		{"200 of 5 s, ten creators", tasks(200, 5*s).with(ten), 0, 1.2, 1.2, 6, 12},
		{"200 of 5 s, in order", tasks(200, 5*s).with(one), 0, 1.2, 1.2, 6, 12},
		{"500 of 2 s", tasks(500, 2*s), 0, 1.2, 1.2, 6, 12},
		{"LIFO, 200 of 5 s", tasks(200, 5*s).with(func(s *scene) { s.order = "lifo" }), 0, 1.2, 1.2, 6, 12},
		{"LIFO, 50 of 20 s", tasks(50, 20*s).with(func(s *scene) { s.order = "lifo" }), 0, 1.2, 1.2, 3, 12},
		{"random, 200 of 5 s", tasks(200, 5*s).with(random), 0, 1.2, 1.2, 6, 12},
		{"random, 50 of 20 s", tasks(50, 20*s).with(random), 0, 1.2, 1.2, 3, 12},
		{"3 foreign before each of 100", tasks(100, 5*s).with(foreign), 0, 1.2, 1.2, 3, 12},
		{"3 foreign, random", tasks(100, 5*s).with(foreign, random), 0, 1.2, 1.2, 5, 12},
		{"2 at once", tasks(200, 5*s).with(func(s *scene) { s.atOnce = 2 }), 0, 1.2, 1.2, 6, 12},
		{"4 at once", tasks(200, 5*s).with(func(s *scene) { s.atOnce = 4 }), 0, 1.2, 1.2, 6, 12},
		{"16 at once", tasks(200, 5*s).with(func(s *scene) { s.atOnce = 16 }), 0, 1.2, 1.2, 6, 32},
		{"200 at once", tasks(200, 5*s).with(func(s *scene) { s.atOnce = 200 }), 0, 1.2, 1.2, 6, 32},
		{"200 at once, of 15 to 25 s", scene{n: 200, length: spread, atOnce: 200}, 0, 1.2, 1.2, 6, 32},
		{"0.5 s to 10 min, heavy-tailed", scene{n: 200, length: heavy}, 0, 1.2, 1.2, 6, 12},
		{"5,000 old", tasks(50, 5*s).with(old), 0, 1.2, 1.2, 3, 16},
		{"5,000 old, random", tasks(50, 5*s).with(old, random), 0, 1.2, 1.2, 3, 16},
		{"clock an hour ahead", tasks(50, 5*s).with(func(s *scene) { s.skew = time.Hour }), 0, 1.2, 1.2, 3, 12},
		{"clock an hour behind", tasks(50, 5*s).with(func(s *scene) { s.skew = -time.Hour }), 0, 1.2, 1.2, 3, 12},
		{"list lacks received", tasks(100, 5*s).with(func(s *scene) { s.unqueued = true }), 0, 1.2, 1.2, 3, 12},
		{"no timestamps, 50", tasks(50, 5*s).with(func(s *scene) { s.unstamped = true }), 0, 1.2, 1.2, 3, 48},
		{"no timestamps, 200", tasks(200, 5*s).with(func(s *scene) { s.unstamped = true }), 0, 1.2, 1.2, 3, 48},
		{"no order, 200", tasks(200, 5*s).with(func(s *scene) { s.unsorted = true }), 0, 1.2, 1.2, 3, 48},
		{"list takes 3 s", tasks(100, 5*s).with(func(s *scene) { s.slow = 3 * time.Second }), 0, 2, 2, 6, 16},
		{"list 500", tasks(100, 5*s).with(func(s *scene) { s.listFails = true }), 0, 2, 2, 6, 16},
		{"list 500, ten creators, 200", tasks(200, 5*s).with(func(s *scene) { s.listFails = true }, ten), 0, 2, 2, 6, 16},
		{"list 500, random", tasks(100, 5*s).with(func(s *scene) { s.listFails = true }, random), 0, 3, 10, 45, 16},
		{"list stale by 10 s", tasks(100, 5*s).with(func(s *scene) { s.stale = 10 * time.Second }), 0, 2, 2, 11, 16},
		{"only unfinished", tasks(100, 5*s).with(func(s *scene) { s.unfinished = true }), 0, 2, 2, 5, 48},
		{"only unfinished, 200 of 1 s", tasks(200, 1*s).with(func(s *scene) { s.unfinished = true }), 0, 2, 2, 5, 48},
		{"10 processes of 20 tasks", tasks(200, 5*s).with(func(s *scene) { s.processes = 10 }), 0, 6, 3, 15, 64},
		{"round trip of 2 s", tasks(50, 5*s).with(func(s *scene) { s.leg = always(time.Second) }), 0, 1, 5, 7, 12},
		{"200 resumed, half done", tasks(200, 5*s).with(func(s *scene) { s.resumed = "half" }), 0, 1.2, 1.2, 3, 64},
		{"200 resumed, all done", tasks(200, 5*s).with(func(s *scene) { s.resumed = "all" }), 0, 1.2, 1, 3, 64},
		{"200 resumed, half done, 5,000 old", tasks(200, 5*s).with(func(s *scene) { s.resumed = "half" }, old), 0, 1.2, 1.5, 3, 64},
		{"190 joining over 10 min", scene{n: 190, length: always(3 * s), spread: 10 * time.Minute}, 0, 1.2, 1.2, 4, 12},
		{"100 tasks, 100 databases in 20", tasks(100, 5*s).with(func(s *scene) { s.subs, s.perSub, s.overview, s.flow = 20, 5, true, true }), 0, 1.5, 4, 15, 32},
		{"the same, busy shown", tasks(100, 5*s).with(func(s *scene) { s.subs, s.perSub, s.overview, s.flow, s.busy = 20, 5, true, true, true }), 0, 1.5, 4, 15, 32},
		{"100 subscriptions", scene{subs: 1, perSub: 100}, 0, 1.5, 10, 25, 16},
		{"100 subscriptions, nothing shown", scene{subs: 100, perSub: 1, overview: true}, 0, 1.5, 21, 72, 16}, // 1.5 polls a second are one in 67 s for each
		{"100 subscriptions, busy shown", scene{subs: 100, perSub: 1, overview: true, busy: true}, 0, 1.5, 10, 25, 16},
		{"one of 50 fails for ever", tasks(50, 5*s).with(bad(ever)), 0, 1.2, 1.2, 3, 12},
		{"one of 50 fails, in order", tasks(50, 5*s).with(bad(ever), one), 0, 1.2, 1.2, 3, 12},
		{"the last of 50 fails, in order", tasks(50, 5*s).with(bad(ever), one, func(s *scene) { s.badAt = 49 }), 0, 1.2, 1.2, 3, 12},
		{"one of 50 fails for 2 min", tasks(50, 5*s).with(bad(2 * time.Minute)), 0, 1.2, 1.2, 3, 12},
		{"one of 50 fails, list 500", tasks(50, 5*s).with(bad(2*time.Minute), func(s *scene) { s.listFails = true }), 0, 2.1, 4, 125, 12},
		{"one of 50 hangs", tasks(50, 5*s).with(bad(ever), func(s *scene) { s.hangs = true }), 0, 1.2, 1.2, 3, 12},
	}
}

// unkind returns worlds that nobody has seen, and limits for them.
func unkind() []row {
	s := time.Second
	with := func(n int, length time.Duration, changes ...func(*scene)) scene {
		return tasks(n, length).with(changes...)
	}
	down := func(s *scene) { s.listFails = true }
	return []row{
		{"visible after 6 s", with(100, 5*s, func(s *scene) { s.late = 6 * time.Second }), 0, 1.3, 2, 9, 12},
		{"visible after 6 s, joining", with(190, 3*s, func(s *scene) { s.late, s.spread = 6*time.Second, 10*time.Minute }), 0, 1.6, 4, 12, 12},
		{"a stamp an hour ahead", with(100, 5*s, func(s *scene) { s.outlier = true }), 0, 1.3, 2, 12, 48},
		{"oldest first", with(100, 5*s, func(s *scene) { s.reversed = true }), 0, 1.3, 2, 6, 48},
		{"oldest first, 5,000 old", with(100, 5*s, func(s *scene) { s.reversed, s.old = true, 5000 }), 0, 2.2, 3, 15, 24},
		{"ends don't show as changes", with(100, 5*s, func(s *scene) { s.frozen = true }), 0, 1.5, 3, 12, 48},
		{"list 500, foreign", with(100, 5*s, down, func(s *scene) { s.foreign = 3 }), 0, 2.5, 5, 20, 16},
		{"list 500, LIFO", with(100, 5*s, down, func(s *scene) { s.order = "lifo" }), 0, 3, 12, 75, 16},
		{"list 500, no stamps", with(100, 5*s, down, func(s *scene) { s.unstamped = true }), 0, 3, 10, 45, 16},
		{"list 500, 4 at once", with(100, 5*s, down, func(s *scene) { s.atOnce = 4 }), 0, 2.5, 4, 15, 16},
		{"list 500, stamps of 20 ms", with(100, 5*s, down, func(s *scene) { s.coarse = 20 * time.Millisecond }), 0, 2, 2, 12, 16},
		{"list 500, stamps of 1 s", with(100, 5*s, down, func(s *scene) { s.coarse = time.Second }), 0, 3, 10, 45, 16},
		{"list 500, random, stamps of 1 s", with(100, 5*s, down, func(s *scene) { s.coarse, s.order = time.Second, "random" }), 0, 3, 10, 45, 16},
		{"stamps of 1 s", with(100, 5*s, func(s *scene) { s.coarse = time.Second }), 0, 1.2, 1.2, 3, 16},
		{"list 500 for a minute", with(100, 5*s, down, func(s *scene) { s.until = time.Minute }), 0, 1.5, 2, 6, 16},
		{"stale for 2 min", with(100, 5*s, func(s *scene) { s.stale, s.until = 10*time.Second, 2*time.Minute }), 0, 1.6, 2, 11, 16},
		{"only unfinished, random, 4 at once", with(100, 5*s, func(s *scene) { s.unfinished, s.order, s.atOnce = true, "random", 4 }), 0, 2, 2, 6, 48},
		{"only unfinished, 200 at once", with(200, 5*s, func(s *scene) { s.unfinished, s.atOnce = true, 200 }), 0, 7, 20, 40, 48},
		{"nothing answers for 2 min", with(100, 5*s, func(s *scene) { s.outage = 2 * time.Minute }), 0, 1.2, 25, 155, 16},
		{"list shows none of ours", with(20, 5*s, func(s *scene) { s.others = true }), 0, 2.1, 2, 6, 12},
		{"list shows none of ours, nor others", with(150, 200*time.Millisecond, func(s *scene) { s.others = true }), 0, 2, 40, 75, 12},
		{"list shows others alone", with(150, 200*time.Millisecond, func(s *scene) { s.others, s.foreign = true, 3 }), 0, 3, 40, 75, 24},
		{"list shows others alone, 5,000 old", with(150, 200*time.Millisecond, func(s *scene) { s.others, s.foreign, s.old = true, 1, 5000 }), 0, 3, 40, 75, 48},
		{"no timestamps, 5,000 old", with(100, 5*s, func(s *scene) { s.unstamped, s.old = true, 5000 }), 0, 3, 10, 90, 24},
	}
}

func TestUnkind(t *testing.T) { measure(t, unkind()) }

func TestAdversity(t *testing.T) { measure(t, rows()) }

func measure(t *testing.T, rows []row) {
	t.Helper()
	if raceEnabled {
		t.Skip("nothing happens at the same time here, and the detector makes it slow")
	}
	t.Logf("%-38s %8s %8s %7s %7s %7s   bounds", "", "requests", "polls/s", "mean", "max", "KiB/s")
	for _, r := range rows {
		var f figure
		seeds := r.seeds()
		for seed := range uint64(seeds) {
			w := newWorld(r.scene, *firstSeed+seed)
			one := w.figure(w.run(3 * time.Hour))
			if !one.ended {
				t.Errorf("%s: %d waits have not ended", r.name, w.open)
			}
			if limit := 0.002 * one.requests; float64(w.refused) > limit {
				t.Errorf("%s: %d requests were refused, at most %.0f", r.name, w.refused, limit)
			}
			f.requests = max(f.requests, one.requests)
			f.rate += one.rate / float64(seeds)
			f.mean += one.mean / float64(seeds)
			f.kib += one.kib / float64(seeds)
			f.max = max(f.max, one.max)
		}
		bounds := fmt.Sprintf("%g, %g / %g, %g", r.rate, r.mean, r.max, r.kib)
		if r.requests > 0 {
			bounds = fmt.Sprintf("%g in all, %g / %g", r.requests, r.mean, r.max)
		}
		miss := ""
		check := func(what string, is, most float64) {
			if most > 0 && is > most+0.005 {
				miss += fmt.Sprintf(" %s +%.2f", what, is-most)
				t.Errorf("%s: %s is %.2f, at most %g", r.name, what, is, most)
			}
		}
		check("requests", f.requests, r.requests)
		check("rate", f.rate, r.rate)
		check("mean", f.mean, r.mean)
		check("max", f.max, r.max)
		check("kib", f.kib, r.kib)
		t.Logf("%-38s %8.0f %8.2f %7.2f %7.2f %7.1f   %s %s", r.name, f.requests, f.rate, f.mean, f.max, f.kib, bounds, miss)
	}
}
