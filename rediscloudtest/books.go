package rediscloudtest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// maxRequests bounds the request log. When it is full, the oldest tenth is
// dropped.
const maxRequests = 100_000

// Request is an entry of the request log: an exchange with the server. It
// contains neither keys nor bodies.
type Request struct {
	// Time is when the server received the request.
	Time time.Time
	// Method, Host, Path and Query are those of the request. The path begins
	// with /v1.
	Method, Host, Path, Query string
	// Route is the method and the pattern, as in "GET /tasks/{taskId}". It is
	// empty for an endpoint that the server doesn't have.
	Route string
	// Status is that of the response, or 0 if none was sent, because the
	// connection was cut or the request was for another host.
	Status int
	// ResponseBytes is the size of the response body, and BytesRead how much of
	// it the caller has read so far. Over HTTP, BytesRead is what was sent.
	ResponseBytes, BytesRead int
	// UserAgent is the caller's User-Agent header.
	UserAgent string
}

// Task describes a task.
type Task struct {
	ID, CommandType, Status string
	// ResourceID and AdditionalResourceID are the resource that the task
	// created or changed, and its parent, even where the API doesn't report
	// them. They are 0 until the task has completed, and if it failed.
	ResourceID, AdditionalResourceID int
	// Submitted, Started and Ended are when the task's status changed. Started
	// and Ended are zero until then.
	Submitted, Started, Ended time.Time
	// Visible is the earliest time at which the API shows the task.
	Visible time.Time
	// Foreign reports whether another program submitted the task, see
	// [WithForeignTasks], and Old whether it ended before the server was
	// created, see [WithOldTasks].
	Foreign, Old bool
}

func (s *Server) record(c *call, a answer, cut bool) *Request {
	entry := newRequest(s.callers(c.now), c.req)
	entry.Route = c.route.name()
	if !cut {
		entry.Status, entry.ResponseBytes = a.status, a.size()
	}
	s.enter(entry)
	return entry
}

// recordStray records a request to another host.
func (s *Server) recordStray(r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(newRequest(s.callers(s.now()), r))
}

func newRequest(now time.Time, r *http.Request) *Request {
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	return &Request{
		Time: now, Method: r.Method, Host: host, Path: r.URL.Path, Query: r.URL.RawQuery, UserAgent: r.UserAgent(),
	}
}

func (s *Server) enter(entry *Request) {
	if len(s.requests) >= maxRequests {
		s.requests = slices.Delete(s.requests, 0, maxRequests/10)
	}
	s.requests = append(s.requests, entry)
}

// Requests returns the exchanges so far, in order. It keeps the latest 100,000
// at most.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Request, len(s.requests))
	for i, entry := range s.requests {
		list[i] = *entry
	}
	return list
}

// Tasks returns the tasks of the last ten days in the order of their
// submission, including those that the API doesn't show yet.
func (s *Server) Tasks() []Task {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	list := make([]Task, 0, len(s.tasks))
	for _, t := range s.tasks {
		status, _ := t.state(now)
		sum := Task{
			ID: t.id, CommandType: t.commandType, Status: status, Submitted: s.callers(t.submitted), Visible: s.callers(t.visible),
			Foreign: t.foreign, Old: t.old,
			ResourceID: t.outcome.resourceID, AdditionalResourceID: t.outcome.additionalResourceID,
		}
		sum.Started = s.callers(t.started)
		if !now.Before(t.ended) {
			sum.Ended = s.callers(t.ended)
		}
		list = append(list, sum)
	}
	return list
}

// Subscriptions returns the ids of the existing subscriptions, Pro and
// Essentials, in ascending order, including those that are being deleted.
func (s *Server) Subscriptions() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(s.now())
	return slices.Sorted(maps.Keys(s.subscriptions))
}

// Databases returns the ids of the databases in a subscription, in ascending
// order, including those that are being provisioned or deleted. It is empty for
// an unknown subscription.
func (s *Server) Databases(subscriptionID int) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(s.now())
	sub := s.subscriptions[subscriptionID]
	if sub == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(sub.databases))
}
