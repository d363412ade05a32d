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

// None is what an operation yields that leaves nothing to read.
type None struct{}

// checked is what a result implements that is worth nothing without some of
// its members, such as its id.
type checked interface{ check() error }

// formed is what a type implements that has other forms on the wire than the one
// that its fields tell: form turns a value into that one. It is called on the
// zero value.
type formed interface{ form(value []byte) []byte }

// restructured is what a result implements whose fields aren't laid out as the
// members of its document are: it decodes that by itself.
type restructured interface {
	unmarshal(data []byte) (unread []string, err error)
}

// A rawKeeper keeps the document that it was decoded from, or parts of it.
type rawKeeper interface{ keep(raw []byte) }

// maxDecoded is how much memory a document may take once it is decoded, in
// bytes. A list of {} takes 3 bytes for each on the wire, and up to some hundred
// times that in memory.
const maxDecoded = 128 << 20

// decoder decodes all results.
var decoder = &tolerant.Decoder{MaxSize: maxDecoded, Form: formOf, Vital: vital}

func formOf(t reflect.Type) func([]byte) []byte {
	if t.Kind() == reflect.Pointer || !t.Implements(reflect.TypeFor[formed]()) {
		return nil
	}
	return reflect.Zero(t).Interface().(formed).form
}

// vital tells that values of a type have ids, or hold lists of such values. A list
// of resources that can't be read isn't empty.
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
// package, as its methods do: v is a pointer to it. It is for documents that come
// by another way, such as TaskResponse.Resource and the body of a Response.
//
// Where a value isn't of the kind that the field has, it is understood if it can
// be: a text that holds a number, a number in place of a text, 12.0 as the whole
// number 12, one value in place of a list. What can't be understood is left zero,
// and named in unread by its path, such as "databases[3].port": the first 100. An
// error tells that the document is no JSON, lacks the id of what it describes or a
// list that it is about, or would take more than 128 MiB of memory; v is of no use
// then.
//
// The results also decode with encoding/json, which is as strict as ever: it
// reads what json.Marshal has written of a result, and documents of the API as
// long as each value is of the kind that the field has. It doesn't set
// TaskState.Raw.
func Unmarshal(data []byte, v any) (unread []string, err error) {
	if r := reflect.ValueOf(v); r.Kind() != reflect.Pointer || r.IsNil() {
		return nil, errors.New("rediscloud: Unmarshal needs a pointer that isn't nil")
	}
	if _, keeps := v.(rawKeeper); keeps {
		data = bytes.Clone(data) // it is the caller's
	}
	if unread, err = unmarshalNaming(data, v); err != nil {
		return nil, fmt.Errorf("rediscloud: the document can't be used: %w", err)
	}
	return unread, nil
}

// unmarshalNaming is unmarshal, and names what can't be read.
func unmarshalNaming(data []byte, doc any) (unread []string, err error) {
	switch string(bytes.TrimSpace(data)) {
	case "":
		return nil, errors.New("the answer is empty")
	case "null":
		return nil, errors.New("the answer is null")
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

// unmarshal decodes a document and checks that it is one.
func unmarshal(data []byte, doc any) error {
	_, err := unmarshalNaming(data, doc)
	return err
}

func isObject(data []byte) bool { return bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) }

// ours tells whether v is a pointer to a type of this package.
func ours(v any) bool {
	t := reflect.TypeOf(v)
	return t.Kind() == reflect.Pointer && t.Elem().PkgPath() == reflect.TypeFor[None]().PkgPath()
}

// bare is the form of a value that stands alone, beginning with one of these
// bytes, in place of an object that has it as a member.
func bare(value []byte, begin, member string) []byte {
	if strings.IndexByte(begin, value[0]) < 0 {
		return value
	}
	return object(member, value)
}

// object is an object of members, given as names and values.
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

// quote is a text in JSON.
func quote(text string) []byte {
	doc, err := json.Marshal(text)
	if err != nil {
		return []byte(`""`) // it can't be
	}
	return doc
}

// scalarText is the text of any scalar, as it came, for types that keep it.
func scalarText(value []byte) (string, error) {
	text, ok := tolerant.Text(value)
	if !ok && string(value) != "null" {
		return "", errors.New("rediscloud: it is neither a text nor a number")
	}
	return strings.TrimSpace(text), nil
}
