package coverage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/internal/coverage"
)

// A small client with gaps and some additions.
type toyClient struct {
	Toys *toysService
}

type toysService struct{ http http.RoundTripper }

type toy struct {
	ID     int    `json:"id"`
	Fast   bool   `json:"fast"`
	Owner  owner  `json:"owner"`
	Extra  string `json:"extra"`
	Guess  bool   `json:"guess"` // true whatever is sent
	Parts  []part `json:"parts"`
	All    json.RawMessage
	Opaque json.RawMessage `json:"opaque"`
}

type owner struct {
	Name string `json:"name"`
}

type part struct {
	Size float64 `json:"size"`
}

type toyOptions struct {
	Limit int `url:"limit"`
}

type toyRequest struct {
	Name  string  `json:"name"`
	Size  *int    `json:"size,omitempty"`
	Parts *int    `json:"parts,omitempty"`
	Kind  string  `json:"kind"`
	Port  *int    `json:"port,omitempty"`
	Odd   *string `json:"odd,omitempty"`
}

func (r *toyRequest) check() error {
	switch {
	case r.Name == "" || r.Kind == "":
		return errors.New("Name is required, and Kind")
	case r.Size != nil && r.Parts != nil:
		return errors.New("Size and Parts can't be given together")
	case r.Port != nil && *r.Port < 10000:
		return fmt.Errorf("Port must be at least 10000, not %d", *r.Port)
	case r.Parts != nil && r.Kind != "kit":
		return errors.New("this kind of toy has none of these")
	}
	return nil
}

func (s *toysService) Get(ctx context.Context, id int) (*toy, error) {
	return send[toy](ctx, s, http.MethodGet, fmt.Sprint("/toys/", id), nil)
}

func (s *toysService) List(ctx context.Context, opts *toyOptions) (*toy, error) {
	return send[toy](ctx, s, http.MethodGet, fmt.Sprint("/toys?limit=", opts.Limit), nil)
}

func (s *toysService) Create(ctx context.Context, req *toyRequest) (*toy, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	return send[toy](ctx, s, http.MethodPost, "/toys", req)
}

func (s *toysService) Break(context.Context, int) error { return errors.New("no") }

func send[T any](ctx context.Context, s *toysService, method, path string, in any) (*T, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, coverage.BaseURL+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	answer, err := s.http.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	out := new(T)
	if t, ok := any(out).(*toy); ok {
		defer func() { t.Guess = true }()
	}
	return out, json.NewDecoder(answer.Body).Decode(out)
}

func toyFacts() *coverage.Facts {
	schema := func(members ...string) coverage.Schema {
		s := coverage.Schema{Members: map[string]string{}}
		for i := 0; i < len(members); i += 2 {
			s.Members[members[i]] = members[i+1]
		}
		return s
	}
	return &coverage.Facts{
		Operations: []coverage.Operation{
			{Op: "GET /toys", Query: []string{"limit", "offset"}, Response: "Toy"},
			{Op: "POST /toys", Request: "ToyRequest", Response: "Toy"},
			{Op: "DELETE /toys/{toyId}"},
		},
		Requests: map[string]coverage.Schema{
			"ToyRequest": schema("name", "string", "size", "integer", "parts", "integer", "kind", "string(car|kit)", "port", "integer", "colour", "string"),
		},
		Responses: map[string]coverage.Schema{
			"Toy":   schema("id", "integer", "ID", "integer", "fast", "boolean", "slow", "boolean", "guess", "boolean", "owner", "Owner", "parts", "[]object", "parts[].size", "number", "made", "time", "opaque", "any", "links", "links"),
			"Owner": schema("name", "string", "since", "date"),
		},
		Observed: map[string]coverage.Schema{"Toy": schema("owner.age", "integer")},
	}
}

func TestReport(t *testing.T) {
	report, err := coverage.Measure(t.Context(), toyFacts(), func(transport http.RoundTripper) (any, error) {
		return &toyClient{Toys: &toysService{transport}}, nil
	})
	require.NoError(t, err)
	assert.False(t, report.Complete())
	assert.Equal(t, `missing query parameter offset of GET /toys
missing operation DELETE /toys/{toyId}
missing request fields ToyRequest: colour in POST /toys
missing response fields Owner: since in GET /toys and 1 more
missing response fields Toy: guess, made, owner.age, slow in GET /toys and 1 more
unknown to the document: operation GET /toys/10, called by Toys.Get
unknown to the document: request fields ToyRequest: odd
unknown to the document: field toy.Extra (extra)
failed: Toys.Break can't be called: no
query parameters 1/2
operations 2/3
request fields 5/6
response fields 8/13
`, printed(report))
}
