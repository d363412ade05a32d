package rediscloud

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// tokenPrefix is the start of a token, and contains its version.
const tokenPrefix = "rediscloud-task-1."

// maxToken bounds the length of what ResumeTask parses.
const maxToken = 4096

// taskToken is the content of a token.
type taskToken struct {
	ID      string `json:"id"`
	Result  string `json:"result"`
	Outcome source `json:"outcome"`
}

// Token returns a text from which [ResumeTask] restores the handle, in another
// process too. It contains the task's id, its type and the path of its result;
// it is not a secret. The API knows a task for about 10 days.
func (t *Task[T]) Token() string {
	if t == nil {
		return ""
	}
	text, err := json.Marshal(taskToken{ID: t.state.TaskID, Result: t.kind.name, Outcome: t.out})
	if err != nil {
		return t.state.TaskID // can't happen: strings and numbers only
	}
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(text)
}

// ResumeTask restores the handle of a task from its token, or from a bare task
// id. It sends nothing: whether the API still knows the task shows when it is
// waited for; if not, the error is [ErrNotFound]. ResumeTask returns an error
// for the token of a task that doesn't yield a T.
//
// With a bare id, the result is found by what the completed task contains: its
// resource link, its ids, or its document.
func ResumeTask[T any](c *Client, token string) (*Task[T], error) {
	if c == nil || c.transport == nil {
		return nil, errNoClient
	}
	if len(token) > maxToken {
		return nil, fmt.Errorf("rediscloud: a task token has at most %d characters, not %d", maxToken, len(token))
	}
	encoded, isToken := strings.CutPrefix(token, tokenPrefix)
	if !isToken {
		return resumeID[T](c, token)
	}
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("rediscloud: the task token is damaged")
	}
	var parts taskToken
	if err := json.Unmarshal(text, &parts); err != nil {
		return nil, errors.New("rediscloud: the task token is damaged")
	}
	k, err := kindFor[T]()
	if err != nil {
		return nil, err
	}
	named := kindsByName[parts.Result]
	if named == nil || named.result != k.result {
		return nil, fmt.Errorf("rediscloud: the task token belongs to a task that yields %s, not %s", oneLine(parts.Result), k.name)
	}
	if err := parts.check(); err != nil {
		return nil, err
	}
	c.submitted.addAt(parts.ID, time.Time{})
	return &Task[T]{client: c, state: TaskState{TaskID: parts.ID}, out: parts.Outcome, kind: named}, nil
}

func resumeID[T any](c *Client, id string) (*Task[T], error) {
	if strings.HasPrefix(id, "rediscloud-task-") {
		return nil, errors.New("rediscloud: the task token has a version that this package doesn't know")
	}
	if err := checkTaskID(id); err != nil {
		return nil, fmt.Errorf("rediscloud: %w", err)
	}
	k, err := kindFor[T]()
	if err != nil {
		return nil, err
	}
	out := source{Read: place{Path: k.route, InList: !k.hasOwnRead()}}
	c.submitted.addAt(id, time.Time{})
	return &Task[T]{client: c, state: TaskState{TaskID: id}, out: out, kind: k}, nil
}

// check refuses a token that would make the client send unexpected requests.
func (p taskToken) check() error {
	if err := checkTaskID(p.ID); err != nil {
		return fmt.Errorf("rediscloud: the task token is damaged: %w", err)
	}
	if err := p.Outcome.check(); err != nil {
		return fmt.Errorf("rediscloud: the task token is damaged: %w", err)
	}
	return nil
}
