package rediscloud

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// decodeTaskState decodes one task, such as an element of a list. It keeps a
// copy of the document.
func decodeTaskState(raw []byte) (*TaskState, error) {
	state := new(TaskState)
	if err := unmarshal(raw, state); err != nil {
		return nil, err
	}
	return state, nil
}

// keep keeps a copy of the document, which would otherwise keep the memory
// around it alive, and finds the reason of a failure wherever it is.
func (s *TaskState) keep(raw []byte) { s.complete(bytes.Clone(bytes.TrimSpace(raw))) }

func (s *TaskState) complete(raw []byte) {
	s.Raw = raw
	if r := s.Response; r != nil {
		if string(r.Resource) == "null" {
			r.Resource = nil
		}
		if r.Error != nil && *r.Error == (TaskFailure{}) {
			r.Error = unknownReason(tolerant.Member(tolerant.Member(raw, "response"), "error"))
		}
	}
	if s.Status == TaskStatusProcessingError && (s.Response == nil || s.Response.Error == nil) {
		s.findReason()
	}
}

// unknownReason returns the reason in an object that has none of the known
// fields: its text. An empty object is not a reason.
func unknownReason(object []byte) *TaskFailure {
	for _, value := range tolerant.Members(object) {
		if text, scalar := tolerant.Text(value); scalar && text != "" {
			return &TaskFailure{Description: string(object)}
		}
	}
	return nil
}

// findReason looks for the reason of a failure outside the place where it
// belongs.
func (s *TaskState) findReason() {
	response := tolerant.Member(s.Raw, "response")
	for _, place := range [][]byte{
		tolerant.Member(response, "errors"), tolerant.Member(s.Raw, "error"), tolerant.Member(s.Raw, "errors"), response,
	} {
		var reason TaskFailure
		if place == nil {
			continue
		}
		if _, err := decoder.Unmarshal(place, &reason); err == nil && reason != (TaskFailure{}) {
			if s.Response == nil {
				s.Response = new(TaskResponse)
			}
			s.Response.Error = &reason
			return
		}
	}
}

// keep shares the memory of the document among the tasks.
func (l *TaskList) keep(raw []byte) {
	list := tolerant.Member(raw, "tasks")
	if isObject(list) && len(l.Tasks) == 1 {
		l.Tasks[0].complete(list)
	}
	i := 0
	for task := range tolerant.Elements(list) {
		if i < len(l.Tasks) {
			l.Tasks[i].complete(task[:len(task):len(task)])
		}
		i++
	}
}

// form turns a bare reason, or the first of several, into an object. Empty
// values and false are not a reason.
func (TaskFailure) form(value []byte) []byte {
	for element := range tolerant.Elements(value) {
		value = element
		break
	}
	text, scalar := tolerant.Text(value)
	digits := len(text) - len(strings.TrimLeftFunc(text, unicode.IsDigit))
	switch {
	case value[0] == '{':
		return value
	case !scalar || text == "" || text == "false" || text == "0":
		return []byte("{}")
	case digits == len(text) || digits == 3:
		return object("status", quote(text))
	case strings.ContainsFunc(text, unicode.IsSpace):
		return object("description", quote(text))
	}
	return object("type", quote(text))
}
