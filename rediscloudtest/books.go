package rediscloudtest

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

// maxRequests bounds the books; the oldest tenth goes when they are full.
const maxRequests = 100_000

// Request is an entry of the books: an exchange with the server. It holds no key and no body.
type Request struct {
	// Time is when the server took the request up.
	Time time.Time
	// Method, Host, Path and Query are as the caller sent them. The path begins with /v1.
	Method, Host, Path, Query string
	// Route is the method and the pattern, as in "GET /tasks/{taskId}"; empty for an endpoint that the server doesn't have.
	Route string
	// Status is that of the answer, 0 if none was sent: the connection was cut, or the host is another.
	Status int
	// ResponseBytes is the size of the answer's body, and BytesRead is how much of it the caller has read by now. Over HTTP, that is what
	// was sent.
	ResponseBytes, BytesRead int
	// UserAgent is how the caller calls itself.
	UserAgent string
}

// Task sums up a task for a test.
type Task struct {
	ID, CommandType, Status string
	// ResourceID and AdditionalResourceID say what the task made or changed, and what that belongs to, also where the API doesn't
	// tell. They are 0 until it has completed, and for a failed one.
	ResourceID, AdditionalResourceID int
	// Submitted, Started and Ended are when its status changed. Started and Ended are zero until then.
	Submitted, Started, Ended time.Time
	// Visible is when the API tells of it at the earliest.
	Visible time.Time
	// Foreign says that another program has submitted it, see [WithForeignTasks], and Old that it ended before the server was made, see
	// [WithOldTasks].
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

// recordStray enters a request to another host.
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

// Requests returns the exchanges so far, in order. Of more than 100 000 the oldest are dropped.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Request, len(s.requests))
	for i, entry := range s.requests {
		list[i] = *entry
	}
	return list
}

// Tasks returns the tasks of the last ten days in the order of their submission, those included that the API doesn't show yet.
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

// Subscriptions returns the ids of the subscriptions that exist, Pro and Essentials, in ascending order. One that is being removed still
// exists.
func (s *Server) Subscriptions() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.advance(s.now())
	return slices.Sorted(maps.Keys(s.subscriptions))
}

// Databases returns the ids of the databases that exist in a subscription, in ascending order: those included that are still being
// provisioned, or are being removed. It is empty for an unknown subscription.
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
