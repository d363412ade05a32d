package coverage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// document is what is read of an OpenAPI document.
type document struct {
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Schemas map[string]*property `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	Parameters []struct {
		In     string   `json:"in"`
		Name   string   `json:"name"`
		Schema property `json:"schema"`
	} `json:"parameters"`
	RequestBody body            `json:"requestBody"`
	Responses   map[string]body `json:"responses"`
}

type body struct {
	Content map[string]struct {
		Schema property `json:"schema"`
	} `json:"content"`
}

// property is a schema, or the type of a field.
type property struct {
	Ref        string               `json:"$ref"`
	Type       string               `json:"type"`
	Format     string               `json:"format"`
	Enum       []string             `json:"enum"`
	Items      *property            `json:"items"`
	OneOf      []*property          `json:"oneOf"`
	Properties map[string]*property `json:"properties"`
	ReadOnly   bool                 `json:"readOnly"`
	Example    any                  `json:"example"`
}

func (p *property) refName() string { return p.Ref[strings.LastIndexByte(p.Ref, '/')+1:] }

// ReadDocument reads an OpenAPI document from a file or a URL.
func ReadDocument(ctx context.Context, name string) ([]byte, error) {
	if !strings.HasPrefix(name, "http://") && !strings.HasPrefix(name, "https://") {
		return os.ReadFile(name)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, name, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Timeout: time.Minute}
	answer, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", name, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// FromDocument takes the facts from an OpenAPI document, and keeps from the old
// ones what no document contains: observed fields, the documents of tasks, the
// types of fields that are only shown in examples, and what is beyond the
// document.
func FromDocument(data []byte, old *Facts) (*Facts, error) {
	var doc document
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, fmt.Errorf("the document: %w", err)
	}
	r := reader{doc: &doc, old: old, facts: &Facts{
		Requests: map[string]Schema{}, Responses: map[string]Schema{},
		Observed: map[string]Schema{}, Results: old.Results, Beyond: old.Beyond,
	}}
	if err := r.operations(); err != nil {
		return nil, err
	}
	r.observed()
	return r.facts, nil
}

// A reader extracts facts from a document.
type reader struct {
	doc   *document
	old   *Facts
	facts *Facts
}

var methods = []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}

func (r *reader) operations() error {
	for path, members := range r.doc.Paths {
		for _, method := range methods {
			text, ok := members[strings.ToLower(method)]
			if !ok {
				continue
			}
			var o operation
			if err := json.Unmarshal(text, &o); err != nil {
				return fmt.Errorf("the document: %s %s: %w", method, path, err)
			}
			r.operation(method+" "+belowVersion(path), o)
		}
	}
	if len(r.facts.Operations) == 0 {
		return fmt.Errorf("the document has no operations")
	}
	slices.SortFunc(r.facts.Operations, func(a, b Operation) int {
		methodA, pathA, _ := strings.Cut(a.Op, " ")
		methodB, pathB, _ := strings.Cut(b.Op, " ")
		return cmp.Or(cmp.Compare(pathA, pathB), cmp.Compare(slices.Index(methods, methodA), slices.Index(methods, methodB)))
	})
	return nil
}

func belowVersion(path string) string {
	if below, ok := strings.CutPrefix(path, "/v1/"); ok {
		return "/" + below
	}
	return path
}

func (r *reader) operation(op string, o operation) {
	facts := Operation{Op: op}
	for _, p := range o.Parameters {
		// What can't be written in a query is a body that was mistaken for a
		// parameter.
		if p.In == "query" && p.Schema.Ref == "" && p.Schema.Type != "object" {
			facts.Query = append(facts.Query, p.Name)
		}
	}
	for _, content := range o.RequestBody.Content {
		facts.Request = content.Schema.refName()
		r.request(facts.Request)
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		for _, content := range o.Responses[status].Content {
			if name := content.Schema.refName(); name != "" && facts.Response == "" && strings.HasPrefix(status, "2") {
				facts.Response = name
				r.response(name)
			}
		}
	}
	for _, known := range r.old.Operations {
		if known.Op == op {
			facts.Result, facts.DryRun = known.Result, known.DryRun
		}
	}
	r.facts.Operations = append(r.facts.Operations, facts)
}

// request reads a request schema, and all that are nested in it.
func (r *reader) request(name string) {
	schema := r.doc.Components.Schemas[name]
	if _, done := r.facts.Requests[name]; done || schema == nil {
		return
	}
	facts := Schema{Members: map[string]string{}}
	r.facts.Requests[name] = facts
	for _, one := range schema.OneOf {
		facts.OneOf = append(facts.OneOf, one.refName())
		r.request(one.refName())
	}
	r.declared(facts.Members, "", schema, true, r.request)
	r.facts.Requests[name] = facts
}

// response reads a response schema, with what its example shows, and all that
// are nested in it.
func (r *reader) response(name string) {
	schema := r.doc.Components.Schemas[name]
	if _, done := r.facts.Responses[name]; done || schema == nil {
		return
	}
	facts := Schema{Members: map[string]string{}}
	r.facts.Responses[name] = facts
	r.declared(facts.Members, "", schema, false, r.response)
	r.shown(name, "", schema.Example)
}

// declared reads the fields that a schema declares.
func (r *reader) declared(members map[string]string, prefix string, schema *property, request bool, nested func(string)) {
	for name, p := range schema.Properties {
		if request && p.ReadOnly {
			continue
		}
		path := prefix + name
		members[path] = typeOf(p, request)
		if !request && name == "links" {
			members[path] = "links"
		}
		for p.Type == "array" && p.Items != nil {
			p, path = p.Items, path+"[]"
		}
		if p.Ref != "" {
			nested(p.refName())
		}
		r.declared(members, path+".", p, request, nested)
	}
}

func typeOf(p *property, enums bool) string {
	switch {
	case p.Ref != "":
		return p.refName()
	case p.Type == "array" && p.Items != nil:
		return "[]" + typeOf(p.Items, enums)
	case len(p.Properties) > 0:
		return "object"
	case p.Type == "object" || p.Type == "":
		return "any"
	case enums && len(p.Enum) > 0:
		return "string(" + strings.Join(p.Enum, "|") + ")"
	case p.Format == "date-time":
		return "time"
	case p.Format == "date":
		return "date"
	}
	return p.Type
}

// shown reads the fields that an example shows and the schema doesn't declare.
// Below a field that has its own schema, they are fields of that.
func (r *reader) shown(schema, prefix string, example any) {
	object, ok := example.(map[string]any)
	if !ok {
		return
	}
	members := r.facts.Responses[schema].Members
	for name, value := range object {
		path := prefix + name
		if declared := r.doc.Components.Schemas[schema].Properties[path]; declared == nil {
			members[path] = better(members[path], r.typeShown(schema, path, name, value))
		}
		if members[path] == "links" {
			continue
		}
		if list, ok := value.([]any); ok {
			for _, element := range list {
				r.shownBelow(schema, path+"[]", strings.TrimPrefix(members[path], "[]"), element)
			}
			continue
		}
		r.shownBelow(schema, path, members[path], value)
	}
}

func (r *reader) shownBelow(schema, path, nested string, value any) {
	if r.doc.Components.Schemas[nested] == nil {
		r.shown(schema, path+".", value)
		return
	}
	r.response(nested)
	r.shown(nested, "", value)
}

// typeShown is the type of a field that an example shows. Where the old facts
// have its real type, such as a list of elements with a schema, that stays.
func (r *reader) typeShown(schema, path, name string, value any) string {
	if name == "links" {
		return "links"
	}
	shown := typeOfValue(value)
	old := r.old.Responses[schema].Members[path]
	if old != "" && vague(shown) && strings.HasPrefix(old, shown[:strings.LastIndexByte(shown, ']')+1]) {
		return old
	}
	return shown
}

// vague reports whether a value leaves its type open.
func vague(shown string) bool {
	base := strings.TrimLeft(shown, "[]")
	return base == "any" || base == "object" || base == "integer"
}

// better chooses between two samples.
func better(a, b string) string {
	if a == "" || strings.HasSuffix(a, "any") || strings.HasSuffix(a, "integer") && strings.HasSuffix(b, "number") {
		return b
	}
	return a
}

func typeOfValue(value any) string {
	switch value := value.(type) {
	case string:
		return "string"
	case bool:
		return "boolean"
	case float64:
		if value == float64(int64(value)) {
			return "integer"
		}
		return "number"
	case []any:
		if len(value) == 0 {
			return "[]any"
		}
		return "[]" + typeOfValue(value[0])
	case map[string]any:
		return "object"
	}
	return "any"
}

// observed keeps the observed fields that the document still lacks.
func (r *reader) observed() {
	for name, schema := range r.old.Observed {
		left := maps.Clone(schema.Members)
		maps.DeleteFunc(left, func(path, _ string) bool { return r.facts.Responses[name].Members[path] != "" })
		if len(left) > 0 {
			r.facts.Observed[name] = Schema{Members: left}
		}
	}
}
