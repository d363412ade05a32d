package coverage

import (
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A probe is a value in the responses to one operation that reveals where the
// SDK has kept it: it differs in each response, and from all others.
type probe struct {
	members []string         // what it stands for: the field, and the objects and lists around it
	want    map[int][]string // by response: the texts that its value may have, see canonical
}

// An answerer generates the responses to one operation: documents with every
// known field. The responses differ in the values. A boolean has too few of
// them, so each one is identified by the responses in which it is true.
type answerer struct {
	facts *Facts
	op    Operation

	probes  map[string]*probe // by the place in the document
	members map[string]bool   // all that are in the responses, as Schema.path

	number int      // of this response
	next   int      // counts the values of this response
	flags  int      // counts its booleans
	dryRun bool     // the request was one
	around []string // fields around the place that is being written
}

// stateAnswer is the response to a task operation that shows all fields of a
// task's state. In the others the task is completed.
const stateAnswer = 0

// lookupAnswer is the response in which all ids and names are those that calls
// ask for.
const lookupAnswer = -1

const askedID = 10

func newAnswerer(facts *Facts, op Operation) *answerer {
	return &answerer{facts: facts, op: op, probes: map[string]*probe{}, members: map[string]bool{}}
}

// answers is how many responses it takes to distinguish the booleans.
func (a *answerer) answers() int {
	a.document(1)
	return max(2, bits.Len(uint(a.flags+1))) + 1
}

// document writes one of the responses.
func (a *answerer) document(number int) any {
	a.number, a.next, a.flags = number, 0, 0
	if a.op.Response == "" {
		return map[string]any{}
	}
	if !a.op.isTask() || number == stateAnswer {
		return a.object("", a.op.Response)
	}
	response := map[string]any{"resourceId": askedID}
	result := a.op.Result
	if a.dryRun {
		result = a.op.DryRun
	}
	if result != "" {
		response["resource"] = a.object("resource", result)
	}
	return map[string]any{"taskId": "t1", "status": "processing-completed", "response": response}
}

// object writes an object of a schema.
func (a *answerer) object(place, schema string) map[string]any {
	members := a.facts.schema(schema).Members
	return a.membersOf(place, schema, "", members)
}

// membersOf writes the fields whose paths go one step beyond prefix.
func (a *answerer) membersOf(place, schema, prefix string, members map[string]string) map[string]any {
	object := map[string]any{}
	for _, path := range slices.Sorted(maps.Keys(members)) {
		name, below := strings.CutPrefix(path, prefix)
		if !below || strings.ContainsAny(name, ".[") || a.leftOut(prefix, name, members) {
			continue
		}
		outside := a.around
		if members[path] != "links" {
			a.members[schema+"."+path] = true
			a.around = append(slices.Clone(outside), schema+"."+path)
		}
		object[name] = a.value(place+"."+name, schema, path, members[path], members)
		a.around = outside
		if a.number == lookupAnswer {
			lookedUp(object, name, members[path])
		}
	}
	return object
}

// lookedUp sets a field to what calls look for.
func lookedUp(object map[string]any, name, kind string) {
	switch {
	case kind == "integer" && (name == "id" || strings.HasSuffix(name, "Id")):
		object[name] = askedID
	case kind == "string" && name == "name":
		object[name] = texts[0]
	}
}

// leftOut separates two fields whose names differ in case only: each response
// has one of them.
func (a *answerer) leftOut(prefix, name string, members map[string]string) bool {
	for path := range members {
		twin, below := strings.CutPrefix(path, prefix)
		if below && twin != name && strings.EqualFold(twin, name) {
			return (twin < name) == (a.number%2 == 0)
		}
	}
	return false
}

func (a *answerer) value(place, schema, path, kind string, members map[string]string) any {
	if element, list := strings.CutPrefix(kind, "[]"); list {
		if element == "any" && hasBelow(members, path+"[].") {
			element = "object" // the list is empty in the document's example
		}
		return []any{a.value(place+"[]", schema, path+"[]", element, members)}
	}
	switch kind {
	case "links":
		return []any{map[string]any{"rel": "self", "href": "https://example.com/v1/self", "type": "GET", "title": "self"}}
	case "object":
		return a.membersOf(place, schema, path+".", members)
	case "string", "time", "date", "integer", "number", "boolean", "any":
		return a.scalar(place, kind)
	}
	object := a.object(place, kind)
	// What was observed below it may be declared in the enclosing schema.
	maps.Copy(object, a.membersOf(place, schema, path+".", members))
	return object
}

func hasBelow(members map[string]string, prefix string) bool {
	for path := range members {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return false
}

func (a *answerer) scalar(place, kind string) any {
	a.next++
	unique := 10000*(a.number+1) + a.next
	value, texts := any(unique), []string{strconv.Itoa(unique)}
	moment := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	switch kind {
	case "string":
		// Digits, since some strings stand for numbers.
		value = texts[0]
	case "number":
		value, texts = float64(unique)+0.5, []string{texts[0] + ".5"}
	case "time":
		texts = []string{moment.Add(time.Duration(unique) * time.Second).Format(time.RFC3339)}
		value = texts[0]
	case "date":
		texts = []string{moment.AddDate(0, 0, unique).Format(time.DateOnly)}
		value = texts[0]
	case "any":
		value = map[string]any{"member": texts[0]}
		texts = append(texts, fmt.Sprintf(`{"member":%q}`, texts[0]))
	case "boolean":
		// From 1 on: true in one of the responses, and with enough responses
		// not in all.
		a.flags++
		value = a.number > stateAnswer && a.flags>>(a.number-1)&1 == 1
		texts = []string{fmt.Sprint(value)}
	}
	if a.number == lookupAnswer {
		return value
	}
	p := a.probes[place]
	if p == nil {
		p = &probe{members: slices.Clone(a.around), want: map[int][]string{}}
		a.probes[place] = p
	}
	p.want[a.number] = texts
	return value
}
