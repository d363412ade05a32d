package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/rediscloud-go/rediscloud"
)

// A recording is what one kind of response has looked like: that of an
// operation with a status code. The states of a task are also distinguished by
// its command type.
type recording struct {
	Operation string `json:"operation"` // such as "GET /subscriptions/{id}"
	Status    int    `json:"status"`
	Documents []any  `json:"documents"`           // each shows something that those before it don't
	NoJSON    bool   `json:"noJSON,omitempty"`    // there were bodies that aren't JSON, which aren't kept
	NoBody    bool   `json:"emptyBody,omitempty"` // there were empty bodies

	shape shape
}

func (r *recording) answer() string { return fmt.Sprintf("%s %d", r.Operation, r.Status) }

// add records a body. It is decoded anew, so the recording shares nothing with
// the caller.
func (r *recording) add(body []byte) {
	switch document, err := decode(body); {
	case len(bytes.TrimSpace(body)) == 0:
		r.NoBody = true
		r.shape.addKind(nothing)
	case err != nil:
		r.NoJSON = true
		r.shape.addKind(noJSON)
	case r.shape.add(document):
		r.Documents = append(r.Documents, prune(document))
	}
}

// decode reads one JSON value, and keeps numbers verbatim.
func decode(body []byte) (document any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return document, nil
}

// A recorder keeps what responses look like. It is safe for concurrent use.
type recorder struct {
	mu         sync.Mutex
	recordings []*recording // in the order in which they first occurred
	secrets    []string
}

// minSecret is the length from which a secret is searched for: real ones are
// longer, and a shorter text would be found in every recording.
const minSecret = 6

// hide keeps a text out of all recordings, whatever field it is in.
func (r *recorder) hide(secret string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(secret) >= minSecret && !slices.Contains(r.secrets, secret) {
		r.secrets = append(r.secrets, secret)
	}
}

// transport sends requests with next, and records the responses.
func (r *recorder) transport(next http.RoundTripper) http.RoundTripper {
	return recorded{r, next}
}

type recorded struct {
	recorder *recorder
	next     http.RoundTripper
}

func (t recorded) RoundTrip(req *http.Request) (*http.Response, error) {
	for _, key := range []string{"x-api-key", "x-api-secret-key"} {
		t.recorder.hide(req.Header.Get(key))
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	if err == nil && len(body) <= maxBody {
		t.recorder.add(req.Method+" "+rediscloud.Route(req.Context()), resp.StatusCode, body)
	}
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = failing{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), resp.Body}
	return resp, nil
}

// maxBody is the largest body that is recorded; longer ones are passed on.
const maxBody = 8 << 20

// failing is the rest of a body that broke off.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func (r *recorder) add(operation string, status int, body []byte) {
	if operation == "GET /tasks/{id}" {
		var task rediscloud.TaskState
		if _, err := rediscloud.Unmarshal(body, &task); err == nil && commandType.MatchString(task.CommandType) {
			operation += " " + task.CommandType
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.of(operation, status).add(body)
}

var commandType = regexp.MustCompile(`^[a-zA-Z]{1,80}$`)

// of returns the recording of a response. The caller holds the lock.
func (r *recorder) of(operation string, status int) *recording {
	i := slices.IndexFunc(r.recordings, func(rec *recording) bool { return rec.Operation == operation && rec.Status == status })
	if i >= 0 {
		return r.recordings[i]
	}
	rec := &recording{Operation: operation, Status: status, Documents: []any{}}
	r.recordings = append(r.recordings, rec)
	return rec
}

// save writes the recordings to a folder, one file each, with everything
// private replaced. It writes none if any would contain a secret.
func (r *recorder) save(dir string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	replace := newStandIns(r.secrets)
	files := map[string][]byte{}
	for _, rec := range r.recordings {
		public := *rec
		public.Documents = make([]any, len(rec.Documents))
		for i, document := range rec.Documents {
			public.Documents[i] = replace.value("", document)
		}
		var file bytes.Buffer
		encoder := json.NewEncoder(&file)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(public); err != nil {
			return err
		}
		if replace.tells(file.String()) {
			return fmt.Errorf("conformance: the recording of %s would contain a secret: nothing is written", rec.answer())
		}
		files[fileName(rec.answer())] = file.Bytes()
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	for name, file := range files {
		if err := os.WriteFile(filepath.Join(dir, name), file, 0o600); err != nil {
			return err
		}
	}
	return nil
}

var noWord = regexp.MustCompile(`[^a-zA-Z0-9-]+`)

// fileName returns "get_subscriptions_id_200.json" for "GET /subscriptions/{id}
// 200".
func fileName(answer string) string {
	method, rest, _ := strings.Cut(answer, " ")
	return strings.ToLower(method) + "_" + strings.Trim(noWord.ReplaceAllString(rest, "_"), "_") + ".json"
}

// load reads the recordings in a folder. A missing folder has none.
func load(dir string) ([]*recording, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var all []*recording
	for _, name := range names {
		file, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		rec := &recording{}
		decoder := json.NewDecoder(bytes.NewReader(file))
		decoder.UseNumber()
		if err := decoder.Decode(rec); err != nil {
			return nil, fmt.Errorf("conformance: %s: %w", name, err)
		}
		for _, document := range rec.Documents {
			rec.shape.add(document)
		}
		if rec.NoBody {
			rec.shape.addKind(nothing)
		}
		if rec.NoJSON {
			rec.shape.addKind(noJSON)
		}
		all = append(all, rec)
	}
	return all, nil
}

// differences compares recordings with what the fake has sent to r. Responses
// that only one of the two has given aren't compared, except that a recorded
// response that the fake never gives is a difference. States of tasks are
// exempt: a run also sees those of tasks that other programs of the account
// have started.
func (r *recorder) differences(recordings []*recording) (all []difference) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rec := range recordings {
		i := slices.IndexFunc(r.recordings, func(sent *recording) bool { return sent.answer() == rec.answer() })
		switch {
		case i >= 0:
			all = append(all, compare(rec.answer(), "", &rec.shape, &r.recordings[i].shape)...)
		case rec.Status < http.StatusTooManyRequests && !strings.HasPrefix(rec.Operation, "GET /tasks/{id}"):
			all = append(all, difference{rec.answer(), "", "missing: recorded, and never sent by the fake"})
		}
	}
	return all
}
