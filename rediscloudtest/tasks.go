package rediscloudtest

import (
	"net/http"
	"slices"
	"time"
)

const (
	statusReceived   = "received"
	statusInitial    = "initialized"
	statusInProgress = "processing-in-progress"
	statusCompleted  = "processing-completed"
	statusError      = "processing-error"

	taskMemory = 10 * 24 * time.Hour
)

type task struct {
	id, commandType string
	number          int    // among those submitted by callers, or -1
	place           uint64 // in an unsorted list
	foreign, old    bool
	length          time.Duration // of its processing
	submitted       time.Time
	visible         time.Time // when it can be read, unless it is forgotten later
	started         time.Time // zero while it waits
	initial         bool      // it is initialized instead of received, and a while longer
	shown           time.Time // when it is shown as started
	ended           time.Time // set when it starts
	unknownUntil    time.Time
	run             func(at time.Time) (outcome, *failure) // what happens at its end
	outcome         outcome                                // set at its end
	failure         *failure                               // set at its end, if it failed
	rendered        rendered
}

// rendered is a task as GET /tasks writes it, after a comma. It is cached since
// a list of thousands is read often.
type rendered struct {
	status string
	base   string // of its links
	json   []byte
}

// An outcome is the result of a completed task.
type outcome struct {
	resourceID           int
	additionalResourceID int
	silent               bool  // the ids are for the request log only, the API doesn't report them
	noResponse           bool  // the ids are for the request log only, and there is no response at all
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

// start submits a task and responds with it. run has the task's effect; it is
// called when processing ends, with that time.
func (c *call) start(status int, commandType string, run func(at time.Time) (outcome, *failure)) answer {
	t := c.server.submit(c.now, commandType, run)
	document := c.server.taskDocument(t, statusReceived, t.submitted)
	links := link{"task", t.path(), "getTaskStatusUpdates"}
	return jsonAnswer(status, c.server.setLinks(document, LinkObject, links))
}

func (t *task) path() string { return "/tasks/" + t.id }

// state returns the task's status and when it changed to it.
func (t *task) state(now time.Time) (status string, since time.Time) {
	switch {
	case t.started.IsZero() || now.Before(t.shown):
		if t.initial {
			return statusInitial, t.submitted
		}
		return statusReceived, t.submitted
	case now.Before(t.ended):
		return statusInProgress, t.shown
	case t.failure != nil:
		return statusError, t.ended
	default:
		return statusCompleted, t.ended
	}
}

var taskDescriptions = map[string]string{
	statusReceived:   "The request has been received and waits for its turn.",
	statusInitial:    "The request has been initialized.",
	statusInProgress: "The request is being processed.",
	statusCompleted:  "The request has been processed, and what it concerns is being set up or removed now.",
	statusError:      "The request could not be processed.",
}

func (s *Server) taskDocument(t *task, status string, since time.Time) object {
	document := object{
		"taskId":      t.id,
		"commandType": t.commandType,
		"status":      status,
		"description": taskDescriptions[status],
	}
	if !s.noTimestamps {
		document["timestamp"] = wireTime(since)
	}
	switch status {
	case statusInitial, statusInProgress:
		if t.initial {
			document["response"] = object{}
		}
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
	for _, o := range c.server.taskOutages {
		if t.number >= 0 && o.outage.has(c.now.Sub(t.submitted)) && o.concerns(t.number) {
			return c.suffer(o.outage)
		}
	}
	status, since := t.state(c.now)
	links := append([]link{self(t.path())}, t.resourceLink()...)
	return c.ok(c.server.setLinks(c.server.taskDocument(t, status, since), LinkObject, links...))
}

// resourceLink is empty until the task has created something. Then it contains
// one link.
func (t *task) resourceLink() []link {
	if t.outcome.link == nil {
		return nil
	}
	return []link{*t.outcome.link}
}

// forgetTasks drops the tasks that ended too long ago.
func (s *Server) forgetTasks(now time.Time) {
	old := func(t *task) bool { return !t.ended.IsZero() && now.Sub(t.ended) > taskMemory }
	if len(s.changed) > 0 && old(s.changed[0]) {
		s.tasks = slices.DeleteFunc(s.tasks, old)
		s.changed = slices.DeleteFunc(s.changed, old)
	}
}
