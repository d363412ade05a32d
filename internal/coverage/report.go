package coverage

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// A Report says how much of the API the SDK covers.
type Report struct {
	Totals        // of the document
	Beyond Totals // of what the API has and the document lacks

	Missing []string // what the API has and the SDK lacks
	Partly  []string // what only some of the operations that share it have
	Unknown []string // what the SDK has and the document doesn't know
	Failed  []string // methods that couldn't be measured

	calls map[string][]string // the operations that each method has called
}

// Totals are the counts.
type Totals struct{ Operations, Queries, Requests, Responses Tally }

// A Tally counts how many exist, of how many.
type Tally struct{ Have, Want int }

func (t Tally) String() string { return fmt.Sprintf("%d/%d", t.Have, t.Want) }

// Complete reports whether nothing is missing.
func (r *Report) Complete() bool { return len(r.Missing)+len(r.Partly)+len(r.Failed) == 0 }

// Print writes the deviations and the totals.
func (r *Report) Print(w io.Writer) {
	for _, part := range []struct {
		title string
		lines []string
	}{
		{"missing ", r.Missing}, {"only in part: ", r.Partly},
		{"unknown to the document: ", r.Unknown}, {"failed: ", r.Failed},
	} {
		for _, line := range part.lines {
			fmt.Fprintln(w, part.title+line)
		}
	}
	total := func(title string, document, beyond Tally) {
		line := title + " " + document.String()
		if beyond.Want > 0 {
			line += " of the document, " + beyond.String() + " beyond it"
		}
		fmt.Fprintln(w, line)
	}
	total("query parameters", r.Queries, r.Beyond.Queries)
	total("operations", r.Operations, r.Beyond.Operations)
	total("request fields", r.Requests, r.Beyond.Requests)
	total("response fields", r.Responses, r.Beyond.Responses)
}

// report compares what was seen with what is known.
func (m *measurement) report() *Report {
	r := &Report{Failed: m.problems, calls: map[string][]string{}}
	for op, seen := range m.ops {
		for _, method := range seen.callers {
			r.calls[method] = append(r.calls[method], op)
		}
	}
	m.compareOperations(r)
	m.compareRequests(r)
	m.compareResponses(r)
	return r
}

func (m *measurement) compareOperations(r *Report) {
	known := map[string]bool{}
	for _, op := range m.facts.Operations {
		known[op.Op] = true
		seen, totals := m.ops[op.Op], &r.Totals
		if !m.document.has(op.Op) {
			totals = &r.Beyond
		}
		totals.Operations.Want++
		totals.Queries.Want += len(op.Query)
		if seen == nil {
			r.Missing = append(r.Missing, "operation "+op.Op)
			seen = &opRecord{}
		} else {
			totals.Operations.Have++
		}
		for _, name := range op.Query {
			if seen.query[name] {
				totals.Queries.Have++
			} else {
				r.Missing = append(r.Missing, "query parameter "+name+" of "+op.Op)
			}
		}
		for _, name := range sortedKeys(seen.query) {
			if !slices.Contains(op.Query, name) && !m.facts.isFree(op) {
				r.Unknown = append(r.Unknown, "query parameter "+name+" of "+op.Op)
			}
		}
	}
	for _, op := range sortedKeys(m.ops) {
		if !known[op] {
			r.Unknown = append(r.Unknown, fmt.Sprintf("operation %s, called by %s", op, strings.Join(m.ops[op].callers, ", ")))
		}
	}
}

// isFree reports whether an operation accepts anything, since the API passes it
// on to something else.
func (f *Facts) isFree(op Operation) bool {
	schema, known := f.Responses[op.Response]
	return known && len(schema.Members) == 0
}

func (m *measurement) compareRequests(r *Report) {
	c := comparison{all: memberNames(m.facts.Requests), done: map[string][]string{}, lacking: map[string][]string{}}
	odd := map[string]bool{}
	for _, op := range m.facts.Operations {
		seen := m.ops[op.Op]
		if seen == nil {
			continue
		}
		maps.Copy(odd, seen.odd)
		c.note(op.Op, m.facts.takenBy(op.Request), seen.sent)
	}
	r.Requests, r.Beyond.Requests = c.tally(r, "request fields ", m.document)
	r.Unknown = append(r.Unknown, grouped("request fields ", sortedKeys(odd), "")...)
}

func (m *measurement) compareResponses(r *Report) {
	c := comparison{all: m.facts.responseMembers(), done: map[string][]string{}, lacking: map[string][]string{}}
	fields := map[string]bool{}
	for _, op := range sortedKeys(m.ops) {
		members, kept := map[string]bool{}, map[string]bool{}
		for answerer, result := range m.ops[op].result {
			maps.Copy(members, answerer.members)
			for _, member := range result.kept(answerer.probes) {
				kept[member] = true
			}
			for field, used := range result.fields {
				fields[field] = fields[field] || used
			}
		}
		c.note(op, members, kept)
	}
	r.Responses, r.Beyond.Responses = c.tally(r, "response fields ", m.document)
	maps.DeleteFunc(fields, func(_ string, used bool) bool { return used })
	for _, field := range sortedKeys(fields) {
		r.Unknown = append(r.Unknown, "field "+field)
	}
}

// takenBy returns the fields that a request of a schema can have, as
// Schema.path.
func (f *Facts) takenBy(name string) map[string]bool {
	members := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		for _, path := range f.Requests[name].counted() {
			if members[name+"."+path] {
				continue
			}
			members[name+"."+path] = true
			add(strings.TrimLeft(f.Requests[name].Members[path], "[]"))
		}
		for _, one := range f.Requests[name].OneOf {
			add(one)
		}
	}
	add(name)
	return members
}

// A comparison lists which fields are covered by which operations.
type comparison struct {
	all           []string
	done, lacking map[string][]string // operations by field
}

func (c *comparison) note(op string, members, covered map[string]bool) {
	for member := range members {
		if covered[member] {
			c.done[member] = append(c.done[member], op)
		} else {
			c.lacking[member] = append(c.lacking[member], op)
		}
	}
}

func (c *comparison) tally(r *Report, title string, document *Facts) (own, beyond Tally) {
	slices.Sort(c.all)
	missing, partly := map[string][]string{}, map[string][]string{} // fields, by the text for where
	for _, member := range c.all {
		t := &own
		if !document.hasSchema(member) {
			t = &beyond
		}
		t.Want++
		if len(c.done[member]) == 0 {
			where := whereLacking(c.lacking[member])
			missing[where] = append(missing[where], member)
			continue
		}
		t.Have++
		for _, op := range c.lacking[member] {
			partly[" in "+op] = append(partly[" in "+op], member)
		}
	}
	for _, where := range sortedKeys(missing) {
		r.Missing = append(r.Missing, grouped(title, missing[where], where)...)
	}
	for _, where := range sortedKeys(partly) {
		r.Partly = append(r.Partly, grouped(title, partly[where], where)...)
	}
	return own, beyond
}

func whereLacking(ops []string) string {
	switch len(ops) {
	case 0:
		return ", with all operations that have them"
	case 1:
		return " in " + ops[0]
	}
	return fmt.Sprintf(" in %s and %d more", ops[0], len(ops)-1)
}

// grouped writes fields, each Schema.path, one line for each schema.
func grouped(title string, members []string, suffix string) []string {
	var lines []string
	last := ""
	for _, member := range members {
		schema, path, _ := strings.Cut(member, ".")
		if schema == last {
			lines[len(lines)-1] += ", " + path
			continue
		}
		last = schema
		lines = append(lines, title+schema+": "+path)
	}
	for i := range lines {
		lines[i] += suffix
	}
	return lines
}
