package rediscloud_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

var (
	measures       = flag.Bool("measures", false, "measure all of it: each row of the tables, and time; without, what is quick and doesn't depend on the machine")
	adversitySeed  = flag.Uint64("adversity.seed", 7001, "first seed of the adversity table: any other tells as much")
	adversitySeeds = flag.Int("adversity.seeds", 1, "seeds of each row of the adversity table")
	adversityDocs  = flag.String("adversity.docs", "", "a Markdown file into which the adversity table is written")
	adversityNaive = flag.Bool("adversity.naive", false, "also measure a poller for each task in each row of the adversity table")
)

// An adversity is one row of the table: a world, what is waited for in it, and
// what that may cost. All worlds have a random round trip of 40 to 400 ms whose
// two directions are independent, tasks that are unknown for the first 300 ms,
// and the limit of 400 requests a minute; the tasks are created concurrently.
type adversity struct {
	name     string
	tasks    int
	length   time.Duration
	world    []rediscloudtest.Option
	programs int           // that share the tasks and the key; 0 is one
	inOrder  bool          // created one after the other
	spread   time.Duration // over which they are created
	done     float64       // resumed when this share of them is done; 0: not resumed

	polls     float64 // a second, at most
	requests  int     // in all, at most; instead of polls
	mean, max time.Duration
	kib       float64 // read a second, at most
	refused   float64 // the share, at most
	always    bool    // measured without -measures too
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// leastTook is the shortest time that rates are computed over: a single poll
// doesn't make a high rate.
const leastTook = 10 * time.Second

// oneOf50 concerns one task of fifty.
func oneOf50(n int) bool { return n == 20 }

func adversities() []adversity {
	s := time.Second
	list := func(status int) rediscloudtest.Option {
		return rediscloudtest.WithTaskListOutage(rediscloudtest.Outage{Status: status})
	}
	order := rediscloudtest.WithTaskOrder
	parallel := rediscloudtest.WithParallelTasks
	rows := []adversity{
		{name: "1 of 3 s", tasks: 1, length: 3 * s, requests: 8, mean: ms(800), max: ms(1050), always: true},
		{name: "1 of 45 s", tasks: 1, length: 45 * s, requests: 40, mean: 2 * s, max: 2 * s, always: true},
		{name: "1 of 10 min", tasks: 1, length: 600 * s, requests: 200, mean: 4 * s, max: 4 * s},
		{name: "10 of 5 s", tasks: 10, length: 5 * s, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 12, always: true},
		{name: "50 of 5 s", tasks: 50, length: 5 * s, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 12, always: true},
		{name: "200 of 5 s", tasks: 200, length: 5 * s, polls: 1.2, mean: ms(1200), max: 6 * s, kib: 12},
		{name: "200 of 5 s, in order", tasks: 200, length: 5 * s, inOrder: true, polls: 1.2, mean: ms(1200), max: 6 * s, kib: 12},
		{name: "500 of 2 s", tasks: 500, length: 2 * s, polls: 1.2, mean: ms(1200), max: 6 * s, kib: 12},
		{name: "LIFO, 5 s", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{order(rediscloudtest.OrderLIFO)}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 12, always: true},
		{name: "random order, 5 s", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{order(rediscloudtest.OrderRandom)}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 12, always: true},
		{name: "random order, 20 s", tasks: 60, length: 20 * s, world: []rediscloudtest.Option{order(rediscloudtest.OrderRandom)}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 12},
		{name: "3 foreign before each", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{rediscloudtest.WithForeignTasks(3)}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 12},
		{name: "3 foreign, random order", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{rediscloudtest.WithForeignTasks(3), order(rediscloudtest.OrderRandom)}, polls: 1.2, mean: ms(1200), max: 5 * s, kib: 12},
		{name: "2 at once", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{parallel(2)}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 12, always: true},
		{name: "4 at once", tasks: 100, length: 10 * s, world: []rediscloudtest.Option{parallel(4)}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 12},
		{name: "16 at once", tasks: 200, length: 20 * s, world: []rediscloudtest.Option{parallel(16)}, polls: 1.2, mean: ms(1200), max: 6 * s, kib: 12},
		{name: "200 at once", tasks: 200, length: 60 * s, world: []rediscloudtest.Option{parallel(200)}, polls: 1.2, mean: ms(1200), max: 6 * s, kib: 32, always: true},
		{name: "heavy tail, 0.5 s to 10 min", tasks: 100, world: []rediscloudtest.Option{rediscloudtest.WithHeavyTail(s/2, 600*s)}, polls: 1.2, mean: ms(1200), max: 6 * s, kib: 12, always: true},
		{name: "5,000 old tasks", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{rediscloudtest.WithOldTasks(5000)}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 16, always: true},
		{name: "5,000 old, random order", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{rediscloudtest.WithOldTasks(5000), order(rediscloudtest.OrderRandom)}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 16},
		{name: "server's clock an hour off", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{rediscloudtest.WithClockSkew(-time.Hour)}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 12, always: true},
		{name: "list lacks received tasks", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{rediscloudtest.WithTaskListHiding("received")}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 12, always: true},
		{name: "no timestamps", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{rediscloudtest.WithoutTaskTimestamps()}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 48, always: true},
		{name: "list takes 3 s", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{rediscloudtest.WithSlowTaskList(3 * s)}, polls: 2, mean: 2 * s, max: 6 * s, kib: 16},
		{name: "list answers 500", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{list(500)}, polls: 2, mean: 2 * s, max: 6 * s, kib: 16, always: true},
		{name: "list answers 403", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{list(403)}, polls: 2, mean: 2 * s, max: 6 * s, kib: 16, always: true},
		{name: "list 500, random order", tasks: 50, length: 5 * s, world: []rediscloudtest.Option{list(500), order(rediscloudtest.OrderRandom)}, polls: 3, mean: 10 * s, max: 45 * s, kib: 16},
		{name: "list stale by 10 s", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{rediscloudtest.WithStaleTaskList(10 * s)}, polls: 2, mean: 2 * s, max: 11 * s, kib: 16, always: true},
		{name: "list shows only unfinished", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{rediscloudtest.WithTaskListHiding("processing-completed", "processing-error")}, polls: 2, mean: 2 * s, max: 5 * s, kib: 48},
		{name: "10 programs of 20, one key", tasks: 200, length: 5 * s, programs: 10, polls: 6, mean: 3 * s, max: 15 * s, kib: 64, refused: 0.002},
		{name: "round trip of 2 s", tasks: 100, length: 5 * s, world: []rediscloudtest.Option{rediscloudtest.WithRandomRoundTrip(2*s, 2*s)}, polls: 1, mean: 5 * s, max: 7 * s, kib: 12, always: true},
		{name: "200 resumed, half done", tasks: 200, length: 5 * s, done: 0.5, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 64, always: true},
		{name: "200 resumed, all done", tasks: 200, length: 2 * s, done: 1, mean: 1 * s, max: 3 * s, polls: 1.2, kib: 64},
		{name: "200 resumed, 5,000 old", tasks: 200, length: 5 * s, done: 0.5, world: []rediscloudtest.Option{rediscloudtest.WithOldTasks(5000)}, polls: 1.2, mean: ms(1500), max: 3 * s, kib: 64},
		{name: "190 joining over 10 min", tasks: 190, length: 5 * s, spread: 600 * s, polls: 1.2, mean: ms(1200), max: 4 * s, kib: 12},
	}
	for _, fault := range []struct {
		name   string
		outage rediscloudtest.Outage
	}{
		{"500", rediscloudtest.Outage{Status: 500}}, {"429", rediscloudtest.Outage{Status: 429}}, {"nothing", rediscloudtest.Outage{}},
		{"500 for 2 min", rediscloudtest.Outage{Status: 500, For: 120 * s}}, {"429 for 2 min", rediscloudtest.Outage{Status: 429, For: 120 * s}},
	} {
		for _, inOrder := range []bool{false, true} {
			name := "1 of 50 answers " + fault.name
			if inOrder {
				name += ", in order"
			}
			rows = append(rows, adversity{name: name, tasks: 50, length: 5 * s, inOrder: inOrder,
				world: []rediscloudtest.Option{rediscloudtest.WithTaskOutage(oneOf50, fault.outage)}, polls: 1.2, mean: ms(1200), max: 3 * s, kib: 12, always: true})
		}
	}
	return rows
}

// A cost is what the waits of a row have cost.
type cost struct {
	requests, polls, refused, tasks int
	bytes                           int
	took                            time.Duration
	sum, max                        time.Duration
	runs                            int
}

func (c *cost) add(d cost) {
	c.requests += d.requests
	c.polls += d.polls
	c.refused += d.refused
	c.tasks += d.tasks
	c.bytes += d.bytes
	c.took += d.took
	c.sum += d.sum
	c.max = max(c.max, d.max)
	c.runs++
}

func (c cost) mean() time.Duration {
	return (c.sum / time.Duration(max(1, c.tasks))).Round(10 * time.Millisecond)
}
func (c cost) pollRate() float64 { return float64(c.polls) / c.took.Seconds() }
func (c cost) kib() float64      { return float64(c.bytes) / 1024 / c.took.Seconds() }

// The limits hold in every world, not only for an account that processes tasks
// in the order of their submission. The seeds are not those that the schedule
// was tuned on; go test -run Adversity -v -measures -adversity.seed 1
// -adversity.seeds 10 measures others.
func TestAdversity(t *testing.T) {
	if raceEnabled {
		t.Skip("it measures: the race detector has nothing to add")
	}
	t.Parallel()
	rows := adversities()
	costs, naive := make([]cost, len(rows)), make([]cost, len(rows))
	t.Run("measure", func(t *testing.T) {
		for i, row := range rows {
			if !row.always && !*measures && *adversityDocs == "" {
				continue
			}
			t.Run(row.name, func(t *testing.T) {
				t.Parallel()
				seeds := *adversitySeeds
				if row.tasks == 1 {
					seeds = max(seeds, 5)
				}
				for n := range seeds {
					seed := *adversitySeed + uint64(1000*i+n)
					synctest.Test(t, func(t *testing.T) { costs[i].add(row.measure(t, seed, false)) })
					if *adversityNaive && row.done == 0 && !strings.HasPrefix(row.name, "1 of 50") { // which never ends for one of them
						synctest.Test(t, func(t *testing.T) { naive[i].add(row.measure(t, seed, true)) })
					}
				}
			})
		}
	})
	t.Logf("%-36s | %-14s | %-13s | %-13s | %-12s | refused | naive: polls, mean, max", "row", "polls a second", "late, mean", "late, max", "KiB/s")
	var lines []string
	for i, row := range rows {
		if c := costs[i]; c.runs > 0 {
			row.report(t, c, naive[i])
			lines = append(lines, row.line(c, naive[i]))
		}
	}
	if *adversityDocs != "" {
		writeTable(t, *adversityDocs, "adversity", lines)
	}
}

// line is the row of the table in the documentation.
func (a adversity) line(c, naive cost) string {
	polls := fmt.Sprintf("%.2f", c.pollRate())
	if a.requests > 0 {
		polls = fmt.Sprintf("%d in all", c.polls/c.runs)
	}
	line := fmt.Sprintf("| %s | %s | %s | %s | %.1f |", a.name, polls, seconds(c.mean()), seconds(c.max), c.kib())
	if naive.runs > 0 {
		line += fmt.Sprintf(" %.2f | %s | %s |", naive.pollRate(), seconds(naive.mean()), seconds(naive.max))
	} else {
		line += " – | – | – |"
	}
	return line
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

// writeTable puts the rows of a table between its marks in a file.
func writeTable(t *testing.T, file, name string, lines []string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	before, rest, found := strings.Cut(string(text), begin)
	require.True(t, found, "%s has no mark for the table %s", file, name)
	head, _, _ := strings.Cut(rest, "\n| ---")
	_, after, found := strings.Cut(rest, end)
	require.True(t, found, "%s has no end of the table %s", file, name)
	rule := "\n|" + strings.Repeat(" --- |", strings.Count(head, "|")-1) + "\n"
	table := strings.Join(lines, "\n") + "\n"
	require.NoError(t, os.WriteFile(file, []byte(before+begin+head+rule+table+end+after), 0o644))
}

func (a adversity) report(t *testing.T, c, naive cost) {
	polls := fmt.Sprintf("%.2f of %.1f", c.pollRate(), a.polls)
	if a.requests > 0 {
		polls = fmt.Sprintf("%d of %d", c.requests/c.runs, a.requests)
	}
	other := ""
	if naive.runs > 0 {
		other = fmt.Sprintf("%.2f, %s, %s", naive.pollRate(), naive.mean(), naive.max.Round(ms(100)))
	}
	t.Logf("%-36s | %-14s | %5s of %5s | %5s of %5s | %4.1f of %4.0f | %d | %s", a.name, polls, c.mean().Round(ms(10)), a.mean,
		c.max.Round(ms(10)), a.max, c.kib(), a.kib, c.refused, other)
	if a.requests > 0 {
		assert.LessOrEqual(t, c.requests, a.requests*c.runs, "%s: requests", a.name)
	} else {
		assert.LessOrEqual(t, c.pollRate(), a.polls, "%s: polls a second", a.name)
	}
	assert.LessOrEqual(t, c.mean(), a.mean, "%s: late in the mean", a.name)
	assert.LessOrEqual(t, c.max, a.max, "%s: late at most", a.name)
	if a.kib > 0 {
		assert.LessOrEqual(t, c.kib(), a.kib, "%s: KiB a second", a.name)
	}
	assert.LessOrEqual(t, float64(c.refused), a.refused*float64(c.requests), "%s: refused", a.name)
	if naive.runs > 0 {
		assert.LessOrEqual(t, c.mean(), naive.mean(), "%s: later than a poller for each task", a.name)
	}
}

// measure runs the row once.
func (a adversity) measure(t *testing.T, seed uint64, naively bool) cost {
	options := append([]rediscloudtest.Option{
		rediscloudtest.WithSeed(seed), rediscloudtest.WithRandomRoundTrip(ms(40), ms(400)), rediscloudtest.WithUnknownFor(ms(300)),
		rediscloudtest.WithProcessing(a.length), rediscloudtest.WithProvisioning(0),
	}, a.world...)
	fake := rediscloudtest.New(options...)
	run := &adversityRun{adversity: a, fake: fake, returned: map[string]time.Time{}, dice: rand.New(rand.NewPCG(seed, 1))}
	for range max(1, a.programs) {
		run.clients = append(run.clients, connect(t, fake))
	}
	for range a.tasks {
		run.subs = append(run.subs, fake.AddSubscription("s"))
	}
	run.began = time.Now()
	switch {
	case a.done > 0:
		run.resume(t)
	default:
		run.create(t, naively)
	}
	return run.cost()
}

type adversityRun struct {
	adversity
	fake    *rediscloudtest.Server
	clients []*rediscloud.Client
	subs    []int
	dice    *rand.Rand
	began   time.Time

	mu       sync.Mutex
	returned map[string]time.Time
}

// create creates the tasks, and waits for each once it is known.
func (r *adversityRun) create(t *testing.T, naively bool) {
	var group sync.WaitGroup
	for i := range r.tasks {
		if r.spread > 0 {
			time.Sleep(r.spread / time.Duration(r.tasks))
		}
		submit := func() *rediscloud.Task[rediscloud.Database] {
			task, err := r.clients[i%len(r.clients)].Databases.Create(t.Context(), r.subs[i], &rediscloud.DatabaseCreateRequest{Name: "d"})
			require.NoError(t, err)
			return task
		}
		var task *rediscloud.Task[rediscloud.Database]
		if r.inOrder {
			task = submit()
		}
		group.Go(func() {
			if task == nil {
				task = submit()
			}
			if naively {
				assert.NoError(t, naiveClient{fake: r.fake, http: r.fake.Client()}.wait(r.subs[i], task.ID()))
			} else {
				_, err := task.Wait(t.Context())
				assert.NoError(t, err)
			}
			r.note(task.ID())
		})
	}
	group.Wait()
}

func (r *adversityRun) note(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.returned[id] = time.Now()
}

// resume waits for tasks that another program has created, when some of them
// are done.
func (r *adversityRun) resume(t *testing.T) {
	var ids []string
	for i := range r.tasks {
		task, err := r.clients[0].Databases.Create(t.Context(), r.subs[i], &rediscloud.DatabaseCreateRequest{Name: "d"})
		require.NoError(t, err)
		ids = append(ids, task.ID())
	}
	done := func() (n int) {
		for _, task := range r.fake.Tasks() {
			if !task.Old && !task.Ended.IsZero() && !task.Ended.After(time.Now()) {
				n++
			}
		}
		return n
	}
	for float64(done()) < r.done*float64(r.tasks) {
		time.Sleep(time.Second)
	}
	time.Sleep(2 * time.Minute) // the allowance is complete again
	client := connect(t, r.fake)
	r.began = time.Now()
	var group sync.WaitGroup
	for i, id := range ids {
		group.Go(func() {
			task, err := rediscloud.ResumeTask[rediscloud.None](client, id)
			require.NoError(t, err)
			_, err = task.Wait(t.Context())
			assert.NoError(t, err)
			_, err = client.Databases.List(t.Context(), r.subs[i], nil) // what it created
			assert.NoError(t, err)
			r.note(id)
		})
	}
	group.Wait()
}

// cost computes the costs from the API's request log and the times at which the
// waits returned.
func (r *adversityRun) cost() (c cost) {
	c.tasks = len(r.returned)
	c.took = max(time.Since(r.began), leastTook)
	for _, task := range r.fake.Tasks() {
		returned, ours := r.returned[task.ID]
		if !ours {
			continue
		}
		ended := task.Ended
		if ended.Before(r.began) {
			ended = r.began
		}
		late := returned.Sub(ended)
		c.sum += late
		c.max = max(c.max, late)
	}
	for _, req := range r.fake.Requests() {
		if req.Time.Before(r.began) {
			continue
		}
		c.requests++
		if req.Status == http.StatusTooManyRequests && !strings.Contains(r.name, "429") {
			c.refused++
		}
		if strings.HasPrefix(req.Route, "GET /tasks") {
			c.bytes += req.BytesRead
		}
	}
	c.polls = c.requests - 2*r.tasks
	if r.done > 0 {
		c.polls = c.requests - r.tasks
	}
	return c
}
