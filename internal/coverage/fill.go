package coverage

import (
	"encoding/json"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// A node is one value of a generated argument: of a type, with its possible
// choices, some of which the SDK's own checks reject.
type node struct {
	typ      reflect.Type
	label    string // as in error texts: "Regions[0].Name"; "" for an argument itself
	parent   *node
	children []*node
	field    int // the field of the parent's struct

	selector string // its name, if it may choose the operation: it is in no body and no query
	optional bool   // a field, which may be left out
	off      bool   // it is left out
	choices  []any
	pick     int // the choice, or for a list the number of elements beyond one
}

// moreElements is how many elements beyond the first a list may get.
const moreElements = 2

// grow builds the tree of a type. enums are the values that fields of requests
// can have, by name.
func grow(typ reflect.Type, label, name string, parent *node, enums map[string][]string) *node {
	n := &node{typ: typ, label: label, parent: parent}
	if n.choices = choices(typ, name, enums); n.choices != nil || n.depth() > 12 {
		return n
	}
	switch typ.Kind() {
	case reflect.Pointer:
		n.children = []*node{grow(typ.Elem(), label, name, n, enums)}
	case reflect.Slice, reflect.Map:
		n.children = []*node{grow(typ.Elem(), label+"[0]", name, n, enums)}
	case reflect.Struct:
		for i := range typ.NumField() {
			field := typ.Field(i)
			if !field.IsExported() {
				continue
			}
			child := grow(field.Type, strings.TrimPrefix(label+"."+field.Name, "."), requestName(field), n, enums)
			child.field, child.optional = i, true
			if requestName(field) == "" {
				child.selector = child.label
			}
			n.children = append(n.children, child)
		}
	}
	return n
}

func (n *node) depth() (depth int) {
	for p := n.parent; p != nil; p = p.parent {
		depth++
	}
	return depth
}

// requestName is the name of a field in a body or in a query.
func requestName(field reflect.StructField) string {
	if name, ok := wireName(field); ok {
		return name
	}
	name, _, _ := strings.Cut(field.Tag.Get("url"), ",")
	return name
}

// texts are tried in turn where the values of a string aren't known.
var texts = []string{
	"text", "10.0.0.0/24", "2026-01-31", "14:00", "2026-01-31T14:00:00Z", "https://example.com/file",
	"user@example.com", "123456789012", "/text", "Passw0rd!Passw0rd!", "4x",
	"GET", "POST", "PUT", "PATCH", "DELETE",
}

// choices returns the values that a type without parts may take, nil for the
// others.
func choices(typ reflect.Type, name string, enums map[string][]string) (values []any) {
	switch reflect.New(typ).Interface().(type) {
	case *json.RawMessage:
		return []any{json.RawMessage(`{"member":"text"}`)}
	case *[]byte:
		return []any{[]byte(`{"member":"text"}`)}
	case *time.Time:
		return []any{time.Date(2026, 1, 31, 14, 0, 0, 0, time.UTC)}
	case *rediscloud.Time:
		return []any{rediscloud.Time{Time: time.Date(2026, 1, 31, 14, 0, 0, 0, time.UTC)}}
	case *io.Writer:
		return []any{io.Discard}
	case *any:
		return []any{"text"}
	}
	switch typ.Kind() {
	case reflect.String:
		for _, text := range append(slices.Clone(enums[name]), texts...) {
			values = append(values, text)
		}
	case reflect.Bool:
		values = []any{true, false}
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Float32, reflect.Float64:
		values = []any{askedID, 1, 100, 10000, 4, 2, 0}
	case reflect.Func, reflect.Interface, reflect.Chan:
		values = []any{nil}
	}
	return values
}

// build creates the value.
func (n *node) build() reflect.Value {
	v := reflect.New(n.typ).Elem()
	switch {
	case n.choices != nil:
		if choice := n.choices[n.pick]; choice != nil {
			v.Set(reflect.ValueOf(choice).Convert(n.typ))
		}
	case len(n.children) == 0:
	case n.typ.Kind() == reflect.Pointer:
		v.Set(reflect.New(n.typ.Elem()))
		v.Elem().Set(n.children[0].build())
	case n.typ.Kind() == reflect.Slice:
		for range n.pick + 1 {
			v = reflect.Append(v, n.children[0].build())
		}
	case n.typ.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(n.typ))
		v.SetMapIndex(reflect.ValueOf("text").Convert(n.typ.Key()), n.children[0].build())
	default:
		for _, child := range n.children {
			if !child.off {
				v.Field(child.field).Set(child.build())
			}
		}
	}
	return v
}

// each calls f with the node and all below it that aren't left out.
func (n *node) each(f func(*node)) {
	if n.off {
		return
	}
	f(n)
	for _, child := range n.children {
		child.each(f)
	}
}

// A selection is a choice of selectors: the text to take, or "" to leave it
// out.
type selection map[string]string

// selectors returns the nodes that may choose the operation, and can be left
// out or have another text.
func selectors(args []*node) (nodes []*node) {
	for _, arg := range args {
		arg.each(func(n *node) {
			if n.selector != "" && n.choices != nil {
				nodes = append(nodes, n)
			}
		})
	}
	return nodes
}

// apply applies a selection.
func (s selection) apply(args []*node) {
	for _, n := range selectors(args) {
		switch text, ok := s[n.selector]; {
		case ok && text == "":
			n.off = true
		case ok:
			n.choices = []any{text}
		}
	}
}

// others returns the selections that differ from s in one selector.
func (s selection) others(args []*node) (others []selection) {
	with := func(selector, text string) {
		other := maps.Clone(s)
		other[selector] = text
		others = append(others, other)
	}
	for _, n := range selectors(args) {
		if n.optional {
			with(n.selector, "")
		}
		for _, method := range methods {
			if n.typ.Kind() == reflect.String {
				with(n.selector, method)
			}
		}
	}
	return others
}

// leftOut returns the labels of the fields that are left out.
func (n *node) leftOut() (labels []string) {
	if n.off {
		return []string{n.label}
	}
	for _, child := range n.children {
		labels = append(labels, child.leftOut()...)
	}
	return labels
}

// holds reports whether a field is this node or below it.
func (n *node) holds(label string) bool {
	return n.label == "" || label == n.label || strings.HasPrefix(label, n.label+".") || strings.HasPrefix(label, n.label+"[")
}

// yield takes the next choice, or leaves the field out unless it holds the one
// that must be sent. It reports whether there was anything left to do.
func (n *node) yield(wanted string) bool {
	if !n.off && n.next() {
		return true
	}
	if n.optional && !n.off && (wanted == "" || !n.holds(wanted)) {
		n.off = true
		return true
	}
	return false
}

// A change replaces one value, or leaves it out.
type change struct {
	node *node
	pick int
	off  bool
}

// make applies the change, and returns how to undo it.
func (c change) make() (undo func()) {
	n, before := c.node, *c.node
	n.pick, n.off = c.pick, c.off
	return func() { n.pick, n.off = before.pick, before.off }
}

// changes returns all single changes: other values first, then what can be left
// out.
func changes(args []*node, wanted string) (all []change) {
	var leaveOut []change
	for _, arg := range args {
		arg.each(func(n *node) {
			for pick := n.pick + 1; n.pointed() == n && pick <= n.last(); pick++ {
				all = append(all, change{node: n, pick: pick})
			}
			if n.optional && (wanted == "" || !n.holds(wanted)) {
				leaveOut = append(leaveOut, change{node: n, pick: n.pick, off: true})
			}
		})
	}
	return append(all, leaveOut...)
}

// last is the last choice of a value, or how much longer a list may get.
func (n *node) last() int {
	if n.typ.Kind() == reflect.Slice && len(n.children) > 0 {
		return moreElements
	}
	return len(n.choices) - 1
}

// next takes the next choice of a value, or makes a list longer.
func (n *node) next() bool {
	n = n.pointed()
	if n.pick >= n.last() {
		return false
	}
	n.pick++
	return true
}

// pointed returns what a pointer points to, and any other node itself.
func (n *node) pointed() *node {
	for n.typ.Kind() == reflect.Pointer && len(n.children) > 0 {
		n = n.children[0]
	}
	return n
}

// fieldName finds what may be the name of a field, or a path of names.
var fieldName = regexp.MustCompile(`[A-Z]\w*(?:\[\d+\])?(?:\.[A-Z]\w*(?:\[\d+\])?)*`)

// index finds the index of an element; all elements of a list are alike.
var index = regexp.MustCompile(`\[\d+\]`)

// named returns the nodes that an error text names, in its order: by path, by
// the bare name of a field beside the first of them, or by a constant of the
// field's type.
func named(args []*node, text string) []*node {
	byLabel := map[string]*node{}
	for _, arg := range args {
		arg.each(func(n *node) {
			if n.label != "" && byLabel[n.label] == nil {
				byLabel[n.label] = n
			}
		})
	}
	var nodes []*node
	beside := ""
	for _, path := range fieldName.FindAllString(text, -1) {
		path = index.ReplaceAllString(path, "[0]")
		n := byLabel[path]
		if n == nil {
			n = byLabel[beside+path]
		}
		if n == nil {
			n = ofConstant(byLabel, beside, path)
		}
		if beside == "" {
			beside = path[:strings.LastIndexByte(path, '.')+1]
		}
		if n != nil && !slices.Contains(nodes, n) {
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// ofConstant finds the field that a constant is a value of: it begins with the
// name of the type, which usually is that of the field too.
func ofConstant(byLabel map[string]*node, beside, constant string) *node {
	for _, label := range slices.Sorted(maps.Keys(byLabel)) {
		field, isBeside := strings.CutPrefix(label, beside)
		if isBeside && !strings.ContainsAny(field, ".[") && strings.HasPrefix(constant, byLabel[label].typeName()) {
			return byLabel[label]
		}
	}
	return nil
}

// typeName is the name of a string type, or something that no word begins with.
func (n *node) typeName() string {
	typ := n.typ
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.String || typ.Name() == "string" {
		return "?"
	}
	return typ.Name()
}
