package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// A kind is a set of JSON types that a value has had.
type kind uint8

const (
	object kind = 1 << iota
	array
	text
	number
	boolean
	null
	nothing // an empty body
	noJSON
)

var kindNames = []string{"object", "array", "text", "number", "boolean", "null", "nothing", "no JSON"}

func (k kind) String() string {
	var names []string
	for i, name := range kindNames {
		if k&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

// A shape is what the values in one place have looked like.
type shape struct {
	kinds    kind
	members  map[string]*shape
	elements *shape
	statuses map[string]bool // values of a field "status", which aren't compared
}

// add adds a value, as json.Decoder.UseNumber decodes it, and reports whether
// it was new in any way.
func (s *shape) add(value any) (news bool) {
	switch value := value.(type) {
	case map[string]any:
		news = s.addKind(object)
		for name, member := range value {
			below := s.members[name]
			if below == nil {
				if s.members == nil {
					s.members = map[string]*shape{}
				}
				below = &shape{}
				s.members[name] = below
			}
			news = below.add(member) || news
			if status, ok := member.(string); ok && name == "status" {
				news = below.addStatus(status) || news
			}
		}
	case []any:
		news = s.addKind(array)
		for _, element := range value {
			if s.elements == nil {
				s.elements = &shape{}
			}
			news = s.elements.add(element) || news
		}
	default:
		news = s.addKind(kindOf(value))
	}
	return news
}

func (s *shape) addKind(k kind) (news bool) {
	news = s.kinds&k == 0
	s.kinds |= k
	return news
}

func (s *shape) addStatus(status string) (news bool) {
	if s.statuses == nil {
		s.statuses = map[string]bool{}
	}
	news = !s.statuses[status]
	s.statuses[status] = true
	return news
}

func kindOf(value any) kind {
	switch value.(type) {
	case nil:
		return null
	case string:
		return text
	case bool:
		return boolean
	}
	return number
}

// A difference is between what was recorded of the API and what the fake sends.
type difference struct {
	answer string // such as "GET /subscriptions/{id} 200"
	member string // such as "databases[].port", or "" for the whole
	what   string
}

func (d difference) String() string {
	if d.member == "" {
		return d.answer + ": " + d.what
	}
	return fmt.Sprintf("%s: field %q: %s", d.answer, d.member, d.what)
}

// compare lists the differences of two shapes, each at its outermost field.
// Nothing is known of a list that was always empty.
func compare(answer, member string, recorded, sent *shape) (all []difference) {
	if recorded.kinds != sent.kinds {
		what := fmt.Sprintf("other type: recorded as %s, the fake sends %s", recorded.kinds, sent.kinds)
		all = append(all, difference{answer, member, what})
	}
	if recorded.kinds&sent.kinds&object != 0 {
		names := maps.Clone(recorded.members)
		if names == nil {
			names = map[string]*shape{}
		}
		maps.Copy(names, sent.members)
		for _, name := range slices.Sorted(maps.Keys(names)) {
			path := strings.TrimPrefix(member+"."+name, ".")
			switch r, s := recorded.members[name], sent.members[name]; {
			case s == nil:
				all = append(all, difference{answer, path, "missing: recorded as " + r.kinds.String() + ", the fake doesn't send it"})
			case r == nil:
				all = append(all, difference{answer, path, "never seen: the fake sends " + s.kinds.String() + ", nothing was recorded"})
			default:
				all = append(all, compare(answer, path, r, s)...)
			}
		}
	}
	if recorded.elements != nil && sent.elements != nil {
		all = append(all, compare(answer, member+"[]", recorded.elements, sent.elements)...)
	}
	return all
}

// prune removes from the lists in a value the elements that show nothing new.
func prune(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			value[name] = prune(member)
		}
	case []any:
		var seen shape
		kept := []any{}
		for _, element := range value {
			if seen.add(element) {
				kept = append(kept, prune(element))
			}
		}
		return kept
	}
	return value
}
