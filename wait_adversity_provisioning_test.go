package rediscloud_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// A provisioningRow is a row of the adversity table for databases that become
// active at unknown times, 5 to 15 min from now.
type provisioningRow struct {
	name            string
	subs, databases int
	tasks           int           // of 5 s each, waited for as well
	reads           time.Duration // between reads of the user; 0: none
	silent          bool          // the subscriptions don't show that something in them is changing

	polls     float64
	mean, max time.Duration
	kib       float64
	readMean  time.Duration
	readMax   time.Duration
	always    bool // measured without -measures too
}

var provisioningRows = []provisioningRow{
	// Reads and creates use up the 400 of the first minute: the rest is shared,
	// reads first.
	{name: "100 tasks, 100 databases, 5 reads a second", subs: 20, databases: 100, tasks: 100, reads: 200 * time.Millisecond,
		polls: 1.5, mean: 9 * time.Second, max: 45 * time.Second, kib: 32, readMean: 9 * time.Second, readMax: 40 * time.Second},
	{name: "100 subscriptions provisioning", subs: 100, databases: 100, polls: 1.5, mean: 10 * time.Second, max: 25 * time.Second, kib: 16, always: true},
	// The budget allows only one poll per subscription in more than a minute.
	{name: "100 subscriptions whose status says nothing", subs: 100, databases: 100, silent: true, polls: 1.6, mean: 25 * time.Second, max: 90 * time.Second, kib: 16},
}

func TestAdversityOfProvisioning(t *testing.T) {
	if raceEnabled {
		t.Skip("it measures: the race detector has nothing to add")
	}
	t.Parallel()
	var lines []string
	for i, row := range provisioningRows {
		if !row.always && !*measures && *adversityDocs == "" {
			continue
		}
		var c cost
		var reads []time.Duration
		synctest.Test(t, func(t *testing.T) { c, reads = row.measure(t, *adversitySeed+uint64(i)) })
		var read, longest time.Duration
		for _, d := range reads {
			read += d / time.Duration(len(reads))
			longest = max(longest, d)
		}
		t.Logf("%-44s | %.2f of %.1f polls a second | late %s of %s, %s of %s | %.1f of %.0f KiB/s | a read waits %s of %s, %s of %s | %d refused", row.name,
			c.pollRate(), row.polls, c.mean(), row.mean, c.max.Round(ms(10)), row.max, c.kib(), row.kib,
			read.Round(ms(10)), row.readMean, longest.Round(ms(10)), row.readMax, c.refused)
		line := fmt.Sprintf("| %s | %.2f | %s | %s | %.1f |", row.name, c.pollRate(), seconds(c.mean()), seconds(c.max), c.kib())
		if row.reads > 0 {
			line += fmt.Sprintf(" %s | %s |", seconds(read), seconds(longest))
		} else {
			line += " – | – |"
		}
		lines = append(lines, line)
		assert.LessOrEqual(t, c.pollRate(), row.polls, row.name)
		assert.LessOrEqual(t, c.mean(), row.mean, row.name)
		assert.LessOrEqual(t, c.max, row.max, row.name)
		assert.LessOrEqual(t, c.kib(), row.kib, row.name)
		assert.LessOrEqual(t, read, max(row.readMean, ms(1)), row.name)
		assert.LessOrEqual(t, longest, max(row.readMax, ms(1)), row.name)
		assert.Zero(t, c.refused, row.name)
	}
	if *adversityDocs != "" {
		writeTable(t, *adversityDocs, "provisioning", lines)
	}
}

func (row provisioningRow) measure(t *testing.T, seed uint64) (c cost, reads []time.Duration) {
	fake := rediscloudtest.New(rediscloudtest.WithSeed(seed), rediscloudtest.WithRandomRoundTrip(ms(40), ms(400)),
		rediscloudtest.WithUnknownFor(ms(300)), rediscloudtest.WithProcessing(5*time.Second), rediscloudtest.WithProvisioning(0))
	client := connect(t, fake)
	dice := rand.New(rand.NewPCG(seed, 2))
	began := time.Now()
	var mu sync.Mutex
	var group sync.WaitGroup
	note := func(late time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		c.sum += late
		c.tasks++
		c.max = max(c.max, late)
	}
	subs := make([]int, row.subs)
	pending := make([]int, row.subs)
	for i := range subs {
		subs[i] = fake.AddSubscription(fmt.Sprintf("s%d", i))
	}
	for i := range row.databases {
		of := i % row.subs
		sub, db := subs[of], fake.AddDatabase(subs[of], fmt.Sprintf("d%d", i))
		pending[of]++
		path := fmt.Sprintf("/subscriptions/%d", sub)
		fake.SetStatus(fmt.Sprintf("%s/databases/%d", path, db), "pending")
		if !row.silent {
			fake.SetStatus(path, "pending")
		}
		takes := 5*time.Minute + time.Duration(dice.Int64N(int64(10*time.Minute)))
		time.AfterFunc(takes, func() {
			fake.SetStatus(fmt.Sprintf("%s/databases/%d", path, db), "")
			mu.Lock()
			defer mu.Unlock()
			if pending[of]--; pending[of] == 0 {
				fake.SetStatus(path, "")
			}
		})
		group.Go(func() {
			_, err := client.Databases.WaitProvisioned(t.Context(), sub, db)
			assert.NoError(t, err)
			note(time.Since(began) - takes)
		})
	}
	returned := map[string]time.Time{}
	for i := range row.tasks {
		other := fake.AddSubscription(fmt.Sprintf("t%d", i))
		group.Go(func() {
			task, err := client.Databases.Create(t.Context(), other, &rediscloud.DatabaseCreateRequest{Name: "d"})
			if !assert.NoError(t, err) {
				return
			}
			_, err = task.Wait(t.Context())
			assert.NoError(t, err)
			mu.Lock()
			defer mu.Unlock()
			returned[task.ID()] = time.Now()
		})
	}
	ended := row.readMeanwhile(func() {
		_, err := client.Subscriptions.Get(t.Context(), subs[0])
		assert.NoError(t, err)
	})
	group.Wait()
	c.took = time.Since(began)
	reads = ended()
	for _, task := range fake.Tasks() {
		if at, ours := returned[task.ID]; ours {
			note(at.Sub(task.Ended))
		}
	}
	for _, req := range fake.Requests() {
		c.requests++
		if req.Status == 429 {
			c.refused++
		}
		if req.Route != "GET /subscriptions/{subscriptionId}" {
			c.bytes += req.BytesRead
		}
	}
	c.polls = c.requests - 2*row.tasks - row.databases - len(reads)
	c.runs = 1
	return c, reads
}

// readMeanwhile reads at the pace of the row until it is ended, which returns how
// long each read took.
func (row provisioningRow) readMeanwhile(read func()) (end func() []time.Duration) {
	if row.reads == 0 {
		return func() []time.Duration { return nil }
	}
	var mu sync.Mutex
	var took []time.Duration
	var readers sync.WaitGroup
	ended := make(chan struct{})
	readers.Go(func() {
		ticker := time.NewTicker(row.reads)
		defer ticker.Stop()
		for {
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
			readers.Go(func() {
				start := time.Now()
				read()
				mu.Lock()
				defer mu.Unlock()
				took = append(took, time.Since(start))
			})
		}
	})
	return func() []time.Duration {
		close(ended)
		readers.Wait()
		return took
	}
}
