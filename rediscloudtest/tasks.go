package rediscloudtest

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"slices"
	"time"
)

const (
	statusReceived   = "received"
	statusInProgress = "processing-in-progress"
	statusCompleted  = "processing-completed"
	statusError      = "processing-error"

	taskMemory = 10 * 24 * time.Hour
)

// A task's times are fixed when it is submitted: nothing can cancel it or go before it.
type task struct {
	id, commandType string
	submitted       time.Time
	started         time.Time
	ended           time.Time
	unknownUntil    time.Time
	outcome         outcome  // set at its end
	failure         *failure // set at its end, if it failed
}

// An outcome is what a completed task leaves behind.
type outcome struct {
	resourceID           int
	additionalResourceID int
	silent               bool  // the ids are for the books only, the API doesn't tell them
	noResponse           bool  // the ids are for the books only, and there is no response at all
	resource             any   // an inline document
	link                 *link // to what was created
}

// A failure is why a task ended in an error.
type failure struct {
	kind, status, description, info string
}

func badRequest(kind, description string) *failure {
	return &failure{kind: kind, status: "400 BAD_REQUEST", description: description}
}

func forbidden(kind, description string) *failure {
	return &failure{kind: kind, status: "403 FORBIDDEN", description: description}
}

func conflict(kind, description string) *failure {
	return &failure{kind: kind, status: "409 CONFLICT", description: description}
}

func missing(kind, description string) *failure {
	return &failure{kind: kind, status: "404 NOT_FOUND", description: description}
}

// start submits a task and answers with it. What the task does is done by run when its processing ends, at the time given to run.
func (c *call) start(status int, commandType string, run func(at time.Time) (outcome, *failure)) answer {
	t := c.server.submit(c.now, commandType, run)
	document := t.document(statusReceived, t.submitted)
	links := link{"task", t.path(), "getTaskStatusUpdates"}
	return jsonAnswer(status, c.server.setLinks(document, LinkObject, links))
}

func (s *Server) submit(now time.Time, commandType string, run func(at time.Time) (outcome, *failure)) *task {
	duration := s.processing
	if s.taskDuration != nil {
		duration = max(s.taskDuration(commandType), 0)
	}
	// The worker that is free first takes the task.
	worker := 0
	for i, free := range s.workers {
		if free.Before(s.workers[worker]) {
			worker = i
		}
	}
	started := now
	if free := s.workers[worker]; free.After(now) {
		started = free
	}
	t := &task{
		id:           newUUID(),
		commandType:  commandType,
		submitted:    now,
		started:      started,
		ended:        started.Add(duration),
		unknownUntil: now.Add(s.unknownFor),
	}
	s.workers[worker] = t.ended
	s.tasks = append(s.tasks, t)

	injected := s.faults.takeFailure()
	s.schedule(t.ended, func(at time.Time) {
		defer s.logTask(t, at)
		if t.failure = injected; t.failure != nil {
			return
		}
		if t.outcome, t.failure = run(at); t.failure != nil {
			t.outcome = outcome{}
		}
	})
	return t
}

func (t *task) path() string { return "/tasks/" + t.id }

// state returns the task's status and since when it has it.
func (t *task) state(now time.Time) (status string, since time.Time) {
	switch {
	case now.Before(t.started):
		return statusReceived, t.submitted
	case now.Before(t.ended):
		return statusInProgress, t.started
	case t.failure != nil:
		return statusError, t.ended
	default:
		return statusCompleted, t.ended
	}
}

var taskDescriptions = map[string]string{
	statusReceived:   "The request has been received and waits for its turn.",
	statusInProgress: "The request is being processed.",
	statusCompleted:  "The request has been processed, and what it concerns is being set up or removed now.",
	statusError:      "The request could not be processed.",
}

func (t *task) document(status string, since time.Time) object {
	document := object{
		"taskId":      t.id,
		"commandType": t.commandType,
		"status":      status,
		"description": taskDescriptions[status],
		"timestamp":   wireTime(since),
	}
	switch status {
	case statusCompleted:
		if t.outcome.noResponse {
			break
		}
		document["response"] = t.outcome.document()
	case statusError:
		document["response"] = t.failure.document()
	}
	return document
}

func (o outcome) document() object {
	response := object{}
	if o.resourceID != 0 && !o.silent {
		response["resourceId"] = o.resourceID
	}
	if o.additionalResourceID != 0 && !o.silent {
		response["additionalResourceId"] = o.additionalResourceID
	}
	if o.resource != nil {
		response["resource"] = o.resource
	}
	return response
}

func (f *failure) document() object {
	response := object{"error": object{"type": f.kind, "status": f.status, "description": f.description}}
	if f.info != "" {
		response["additionalInfo"] = f.info
	}
	return response
}

func (t *task) known(now time.Time) bool { return !now.Before(t.unknownUntil) }

func getTask(c *call) answer {
	i := slices.IndexFunc(c.server.tasks, func(t *task) bool { return t.id == c.path["taskId"] })
	if i < 0 || !c.server.tasks[i].known(c.now) {
		return empty(http.StatusNotFound)
	}
	t := c.server.tasks[i]
	links := append([]link{self(t.path())}, t.resourceLink()...)
	return c.ok(c.server.setLinks(t.document(t.state(c.now)), LinkObject, links...))
}

func listTasks(c *call) answer {
	known := slices.DeleteFunc(slices.Clone(c.server.tasks), func(t *task) bool { return !t.known(c.now) })
	slices.Reverse(known)
	slices.SortStableFunc(known, func(a, b *task) int {
		_, sinceA := a.state(c.now)
		_, sinceB := b.state(c.now)
		return sinceB.Compare(sinceA)
	})
	list := []any{}
	for _, t := range known {
		links := append([]link{{"task", t.path(), "getTaskStatusById"}}, t.resourceLink()...)
		list = append(list, c.server.setLinks(t.document(t.state(c.now)), LinkArray, links...))
	}
	return c.ok(object{"tasks": list})
}

// resourceLink is empty until the task has made something. Then it holds one link.
func (t *task) resourceLink() []link {
	if t.outcome.link == nil {
		return nil
	}
	return []link{*t.outcome.link}
}

// forgetTasks drops the tasks whose end is too long ago.
func (s *Server) forgetTasks(now time.Time) {
	old := func(t *task) bool { return now.Sub(t.ended) > taskMemory }
	if len(s.tasks) > 0 && old(s.tasks[0]) {
		s.tasks = slices.DeleteFunc(s.tasks, old)
	}
}

func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
