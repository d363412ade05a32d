package tolerant

import (
	"encoding/json"
	"fmt"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type word string

type item struct {
	ID    int    `json:"id"`
	Name  word   `json:"name"`
	Codes []int  `json:"codes"`
	On    *bool  `json:"on"`
	Other string `json:"active" also:"state"`
}

type upper struct{ text string }

func (u *upper) UnmarshalJSON(data []byte) error {
	if data[0] != '"' {
		return fmt.Errorf("it is no text")
	}
	u.text = strings.ToUpper(string(data))
	return nil
}

type base struct {
	Shared string `json:"shared"`
}

type pair struct {
	A int `json:"a"`
	B int `json:"b"`
}

type sample struct {
	base
	ID     int             `json:"id"`
	Big    int64           `json:"big"`
	Small  int8            `json:"small"`
	Size   float64         `json:"size"`
	Text   string          `json:"text"`
	Flag   bool            `json:"flag"`
	Number *int            `json:"number"`
	Item   item            `json:"item"`
	Ref    *item           `json:"ref"`
	Items  []item          `json:"items"`
	Words  []word          `json:"words"`
	Raw    json.RawMessage `json:"raw"`
	Any    any             `json:"any"`
	Map    map[string]int  `json:"map"`
	Upper  upper           `json:"upper"`
	Pair   pair            `json:"pair"`
	Rank   uint            `json:"rank"`
	Plain  string
	Hidden string `json:"-"`
}

var decoder = &Decoder{
	MaxSize: 1 << 20,
	Form: func(t reflect.Type) func(value []byte) []byte {
		if t != reflect.TypeFor[pair]() {
			return nil
		}
		return func(value []byte) []byte {
			if value[0] == '[' {
				return fmt.Appendf(nil, `{"a":%d}`, strings.Count(string(value), ",")+1)
			}
			return value
		}
	},
	Vital: func(t reflect.Type) bool { return t == reflect.TypeFor[item]() },
}

func TestForms(t *testing.T) {
	for doc, want := range map[string]sample{
		`{"id":"12"}`:                            {ID: 12},
		`{"id":12.0}`:                            {ID: 12},
		`{"id":" 1.2E+1 "}`:                      {ID: 12},
		`{"id":[12]}`:                            {ID: 12},
		`{"id":[]}`:                              {},
		`{"id":""}`:                              {},
		`{"id":null,"text":null}`:                {},
		`{"ID":"12","PLAIN":7}`:                  {ID: 12, Plain: "7"},
		`{"big":1.8E+10}`:                        {Big: 18_000_000_000},
		`{"big":"9223372036854775807"}`:          {Big: 1<<63 - 1},
		`{"size":"12.5"}`:                        {Size: 12.5},
		`{"size":["1e3"]}`:                       {Size: 1000},
		`{"text":12.50}`:                         {Text: "12.50"},
		`{"text":true}`:                          {Text: "true"},
		`{"text":["a\u0062\n"],"id":"1"}`:        {Text: "ab\n", ID: 1},
		`{"flag":"true"}`:                        {Flag: true},
		`{"flag":"False"}`:                       {},
		`{"flag":1}`:                             {Flag: true},
		`{"number":"7"}`:                         {Number: new(7)},
		`{"number":""}`:                          {},
		`{"number":[],"ref":[]}`:                 {},
		`{"number":"0"}`:                         {Number: new(0)},
		`{"item":[{"id":"3"}]}`:                  {Item: item{ID: 3}},
		`{"item":[]}`:                            {},
		`{"ref":{"on":"true"}}`:                  {Ref: &item{On: new(true)}},
		`{"items":{"id":"3"}}`:                   {Items: []item{{ID: 3}}},
		`{"items":{}}`:                           {},
		`{"items":[null,{"id":"3"}]}`:            {Items: []item{{}, {ID: 3}}},
		`{"words":"a"}`:                          {Words: []word{"a"}},
		`{"words":""}`:                           {},
		`{"words":[1,true,null]}`:                {Words: []word{"1", "true", ""}},
		`{"raw":{"a" : 1},"id":"1"}`:             {Raw: json.RawMessage(`{"a" : 1}`), ID: 1},
		`{"raw":null,"id":"1"}`:                  {Raw: json.RawMessage(`null`), ID: 1},
		`{"any":[1,"x"],"id":"1"}`:               {Any: []any{1.0, "x"}, ID: 1},
		`{"map":{"a":1},"id":"1"}`:               {Map: map[string]int{"a": 1}, ID: 1},
		`{"upper":"x","id":"1"}`:                 {Upper: upper{`"X"`}, ID: 1},
		`{"pair":[7,8,9]}`:                       {Pair: pair{A: 3}},
		`{"rank":7,"id":"1"}`:                    {Rank: 7, ID: 1},
		`{"shared":5,"hidden":"x","Hidden":"x"}`: {base: base{Shared: "5"}},
		`{"_text":"a"}`:                          {Text: "a"},
		`{"_text":"a","text":"b"}`:               {Text: "b"},
		`{"_items":[{"id":1}],"items":[]}`:       {Items: []item{{ID: 1}}},
		`{"item":{"state":"a"}}`:                 {Item: item{Other: "a"}},
		`{"item":{"state":"a","active":"b"}}`:    {Item: item{Other: "b"}},
		`{"item":{"state":"a","active":null}}`:   {Item: item{Other: "a"}},
		" {\n\"id\" :\t\"1\" , \"text\" : \"a}\\\"]\" }\r": {ID: 1, Text: `a}"]`},
		`{"unknown":{"a":[1,{"b":"}"}]},"id":"1"}`:         {ID: 1},
		`{}`: {}, `null`: {},
	} {
		got := sample{ID: 99, Plain: "old"}
		unread, err := decoder.Unmarshal([]byte(doc), &got)
		require.NoError(t, err, doc)
		assert.Equal(t, want, got, doc)
		assert.Empty(t, unread, doc)
	}
}

// What can't be understood is left zero and reported, and the rest is read.
func TestUnread(t *testing.T) {
	for value, names := range map[string][]string{
		`"x"`:     {"id", "big", "small", "size", "flag", "number", "ref.on", "item.codes", "map", "pair", "rank"},
		`12.5`:    {"id", "big", "small", "flag", "number", "upper", "pair", "map", "rank", "ref.on", "item.codes"},
		`1000`:    {"small", "flag", "upper", "pair", "map", "ref.on"},
		`1e400`:   {"id", "big", "small", "size", "flag", "number", "upper", "pair", "map", "rank", "ref.on", "item.codes"},
		`true`:    {"id", "big", "small", "size", "number", "upper", "pair", "map", "rank", "item.codes"},
		`{"x":1}`: {"id", "big", "small", "size", "text", "flag", "number", "words", "upper", "rank", "ref.on", "item.codes"},
		`[1,2]`:   {"id", "big", "small", "size", "text", "flag", "number", "upper", "map", "rank", "ref.on"},
		`"NaN"`:   {"size"},
		`"0x10"`:  {"id", "size"},
		`"Inf"`:   {"size"},
	} {
		for _, name := range names {
			doc := `{"plain":"kept","` + name + `":` + value + `}`
			if outer, inner, ok := strings.Cut(name, "."); ok {
				doc = `{"plain":"kept","` + outer + `":{"` + inner + `":` + value + `}}`
			}
			var got sample
			unread, err := decoder.Unmarshal([]byte(doc), &got)
			require.NoError(t, err, doc)
			assert.Equal(t, []string{name}, unread, doc)
			if got.Ref != nil {
				assert.Equal(t, item{}, *got.Ref, doc)
				got.Ref = nil
			}
			assert.Equal(t, sample{Plain: "kept"}, got, doc)
		}
	}
	var got sample
	unread, err := decoder.Unmarshal([]byte(`{"words":["a",{"b":1},"c"],"items":[{"codes":[1,"x",{},"3"]}]}`), &got)
	require.NoError(t, err)
	assert.Equal(t, []string{"words[1]", "items[0].codes[1]", "items[0].codes[2]"}, unread)
	assert.Equal(t, sample{Words: []word{"a", "c"}, Items: []item{{Codes: []int{1, 3}}}}, got)

	unread, err = decoder.Unmarshal([]byte(`{"words":[`+strings.Repeat(`{"a":1},`, 1000)+`"x"]}`), &got)
	require.NoError(t, err)
	assert.Len(t, unread, maxUnread)
}

func TestRefused(t *testing.T) {
	for doc, text := range map[string]string{
		``:                          "unexpected end",
		`{"id":1`:                   "unexpected end",
		`{"_id":1`:                  "unexpected end",
		`{"id":1} x`:                "invalid character",
		`5`:                         "cannot unmarshal number",
		`"x"`:                       "cannot unmarshal string",
		`[]`:                        "cannot unmarshal array",
		`[{"id":1}]`:                "cannot unmarshal array",
		`["_"]`:                     "it is not a tolerant.sample",
		`{"item":"x"}`:              "item can't be read",
		`{"items":5}`:               "items can't be read",
		`{"items":[{},5]}`:          "items[1] can't be read",
		`{"big":{"a":1},"ref":[5]}`: "", // a pointer to it isn't vital
		strings.Repeat(`[`, 20_000): "exceeded max depth",
	} {
		got := sample{Plain: "old"}
		_, err := decoder.Unmarshal([]byte(doc), &got)
		if text == "" {
			require.NoError(t, err, doc)
			continue
		}
		require.ErrorContains(t, err, text, doc)
		assert.Equal(t, sample{}, got, doc)
	}
}

// A document that becomes too large is rejected, whichever way it grows.
func TestMaxSize(t *testing.T) {
	for what, element := range map[string]string{"items": `{}`, "words": `""`, "any": `{"":0}`, "map": `"a":1`, "raw": `[{},"` + strings.Repeat("x", 100) + `"]`} {
		list := func(n int) string {
			text := strings.TrimSuffix(strings.Repeat(element+",", n), ",")
			if what == "map" {
				return `{"` + what + `":{` + text + `}}`
			}
			return `{"` + what + `":[` + text + `]}`
		}
		var got sample
		_, err := decoder.Unmarshal([]byte(list(100)), &got)
		require.NoError(t, err, what)
		_, err = decoder.Unmarshal([]byte(list(150_000)), &got)
		require.EqualError(t, err, "it would take more than 1 MiB of memory", what)
	}
	// What is long only on the wire is decoded.
	var got sample
	_, err := decoder.Unmarshal([]byte(`{"id":1,"unknown":[`+strings.Repeat("0,", 1_000_000)+`0]}`), &got)
	require.NoError(t, err)
	assert.Equal(t, sample{ID: 1}, got)
}

func TestInt(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "-0": 0, "0.000": 0, "0e999999999999": 0, "12": 12, "-12": -12, "12.0": 12, "1.8E+10": 18_000_000_000, "1.25e2": 125, "1200e-2": 12, "-3.50e1": -35,
		"9223372036854775807": 1<<63 - 1, "-9223372036854775808": -1 << 63, "9007199254740993.0": 9007199254740993, " 7 ": 7,
	} {
		n, ok := Int(text)
		assert.True(t, ok, text)
		assert.Equal(t, want, n, text)
	}
	for _, text := range []string{"", " ", "x", "1x", "0x1", "+1", "1_0", ".5", "5.", "1.5", "12e-1", "5e-5", "9223372036854775808", "1e19", "1e999999999", "1e99999999999999999999", "NaN", "Inf", "--1", "1 2", "null", "true"} {
		_, ok := Int(text)
		assert.False(t, ok, text)
	}
}

func FuzzInt(f *testing.F) {
	for _, text := range []string{"1.8E+10", "-0.0", "1200e-2", "99e20", "1e-400", "0.1e1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := Int(text)
		text = strings.TrimSpace(text)
		if _, exponent, _ := strings.Cut(strings.ToLower(text), "e"); !isNumber(text) || len(exponent) > 4 {
			return
		}
		want, parsed := new(big.Rat).SetString(text)
		if fits := parsed && want.IsInt() && want.Num().IsInt64(); fits != ok && len(text) < 100 || ok && want.Num().Int64() != n {
			t.Errorf("%q is %d, %v", text, n, ok)
		}
	})
}

// What encoding/json can decode, reading value by value decodes to the same;
// and no valid document breaks it.
func FuzzReading(f *testing.F) {
	for _, doc := range []string{
		`{"id":1,"text":"a","items":[{"id":2,"codes":[1,2],"on":true}],"any":{"a":[1]},"map":{"b":2},"raw":[ ],"upper":"x","number":null}`,
		`{"ID":1,"tExt":"\u00e9\ud83d\ude00","words":["a","b"],"ref":{"name":"n"},"unknown":[[{}]]}`, `[]`, `null`, `{"size":1e-3,"flag":false}`, "{\"text\":\"\xff\"}",
	} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if !json.Valid(doc) || repeats(doc) {
			return
		}
		var got, want sample
		err := json.Unmarshal(doc, &want)
		r := &reading{Decoder: &Decoder{MaxSize: 1 << 30}, left: 1 << 30}
		ok := r.document([]byte(strings.TrimSpace(string(doc))), reflect.ValueOf(&got).Elem())
		if err == nil && !shapeOf(reflect.TypeFor[sample]()).renamed(doc) && (!ok || len(r.unread) > 0 || !reflect.DeepEqual(got, want)) {
			t.Errorf("%s: %+v, not %+v; %v", doc, got, want, r.unread)
		}
	})
}

// repeats reports whether an object has two fields of the same name, ignoring
// case: encoding/json merges them.
func repeats(doc []byte) bool {
	names := map[string]bool{}
	for name, value := range Members(doc) {
		folded := strings.ToUpper(strings.ToLower(strings.ToUpper(name)))
		if names[folded] || repeats(value) {
			return true
		}
		names[folded] = true
	}
	for element := range Elements(doc) {
		if repeats(element) {
			return true
		}
	}
	return false
}

func TestScan(t *testing.T) {
	doc := []byte(" {\"a\" : 1 ,\"b\\u0063\":[ 1, \"]\\\"\" , {\"x\":[]},null,-1.5e3],\"a\":{ } }\n")
	var names, values []string
	for name, value := range Members(doc) {
		names, values = append(names, name), append(values, string(value))
	}
	assert.Equal(t, []string{"a", "bc", "a"}, names)
	assert.Equal(t, []string{"1", `[ 1, "]\"" , {"x":[]},null,-1.5e3]`, "{ }"}, values)
	assert.Equal(t, "{ }", string(Member(doc, "a")))
	assert.Nil(t, Member(doc, "c"))
	assert.Nil(t, Member([]byte(`[1]`), "a"))

	var elements []string
	for element := range Elements(Member(doc, "bc")) {
		elements = append(elements, string(element))
	}
	assert.Equal(t, []string{"1", `"]\""`, `{"x":[]}`, "null", "-1.5e3"}, elements)
	for range Elements(doc) {
		t.Error("an object has no elements")
	}
	for range Elements([]byte(`[1,2]`)) {
		break
	}
	for range Members([]byte(`{"a":1,"b":2}`)) {
		break
	}
	for value, want := range map[string]string{`"a\n"`: "a\n", `12.0`: "12.0", ` true `: "true"} {
		text, ok := Text([]byte(value))
		assert.True(t, ok)
		assert.Equal(t, want, text)
	}
	for _, value := range []string{``, `null`, `{}`, `[]`} {
		_, ok := Text([]byte(value))
		assert.False(t, ok, value)
	}
}

// The scan terminates with any input, and finds in JSON what encoding/json
// finds.
func FuzzScan(f *testing.F) {
	for _, doc := range []string{`{"a":1,"b":[1,{}]}`, `[1,"a",null]`, `{"a`, `{"a":`, `[`, `[}`, `{]`, `{"a"1}`, `"\`, `"`, `[:`, `{"":{"":`, `[1 2]`, `{,}`} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		members, elements := map[string]string{}, []string{}
		for name, value := range Members(doc) {
			members[name] = string(value)
		}
		for element := range Elements(doc) {
			elements = append(elements, string(element))
		}
		_, _ = Text(doc)
		var object map[string]json.RawMessage
		var array []json.RawMessage
		if json.Unmarshal(doc, &object) == nil {
			assert.Len(t, members, len(object))
			for name, value := range object {
				assert.Equal(t, string(value), members[name])
			}
		}
		if json.Unmarshal(doc, &array) == nil {
			require.Len(t, elements, len(array))
			for i, value := range array {
				assert.Equal(t, string(value), elements[i])
			}
		}
	})
}
