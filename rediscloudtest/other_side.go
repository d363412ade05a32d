package rediscloudtest

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"
)

// otherBase is the path of the other side, which is not a path of the API.
const otherBase = "/_fake"

// OtherSide returns a handler of requests whose paths begin with /_fake. With
// it a program in any language does what a Go test does with the methods of the
// Server: acts outside of the API, injects faults, seeds, moves the clock, and
// reads the request log. Bodies and responses are JSON. GET /_fake lists the
// operations. It requires no keys: anyone who can reach it controls the server.
//
// The Server itself doesn't serve it. A process that serves both distinguishes
// them by the path, as cmd/rediscloudtest does.
func (s *Server) OtherSide() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := s.control(r)
		maps.Copy(w.Header(), a.header)
		w.WriteHeader(a.status)
		_, _ = w.Write(a.body)
	})
}

// control responds to a request to the other side.
func (s *Server) control(r *http.Request) answer {
	refuse := func(status int, err error) answer { return jsonAnswer(status, object{"error": err.Error()}) }
	path, ok := strings.CutPrefix(r.URL.Path, otherBase)
	path = strings.TrimSuffix(path, "/")
	if !ok {
		return refuse(http.StatusNotFound, errors.New("the other side is below "+otherBase))
	}
	if path == "" && r.Method == http.MethodGet {
		return jsonAnswer(http.StatusOK, controlsDocument())
	}
	var allowed []string
	for _, c := range controls {
		if c.path != path {
			continue
		}
		if c.method != r.Method {
			allowed = append(allowed, c.method)
			continue
		}
		body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			return refuse(http.StatusBadRequest, err)
		}
		document, err := c.do(s, body)
		switch {
		case errors.Is(err, errNothingWaits):
			return refuse(http.StatusConflict, err)
		case err != nil:
			return refuse(http.StatusBadRequest, err)
		}
		return jsonAnswer(http.StatusOK, document)
	}
	if allowed != nil {
		a := refuse(http.StatusMethodNotAllowed, errors.New("the method is not "+strings.Join(allowed, " or ")))
		a.header["Allow"] = allowed
		return a
	}
	return refuse(http.StatusNotFound, fmt.Errorf("no such operation; GET %s lists them", otherBase))
}

func controlsDocument() object {
	list := []any{}
	for _, c := range controls {
		entry := object{"method": c.method, "path": otherBase + c.path, "about": c.about}
		if c.members != nil {
			entry["body"] = c.members
		}
		list = append(list, entry)
	}
	return object{"controls": list}
}

func (s *Server) clockDocument() object {
	s.mu.Lock()
	defer s.mu.Unlock()
	return object{"now": wireTime(s.now())}
}

func (s *Server) requestsDocument() object {
	list := []any{}
	for _, r := range s.Requests() {
		list = append(list, object{
			"time": wireTime(r.Time), "method": r.Method, "host": r.Host, "path": r.Path, "query": r.Query, "route": r.Route,
			"status": r.Status, "responseBytes": r.ResponseBytes, "userAgent": r.UserAgent,
		})
	}
	return object{"requests": list}
}

func (s *Server) tasksDocument() object {
	list := []any{}
	for _, t := range s.Tasks() {
		entry := object{
			"taskId": t.ID, "commandType": t.CommandType, "status": t.Status, "resourceId": t.ResourceID,
			"additionalResourceId": t.AdditionalResourceID, "submitted": wireTime(t.Submitted),
		}
		for name, at := range map[string]time.Time{"started": t.Started, "ended": t.Ended} {
			if !at.IsZero() {
				entry[name] = wireTime(at)
			}
		}
		list = append(list, entry)
	}
	return object{"tasks": list}
}

func (s *Server) idsDocument() object {
	list := []any{}
	for _, id := range s.Subscriptions() {
		list = append(list, object{"id": id, "databases": append([]int{}, s.Databases(id)...)})
	}
	return object{"subscriptions": list}
}
