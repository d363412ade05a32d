package coverage

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// A bodyWalk notes which fields of a schema are in the bodies of requests.
type bodyWalk struct {
	facts     *Facts
	sent, odd map[string]bool // as Schema.path
}

func (w *bodyWalk) body(schema string, data []byte) {
	var value any
	if len(data) == 0 || json.Unmarshal(data, &value) != nil {
		return
	}
	w.object(schema, value)
}

func (w *bodyWalk) object(name string, value any) {
	schema, known := w.facts.Requests[name]
	object, ok := value.(map[string]any)
	switch {
	case !known || value == nil:
		return
	case !ok && len(schema.Members) == 1:
		// An object with one field may be written as just that field.
		for path := range schema.Members {
			w.sent[name+"."+path] = true
		}
		return
	case len(schema.Members) == 0 && len(schema.OneOf) == 0:
		return // free in form
	}
	alternative := w.alternative(schema, object)
	for member, value := range object {
		w.member(name, "", member, value, alternative)
	}
	if alternative != "" {
		inner := bodyWalk{facts: w.facts, sent: w.sent, odd: map[string]bool{}}
		inner.object(alternative, object)
	}
}

// alternative returns the one of several schemas that fits an object best.
func (w *bodyWalk) alternative(schema Schema, object map[string]any) string {
	if len(schema.OneOf) == 0 {
		return ""
	}
	return slices.MaxFunc(schema.OneOf, func(a, b string) int { return cmp.Compare(w.fits(a, object), w.fits(b, object)) })
}

func (w *bodyWalk) fits(name string, object map[string]any) (members int) {
	for member := range object {
		if _, ok := w.facts.Requests[name].Members[member]; ok {
			members++
		}
	}
	return members
}

func (w *bodyWalk) member(schema, prefix, name string, value any, alternative string) {
	path := prefix + name
	kind, known := w.facts.Requests[schema].Members[path]
	if known {
		w.sent[schema+"."+path] = true
	} else if _, elsewhere := w.facts.Requests[alternative].Members[path]; !elsewhere {
		w.odd[schema+"."+path] = true
	}
	for element, list := strings.CutPrefix(kind, "[]"); list; element, list = strings.CutPrefix(kind, "[]") {
		elements, _ := value.([]any)
		if kind, path = element, path+"[]"; len(elements) == 0 {
			return
		}
		value = elements[0]
	}
	object, ok := value.(map[string]any)
	if kind == "object" && ok {
		for name, value := range object {
			w.member(schema, path+".", name, value, "")
		}
		return
	}
	w.object(kind, value)
}
