package coverage

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// A result is what the SDK's methods have returned for the responses to one
// operation.
type result struct {
	leaves map[string]map[int][]string // by the place in the Go value and the response: the texts of the value
	fields map[string]bool             // the fields of its structs, as Type.Field, and whether one ever had a value
}

func newResult() *result {
	return &result{leaves: map[string]map[int][]string{}, fields: map[string]bool{}}
}

// kept returns the fields whose values are found again.
func (r *result) kept(probes map[string]*probe) []string {
	var members []string
	for _, p := range probes {
		for _, leaf := range r.leaves {
			if p.isIn(leaf) {
				members = append(members, p.members...)
				break
			}
		}
	}
	return members
}

// isIn reports whether a place in a Go value has the probe's value in each
// response.
func (p *probe) isIn(leaf map[int][]string) bool {
	for number, texts := range p.want {
		if !slices.ContainsFunc(texts, func(text string) bool { return slices.Contains(leaf[number], text) }) {
			return false
		}
	}
	return true
}

// add notes the values in v, which came from the response with that number.
func (r *result) add(place string, number int, v reflect.Value) {
	if !v.IsValid() {
		return
	}
	if c, ok := v.Interface().(io.Closer); ok && v.Kind() == reflect.Interface && !v.IsNil() {
		_ = c.Close()
		return
	}
	if texts, ok := canonical(v); ok {
		if r.leaves[place] == nil {
			r.leaves[place] = map[int][]string{}
		}
		r.leaves[place][number] = texts
		return
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		r.add(place, number, v.Elem())
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			r.add(place+"["+strconv.Itoa(i)+"]", number, v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			r.add(fmt.Sprint(place, "[", key, "]"), number, v.MapIndex(key))
		}
	case reflect.Struct:
		r.addFields(place, number, v)
	}
}

func (r *result) addFields(place string, number int, v reflect.Value) {
	for i := range v.NumField() {
		field := v.Type().Field(i)
		if !field.IsExported() || field.Name == "Raw" {
			continue
		}
		if name, ok := wireName(field); ok {
			name = v.Type().Name() + "." + field.Name + " (" + name + ")"
			r.fields[name] = r.fields[name] || !v.Field(i).IsZero()
		}
		r.add(place+"."+field.Name, number, v.Field(i))
	}
}

// wireName is the name of a field in JSON, if it has one.
func wireName(field reflect.StructField) (string, bool) {
	name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
	return name, name != "" && name != "-"
}

// canonical returns the texts of a value that has no parts. Undecoded JSON is
// its own text, which only matches a field without a known form: a larger piece
// doesn't pass for having decoded what is in it.
func canonical(v reflect.Value) (texts []string, ok bool) {
	switch value := v.Interface().(type) {
	case rediscloud.Time:
		return []string{value.Text, value.Format(time.RFC3339), value.Format(time.DateOnly)}, true
	case time.Time:
		return []string{value.Format(time.RFC3339), value.Format(time.DateOnly)}, true
	case json.RawMessage:
		return rawTexts(value), true
	}
	switch v.Kind() {
	case reflect.Bool:
		return []string{strconv.FormatBool(v.Bool())}, true
	case reflect.String:
		return []string{v.String()}, true
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return []string{strconv.FormatInt(v.Int(), 10)}, true
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return []string{strconv.FormatUint(v.Uint(), 10)}, true
	case reflect.Float32, reflect.Float64:
		return []string{strconv.FormatFloat(v.Float(), 'f', -1, 64)}, true
	}
	return nil, false
}

func rawTexts(raw json.RawMessage) []string {
	texts := []string{string(raw)}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil && len(list) == 1 {
		texts = append(texts, string(list[0]))
	}
	return texts
}
