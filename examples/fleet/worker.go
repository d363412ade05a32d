package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/journal"
)

// Settings of a worker.
type Settings struct {
	Submitters int           // jobs to submit at the same time
	Waiters    int           // tasks to wait for at the same time
	Lease      time.Duration // silence after which other workers take over
	SubmitTime time.Duration // time limit of a request to create a database
	Patience   time.Duration // time until the API lists what it has accepted or created
}

var defaultSettings = Settings{Submitters: 4, Waiters: 64, Lease: 30 * time.Second, SubmitTime: time.Minute, Patience: 15 * time.Second}

// A Worker takes jobs and waits from the queue. It may be killed at any moment.
type Worker struct {
	Client *rediscloud.Client
	Queue  Queue
	Name   string // unique among the workers
	Settings

	surveying sync.Mutex
}

// reached is called with the place that a worker has reached; tests kill it
// there.
var reached = func(string) {}

// Run works until ctx ends, or until the API rejects the keys.
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

// consume handles the entries of a stream, at most atOnce at a time. What fails
// stays claimed, and is retried after the lease, by this worker or another one.
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

// hold handles an entry and keeps the claim on it until then.
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

// submit sends the request of a job, unless it has been sent.
func (w *Worker) submit(ctx context.Context, e *Entry) error {
	if e.again {
		// If the subscription is gone, the request reports it.
		if _, err := w.Client.Subscriptions.WaitProvisioned(ctx, e.job.Subscription); err != nil && !errors.Is(err, rediscloud.ErrNotFound) {
			return err
		}
	}
	stand, err := w.look(ctx, e)
	switch {
	case err != nil:
		return err
	case stand == standSubmitted:
		return nil
	case stand != standNew: // it is the id of a database
		return w.Queue.Submitted(ctx, e, databaseToken+stand)
	}
	r := &record{rdb: w.Queue.rdb, job: e.job}
	task, err := journal.Start(ctx, r, e.job.key(), w.Client, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
		return w.create(ctx, r)
	})
	if err == nil {
		err := w.Queue.Submitted(ctx, e, task.Token())
		reached("noted")
		return err
	}
	if lost, ok := errors.AsType[*rediscloud.LostTaskError](err); ok && lost.Err == nil {
		return w.byName(ctx, e, r, err)
	}
	_, unknown := errors.AsType[*rediscloud.OutcomeUnknownError](err)
	refusal, refused := errors.AsType[*rediscloud.APIError](err)
	if refused && !unknown && isFinal(refusal) {
		return w.Queue.Conclude(ctx, e, Outcome{State: stateFailed, Error: err.Error()})
	}
	return err // the next worker with this job continues with its record
}

// create sends the request once. Not even the end of the program interrupts it,
// but its time limit does: that started before the intent was recorded, so it
// ends here first.
func (w *Worker) create(ctx context.Context, r *record) (*rediscloud.Task[rediscloud.Database], error) {
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.SubmitTime)
	defer cancel()
	r.within = w.SubmitTime
	task, err := w.Client.Databases.Create(sending, r.job.Subscription, &rediscloud.DatabaseCreateRequest{
		Name:            r.job.Name,
		DatasetSizeInGB: new(1.0),
	})
	r.within = 0
	reached("sent")
	return task, err
}

// byName decides by the name whether a request was accepted, if the tasks don't
// show it.
func (w *Worker) byName(ctx context.Context, e *Entry, r *record, untold error) error {
	id, err := w.find(ctx, e.job)
	switch {
	case err != nil:
		return err
	case id != 0:
		return w.Queue.Submitted(ctx, e, databaseToken+strconv.Itoa(id))
	}
	return errors.Join(untold, r.Remove(ctx, ""))
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

// look returns what is known about a job. What this Redis doesn't know is in
// the account.
func (w *Worker) look(ctx context.Context, e *Entry) (stand string, err error) {
	w.surveying.Lock() // so it is done once
	defer w.surveying.Unlock()
	stand, err = w.Queue.Look(ctx, e)
	if err != nil || stand != standUnknown {
		return stand, err
	}
	if err := w.survey(ctx, e.job); err != nil {
		return "", err
	}
	stand, err = w.Queue.Look(ctx, e)
	if err == nil && stand == standUnknown {
		err = errEmptied
	}
	return stand, err
}

// survey records in the queue which databases a job's subscription has. A Redis
// that is new, or came back empty, knows neither those nor the tasks that are
// about to create some.
func (w *Worker) survey(ctx context.Context, job Job) error {
	settled, err := w.Queue.Settled(ctx)
	if err == nil && !settled {
		if err = w.settle(ctx); err == nil {
			err = w.Queue.Settle(ctx)
		}
	}
	if err != nil {
		return err
	}
	ids := map[string]int{}
	for database, err := range w.Client.Databases.All(ctx, job.Subscription, nil) {
		if errors.Is(err, rediscloud.ErrNotFound) {
			break // the subscription doesn't exist, which the request will report
		}
		if err != nil {
			return err
		}
		ids[database.Name] = database.ID
	}
	return w.Queue.Survey(ctx, job, ids)
}

// settle waits until all tasks of the account that create databases have ended.
func (w *Worker) settle(ctx context.Context) error {
	log.Printf("%s: this Redis is new: looking for what an earlier one knew", w.Name)
	if err := sleep(ctx, w.Patience); err != nil {
		return err
	}
	var running []rediscloud.AnyTask
	for state, err := range w.Client.Tasks.All(ctx) {
		if err != nil {
			return err
		}
		if !state.Done() && strings.EqualFold(state.CommandType, "databaseCreateRequest") {
			running = append(running, state)
		}
	}
	if len(running) > 0 {
		log.Printf("%s: waiting for %d tasks that create databases", w.Name, len(running))
	}
	states, err := w.Client.WaitForTasks(ctx, running)
	for _, state := range states {
		if !state.Done() {
			return err
		}
	}
	return sleep(ctx, w.Patience) // until the lists show what they have created
}

// find looks for a job's database by name; 0 means none.
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

// wait waits for a task until its database is active.
func (w *Worker) wait(ctx context.Context, e *Entry) error {
	database, err := w.await(ctx, e)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	reached("awaited")
	failure, failed := errors.AsType[*rediscloud.TaskError](err)
	_, unfinished := errors.AsType[*rediscloud.WaitError](err)
	switch gone := errors.Is(err, rediscloud.ErrNotFound); {
	case err == nil:
		return w.Queue.Conclude(ctx, e, Outcome{State: stateActive, Database: database})
	case unfinished && !gone:
		return err
	case failed && failure.Type == rediscloud.TaskErrorTypeSubscriptionNotActive, gone && database != 0:
		return w.Queue.Again(ctx, e)
	case !failed: // what is broken exists anyway
		id, err := w.find(ctx, e.job)
		if err != nil {
			return err
		}
		database = id
	}
	return w.Queue.Conclude(ctx, e, Outcome{State: stateFailed, Database: database, Error: err.Error()})
}

// await waits for the task of a token, or for the database that stands in for
// it. For the latter, the id is also returned with an error.
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
	if err == nil {
		return database.ID, nil
	}
	// The last line of defense: somebody else has created it, maybe just now.
	if failure, failed := errors.AsType[*rediscloud.TaskError](err); failed && failure.Type == rediscloud.TaskErrorTypeDatabaseNameExists {
		if err := sleep(ctx, w.Patience); err != nil {
			return 0, err
		}
		id, findErr := w.find(ctx, e.job)
		if findErr != nil {
			return 0, findErr
		}
		if id != 0 {
			_, err = w.Client.Databases.WaitProvisioned(ctx, e.job.Subscription, id)
			return id, err
		}
	}
	return 0, err
}
