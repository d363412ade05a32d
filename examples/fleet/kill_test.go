package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const createRoute = "POST /subscriptions/{subscriptionId}/databases"

// A worker dies at each place where that could do harm. Another one, which
// starts after it, completes its work.
func TestKilledAt(t *testing.T) {
	for _, point := range []string{"claimed " + jobsStream, "intended", "sent", "kept", "noted", "claimed " + waitsStream, "awaited"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			job := Job{r.fake.AddSubscription("s"), "d"}
			r.add(job)
			victim := r.start("kill " + point)
			err := victim.Wait()
			require.ErrorContains(t, err, "killed")
			require.False(t, ended(r.outcome(job)), "it didn't die in time")
			r.start("")
			outcome := r.ended(job)
			assert.Equal(t, stateActive, outcome.State, outcome.Error)
			assert.Equal(t, []int{outcome.Database}, r.fake.Databases(job.Subscription))
			assert.Equal(t, 1, r.posts())
			r.drained()
		})
	}
}

// A worker stops where that could do harm, for longer than its claim lasts, and
// continues when another one has done its job.
func TestStoppedAt(t *testing.T) {
	needProc(t)
	for _, point := range []string{"claimed " + jobsStream, "intended", "sent", "kept", "awaited"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			job := Job{r.fake.AddSubscription("s"), "d"}
			r.add(job)
			victim := r.start("stop " + point)
			require.Eventually(t, func() bool {
				stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", victim.Process.Pid))
				return err == nil && statOf(stat)[0] == "T"
			}, 10*time.Second, 10*time.Millisecond)
			other := r.start("")
			outcome := r.ended(job)
			kill(other)
			require.NoError(t, victim.Process.Signal(syscall.SIGCONT))
			time.Sleep(time.Second)
			assert.Equal(t, outcome, r.outcome(job))
			assert.Equal(t, stateActive, outcome.State, outcome.Error)
			assert.Equal(t, 1, r.posts())
			r.drained()
		})
	}
}

// Six workers create forty databases. One after another is killed at random and
// replaced, and some responses are lost on the way.
func TestKilledAtRandom(t *testing.T) {
	for _, seed := range []uint64{1, 2} {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			killAtRandom(t, rand.New(rand.NewPCG(seed, seed)))
		})
	}
}

func killAtRandom(t *testing.T, random *rand.Rand) {
	const workers, databases, subscriptions, kills = 6, 40, 4, 16
	allowance := Allowance{Requests: 100, Per: 5 * time.Second, Burst: 5, Slack: 750 * time.Millisecond}
	flags := []string{fmt.Sprint("-requests=", allowance.Requests), fmt.Sprint("-per=", allowance.Per), fmt.Sprint("-burst=", allowance.Burst), fmt.Sprint("-slack=", allowance.Slack)}
	r := newRig(t, rediscloudtest.WithRateLimit(allowance.Requests), rediscloudtest.WithRateWindow(allowance.Per))
	r.fake.DelayNext(1000, createRoute, 500*time.Millisecond) // time to die in, after the API has acted

	subs := make([]int, subscriptions)
	for i := range subs {
		subs[i] = r.fake.AddSubscription("s")
	}
	var jobs []Job
	for i := range databases {
		jobs = append(jobs, Job{subs[i%len(subs)], fmt.Sprintf("d-%d", i)})
	}
	start := time.Now()
	alive := make([]*exec.Cmd, workers)
	for i := range alive {
		alive[i] = r.start("", flags...)
	}

	added, killed, lost, next := 0, 0, 0, time.Now().Add(time.Second)
	left := jobs
	for len(left) > 0 {
		time.Sleep(25 * time.Millisecond)
		require.Less(t, time.Since(start), 50*time.Second, "%d jobs have not ended", len(left))
		if added < len(jobs) && time.Since(start) > time.Duration(added)*200*time.Millisecond { // forty in about eight seconds
			r.addOneOf(jobs, added)
			if added%13 == 5 {
				r.fake.CutNext(1, createRoute, rediscloudtest.CutAfter)
				lost++
			}
			added++
		}
		if killed < kills && time.Now().After(next) {
			i := random.IntN(workers)
			kill(alive[i])
			killed++
			alive[i] = r.start("", flags...)
			next = time.Now().Add(time.Duration(200+random.IntN(800)) * time.Millisecond)
		}
		var running []Job
		for _, job := range left {
			if !ended(r.outcome(job)) {
				running = append(running, job)
			}
		}
		left = running
	}
	took := time.Since(start)

	exist := r.createdOnce(jobs, subs)
	// Nothing exceeds the allowance.
	var times []time.Time
	for _, request := range r.fake.Requests() {
		times = append(times, request.Time)
	}
	window := most(times, allowance.Per)
	t.Logf("%d databases in %s, %d workers killed, %d responses lost on the way; %d requests, at most %d in any %s of %d allowed, %d refused",
		exist, took.Round(time.Millisecond), killed, lost, len(times), window, allowance.Per, allowance.Requests, r.refused())
	assert.Zero(t, r.refused())
	assert.LessOrEqual(t, window, allowance.Requests)
	r.drained()
}

// addOneOf adds one of the jobs, every fifth one twice.
func (r *rig) addOneOf(jobs []Job, i int) {
	r.add(jobs[i])
	if i%5 == 0 {
		r.add(jobs[i])
	}
}

// createdOnce checks that each job has created one database by one task, and
// returns how many databases there are.
func (r *rig) createdOnce(jobs []Job, subscriptions []int) (exist int) {
	t := r.t
	made := map[int]Job{}
	for _, job := range jobs {
		outcome := r.outcome(job)
		require.Equal(t, stateActive, outcome.State, outcome.Error)
		require.Contains(t, r.fake.Databases(job.Subscription), outcome.Database)
		require.NotContains(t, made, outcome.Database)
		made[outcome.Database] = job
	}
	for _, sub := range subscriptions {
		exist += len(r.fake.Databases(sub))
	}
	assert.Equal(t, len(jobs), exist)
	tasks := r.fake.Tasks()
	assert.Len(t, tasks, len(jobs))
	for _, task := range tasks {
		assert.Equal(t, "processing-completed", task.Status)
	}
	return exist
}

// Without a shared limiter, the same workers run into the limit at once: the
// test above doesn't pass by chance.
func TestWithoutSharedLimiter(t *testing.T) {
	t.Parallel()
	r := newRig(t, rediscloudtest.WithRateLimit(20), rediscloudtest.WithRateWindow(2*time.Second), rediscloudtest.WithProcessing(5*time.Second))
	for i := range 4 {
		r.add(Job{r.fake.AddSubscription("s"), fmt.Sprintf("d-%d", i)})
		r.start("", "-submitters=1", "-waiters=1", "-requests=1000000")
	}
	require.Eventually(t, func() bool { return r.refused() > 0 }, 10*time.Second, 20*time.Millisecond)
}
