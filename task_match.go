package rediscloud

import (
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// A want is the part of a request that its result will show: the values of the
// request by their paths in the result's document. The names of a path are
// joined with dots; through a list, a path leads into each element.
type want map[string]json.RawMessage

// maxWant bounds the size of a want, in bytes: it is stored in tokens.
const maxWant = 1024

// A match is the result of comparing a document with a want.
type match int

const (
	unknown match = iota // it shows nothing of the want
	same                 // what it shows is as requested
	other                // something differs
)

// folded are the fields whose values are constants of the API, which may change
// their case. All other strings are compared verbatim.
var folded = map[string]bool{
	"by": true, "dataEvictionPolicy": true, "dataPersistence": true, "days": true, "deletionGracePeriod": true,
	"deploymentType": true, "globalDataPersistence": true, "interval": true, "memoryStorage": true, "mode": true,
	"paymentMethodType": true, "persistentStorageEncryptionType": true, "protocol": true, "provider": true,
	"queryPerformanceFactor": true, "respVersion": true, "type": true,
}

// pick extracts from a request what its result will show. Each argument is the
// path in both, or the path in the request, "=" and the path in the result. A
// question mark after the former means that an empty list stands for a default,
// so nothing can be expected of the result.
func pick(body []byte, members []string) want {
	var request any
	if len(members) == 0 || json.Unmarshal(body, &request) != nil {
		return nil
	}
	w, size := want{}, 0
	for _, member := range members {
		from, to, renamed := strings.Cut(member, "=")
		from, defaults := strings.CutSuffix(from, "?")
		if !renamed {
			to = from
		}
		value, found := at(request, from)
		if list, ok := value.([]any); !found || defaults && ok && len(list) == 0 {
			continue
		}
		text, err := json.Marshal(value)
		if err != nil || size+len(to)+len(text) > maxWant {
			continue
		}
		w[to], size = text, size+len(to)+len(text)
	}
	return w
}

// compare reports whether the request could have led to a document.
func (w want) compare(doc []byte) match {
	var shown any
	if json.Unmarshal(doc, &shown) != nil {
		return unknown
	}
	result := unknown
	for _, path := range slices.Sorted(maps.Keys(w)) {
		var asked any
		value, found := at(shown, path)
		if !found || json.Unmarshal(w[path], &asked) != nil {
			continue
		}
		if !alike(path[strings.LastIndexByte(path, '.')+1:], asked, value) {
			return other
		}
		result = same
	}
	return result
}

// denies reports whether a document certainly doesn't belong to the want: it
// has another name, or another id that the caller had chosen. Other differences
// may be due to the way the API writes values.
func (w want) denies(doc []byte) bool {
	named := want{}
	for path, value := range w {
		if last := strings.ToLower(path[strings.LastIndexByte(path, '.')+1:]); slices.ContainsFunc(identity, func(end string) bool { return strings.HasSuffix(last, end) }) {
			named[path] = value
		}
	}
	return named.compare(doc) == other
}

// identity are the suffixes of the fields that identify a resource.
var identity = []string{"name", "id", "uid", "principal", "region"}

func (w want) equal(v want) bool {
	return maps.EqualFunc(w, v, func(a, b json.RawMessage) bool { return string(a) == string(b) })
}

// at follows a path. A null counts as missing.
func at(value any, path string) (any, bool) {
	switch v := value.(type) {
	case nil:
		return nil, false
	case []any:
		if path == "" {
			return v, true
		}
		var all []any
		found := len(v) == 0
		for _, element := range v {
			if inner, ok := at(element, path); ok {
				found = true
				if list, nested := inner.([]any); nested {
					all = append(all, list...)
				} else {
					all = append(all, inner)
				}
			}
		}
		return all, found
	case map[string]any:
		if path == "" {
			return v, true
		}
		name, rest, _ := strings.Cut(path, ".")
		return at(v[name], rest)
	default:
		return v, path == ""
	}
}

// alike reports whether a value that is shown is the one that was requested, as
// the value of the field with that name.
func alike(name string, asked, shown any) bool {
	switch a := asked.(type) {
	case map[string]any:
		s, ok := shown.(map[string]any)
		return ok && alikeMembers(a, s)
	case []any:
		s, ok := shown.([]any)
		return ok && alikeSets(name, a, s)
	}
	if list, ok := shown.([]any); ok { // such as that of several regions
		return slices.ContainsFunc(list, func(element any) bool { return alike(name, asked, element) })
	}
	a, aText := asked.(string)
	s, sText := shown.(string)
	if aText && sText {
		return alikeTexts(name, a, s)
	}
	return asked == shown // all numbers are float64
}

// alikeMembers only compares what was requested and is shown: the API adds ids,
// defaults and statuses, and omits fields.
func alikeMembers(asked, shown map[string]any) bool {
	for name, a := range asked {
		if s := shown[name]; a != nil && s != nil && !alike(name, a, s) {
			return false
		}
	}
	return true
}

// alikeSets compares without regard to order.
func alikeSets(name string, asked, shown []any) bool {
	if len(asked) != len(shown) {
		return false
	}
	left := slices.Clone(shown)
	for _, a := range asked {
		i := slices.IndexFunc(left, func(s any) bool { return alike(name, a, s) })
		if i < 0 {
			return false
		}
		left = slices.Delete(left, i, i+1)
	}
	return true
}

func alikeTexts(name, asked, shown string) bool {
	if asked == shown || folded[name] && strings.EqualFold(asked, shown) {
		return true
	}
	a, err := prefix(asked)
	s, err2 := prefix(shown)
	return err == nil && err2 == nil && a == s
}

// prefix parses a range of addresses, or a single address as the range that
// contains only that.
func prefix(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	return netip.ParsePrefix(text)
}
