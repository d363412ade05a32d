package rediscloud

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// intentPrefix is the start of an intent's token, and contains its version.
const intentPrefix = "rediscloud-intent-1."

// intentToken is the content of an intent's token.
type intentToken struct {
	ID      string `json:"id"`
	Method  string `json:"method"`
	Path    string `json:"path"`
	Command string `json:"command,omitempty"`
	Result  string `json:"result"`
	Began   int64  `json:"began"`            // by the clock of the machine, Unix milliseconds
	Server  int64  `json:"server,omitempty"` // by the API's clock, if it was known
	Outcome source `json:"outcome"`
}

type intentKey struct{}

// OnIntent returns a context with which every write that starts a task
// announces itself before it is sent: f gets a token from which [ResumeIntent],
// in another process too, restores what [FindTask] needs to find the task. The
// write is sent if f returns nil; otherwise it isn't, and the method returns
// f's error. Keep the token where it outlives the process, and a write can't
// get lost even if the process is killed before the response arrives. Package
// journal does all this.
//
// The token contains the path, and the part of the request that the result
// shows, such as a name and a size; never a password.
func OnIntent(ctx context.Context, f func(token string) error) context.Context {
	if ctx == nil || f == nil {
		return ctx
	}
	return context.WithValue(ctx, intentKey{}, f)
}

// announce passes the token of a write that is about to be sent to the
// context's function.
func (l *lostWrite) announce(ctx context.Context) error {
	f, ok := ctx.Value(intentKey{}).(func(string) error)
	if !ok || l.method == http.MethodGet {
		return nil
	}
	l.id = rand.Text()
	if err := f(l.token()); err != nil {
		return fmt.Errorf("rediscloud: %s %s: not sent, its intent can't be recorded: %w", l.method, l.path, err)
	}
	return nil
}

func (l *lostWrite) token() string {
	intent := intentToken{ID: l.id, Method: l.method, Path: l.path, Command: l.command, Result: l.kind.name, Began: l.began.UnixMilli(), Outcome: l.out}
	if server, ok := l.client.transport.clock.at(l.began); ok {
		intent.Server = server.UnixMilli()
	}
	text, err := json.Marshal(intent)
	if err != nil {
		return "" // can't happen: strings, numbers, and what was JSON before
	}
	return intentPrefix + base64.RawURLEncoding.EncodeToString(text)
}

// errNoAnswerKept is the failure of a write of which only the intent was
// recorded.
var errNoAnswerKept = errors.New("only the intent is known, no response")

// ResumeIntent restores, from a token that [OnIntent] passed on, the error that
// the write would have returned if its response had been lost; pass that to
// [FindTask]. It sends nothing. It returns an error for a token that is damaged
// or has another version.
func ResumeIntent(c *Client, token string) (*OutcomeUnknownError, error) {
	if c == nil || c.transport == nil {
		return nil, errNoClient
	}
	encoded, ok := strings.CutPrefix(token, intentPrefix)
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if !ok || err != nil || len(token) > maxToken {
		return nil, errors.New("rediscloud: this is not the token of an intent, or it is damaged")
	}
	var intent intentToken
	if err := json.Unmarshal(text, &intent); err != nil {
		return nil, errors.New("rediscloud: the token of the intent is damaged")
	}
	if err := intent.check(); err != nil {
		return nil, fmt.Errorf("rediscloud: the token of the intent is damaged: %w", err)
	}
	if l := c.losses.of(intent.ID); l != nil {
		return l.interrupted(), nil
	}
	l := newLostWrite(c, call{method: intent.Method, path: intent.Path, cmd: intent.Command}, intent.Outcome, kindsByName[intent.Result])
	l.id, l.began = intent.ID, time.UnixMilli(intent.Began)
	if intent.Server != 0 {
		l.server = time.UnixMilli(intent.Server)
	}
	c.losses.add(l)
	return l.interrupted(), nil
}

func (l *lostWrite) interrupted() *OutcomeUnknownError {
	return &OutcomeUnknownError{
		Method: l.method, Path: l.path, lost: l,
		Err: fmt.Errorf("rediscloud: %s %s: %w", l.method, l.path, errNoAnswerKept),
	}
}

// check refuses an intent that would make the client send unexpected requests.
func (i intentToken) check() error {
	switch {
	case !slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, i.Method):
		return fmt.Errorf("%q is not a method of a write", oneLine(i.Method))
	case !strings.HasPrefix(i.Path, "/") || !cleanPath(i.Path[1:]):
		return fmt.Errorf("the path %q is not one of the API", oneLine(i.Path))
	case kindsByName[i.Result] == nil:
		return fmt.Errorf("it names a kind of result that this version doesn't know: %q", oneLine(i.Result))
	}
	return i.Outcome.check()
}
