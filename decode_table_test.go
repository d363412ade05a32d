package rediscloud

import (
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// resultTypes are the types of all documents that service methods return,
// directly or through a task, by name.
func resultTypes(t testing.TB) []reflect.Type {
	types := map[string]reflect.Type{}
	client := reflect.TypeFor[Client]()
	for i := range client.NumField() {
		if !client.Field(i).IsExported() {
			continue
		}
		service := reflect.PointerTo(client.Field(i).Type)
		for j := range service.NumMethod() {
			if method := service.Method(j).Type; method.NumOut() > 0 {
				result := yielded(method.Out(0))
				if result.Kind() == reflect.Struct && result != reflect.TypeFor[None]() {
					types[result.Name()] = result
				}
			}
		}
	}
	types["TaskState"] = reflect.TypeFor[TaskState]()
	require.Greater(t, len(types), 50)
	var sorted []reflect.Type
	for _, name := range slices.Sorted(maps.Keys(types)) {
		sorted = append(sorted, types[name])
	}
	return sorted
}

// yielded is the document type behind a result of a method.
func yielded(t reflect.Type) reflect.Type {
	if wait, ok := t.MethodByName("WaitProvisioned"); ok {
		return wait.Type.Out(0).Elem()
	}
	if t.CanSeq2() && t.Kind() == reflect.Func {
		return yielded(t.In(0).In(0))
	}
	if t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		return yielded(t.Elem())
	}
	return t
}

// A sampleDoc is a document with a value for each field of a type.
type sampleDoc struct {
	typ     reflect.Type
	root    *sampleNode
	members []*sampleNode // all except the root
}

// A sampleNode is a value in a sampleDoc.
type sampleNode struct {
	typ     reflect.Type
	path    string
	text    string // of a scalar
	names   []string
	parts   []*sampleNode
	find    func(reflect.Value) reflect.Value // where it is in the decoded result
	instead string                            // what replaces it for now
}

func newSampleDoc(t reflect.Type) *sampleDoc {
	d := &sampleDoc{typ: t}
	d.root = d.node(t, "", func(v reflect.Value) reflect.Value { return v })
	d.members = d.members[1:]
	return d
}

func (d *sampleDoc) node(t reflect.Type, path string, find func(reflect.Value) reflect.Value) *sampleNode {
	n := &sampleNode{typ: t, path: path, find: find}
	d.members = append(d.members, n)
	number := strconv.Itoa(10_000 + len(d.members))
	switch {
	case t == reflect.TypeFor[Time]():
		n.text = `"2030-01-01T00:00:00.` + number + `Z"`
		return n
	case t == reflect.TypeFor[json.RawMessage]():
		n.text = `{"a":` + number + `}`
		return n
	}
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			field := t.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !field.IsExported() || name == "-" {
				continue
			}
			n.names = append(n.names, name)
			n.parts = append(n.parts, d.node(field.Type, strings.TrimPrefix(path+"."+name, "."), func(v reflect.Value) reflect.Value { return find(v).Field(i) }))
		}
	case reflect.Slice:
		n.parts = append(n.parts, d.node(t.Elem(), path+"[0]", func(v reflect.Value) reflect.Value { return find(v).Index(0) }))
	case reflect.Pointer:
		pointed := d.node(t.Elem(), path, func(v reflect.Value) reflect.Value { return find(v).Elem() })
		d.members = slices.DeleteFunc(d.members, func(m *sampleNode) bool { return m == pointed })
		n.text, n.names, n.parts = pointed.text, pointed.names, pointed.parts
	case reflect.String:
		n.text = `"` + number + `"`
	case reflect.Bool:
		n.text = "true"
	case reflect.Float64:
		n.text = number + ".5"
	case reflect.Int, reflect.Int64:
		n.text = number
	case reflect.Interface:
		n.text = `["` + number + `"]`
	default:
		panic(fmt.Sprint(path, " is a ", t))
	}
	return n
}

func (n *sampleNode) String() string {
	if n.instead != "" {
		return n.instead
	}
	return n.plain()
}

// plain is the original value, not the replacement.
func (n *sampleNode) plain() string {
	var parts []string
	for i, part := range n.parts {
		if len(n.names) > 0 {
			parts = append(parts, `"`+n.names[i]+`":`+part.String())
		} else {
			parts = append(parts, part.String())
		}
	}
	switch {
	case len(n.names) > 0:
		return "{" + strings.Join(parts, ",") + "}"
	case len(n.parts) > 0:
		return "[" + strings.Join(parts, ",") + "]"
	}
	return n.text
}

// decode decodes the document in its current form.
func (d *sampleDoc) decode() (v reflect.Value, unread []string, err error) {
	v = reflect.New(d.typ)
	unread, err = unmarshalNaming([]byte(d.root.String()), v.Interface())
	withoutRaw(v.Elem())
	return v.Elem(), unread, err
}

// withoutRaw drops the documents that tasks keep.
func withoutRaw(v reflect.Value) {
	switch result := v.Addr().Interface().(type) {
	case *TaskState:
		result.Raw = nil
	case *TaskList:
		for i := range result.Tasks {
			result.Tasks[i].Raw = nil
		}
	}
}

// What happens to a value in another form.
type fate string

const (
	fateSame  fate = "the same"
	fateOther fate = "another"        // read, but different
	fateBlank fate = "zero"           // as if it were missing
	fateGone  fate = "zero and named" // since it can't be read
)

// formsOf are the forms that a value of a type may have on the wire.
func formsOf(n *sampleNode) map[string]fate {
	text, t := n.plain(), n.typ
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	digits := strings.Trim(text, `"`)
	switch {
	case t == reflect.TypeFor[Time]():
		return map[string]fate{text: fateSame, `null`: fateBlank, `""`: fateBlank, `1767225600`: fateOther, `"tomorrow"`: fateOther, `true`: fateOther, `[1]`: fateOther, `{"a":1}`: fateOther, `"20-Nov-2022"`: fateOther}
	case t == reflect.TypeFor[json.RawMessage](), t.Kind() == reflect.Interface:
		return map[string]fate{text: fateSame, `5`: fateOther, `"x"`: fateOther, `{"a":[1]}`: fateOther}
	}
	switch t.Kind() {
	case reflect.String:
		return map[string]fate{text: fateSame, digits: fateSame, `[` + text + `]`: fateSame, `null`: fateBlank, `""`: fateBlank, `[]`: fateBlank, `true`: fateOther, `12.0`: fateOther, `{"x":1}`: fateGone, `[1,2]`: fateGone, `[[1]]`: fateGone}
	case reflect.Bool:
		return map[string]fate{text: fateSame, `"true"`: fateSame, `"TRUE"`: fateSame, `1`: fateSame, `[true]`: fateSame, `null`: fateBlank, `""`: fateBlank, `[]`: fateBlank, `"x"`: fateGone, `12`: fateGone, `{"x":1}`: fateGone, `[1,2]`: fateGone}
	case reflect.Float64:
		return map[string]fate{text: fateSame, `"` + text + `"`: fateSame, text + "00": fateSame, text[:1] + "." + text[1:5] + text[6:] + "E+4": fateSame, `[` + text + `]`: fateSame,
			`null`: fateBlank, `""`: fateBlank, `[]`: fateBlank, `true`: fateGone, `"x"`: fateGone, `"NaN"`: fateGone, `{"x":1}`: fateGone, `[1,2]`: fateGone, `1e400`: fateGone}
	case reflect.Int, reflect.Int64:
		return map[string]fate{text: fateSame, `"` + text + `"`: fateSame, text + ".0": fateSame, `" ` + text + `.000"`: fateSame, text[:1] + "." + text[1:] + "E+4": fateSame, `[` + text + `]`: fateSame,
			`null`: fateBlank, `""`: fateBlank, `[]`: fateBlank, `true`: fateGone, `"x"`: fateGone, `2.5`: fateGone, `{"x":1}`: fateGone, `[1,2]`: fateGone, `9223372036854775808`: fateGone}
	case reflect.Slice:
		forms := map[string]fate{text: fateSame, `null`: fateBlank, `""`: fateBlank, `{}`: fateOther}
		if e := t.Elem().Kind(); e == reflect.Struct && len(n.parts[0].names) > 0 {
			forms[n.parts[0].plain()] = fateSame
			forms[`true`] = fateGone
		}
		return forms
	case reflect.Struct:
		return map[string]fate{text: fateSame, `[` + text + `]`: fateSame, `null`: fateBlank, `[]`: fateOther, `true`: fateGone}
	}
	panic(t.String())
}

// Every field of every result, in every form that it may have: what can be
// understood is, and what can't be doesn't affect the rest. The document fails
// only if its id is lost, or a whole list of elements with ids.
func TestEveryMemberInEveryForm(t *testing.T) {
	t.Parallel()
	members, forms, refused := 0, 0, map[string]bool{}
	for _, typ := range resultTypes(t) {
		d := newSampleDoc(typ)
		want, unread, err := d.decode()
		require.NoError(t, err, typ)
		require.Empty(t, unread, typ)
		for _, n := range d.members {
			if strings.HasSuffix(n.path, "]") && n.typ.Kind() != reflect.Struct {
				continue // an element of a list: if it is lost, its place is too
			}
			if n.typ == reflect.TypeFor[TaskFailure]() || n.typ == reflect.TypeFor[*TaskFailure]() || n.typ == reflect.TypeFor[Links]() {
				continue // has its own forms
			}
			members++
			for form, fate := range formsOf(n) {
				if _, own := reflect.Zero(n.typ).Interface().(formed); own && form != n.plain() {
					continue
				}
				forms++
				n.instead = form
				got, unread, err := d.decode()
				n.instead = ""
				what := typ.Name() + " with " + n.path + " as " + form
				if err != nil {
					assert.True(t, fate != fateSame && (isVital(want, n) || holdsVital[typ.Name()+"."+n.path]), "%s: %v", what, err)
					refused[typ.Name()+"."+n.path] = true
					continue
				}
				checkFate(t, what, n, fate, got, want, unread)
			}
		}
	}
	t.Logf("%d members in %d forms: each survives, but for %d that hold the ids: %s", members, forms, len(refused), slices.Sorted(maps.Keys(refused)))
}

// holdsVital are the fields that contain more on the wire than in the result:
// the regions contain the peerings.
var holdsVital = map[string]bool{"VPCPeeringList.regions": true, "VPCPeeringList.regions[0]": true}

// isVital reports whether a result without that field is invalid.
func isVital(want reflect.Value, n *sampleNode) bool {
	if vital(n.typ) || n.typ.Kind() == reflect.Slice && vital(n.typ.Elem()) {
		return true
	}
	without := reflect.New(want.Type())
	without.Elem().Set(want)
	defer func(before reflect.Value) { n.find(want).Set(before) }(reflect.ValueOf(n.find(want).Interface())) // slices are shared
	n.find(without.Elem()).SetZero()
	c, ok := without.Interface().(checked)
	return ok && c.check() != nil
}

func checkFate(t *testing.T, what string, n *sampleNode, fate fate, got, want reflect.Value, unread []string) {
	t.Helper()
	if strings.HasSuffix(n.path, "]") && fate == fateGone {
		assert.Equal(t, []string{n.path}, unread, what)
		return // it is omitted
	}
	value := n.find(got)
	switch fate {
	case fateSame:
		assert.Equal(t, want.Interface(), got.Interface(), what)
	case fateOther:
		if n.typ == reflect.TypeFor[Time]() {
			again, err := json.Marshal(value.Interface())
			assert.NoError(t, err, what)
			assert.NotEqual(t, "null", string(again), what)
		}
	case fateBlank, fateGone:
		left := value
		if left.Kind() == reflect.Pointer && !left.IsNil() {
			left = left.Elem() // an empty string isn't the same as none
		}
		assert.True(t, left.IsZero(), "%s: %v", what, left)
	}
	if fate == fateGone {
		assert.Equal(t, []string{n.path}, unread, what)
	} else {
		assert.Empty(t, unread, what)
	}
	// Everything else is unchanged.
	value.Set(n.find(want))
	assert.Equal(t, want.Interface(), got.Interface(), what)
}

// A value of any type in place of any other loses only that value.
func FuzzTurnedValues(f *testing.F) {
	var docs []*sampleDoc
	for _, typ := range resultTypes(f) {
		docs = append(docs, newSampleDoc(typ))
	}
	for i, form := range []string{`null`, `{}`, `[]`, `""`, `0`, `-0.0`, `1.8E+10`, `true`, `"x"`, `"12.0"`, `[1]`, `[[]]`, `{"a":{}}`, `1e400`, `"\ud800"`, `[{"id":"1"}]`, `"2026-01-02"`} {
		for j := range docs {
			f.Add(uint16(j), uint16(3*i+j), form)
		}
	}
	f.Fuzz(func(t *testing.T, which, member uint16, form string) {
		if !json.Valid([]byte(form)) {
			return
		}
		d := docs[int(which)%len(docs)]
		want, _, err := d.decode()
		require.NoError(t, err)
		n := d.members[int(member)%len(d.members)]
		n.instead = form
		got, unread, err := d.decode()
		n.instead = ""
		if err != nil {
			if !isVital(want, n) && !strings.HasPrefix(err.Error(), n.path) && !strings.Contains(err.Error(), "holds no") {
				t.Errorf("%s with %s as %s: %v", d.typ.Name(), n.path, form, err)
			}
			return
		}
		for _, name := range unread {
			if !strings.HasPrefix(name, strings.TrimSuffix(n.path, "[0]")) {
				t.Errorf("%s with %s as %s: %s can't be read", d.typ.Name(), n.path, form, name)
			}
		}
		if _, err := json.Marshal(got.Interface()); err != nil {
			t.Errorf("%s with %s as %s can't be written: %v", d.typ.Name(), n.path, form, err)
		}
		if strings.Contains(n.path, "[") {
			return // the place may be gone
		}
		n.find(got).Set(n.find(want))
		if !reflect.DeepEqual(want.Interface(), got.Interface()) {
			t.Errorf("%s with %s as %s changes more", d.typ.Name(), n.path, form)
		}
	})
}

// A document of 4 MiB may take up to 200 MiB, whatever it contains.
const (
	maxHeap      = 200 << 20
	heapDocument = 4 << 20
)

// Documents that are short on the wire and large in memory, in place of each
// list of each result. To save time, all are tried on a smaller scale, and only
// the largest in full.
func TestHeapBound(t *testing.T) {
	if flag.Lookup("measures").Value.String() != "true" {
		t.Skip("it fills 128 MiB several times: use -measures")
	}
	const scale = 64
	type filling struct {
		*sampleDoc
		*sampleNode
		element string
		taken   uint64
	}
	fill := func(f filling, scale int) (taken uint64, err error) {
		f.instead = "[" + strings.Repeat(f.element+",", heapDocument/scale/(len(f.element)+1)) + f.element + "]"
		doc := []byte(f.root.String())
		f.instead = ""
		d := *decoder
		d.MaxSize /= int64(scale)
		return allocates(func() error {
			_, err := d.Unmarshal(doc, reflect.New(f.sampleDoc.typ).Interface())
			return err
		})
	}
	var fillings []filling
	seen := map[reflect.Type]bool{}
	for _, typ := range resultTypes(t) {
		d := newSampleDoc(typ)
		for _, n := range d.members {
			if k := n.typ.Kind(); k != reflect.Slice && k != reflect.Interface || k == reflect.Slice && seen[n.typ] {
				continue
			}
			seen[n.typ] = true
			for _, element := range []string{`{}`, `0`, `{"":0}`} {
				f := filling{sampleDoc: d, sampleNode: n, element: element}
				f.taken, _ = fill(f, scale)
				assert.LessOrEqual(t, f.taken, uint64(maxHeap/scale), "%s with %s full of %s", typ, n.path, element)
				fillings = append(fillings, f)
			}
		}
	}
	slices.SortFunc(fillings, func(a, b filling) int { return cmp.Compare(b.taken, a.taken) })
	for _, f := range fillings[:2] {
		taken, err := fill(f, 1)
		t.Logf("%d MiB: %s with %s full of %s: %v", taken>>20, f.sampleDoc.typ.Name(), f.path, f.element, err)
		assert.LessOrEqual(t, taken, uint64(maxHeap))
	}
	_, err := unmarshalNaming([]byte(`{"subscription":[{"databases":[`+strings.Repeat(`{},`, heapDocument/3)+`{}]}]}`), new(DatabaseList))
	require.EqualError(t, err, "it would take more than 128 MiB of memory")

	// The lists that waits search for one element.
	doc := []byte(`{"a":[` + strings.Repeat(`{},`, 2<<20/3) + strings.Repeat(`{"id":1},`, 2<<20/9) + `{"id":7}]}`)
	allocated, err := allocates(func() error {
		found, err := elementsIn(doc, []string{"a"}, "id")
		assert.Len(t, found, 2)
		return err
	})
	require.NoError(t, err)
	assert.LessOrEqual(t, allocated, uint64(maxHeap))
}

// allocates returns how much memory f allocates in all, freed or not.
func allocates(f func() error) (uint64, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, err
}
