package coverage

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// BaseURL is where the measured client must send its requests.
const BaseURL = "https://api.example.com/v1"

// A request was sent by the SDK.
type request struct {
	op    string // its operation, or method and path if it matches none
	known bool
	query url.Values
	body  []byte
}

// dryRun reports whether the request only asks for a price.
func (r *request) dryRun() bool {
	var body struct {
		DryRun bool `json:"dryRun"`
	}
	return json.Unmarshal(r.body, &body) == nil && body.DryRun
}

// A recorder is the transport of the measured client: it responds to all
// requests, and keeps the first one since it was reset, or the first write
// after a read, since a method may have to read before it writes. A list has
// one page.
type recorder struct {
	facts     *Facts
	answerers map[string]*answerer // by operation, dry runs with a suffix
	number    int                  // of the responses to give
	first     *request
	paged     map[string]bool // operations that the call has read a page of
}

func (r *recorder) answerer(req *request) *answerer {
	key := req.op
	if req.dryRun() {
		key += " (dry run)"
	}
	if a := r.answerers[key]; a != nil {
		return a
	}
	op := Operation{Op: req.op}
	for _, known := range r.facts.Operations {
		if known.Op == req.op {
			op = known
		}
	}
	a := newAnswerer(r.facts, op)
	a.dryRun = req.dryRun()
	r.answerers[key] = a
	return a
}

// RoundTrip records a request and responds to it.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	got := &request{query: req.URL.Query()}
	if req.Body != nil {
		got.body, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	path := strings.TrimPrefix(req.URL.EscapedPath(), "/v1")
	got.op, got.known = r.facts.match(req.Method, path)
	if r.first == nil || strings.HasPrefix(r.first.op, "GET ") && req.Method != http.MethodGet {
		r.first = got
	}
	text, err := json.Marshal(r.answerer(got).document(r.number))
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if r.paged[got.op] && got.query.Has("offset") {
		status = http.StatusNotFound
	}
	r.paged[got.op] = true
	return &http.Response{
		StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Request: req,
		ContentLength: int64(len(text)), Body: io.NopCloser(bytes.NewReader(text)),
	}, nil
}

// match finds the operation of a request: of several, the one whose path has
// its first placeholder last.
func (f *Facts) match(method, path string) (op string, known bool) {
	op = method + " " + path
	literal := -1
	for _, candidate := range f.Operations {
		m, pattern, _ := strings.Cut(candidate.Op, " ")
		if n := fits(pattern, path); m == method && n > literal {
			op, known, literal = candidate.Op, true, n
		}
	}
	return op, known
}

// fits returns how many segments of a path match the pattern before its first
// placeholder, or -1 if the path doesn't match.
func fits(pattern, path string) int {
	want, have := strings.Split(pattern, "/"), strings.Split(path, "/")
	literal, placeholders := 0, 0
	for i, segment := range want {
		if segment == "**" && len(have) > i {
			return literal
		}
		if i >= len(have) {
			return -1
		}
		switch {
		case strings.HasPrefix(segment, "{"):
			placeholders++
		case segment != have[i]:
			return -1
		default:
			literal++
		}
	}
	if len(want) != len(have) {
		return -1
	}
	return literal
}
