package rediscloudtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// A control is an operation of the other side.
type control struct {
	method, path string
	about        string
	members      any // an example of the body
	do           func(s *Server, body []byte) (any, error)
}

// errNothingWaits reports that the thing to act on doesn't exist or isn't in
// the required state.
var errNothingWaits = errors.New("nothing is waiting for it")

func waits(found bool) (any, error) {
	if !found {
		return nil, errNothingWaits
	}
	return object{}, nil
}

// with returns a control whose body is decoded into a T.
func with[T any](run func(*Server, T) (any, error)) func(*Server, []byte) (any, error) {
	return func(s *Server, body []byte) (any, error) {
		var members T
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&members); err != nil {
			return nil, fmt.Errorf("invalid body: %w", err)
		}
		if _, err := decoder.Token(); err != io.EOF {
			return nil, errors.New("there is data after the body")
		}
		return run(s, members)
	}
}

// showing returns a control without a body.
func showing(run func(*Server) any) func(*Server, []byte) (any, error) {
	return func(s *Server, _ []byte) (any, error) { return run(s), nil }
}

type (
	peeringChoice struct {
		SubscriptionID int `json:"subscriptionId"`
		PeeringID      int `json:"peeringId"`
	}
	attachmentChoice struct {
		SubscriptionID   int `json:"subscriptionId"`
		TransitGatewayID int `json:"transitGatewayId"`
	}
	gatewayShare struct {
		SubscriptionID int    `json:"subscriptionId"`
		Region         string `json:"region"`
		Name           string `json:"name"`
	}
	endpointChoice struct {
		EndpointID int `json:"endpointId"`
	}
	linkConnection struct {
		SubscriptionID int    `json:"subscriptionId"`
		RegionID       int    `json:"regionId"`
		OwnerID        string `json:"ownerId"`
	}
	resourceStatus struct {
		Path   string `json:"path"`
		Status string `json:"status"`
	}
	taskFailure struct {
		Type        string `json:"type"`
		Status      string `json:"status"`
		Description string `json:"description"`
	}
	taskChoice struct {
		TaskID  string  `json:"taskId"`
		Seconds float64 `json:"seconds"`
	}
	plannedAnswer struct {
		Times  int               `json:"times"`
		Route  string            `json:"route"`
		Status int               `json:"status"`
		Header map[string]string `json:"header"`
		Body   string            `json:"body"`
	}
	plannedCut struct {
		Times int    `json:"times"`
		Route string `json:"route"`
		When  string `json:"when"`
	}
	plannedDelay struct {
		Times   int     `json:"times"`
		Route   string  `json:"route"`
		Seconds float64 `json:"seconds"`
	}
	duration struct {
		Seconds float64 `json:"seconds"`
	}
	sessionEntry struct {
		User   string `json:"user"`
		Action string `json:"action"`
	}
)

func seconds(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }

var controls = []control{
	{"POST", "/peerings/accept", "accept a peering from the other network", peeringChoice{120001, 1},
		with(func(s *Server, m peeringChoice) (any, error) {
			return waits(s.AcceptPeering(m.SubscriptionID, m.PeeringID))
		})},
	{"POST", "/peerings/reject", "reject a peering from the other network", peeringChoice{120001, 1},
		with(func(s *Server, m peeringChoice) (any, error) {
			return waits(s.RejectPeering(m.SubscriptionID, m.PeeringID))
		})},
	{"POST", "/transit-gateways/share", "share a transit gateway, with the first region unless one is named", gatewayShare{120001, "us-east-1", "gateway"},
		with(func(s *Server, m gatewayShare) (any, error) {
			id := s.ShareTransitGateway(m.SubscriptionID, m.Region, m.Name)
			if id == 0 {
				return nil, errNothingWaits
			}
			return object{"invitationId": id}, nil
		})},
	{"POST", "/attachments/accept", "accept an attachment to a transit gateway", attachmentChoice{120001, 1},
		with(func(s *Server, m attachmentChoice) (any, error) {
			return waits(s.AcceptTransitGatewayAttachment(m.SubscriptionID, m.TransitGatewayID))
		})},
	{"POST", "/attachments/reject", "reject an attachment to a transit gateway", attachmentChoice{120001, 1},
		with(func(s *Server, m attachmentChoice) (any, error) {
			return waits(s.RejectTransitGatewayAttachment(m.SubscriptionID, m.TransitGatewayID))
		})},
	{"POST", "/psc-scripts/create", "run the creation script of a Private Service Connect endpoint", endpointChoice{1},
		with(func(s *Server, m endpointChoice) (any, error) { return waits(s.RunPSCCreationScript(m.EndpointID)) })},
	{"POST", "/psc-scripts/delete", "run the deletion script of a Private Service Connect endpoint", endpointChoice{1},
		with(func(s *Server, m endpointChoice) (any, error) { return waits(s.RunPSCDeletionScript(m.EndpointID)) })},
	{"POST", "/private-link-connections", "connect to a PrivateLink; regionId is that of an Active-Active subscription's region, 0 otherwise",
		linkConnection{120001, 0, "123456789012"},
		with(func(s *Server, m linkConnection) (any, error) {
			id := s.AddPrivateLinkConnection(m.SubscriptionID, m.RegionID, m.OwnerID)
			if id == "" {
				return nil, errNothingWaits
			}
			return object{"associationId": id}, nil
		})},
	{"POST", "/session-logs", "add an entry to the session log", sessionEntry{"ann@example.com", "login"},
		with(func(s *Server, m sessionEntry) (any, error) {
			s.AddSessionLog(m.User, m.Action)
			return object{}, nil
		})},
	{"POST", "/status", "show a resource with a status, or with its true one again if status is empty", resourceStatus{"/subscriptions/120001", "error"},
		with(func(s *Server, m resourceStatus) (any, error) {
			if m.Path == "" {
				return nil, errors.New("path is empty")
			}
			s.SetStatus(m.Path, m.Status)
			return object{}, nil
		})},
	{"POST", "/tasks/fail", "have the next task fail", taskFailure{"DATABASE_NOT_FOUND", "404 NOT_FOUND", "It is gone."},
		with(func(s *Server, m taskFailure) (any, error) {
			if m.Type == "" || m.Status == "" {
				return nil, errors.New("type or status is empty")
			}
			s.FailNextTask(m.Type, m.Status, m.Description)
			return object{}, nil
		})},
	{"POST", "/tasks/forget", "return 404 for a task for a while", taskChoice{"4a1b2c3d-…", 5},
		with(func(s *Server, m taskChoice) (any, error) {
			s.ForgetTask(m.TaskID, seconds(m.Seconds))
			return object{}, nil
		})},
	{"POST", "/answers", "respond to the next exchanges on a route, or on any if route is empty, without acting on them",
		plannedAnswer{1, "GET /tasks/{taskId}", 503, map[string]string{"Retry-After": "1"}, "<html>"},
		with(func(s *Server, m plannedAnswer) (any, error) {
			if m.Status < 200 || m.Status > 999 {
				return nil, errors.New("status is not an HTTP status")
			}
			header := http.Header{}
			for name, value := range m.Header {
				header.Set(name, value)
			}
			s.AnswerNext(max(m.Times, 1), m.Route, m.Status, header, m.Body)
			return object{}, nil
		})},
	{"POST", "/cuts", "break the connection in the next exchanges on a route, before the server acts or after",
		plannedCut{1, "POST /subscriptions", "after"},
		with(func(s *Server, m plannedCut) (any, error) {
			when, known := map[string]Cut{"before": CutBefore, "after": CutAfter}[m.When]
			if !known {
				return nil, errors.New("when must be before or after")
			}
			s.CutNext(max(m.Times, 1), m.Route, when)
			return object{}, nil
		})},
	{"POST", "/delays", "delay the responses to the next exchanges on a route; they take effect at once", plannedDelay{1, "GET /subscriptions", 0.5},
		with(func(s *Server, m plannedDelay) (any, error) {
			s.DelayNext(max(m.Times, 1), m.Route, seconds(m.Seconds))
			return object{}, nil
		})},
	{"POST", "/seed", "add resources that are active at once: bodies of create requests, by their path",
		object{"/subscriptions": []object{{"name": "production", "databases": []object{{"name": "cache"}}}}},
		func(s *Server, body []byte) (any, error) { return object{}, s.Seed(bytes.NewReader(body)) }},
	{"POST", "/clock", "move the clock forward", duration{60},
		with(func(s *Server, m duration) (any, error) {
			if m.Seconds < 0 {
				return nil, errors.New("the clock can't move back")
			}
			s.MoveClock(seconds(m.Seconds))
			return s.clockDocument(), nil
		})},
	{"GET", "/clock", "tell the time", nil, showing(func(s *Server) any { return s.clockDocument() })},
	{"GET", "/requests", "list what was asked, the oldest first", nil, showing(func(s *Server) any { return s.requestsDocument() })},
	{"GET", "/tasks", "list the tasks, those included that the API doesn't show yet", nil, showing(func(s *Server) any { return s.tasksDocument() })},
	{"GET", "/subscriptions", "list the subscriptions and databases by their ids", nil, showing(func(s *Server) any { return s.idsDocument() })},
	{"POST", "/reset", "forget everything", nil, showing(func(s *Server) any {
		s.Reset()
		return object{}
	})},
}
