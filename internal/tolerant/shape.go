package tolerant

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// A shape is what is known of a type.
type shape struct {
	// The fields of a struct: all, by name, by name in lower case, by
	// alternative name.
	fields                []*field
	named, folded, others map[string]*field

	// The most memory that a document of the type can take, apart from its
	// strings: for each element of a list in it, and for each byte of it.
	perElement, perByte int64

	quoted [][]byte // alternative names of fields in it, in quotes
}

// A field is a field of a struct.
type field struct {
	name  string // of the field
	also  string // an alternative name; "" for none
	index []int
}

var shapes sync.Map // of reflect.Type to *shape

func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s := &shape{}
	if t.Kind() == reflect.Struct && !decodesItself(t) {
		s.fields = fieldsOf(t)
		s.named, s.folded, s.others = map[string]*field{}, map[string]*field{}, map[string]*field{}
		for _, f := range slices.Backward(s.fields) { // the first of several counts
			s.named[f.name], s.folded[strings.ToLower(f.name)] = f, f
			s.others["_"+f.name], s.others[f.also] = f, f
		}
		delete(s.others, "")
	}
	s.measure(t, map[reflect.Type]bool{})
	kept, _ := shapes.LoadOrStore(t, s)
	return kept.(*shape)
}

// fieldsOf returns the fields of a struct, including those of embedded ones,
// like encoding/json for types without names that hide each other.
func fieldsOf(t reflect.Type) (fields []*field) {
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		embedded := f.Anonymous && name == "" && f.Type.Kind() == reflect.Struct
		if !f.IsExported() || name == "-" || embedded || hasPointer(t, f.Index) {
			continue
		}
		if name == "" {
			name = f.Name
		}
		fields = append(fields, &field{name: name, also: f.Tag.Get("also"), index: f.Index})
	}
	return fields
}

// hasPointer reports whether the path to a field leads through a pointer.
func hasPointer(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

// measure visits all types below t.
func (s *shape) measure(t reflect.Type, seen map[reflect.Type]bool) {
	if seen[t] || t == rawMessage || decodesItself(t) {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Struct:
		for _, f := range fieldsOf(t) {
			s.measure(t.FieldByIndex(f.index).Type, seen)
			if f.also != "" {
				s.quoted = append(s.quoted, []byte(`"`+f.also+`"`))
			}
		}
	case reflect.Pointer:
		s.measure(t.Elem(), seen)
	case reflect.Slice, reflect.Array:
		s.perElement = max(s.perElement, weight(t.Elem(), nil), perMisfit)
		s.measure(t.Elem(), seen)
	case reflect.Map, reflect.Interface:
		s.perByte = perByteOfAny
	}
}

// perMisfit is what encoding/json allocates, if only briefly, for the error of
// an element that doesn't fit, which is more than for that of a string.
const perMisfit = 96

// perByteOfAny is the most that a byte of JSON takes as an any: {"":0} is a
// map.
const perByteOfAny = 64

// weight is the size of a value of a type, with all that its pointers can lead
// to.
func weight(t reflect.Type, above []reflect.Type) int64 {
	n := int64(t.Size())
	if slices.Contains(above, t) || decodesItself(t) {
		return n
	}
	above = append(above, t)
	switch t.Kind() {
	case reflect.Pointer:
		n += weight(t.Elem(), above)
	case reflect.Struct:
		for _, f := range fieldsOf(t) {
			below := t.FieldByIndex(f.index).Type
			n += weight(below, above) - int64(below.Size())
		}
	}
	return n
}

// fits reports whether a decoded document certainly takes no more than size.
func (s *shape) fits(data []byte, size int64) bool {
	size -= s.perByte * int64(len(data))
	enough := func(elements int) bool { return int64(elements) <= size/max(1, s.perElement) }
	return size >= 0 && (enough(bytes.Count(data, []byte(","))+1) || enough(elements(data)))
}

// elements returns the maximum number of elements in the arrays of a document.
func elements(data []byte) (n int) {
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = endOfString(data, i) - 1
		case ',', '{', '[': // one between two, one more in each
			n++
		case ':': // a field, which is not an element
			n--
		}
	}
	return n
}

// renamed reports whether a document may have fields under their alternative
// names.
func (s *shape) renamed(data []byte) bool {
	contains := func(name []byte) bool { return bytes.Contains(data, name) }
	return contains([]byte(`"_`)) || slices.ContainsFunc(s.quoted, contains)
}

// find finds the struct field of a JSON field like encoding/json: by its exact
// name, or else ignoring case. other reports that only an alternative name
// matched.
func (s *shape) find(name string) (f *field, other bool) {
	if f = s.named[name]; f != nil {
		return f, false
	}
	if f = s.folded[strings.ToLower(name)]; f != nil {
		return f, false
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		for _, f := range s.fields { // Unicode folds some letters to ASCII ones
			if strings.EqualFold(f.name, name) {
				return f, false
			}
		}
	}
	return s.others[name], true
}

var (
	rawMessage    = reflect.TypeFor[json.RawMessage]()
	unmarshalJSON = reflect.TypeFor[json.Unmarshaler]()
)

// decodesItself reports whether a type has its own decoding.
func decodesItself(t reflect.Type) bool { return reflect.PointerTo(t).Implements(unmarshalJSON) }
