package rediscloud

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// None is the result of an operation that leaves nothing to read.
type None struct{}

// checked is implemented by results that are useless without some of their
// fields, such as the id.
type checked interface{ check() error }

// formed is implemented by types that have other forms on the wire than their
// fields describe: form converts a value to the form of the fields. It is
// called on the zero value.
type formed interface{ form(value []byte) []byte }

// restructured is implemented by results whose fields aren't laid out like the
// fields of their document: they decode it themselves.
type restructured interface {
	unmarshal(data []byte) (unread []string, err error)
}

// A rawKeeper keeps the document that it was decoded from, or parts of it.
type rawKeeper interface{ keep(raw []byte) }

// maxDecoded is how much memory a decoded document may take, in bytes. An
// element {} of a list takes 3 bytes on the wire, and up to some hundred times
// that in memory.
const maxDecoded = 128 << 20

// decoder decodes all results.
var decoder = &tolerant.Decoder{MaxSize: maxDecoded, Form: formOf, Vital: vital}

func formOf(t reflect.Type) func([]byte) []byte {
	if t.Kind() == reflect.Pointer || !t.Implements(reflect.TypeFor[formed]()) {
		return nil
	}
	return reflect.Zero(t).Interface().(formed).form
}

// vital reports whether values of a type have ids, or have lists of such
// values. A list of resources that can't be read must not pass as an empty one.
func vital(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[checked]()) {
		return true
	}
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if field := t.Field(i).Type; field.Kind() == reflect.Slice && vital(field.Elem()) {
				return true
			}
		}
	}
	return false
}

// Unmarshal decodes a document of the API into one of the results of this
// package, as its methods do: v is a pointer to the result. It is for documents
// from elsewhere, such as TaskResponse.Resource and the body of a [Response].
//
// A value whose type isn't that of the field is converted if possible: a string
// that contains a number, a number instead of a string, 12.0 as the integer 12,
// one value instead of a list. What can't be converted is left zero, and unread
// has its path, such as "databases[3].port", for the first 100. Unmarshal
// returns an error if the document is not JSON, lacks the id of what it
// describes or its list, or would take more than 128 MiB of memory; then v
// is not usable.
//
// The results also decode with encoding/json, which is as strict as usual: it
// reads what json.Marshal has written of a result, and documents of the API if
// each value has the type of its field. It doesn't set TaskState.Raw.
func Unmarshal(data []byte, v any) (unread []string, err error) {
	if r := reflect.ValueOf(v); r.Kind() != reflect.Pointer || r.IsNil() {
		return nil, errors.New("rediscloud: Unmarshal needs a pointer other than nil")
	}
	if _, keeps := v.(rawKeeper); keeps {
		data = bytes.Clone(data) // the caller may change it
	}
	if unread, err = unmarshalNaming(data, v); err != nil {
		return nil, fmt.Errorf("rediscloud: the document can't be used: %w", err)
	}
	return unread, nil
}

// unmarshalNaming is unmarshal, and returns the paths of what can't be read.
func unmarshalNaming(data []byte, doc any) (unread []string, err error) {
	switch string(bytes.TrimSpace(data)) {
	case "":
		return nil, errors.New("the response is empty")
	case "null":
		return nil, errors.New("the response is null")
	}
	if unread, err = unmarshalUnchecked(data, doc); err != nil {
		return nil, err
	}
	if c, ok := doc.(checked); ok {
		return unread, c.check()
	}
	return unread, nil
}

// unmarshalUnchecked is unmarshalNaming for a document that may lack its id.
func unmarshalUnchecked(data []byte, doc any) (unread []string, err error) {
	if r, ok := doc.(restructured); ok {
		return r.unmarshal(data)
	}
	if unread, err = decoder.Unmarshal(data, doc); err != nil {
		return nil, err
	}
	if k, ok := doc.(rawKeeper); ok {
		k.keep(data)
	}
	return unread, nil
}

// unmarshal decodes a document and checks that it is complete.
func unmarshal(data []byte, doc any) error {
	_, err := unmarshalNaming(data, doc)
	return err
}

func isObject(data []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) }

// ours reports whether v is a pointer to a type of this package.
func ours(v any) bool {
	t := reflect.TypeOf(v)
	return t.Kind() == reflect.Pointer && t.Elem().PkgPath() == reflect.TypeFor[None]().PkgPath()
}

// bare wraps a value that begins with one of these bytes, and stands instead of
// an object, in an object that has it as a field.
func bare(value []byte, begin, member string) []byte {
	if strings.IndexByte(begin, value[0]) < 0 {
		return value
	}
	return object(member, value)
}

// object returns an object of fields, given as names and values.
func object(members ...any) []byte {
	doc := []byte{'{'}
	for pair := range slices.Chunk(members, 2) {
		if len(doc) > 1 {
			doc = append(doc, ',')
		}
		doc = append(doc, quote(pair[0].(string))...)
		doc = append(doc, ':')
		doc = append(doc, pair[1].([]byte)...)
	}
	return append(doc, '}')
}

// quote returns a text as JSON.
func quote(text string) []byte {
	doc, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`) // can't happen
	}
	return doc
}

// scalarText returns the text of any scalar, verbatim, for types that keep it.
func scalarText(value []byte) (string, error) {
	text, ok := tolerant.Text(value)
	if !ok && string(value) != "null" {
		return "", errors.New("rediscloud: it is neither a string nor a number")
	}
	return strings.TrimSpace(text), nil
}
