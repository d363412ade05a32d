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
	// The fields of a struct: all, by name, by name in lower case, by further names.
	fields                []*field
	named, folded, others map[string]*field

	// What a document of the type can take at most, beside its texts: for each
	// element of a list in it, and for each byte of it.
	perElement, perByte int64

	quoted [][]byte // further names of fields in it, in quotes
}

// A field is a field of a struct.
type field struct {
	name  string // of the field
	also  string // another name of it; "" for none
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

// fieldsOf are the fields of a struct, those of embedded ones included, as
// encoding/json has them for types without names that hide each other.
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

// hasPointer reports whether the way to a field leads through a pointer.
func hasPointer(t reflect.Type, index []int) bool {
	for _, i := range index[:len(index)-1] {
		if t = t.Field(i).Type; t.Kind() == reflect.Pointer {
			return true
		}
	}
	return false
}

// measure looks at all types below t.
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

// perMisfit is what encoding/json takes, if only for a moment, for the error of an
// element that doesn't fit, which is more than that of a text.
const perMisfit = 96

// perByteOfAny is more than a byte of JSON becomes as an any: {"":0} is a map.
const perByteOfAny = 64

// weight is what a value of a type takes, with all that its pointers can lead to.
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

// fits reports whether what a document becomes is sure to take no more than that.
func (s *shape) fits(data []byte, size int64) bool {
	size -= s.perByte * int64(len(data))
	enough := func(elements int) bool { return int64(elements) <= size/max(1, s.perElement) }
	return size >= 0 && (enough(bytes.Count(data, []byte(","))+1) || enough(elements(data)))
}

// elements is how many elements the arrays of a document have at most.
func elements(data []byte) (n int) {
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			i = endOfString(data, i) - 1
		case ',', '{', '[': // one between two, one more in each
			n++
		case ':': // a field, which is no element
			n--
		}
	}
	return n
}

// renamed reports whether a document may hold fields by another name of theirs.
func (s *shape) renamed(data []byte) bool {
	contains := func(name []byte) bool { return bytes.Contains(data, name) }
	return contains([]byte(`"_`)) || slices.ContainsFunc(s.quoted, contains)
}

// find finds the field of a field as encoding/json does: by its very name, or
// else without regard to case. It is another name if only that is known.
func (s *shape) find(name string) (f *field, other bool) {
	if f = s.named[name]; f != nil {
		return f, false
	}
	if f = s.folded[strings.ToLower(name)]; f != nil {
		return f, false
	}
	if strings.ContainsFunc(name, func(r rune) bool { return r >= utf8.RuneSelf }) {
		for _, f := range s.fields { // some letters of Unicode are as good as others of ASCII
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

// decodesItself reports whether a type says itself how it is decoded.
func decodesItself(t reflect.Type) bool { return reflect.PointerTo(t).Implements(unmarshalJSON) }
