package rediscloud_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const (
	soakTime         = time.Hour
	soakClients      = 3
	soakWorkers      = 3 // of each client, each with its own subscription
	soakSeeds        = 20
	soakProvisioning = 20 * time.Second
)

// An hour of a busy account, on a bad day: several programs change databases
// while responses are lost, late, refused and garbled. At the end the account
// is as the programs believe it to be, and the clients leave nothing behind.
func TestSoak(t *testing.T) {
	t.Parallel()
	seeds := soakSeeds
	if raceEnabled {
		seeds = 4
	}
	for seed := range uint64(seeds) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { soak(t, seed) })
		})
	}
}

// A soaking is one run.
type soaking struct {
	fake    *rediscloudtest.Server
	clients []*rediscloud.Client
	until   time.Time

	mu     sync.Mutex
	claims map[string]int // ends of tasks that their waiters saw
	done   map[string]int // changes that took effect, by command type
	lost   int            // writes whose task could not be determined
	counts map[string]int // for the log
}

func soak(t *testing.T, seed uint64) {
	s := &soaking{
		fake: rediscloudtest.New(calm, rediscloudtest.WithProcessing(1500*time.Millisecond), rediscloudtest.WithProvisioning(soakProvisioning),
			rediscloudtest.WithRoundTrip(80*time.Millisecond)),
		until:  time.Now().Add(soakTime),
		claims: map[string]int{}, done: map[string]int{}, counts: map[string]int{},
	}
	watched := &bodies{next: s.fake.Transport()}
	for range soakClients {
		s.clients = append(s.clients, connect(t, s.fake, rediscloud.WithHTTPClient(&http.Client{Transport: watched})))
	}
	random := rand.New(rand.NewPCG(seed, 0))
	var workers []*soaker
	var group sync.WaitGroup
	for i := range soakClients * soakWorkers {
		w := &soaker{
			soaking: s, t: t, client: s.clients[i%soakClients], random: rand.New(rand.NewPCG(seed, uint64(i+1))),
			subscription: s.fake.AddSubscription(fmt.Sprint("s", i)), names: map[int]string{},
		}
		workers = append(workers, w)
		group.Go(w.work)
	}
	group.Go(func() { s.spoil(random) })
	group.Wait()

	time.Sleep(2 * time.Minute) // for what faults have left unfinished
	for _, w := range workers {
		assert.Equal(t, slices.Sorted(maps.Keys(w.names)), s.fake.Databases(w.subscription), "the databases of %d", w.subscription)
	}
	unclaimed, completed := 0, map[string]int{}
	for _, task := range s.fake.Tasks() {
		if task.Status == "processing-completed" {
			completed[task.CommandType]++
		} else {
			assert.Equal(t, "processing-error", task.Status)
		}
		switch s.claims[task.ID] {
		case 0:
			unclaimed++
		case 1:
		default:
			t.Errorf("task %s ended %d times", task.ID, s.claims[task.ID])
		}
		delete(s.claims, task.ID)
	}
	assert.Empty(t, s.claims, "tasks that were never submitted")
	assert.LessOrEqual(t, unclaimed, s.lost)
	assert.Equal(t, s.done, completed, "what the programs did, and what the account has seen")
	assert.Zero(t, watched.open.Load(), "bodies left open")
	assert.Zero(t, watched.flying.Load(), "exchanges left behind")
	t.Logf("seed %d: %d requests, %d tasks, %d not told for sure (%d accepted); %v", seed, len(s.fake.Requests()), len(s.fake.Tasks()), s.lost, unclaimed, s.counts)
}

// count records for the log that something happened.
func (s *soaking) count(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[what]++
}

// spoiled are the routes with faults; "" is any, and so most often a write,
// since faults wait for the next exchange.
var spoiled = []string{
	"", "GET /tasks/{taskId}", "GET /tasks/{taskId}", "GET /tasks",
	"GET /subscriptions/{subscriptionId}/databases", "GET /subscriptions/{subscriptionId}/databases/{databaseId}",
}

// spoil injects faults until the hour is over.
func (s *soaking) spoil(random *rand.Rand) {
	retryAfter := http.Header{"Retry-After": {"3"}}
	html := http.Header{"Content-Type": {"text/html"}}
	for time.Now().Before(s.until) {
		time.Sleep(time.Duration(1+random.IntN(40)) * time.Second)
		n, route := 1+random.IntN(3), spoiled[random.IntN(len(spoiled))]
		switch random.IntN(9) {
		case 0:
			s.fake.AnswerNext(n, route, 503, nil, "")
		case 1:
			s.fake.AnswerNext(1, route, 200, html, "<html>maintenance</html>")
		case 2:
			s.fake.CutNext(n, route, rediscloudtest.CutBefore)
		case 3:
			s.fake.CutNext(n, route, rediscloudtest.CutAfter)
		case 4:
			s.fake.DelayNext(n, route, time.Duration(random.IntN(45))*time.Second)
		case 5:
			s.fake.FailNextTask("DATABASE_NOT_ACTIVE", "409 CONFLICT", "Not now.")
		case 6:
			s.fake.AnswerNext(n, route, 429, retryAfter, "")
		case 7:
			s.fake.AnswerNext(n, "GET /tasks/{taskId}", 200, nil, `{"taskId":"`)
		case 8:
			if tasks := s.fake.Tasks(); len(tasks) > 0 {
				s.fake.ForgetTask(tasks[len(tasks)-1-random.IntN(min(3, len(tasks)))].ID, time.Duration(random.IntN(8))*time.Second)
			}
		}
	}
}

// A soaker is a program that changes the databases of a subscription.
type soaker struct {
	*soaking
	t            *testing.T
	client       *rediscloud.Client
	random       *rand.Rand
	subscription int
	names        map[int]string // the existing databases
	made         int
}

func (w *soaker) work() {
	for time.Now().Before(w.until) {
		ids := slices.Sorted(maps.Keys(w.names))
		switch choice := w.random.IntN(10); {
		case len(ids) == 0 || choice < 4:
			w.create()
		case choice < 7:
			w.update(ids[w.random.IntN(len(ids))])
		default:
			w.remove(ids[w.random.IntN(len(ids))])
		}
		time.Sleep(time.Duration(w.random.IntN(900)) * time.Second)
	}
}

func (w *soaker) name() string {
	w.made++
	return fmt.Sprintf("db-%d-%d", w.subscription, w.made)
}

func (w *soaker) create() {
	name := w.name()
	find := func() bool {
		for id, found := range w.listed() {
			if found == name {
				w.names[id] = name
				return true
			}
		}
		return false
	}
	change(w, "databaseCreateRequest", find, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
		return w.client.Databases.Create(ctx, w.subscription, &rediscloud.DatabaseCreateRequest{Name: name, DatasetSizeInGB: new(1.0)})
	})
}

func (w *soaker) update(id int) {
	name := w.name()
	find := func() bool {
		if w.listed()[id] != name {
			return false
		}
		w.names[id] = name
		return true
	}
	change(w, "databaseUpdateRequest", find, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
		return w.client.Databases.Update(ctx, w.subscription, id, &rediscloud.DatabaseUpdateRequest{Name: new(name)})
	})
}

func (w *soaker) remove(id int) {
	find := func() bool {
		if w.listed()[id] != "" {
			return false
		}
		delete(w.names, id)
		return true
	}
	change(w, "databaseDeleteRequest", find, func(ctx context.Context) (*rediscloud.Task[rediscloud.None], error) {
		return w.client.Databases.Delete(ctx, w.subscription, id)
	})
}

// listed returns the names of the subscription's databases, by their ids.
func (w *soaker) listed() map[int]string {
	return patiently(w, func() (map[int]string, error) {
		names := map[int]string{}
		for db, err := range w.client.Databases.All(w.t.Context(), w.subscription, nil) {
			if errors.Is(err, rediscloud.ErrNotFound) {
				break // the API's way to say none
			}
			if err != nil {
				return nil, err
			}
			names[db.ID] = db.Name
		}
		return names, nil
	})
}

// patiently repeats an operation that faults cause to fail.
func patiently[T any](w *soaker, f func() (T, error)) (value T) {
	for try := range 20 {
		var err error
		if value, err = f(); err == nil {
			return value
		}
		if try == 19 {
			w.t.Errorf("failed over and over: %v", err)
		}
		time.Sleep(5 * time.Second)
	}
	return value
}

// change makes one change, and records whether it took effect, as found
// reports.
func change[T any](w *soaker, command string, found func() bool, submit func(context.Context) (*rediscloud.Task[T], error)) {
	ctx, cancel := w.t.Context(), func() {}
	if w.random.IntN(8) == 0 { // an impatient one, whose response comes too late
		ctx, cancel = context.WithTimeout(ctx, time.Duration(30+w.random.IntN(60))*time.Millisecond)
	}
	task, err := submit(ctx)
	cancel()
	unknown, isUnknown := errors.AsType[*rediscloud.OutcomeUnknownError](err)
	switch {
	case isUnknown:
		w.lookUp(unknown, func() (id string) {
			task, err := rediscloud.FindTask[T](w.t.Context(), unknown)
			if err != nil {
				w.count("writes lost")
				return ""
			}
			w.count("lost writes found")
			return task.ID()
		})
		w.settle(command, found())
		return
	case err != nil:
		w.count("refused")
		return
	}
	if err := await(w, task); err != nil {
		assert.ErrorIs(w.t, err, rediscloud.ErrConflict, command)
		assert.False(w.t, found(), "%s of %d has failed, and had an effect", command, w.subscription)
		w.count("failed")
		return
	}
	assert.True(w.t, found(), "%s of %d has had no effect", command, w.subscription)
	w.settle(command, true)
}

func (w *soaker) settle(command string, effect bool) {
	if !effect {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done[command]++
}

// lookUp waits until everything that a lost write may have started is finished.
func (w *soaker) lookUp(unknown *rediscloud.OutcomeUnknownError, find func() (id string)) {
	w.mu.Lock()
	w.lost++
	w.mu.Unlock()
	if id := find(); id != "" {
		w.end(id)
	}
	for _, task := range patiently(w, func() ([]*rediscloud.TaskState, error) { return unknown.Candidates(w.t.Context()) }) {
		w.end(task.TaskID)
	}
	time.Sleep(soakProvisioning + 10*time.Second)
}

// end waits until a task is finished, whoever started it.
func (w *soaker) end(id string) {
	patiently(w, func() (state *rediscloud.TaskState, err error) {
		state, err = w.client.WaitForTask(w.t.Context(), &rediscloud.TaskState{TaskID: id})
		if state.Done() {
			err = nil
		}
		return state, err
	})
}

// await waits for the end of a task, often with too little patience, and then
// again with any of the clients. It records the end.
func await[T any](w *soaker, task *rediscloud.Task[T]) error {
	token := task.Token()
	for range 50 {
		ctx, cancel := context.WithTimeout(w.t.Context(), time.Duration(1+w.random.IntN(120))*time.Second)
		_, err := task.WaitProvisioned(ctx)
		cancel()
		if _, early := errors.AsType[*rediscloud.WaitError](err); !early {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.claims[task.ID()]++
			return err
		}
		w.count("waits taken up again")
		if task, err = rediscloud.ResumeTask[T](w.clients[w.random.IntN(len(w.clients))], token); !assert.NoError(w.t, err) {
			return err
		}
	}
	w.t.Error("a wait that never ends")
	return nil
}

// bodies counts the responses whose bodies are open, and the exchanges under
// way.
type bodies struct {
	next         http.RoundTripper
	open, flying atomic.Int64
}

func (b *bodies) RoundTrip(req *http.Request) (*http.Response, error) {
	b.flying.Add(1)
	defer b.flying.Add(-1)
	resp, err := b.next.RoundTrip(req)
	if err == nil {
		b.open.Add(1)
		resp.Body = &countedBody{ReadCloser: resp.Body, closed: sync.OnceFunc(func() { b.open.Add(-1) })}
	}
	return resp, err
}

type countedBody struct {
	io.ReadCloser
	closed func()
}

func (b *countedBody) Close() error {
	b.closed()
	return b.ReadCloser.Close()
}
