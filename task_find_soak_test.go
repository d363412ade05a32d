package rediscloud_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
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

// envSeeds sets how many seeds TestLostWritesOfTwoPrograms runs.
const envSeeds = "REDISCLOUD_TEST_SEEDS"

// A day of two programs on one account, in which writes of both get lost: on
// the way there, on the way back, or by a 5xx without information. The
// transport knows what happened to each. At the end each write is one of three:
// it was made once, and its task is known; it was refused; or the outcome is
// unknown, and reported as such. No task is taken twice, or by the wrong
// program.
func TestLostWritesOfTwoPrograms(t *testing.T) {
	seeds := 2
	if n, err := strconv.Atoi(os.Getenv(envSeeds)); err == nil {
		seeds = n
	}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { losingDay(t, seed) })
		})
	}
}

type writeKey struct{}

// A loser is the transport of one program, which loses responses.
type loser struct {
	next   http.RoundTripper
	mu     sync.Mutex
	random *rand.Rand
	truth  map[int]string // the tasks that the writes started
	until  time.Time      // from when nothing is lost any more
}

func (l *loser) RoundTrip(req *http.Request) (*http.Response, error) {
	l.mu.Lock()
	fate := l.random.IntN(10)
	if !time.Now().Before(l.until) {
		fate = 9
	}
	l.mu.Unlock()
	write, isWrite := req.Context().Value(writeKey{}).(int)
	switch {
	case req.Method == http.MethodGet && req.URL.Path == "/v1/tasks" && fate == 0:
		return nil, errors.New("connection reset")
	case req.Method == http.MethodGet || !isWrite:
		return l.next.RoundTrip(req)
	case fate < 2:
		return nil, errors.New("connection reset")
	}
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var task struct{ TaskID string }
	if json.Unmarshal(body, &task) == nil && task.TaskID != "" {
		l.mu.Lock()
		l.truth[write] = task.TaskID
		l.mu.Unlock()
	}
	switch fate {
	case 2, 3:
		return nil, errors.New("connection reset")
	case 4:
		resp.StatusCode, resp.Body = 502, io.NopCloser(bytes.NewReader([]byte("<html>")))
	}
	return resp, nil
}

// A losingProgram makes writes, and records what it knows of each.
type losingProgram struct {
	t      *testing.T
	way    *loser
	client *rediscloud.Client
	known  map[int]string // the tasks that it took for those of its writes
	counts map[string]int
	writes int
}

// write makes one write, searches for its task if it is lost, and compares the
// result with what the transport knows.
func write[T any](p *losingProgram, submit func(context.Context) (*rediscloud.Task[T], error)) {
	p.way.mu.Lock()
	p.writes++
	id := p.writes
	p.way.mu.Unlock()
	task, err := submit(context.WithValue(p.t.Context(), writeKey{}, id))
	outcome := "answered"
	lost, unknown := errors.AsType[*rediscloud.OutcomeUnknownError](err)
	for unknown {
		if task, err = rediscloud.FindTask[T](p.t.Context(), lost); err == nil {
			outcome = "found"
			break
		}
		if _, untold := errors.AsType[*rediscloud.LostTaskError](err); untold || errors.Is(err, rediscloud.ErrNotFound) {
			break
		}
		time.Sleep(time.Minute) // the list can't be read
	}
	p.way.mu.Lock()
	defer p.way.mu.Unlock()
	truth := p.way.truth[id]
	failure, untold := errors.AsType[*rediscloud.LostTaskError](err)
	switch {
	case err == nil:
		assert.Equal(p.t, truth, task.ID(), "a task of another's was taken")
		p.known[id] = task.ID()
	case untold && failure.NothingCreated():
		outcome = "failed, or not accepted"
	case untold:
		outcome = "said to be unknown: " + failure.Method
	case unknown:
		outcome = "found not to be accepted"
		assert.Empty(p.t, truth, "it was accepted: %v", err)
	default:
		outcome = "refused"
		assert.Empty(p.t, truth, "it was accepted: %v", err)
	}
	p.counts[outcome]++
}

func losingDay(t *testing.T, seed uint64) {
	fake := rediscloudtest.New(rediscloudtest.WithProcessing(2*time.Second), rediscloudtest.WithProvisioning(20*time.Second), rediscloudtest.WithUnknownFor(2*time.Second))
	subs := []int{fake.AddSubscription("one"), fake.AddSubscription("two"), fake.AddSubscription("both")}
	until := time.Now().Add(24 * time.Hour)
	var programs []*losingProgram
	var group sync.WaitGroup
	for i := range uint64(2) {
		way := &loser{next: fake.Transport(), random: rand.New(rand.NewPCG(seed, i)), truth: map[int]string{}, until: until}
		client := connect(t, fake, rediscloud.WithHTTPClient(&http.Client{Transport: way}))
		p := &losingProgram{t: t, way: way, client: client, known: map[int]string{}, counts: map[string]int{}}
		programs = append(programs, p)
		for worker := range uint64(3) {
			random := rand.New(rand.NewPCG(seed, 100*i+worker+10))
			group.Go(func() {
				for time.Now().Before(until) {
					p.change(random, i, subs)
					time.Sleep(time.Duration(random.IntN(3)) * time.Duration(random.IntN(80*60)) * time.Second)
				}
			})
		}
	}
	group.Wait()

	taken := map[string]int{}
	for _, p := range programs {
		for _, id := range p.known {
			taken[id]++
		}
		t.Logf("seed %d: %d writes: %v", seed, p.writes, p.counts)
		require.Positive(t, p.counts["found"])
		require.Positive(t, p.counts["found not to be accepted"])
	}
	for id, n := range taken {
		assert.Equal(t, 1, n, "takers of task %s", id)
	}
	started := len(programs[0].way.truth) + len(programs[1].way.truth)
	assert.Len(t, fake.Tasks(), started, "nothing was made but by a write")
	assert.LessOrEqual(t, len(taken), started)
	sum := 0
	for _, p := range programs {
		for _, n := range slices.Collect(maps.Values(p.counts)) {
			sum += n
		}
	}
	assert.Equal(t, programs[0].writes+programs[1].writes, sum, "each write has one end")
}

// change makes a change at random. Both programs create the same names, each in
// its own subscription, and different names in a shared one. What they do at
// the same time differs in the end; otherwise nothing could distinguish the
// tasks.
func (p *losingProgram) change(random *rand.Rand, program uint64, subs []int) {
	sub, name := subs[program], "d"+strconv.Itoa(random.IntN(6))
	if random.IntN(2) == 0 {
		sub, name = subs[2], fmt.Sprint(name, "-", program)
	}
	var mine []int
	for db, err := range p.client.Databases.All(p.t.Context(), sub, nil) {
		if err == nil && (sub != subs[2] || strings.HasSuffix(db.Name, fmt.Sprint("-", program))) {
			mine = append(mine, db.ID)
		}
	}
	kind := random.IntN(5)
	if len(mine) == 0 || kind < 2 {
		write(p, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return p.client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: name, DatasetSizeInGB: new(float64(1 + random.IntN(2)))})
		})
		return
	}
	id := mine[random.IntN(len(mine))]
	switch kind {
	case 2:
		write(p, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
			return p.client.Databases.Update(ctx, sub, id, &rediscloud.DatabaseUpdateRequest{DatasetSizeInGB: new(float64(1 + random.IntN(5)))})
		})
	case 3:
		write(p, func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
			return p.client.Databases.Delete(ctx, sub, id)
		})
	default:
		write(p, func(ctx context.Context) (*rediscloud.Task[rediscloud.ACLRedisRule], error) {
			return p.client.ACLRedisRules.Create(ctx, &rediscloud.ACLRedisRuleCreateRequest{Name: fmt.Sprint(name, program), Rule: "+@read"})
		})
	}
}
