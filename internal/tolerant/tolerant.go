// Package tolerant decodes JSON whose values don't always have the type that
// the Go type expects.
//
// A document that fits its type is decoded by encoding/json alone. One that
// doesn't is read again, value by value, and what can be understood is kept: a
// string with a number in it, a number where a string was expected, a whole
// number written as a double, a boolean in a string, one value instead of a
// list and a list of one instead of a value. A value that can't be read stays
// zero, and is reported. The package also bounds how much memory a document may
// take.
//
// Types are structs with json tags, of strings, numbers, booleans, pointers,
// slices, other structs and types that implement json.Unmarshaler. A field may
// have a second name in the tag "also"; one that begins with an underscore
// stands for the name without it. Maps, and values of any type, are left to
// encoding/json.
package tolerant

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// A Decoder decodes documents. It is safe for concurrent use.
type Decoder struct {
	// MaxSize is the maximum size of a decoded document in memory, in bytes,
	// not counting the allocator's overhead.
	MaxSize int64

	// Form returns a function that converts a value of the type from other
	// forms to the one that it declares, or leaves it unchanged. It returns nil
	// for types with one form.
	Form func(reflect.Type) func(value []byte) []byte

	// Vital reports whether a document is useless if a value of that type, or a
	// list of such values, is present and can't be read.
	Vital func(reflect.Type) bool
}

// maxUnread is the maximum number of reported values.
const maxUnread = 100

// Unmarshal decodes a document into the value that v, a non-nil pointer, points
// to, and overwrites it completely. It returns the paths of the values that
// could not be read, such as "databases[3].port", at most 100.
func (d *Decoder) Unmarshal(data []byte, v any) (unread []string, err error) {
	target := reflect.ValueOf(v).Elem()
	target.SetZero()
	s := shapeOf(target.Type())
	var refused error
	if s.fits(data, d.MaxSize/fastShare) && !s.renamed(data) {
		if refused = json.Unmarshal(data, v); refused == nil {
			return nil, nil
		}
		target.SetZero()
	}
	if err := json.Unmarshal(data, new(syntax)); err != nil {
		return nil, err
	}
	r := &reading{Decoder: d, left: d.MaxSize}
	if !r.document(bytes.TrimSpace(data), target) && r.err == nil {
		r.err = refused
		if refused == nil {
			r.err = fmt.Errorf("it is not a %s", target.Type())
		}
	}
	if r.err != nil {
		target.SetZero()
	}
	return r.unread, r.err
}

// fastShare is the share of the memory for what encoding/json decodes: it grows
// a list step by step, and takes several times the final size.
const fastShare = 5

// syntax decodes from any JSON.
type syntax struct{}

func (*syntax) UnmarshalJSON([]byte) error { return nil }

// A reading is a document while it is read value by value.
type reading struct {
	*Decoder
	left   int64 // of MaxSize
	path   []step
	unread []string
	err    error // ends it
}

// document reads the whole document. At this level a list doesn't stand for its
// only element.
func (r *reading) document(data []byte, v reflect.Value) bool {
	if v.Kind() == reflect.Struct && isArray(data) && r.form(v.Type()) == nil && !decodesItself(v.Type()) {
		return false
	}
	return r.value(data, v)
}

func (r *reading) form(t reflect.Type) func([]byte) []byte {
	if r.Form == nil {
		return nil
	}
	return r.Form(t)
}

// A step leads to a field, or to an element if it has no name.
type step struct {
	name  string
	index int
}

// takes counts memory.
func (r *reading) takes(size int64) bool {
	if r.left -= size; r.left < 0 && r.err == nil {
		r.err = fmt.Errorf("it would take more than %d MiB of memory", r.MaxSize>>20)
	}
	return r.err == nil
}

// below reads the value that a step leads to. If that fails it stays zero.
func (r *reading) below(s step, data []byte, v reflect.Value) bool {
	r.path = append(r.path, s)
	ok := r.value(data, v)
	if !ok && r.err == nil {
		v.SetZero()
		r.report(v.Type())
	}
	r.path = r.path[:len(r.path)-1]
	return ok
}

// report records a value that can't be read.
func (r *reading) report(t reflect.Type) {
	vital := r.Vital != nil && (r.Vital(t) || t.Kind() == reflect.Slice && r.Vital(t.Elem()))
	if len(r.unread) >= maxUnread && !vital {
		return
	}
	var path strings.Builder
	for _, s := range r.path {
		switch {
		case s.name == "":
			path.WriteString("[" + strconv.Itoa(s.index) + "]")
		case path.Len() > 0:
			path.WriteString("." + s.name)
		default:
			path.WriteString(s.name)
		}
	}
	if vital {
		r.err = errors.New(path.String() + " can't be read")
		return
	}
	r.unread = append(r.unread, path.String())
}

// value reads a value, and reports whether it could be read.
func (r *reading) value(data []byte, v reflect.Value) bool {
	if form := r.form(v.Type()); form != nil {
		data = form(data)
	}
	if done, ok := r.special(data, v); done {
		return ok
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Map:
		return r.takes(perByteOfAny*int64(len(data))) && json.Unmarshal(data, v.Addr().Interface()) == nil
	case reflect.Pointer:
		return r.pointer(data, v)
	case reflect.Slice:
		return r.list(data, v)
	}
	if isArray(data) {
		return r.only(data, v)
	}
	if v.Kind() == reflect.Struct {
		return isObject(data) && r.object(data, v)
	}
	return r.scalar(data, v)
}

// special reads what doesn't depend on the kind: raw documents, null, and types
// that decode themselves.
func (r *reading) special(data []byte, v reflect.Value) (done, ok bool) {
	switch t := v.Type(); {
	case t == rawMessage:
		v.SetBytes(bytes.Clone(data))
		return true, r.takes(int64(len(data)))
	case isNull(data):
		if k := v.Kind(); k == reflect.Pointer || k == reflect.Slice || k == reflect.Map || k == reflect.Interface {
			v.SetZero()
		}
		return true, true
	case decodesItself(t):
		if r.takes(int64(len(data))) && json.Unmarshal(data, v.Addr().Interface()) == nil {
			return true, true
		}
		v.SetZero()
		return true, isArray(data) && r.only(data, v)
	}
	return false, false
}

func (r *reading) pointer(data []byte, v reflect.Value) bool {
	pointed := reflect.New(v.Type().Elem())
	if isArray(data) && isEmpty(data) || pointed.Elem().Kind() != reflect.String && isBlank(data) {
		v.SetZero() // there is none
		return true
	}
	if !r.takes(int64(pointed.Elem().Type().Size())) || !r.value(data, pointed.Elem()) {
		return false
	}
	v.Set(pointed)
	return true
}

// only reads the single element of a list where one value was expected. An
// empty list is no value.
func (r *reading) only(data []byte, v reflect.Value) bool {
	if isEmpty(data) {
		return true
	}
	one := Only(data)
	return one != nil && !isArray(one) && r.value(one, v)
}

// list reads a list, or one value that stands for a list of one. An empty
// object or string is no value. Elements that can't be read are left out.
func (r *reading) list(data []byte, v reflect.Value) bool {
	if !isArray(data) {
		return r.listOfOne(data, v)
	}
	n := 0
	for range Elements(data) {
		n++
	}
	if !r.takes(int64(n) * int64(v.Type().Elem().Size())) {
		return false
	}
	list := reflect.MakeSlice(v.Type(), n, n)
	length, i := 0, 0
	for element := range Elements(data) {
		if r.below(step{index: i}, element, list.Index(length)) {
			length++
		}
		if i++; r.err != nil {
			return false
		}
	}
	v.Set(list.Slice3(0, length, length))
	return true
}

func (r *reading) listOfOne(data []byte, v reflect.Value) bool {
	if isObject(data) && isEmpty(data) || isBlank(data) {
		return true
	}
	list := reflect.MakeSlice(v.Type(), 1, 1)
	if !r.takes(int64(list.Index(0).Type().Size())) || !r.value(data, list.Index(0)) {
		return false
	}
	v.Set(list)
	return true
}

// object reads an object. A field under its alternative name doesn't replace
// one under its own.
func (r *reading) object(data []byte, v reflect.Value) bool {
	s := shapeOf(v.Type())
	others := map[*field][]byte{} // the last value under an alternative name
	for name, value := range Members(data) {
		f, other := s.find(name)
		switch {
		case f == nil:
		case other:
			others[f] = value
		default:
			r.below(step{name: f.name}, value, v.FieldByIndex(f.index))
		}
		if r.err != nil {
			return false
		}
	}
	for f, value := range others {
		if v := v.FieldByIndex(f.index); v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0 {
			r.below(step{name: f.name}, value, v)
		}
	}
	return r.err == nil
}

// scalar reads a string, a number or a boolean.
func (r *reading) scalar(data []byte, v reflect.Value) bool {
	text, ok := Text(data)
	if !ok {
		return false
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
		return r.takes(int64(len(text)))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, ok := Int(text)
		if !ok || v.OverflowInt(n) {
			return isBlank(data)
		}
		v.SetInt(n)
	case reflect.Float32, reflect.Float64:
		f, ok := float(text, v.Type().Bits())
		if !ok {
			return isBlank(data)
		}
		v.SetFloat(f)
	case reflect.Bool:
		b, err := strconv.ParseBool(strings.TrimSpace(text))
		if err != nil {
			return isBlank(data)
		}
		v.SetBool(b)
	default:
		return json.Unmarshal(data, v.Addr().Interface()) == nil
	}
	return true
}

// isBlank reports whether a value is a blank string.
func isBlank(data []byte) bool {
	text, ok := Text(data)
	return ok && data[0] == '"' && strings.TrimSpace(text) == ""
}
