package rediscloud

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
)

const (
	// lostMargin is how far the clocks of this machine and of the API may differ.
	lostMargin = time.Minute

	// lostPatience is how long a task that isn't listed yet is waited for.
	lostPatience = 10 * time.Second

	// maxNamed is how many tasks an error names.
	maxNamed = 10
)

// A lostWrite is what is known of a write whose answer didn't come.
type lostWrite struct {
	client  *Client
	began   time.Time
	command string // "" if not known
	out     source
	kind    *kind
}

// lost completes the error of a write that starts a task with what is needed to
// look for the task.
func lost[T any](c *Client, call call, out outcome[T], began time.Time, err error) error {
	if unknown, ok := errors.AsType[*OutcomeUnknownError](err); ok {
		unknown.lost = &lostWrite{client: c, began: began, command: call.cmd, out: out.source, kind: out.kind.kind}
	}
	return err
}

var errNoLostTask = errors.New("rediscloud: this error is not of a write that starts a task, made by a client of this process")

// Candidates reads the list of tasks and returns those that the write may have
// started: of its command type, changed since it began, and not submitted by
// this client otherwise. It is empty if there are none, or none yet: a new task
// takes a moment to be listed. Each can be given to Client.WaitForTask. FindTask
// does all this for the usual case.
//
// API: GET /tasks
func (e *OutcomeUnknownError) Candidates(ctx context.Context) ([]*TaskState, error) {
	if e == nil {
		return nil, errNoLostTask
	}
	l, ok := e.lost.(*lostWrite)
	if !ok {
		return nil, errNoLostTask
	}
	var candidates []*TaskState
	for state, err := range l.client.Tasks.All(ctx) {
		if err != nil {
			return nil, err
		}
		known := l.client.submitted.has(state.TaskID)
		if known || state.check() != nil || l.command != "" && !strings.EqualFold(state.CommandType, l.command) {
			continue
		}
		if !state.Timestamp.IsZero() && state.Timestamp.Before(l.began.Add(-lostMargin)) {
			continue
		}
		candidates = append(candidates, state)
	}
	return candidates, nil
}

// FindTask returns the task of a write whose outcome is unknown, if it can be
// told which it is. Give it the error that the write returned:
//
//	task, err := client.Databases.Create(ctx, subscriptionID, req)
//	if unknown, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err); ok {
//		task, err = rediscloud.FindTask[rediscloud.Database](ctx, unknown)
//	}
//
// When there is exactly one candidate, that is taken for the task. It is, unless
// another program uses the account and has submitted a task of the same kind in
// the same minute while this write was not accepted: where that can be, compare
// what the task made, such as its name. When there is none for 10 s, the error is ErrNotFound, and the write was most likely not accepted.
// When there are several, the error names them, and the choice is yours: see
// OutcomeUnknownError.Candidates.
//
// API: GET /tasks
func FindTask[T any](ctx context.Context, lost *OutcomeUnknownError) (*Task[T], error) {
	if lost == nil {
		return nil, errNoLostTask
	}
	l, ok := lost.lost.(*lostWrite)
	if !ok {
		return nil, errNoLostTask
	}
	if err := l.client.usable(ctx); err != nil {
		return nil, err
	}
	want, err := kindFor[T]()
	if err != nil {
		return nil, err
	}
	if l.kind != want {
		return nil, fmt.Errorf("rediscloud: the write yields %s, not %s", l.kind.name, want.name)
	}
	for began := time.Now(); ; {
		candidates, err := lost.Candidates(ctx)
		switch {
		case err != nil:
			return nil, err
		case len(candidates) == 1:
			l.client.submitted.add(candidates[0].TaskID)
			return &Task[T]{client: l.client, state: *candidates[0], submitted: l.began, out: l.out, kind: l.kind}, nil
		case len(candidates) > 1:
			var ids []string
			for _, state := range candidates[:min(len(candidates), maxNamed)] {
				ids = append(ids, oneLine(state.TaskID))
			}
			if len(candidates) > maxNamed {
				ids = append(ids, fmt.Sprintf("and %d more", len(candidates)-maxNamed))
			}
			return nil, fmt.Errorf("rediscloud: %s %s: several tasks may be of this write: %s", lost.Method, lost.Path, strings.Join(ids, ", "))
		case time.Since(began) >= lostPatience:
			return nil, fmt.Errorf("rediscloud: %s %s: no task of this write: %w", lost.Method, lost.Path, ErrNotFound)
		}
		if err := sleep(ctx, time.Second); err != nil {
			return nil, fmt.Errorf("rediscloud: %s %s: looking for its task: %w", lost.Method, lost.Path, err)
		}
	}
}

// recent remembers the ids of the tasks that the client has submitted, so that
// they aren't taken for those of lost writes.
type recent struct {
	mu   sync.Mutex
	ids  map[string]bool
	ring []string
	next int
}

// recentTasks is how many ids are remembered.
const recentTasks = 10_000

func (r *recent) add(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids == nil {
		r.ids = map[string]bool{}
	}
	if r.ids[id] {
		return
	}
	r.ids[id] = true
	if len(r.ring) < recentTasks {
		r.ring = append(r.ring, id)
		return
	}
	delete(r.ids, r.ring[r.next])
	r.ring[r.next] = id
	r.next = (r.next + 1) % recentTasks
}

func (r *recent) has(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ids[id]
}
