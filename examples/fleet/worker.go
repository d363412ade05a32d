package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// Settings of a worker.
type Settings struct {
	Submitters int           // jobs that it submits at the same time
	Waiters    int           // tasks that it waits for at the same time
	Lease      time.Duration // others take over what a worker had when they haven't heard of it for so long
	SubmitTime time.Duration // in which a request to create a database is sent and answered, or given up
	Patience   time.Duration // after which the API lists whatever it has accepted
}

var defaultSettings = Settings{Submitters: 4, Waiters: 64, Lease: 30 * time.Second, SubmitTime: time.Minute, Patience: 15 * time.Second}

// A Worker takes jobs and waits from the queue. It may be killed at any moment.
type Worker struct {
	Client *rediscloud.Client
	Queue  Queue
	Name   string // that no other worker has
	Settings
}

// reached is told where a worker is; tests kill it there.
var reached = func(string) {}

// errTaken says that another worker has what this one was at.
var errTaken = errors.New("another worker has taken over")

// Run works until ctx ends, or until the API accepts the keys no more.
func (w *Worker) Run(ctx context.Context) error {
	if err := w.Queue.Prepare(ctx); err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var streams sync.WaitGroup
	streams.Go(func() { w.consume(ctx, stop, jobsStream, w.Submitters, w.submit) })
	streams.Go(func() { w.consume(ctx, stop, waitsStream, w.Waiters, w.wait) })
	streams.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

type handler func(context.Context, *Entry) error

// consume handles the entries of a stream, at most so many at a time. What
// fails stays claimed, and is taken up again after the lease, by this worker or
// another one.
func (w *Worker) consume(ctx context.Context, stop context.CancelCauseFunc, stream string, atOnce int, handle handler) {
	var busy sync.WaitGroup
	defer busy.Wait()
	slots := make(chan struct{}, atOnce)
	for ctx.Err() == nil {
		slots <- struct{}{}
		entry, err := w.Queue.Next(ctx, stream, w.Name, w.Lease)
		if err != nil && ctx.Err() == nil {
			log.Printf("%s: %v", w.Name, err)
			_ = sleep(ctx, time.Second)
		}
		if entry == nil {
			<-slots
			continue
		}
		reached("claimed " + stream)
		busy.Go(func() {
			defer func() { <-slots }()
			err := w.hold(ctx, entry, handle)
			switch {
			case err == nil || ctx.Err() != nil:
			case errors.Is(err, rediscloud.ErrUnauthorized) || errors.Is(err, rediscloud.ErrForbidden):
				stop(err)
			default:
				log.Printf("%s: %s, left for later: %v", w.Name, entry.job.Name, err)
			}
		})
	}
}

// hold handles an entry and keeps the claim on it meanwhile.
func (w *Worker) hold(ctx context.Context, entry *Entry, handle handler) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		for sleep(ctx, w.Lease/3) == nil {
			// Without Redis the claim may be lost, but nothing is done twice.
			if ours, err := w.Queue.Renew(ctx, entry); err == nil && !ours {
				cancel(errTaken)
			}
		}
	}()
	return handle(ctx, entry)
}

// submit sends the request of a job, unless that was done.
func (w *Worker) submit(ctx context.Context, e *Entry) error {
	if e.again {
		if _, err := w.Client.Subscriptions.WaitProvisioned(ctx, e.job.Subscription); err != nil {
			return err
		}
	}
	for settled := ""; ; {
		// Measured here from before the intent is noted, the time is up here first.
		deadline := time.Now().Add(w.SubmitTime)
		verdict, intent, left, err := w.Queue.Begin(ctx, e, settled, w.SubmitTime)
		switch {
		case err != nil:
			return err
		case verdict == verdictGo:
			reached("intended")
			return w.create(ctx, e, intent, deadline)
		case verdict == verdictSubmitted:
			return nil
		case verdict != verdictUnsure:
			return fmt.Errorf("redis says %q", verdict)
		}
		database, err := w.search(ctx, e.job, left)
		if err != nil {
			return err
		}
		if database != 0 {
			return w.Queue.Submitted(ctx, e, databaseToken+strconv.Itoa(database), "")
		}
		settled = intent
	}
}

// create sends the request once and notes what came of it. Not even the end of
// the program interrupts it, but its time does.
func (w *Worker) create(ctx context.Context, e *Entry, intent string, deadline time.Time) error {
	ctx = context.WithoutCancel(ctx)
	sending, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	task, err := w.Client.Databases.Create(sending, e.job.Subscription, &rediscloud.DatabaseCreateRequest{
		Name:            e.job.Name,
		DatasetSizeInGB: new(1.0),
	})
	reached("sent")
	if err == nil {
		err := w.Queue.Submitted(ctx, e, task.Token(), task.ID())
		reached("noted")
		return err
	}
	if _, unknown := errors.AsType[*rediscloud.OutcomeUnknownError](err); unknown {
		return err // the intent stays: who takes the job up next has to search
	}
	refusal, refused := errors.AsType[*rediscloud.APIError](err)
	if refused && isFinal(refusal) {
		return w.Queue.Conclude(ctx, e, Outcome{State: stateFailed, Error: err.Error()})
	}
	return errors.Join(err, w.Queue.TakeBack(ctx, e.job, intent))
}

// isFinal reports whether the API would refuse the same request again.
func isFinal(err *rediscloud.APIError) bool {
	for _, passing := range []error{rediscloud.ErrUnauthorized, rediscloud.ErrForbidden, rediscloud.ErrRateLimited} {
		if errors.Is(err, passing) {
			return false
		}
	}
	return err.StatusCode >= 400 && err.StatusCode < 500 && err.StatusCode != http.StatusRequestTimeout
}

// search finds the database of a job that may have been submitted; 0 is none.
//
// rediscloud.FindTask can't help here: it would take the tasks of other workers
// for those of the lost request. But the names of databases are unique in a
// subscription, and once all tasks are done that the fleet doesn't know, the
// list of databases tells.
func (w *Worker) search(ctx context.Context, job Job, left time.Duration) (databaseID int, err error) {
	if err := sleep(ctx, left+w.Patience); err != nil {
		return 0, err
	}
	var strays []rediscloud.AnyTask
	for state, err := range w.Client.Tasks.All(ctx) {
		if err != nil {
			return 0, err
		}
		if state.Done() || !strings.EqualFold(state.CommandType, "databaseCreateRequest") {
			continue
		}
		ours, err := w.Queue.IsOurs(ctx, state.TaskID)
		if err != nil {
			return 0, err
		}
		if !ours {
			strays = append(strays, state)
		}
	}
	states, err := w.Client.WaitForTasks(ctx, strays)
	for _, state := range states {
		if !state.Done() {
			return 0, err
		}
	}
	return w.find(ctx, job)
}

// find looks for a job's database by its name; 0 is none.
func (w *Worker) find(ctx context.Context, job Job) (databaseID int, err error) {
	database, err := w.Client.Databases.GetByName(ctx, job.Subscription, job.Name)
	switch {
	case errors.Is(err, rediscloud.ErrNotFound):
		return 0, nil
	case err != nil:
		return 0, err
	}
	return database.ID, nil
}

// wait follows a task until its database is active.
func (w *Worker) wait(ctx context.Context, e *Entry) error {
	database, err := w.await(ctx, e)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	reached("awaited")
	if err == nil {
		return w.Queue.Conclude(ctx, e, Outcome{State: stateActive, Database: database})
	}
	if _, unfinished := errors.AsType[*rediscloud.WaitError](err); unfinished && !errors.Is(err, rediscloud.ErrNotFound) {
		return err
	}
	failure, failed := errors.AsType[*rediscloud.TaskError](err)
	if failed && failure.Type == rediscloud.TaskErrorTypeSubscriptionNotActive {
		return w.Queue.Again(ctx, e)
	}
	outcome, queueErr := w.Queue.Outcome(ctx, e.job)
	if queueErr != nil {
		return queueErr
	}
	// A failed task has made nothing. But an earlier attempt may have, if the
	// name is taken now; and what is broken exists all the same.
	if !failed || outcome.Attempts > 1 && errors.Is(err, rediscloud.ErrConflict) {
		id, findErr := w.find(ctx, e.job)
		if findErr != nil {
			return findErr
		}
		if failed && id != 0 {
			return w.Queue.Conclude(ctx, e, Outcome{State: stateActive, Database: id})
		}
		database = id
	}
	return w.Queue.Conclude(ctx, e, Outcome{State: stateFailed, Database: database, Error: err.Error()})
}

// await waits for the task of a token, or for the database that stands in for it.
func (w *Worker) await(ctx context.Context, e *Entry) (databaseID int, err error) {
	if text, ok := strings.CutPrefix(e.token, databaseToken); ok {
		id, err := strconv.Atoi(text)
		if err != nil {
			return 0, err
		}
		_, err = w.Client.Databases.WaitProvisioned(ctx, e.job.Subscription, id)
		return id, err
	}
	task, err := rediscloud.ResumeTask[rediscloud.Database](w.Client, e.token)
	if err != nil {
		return 0, err
	}
	database, err := task.WaitProvisioned(ctx)
	if err != nil {
		return 0, err
	}
	return database.ID, nil
}
