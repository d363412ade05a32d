// Package coverage measures how much of the API the SDK covers, for its
// maintainers. It calls the SDK's methods by reflection, and looks at what they
// send and at what they return for the responses.
package coverage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Facts are what is known of the API: names, types and paths.
type Facts struct {
	Operations []Operation `json:"operations"` // sorted by path and method

	Requests  map[string]Schema `json:"requests"`  // schemas of request bodies, without what is only read
	Responses map[string]Schema `json:"responses"` // schemas of responses: what the document declares, or shows in an example

	// What no document contains: fields that only real responses have shown, by
	// schema, and the documents that tasks carry.
	Observed map[string]Schema `json:"observed"`
	Results  map[string]Schema `json:"results"`

	// What the API has and its document lacks, as other clients show. It is
	// counted separately, until the document has it too.
	Beyond *Facts `json:"beyond,omitempty"`
}

// whole returns the facts including those beyond the document.
func (f *Facts) whole() *Facts {
	if f.Beyond == nil {
		return f
	}
	all := &Facts{
		Operations: slices.Clone(f.Operations),
		Requests:   joined(f.Beyond.Requests, f.Requests),
		Responses:  joined(f.Beyond.Responses, f.Responses),
		Observed:   joined(f.Beyond.Observed, f.Observed),
		Results:    joined(f.Beyond.Results, f.Results),
	}
	for _, op := range f.Beyond.Operations {
		if !f.has(op.Op) {
			all.Operations = append(all.Operations, op)
		}
	}
	return all
}

// joined returns the schemas of both; of those with the same name, the second.
func joined(a, b map[string]Schema) map[string]Schema {
	all := map[string]Schema{}
	maps.Copy(all, a)
	maps.Copy(all, b)
	return all
}

func (f *Facts) has(op string) bool {
	return slices.ContainsFunc(f.Operations, func(known Operation) bool { return known.Op == op })
}

// hasSchema reports whether the document has a schema, or a field of it as
// Schema.path.
func (f *Facts) hasSchema(member string) bool {
	name, _, _ := strings.Cut(member, ".")
	for _, section := range []map[string]Schema{f.Requests, f.Responses, f.Observed, f.Results} {
		if _, ok := section[name]; ok {
			return true
		}
	}
	return false
}

// An Operation is one method of one path.
type Operation struct {
	Op       string   `json:"op"` // such as "GET /subscriptions/{subscriptionId}", below the base URL
	Query    []string `json:"query,omitempty"`
	Request  string   `json:"request,omitempty"`  // schema of the body
	Response string   `json:"response,omitempty"` // schema of the response
	Result   string   `json:"result,omitempty"`   // document that its task carries
	DryRun   string   `json:"dryRun,omitempty"`   // the same, of a dry run
}

// taskSchema is the schema of a task's state.
const taskSchema = "TaskStateUpdate"

// isTask reports whether the operation starts a task.
func (o Operation) isTask() bool {
	return o.Response == taskSchema && !strings.Contains(o.Op, " /tasks")
}

// A Schema is a JSON object: its fields by name, and the schemas that it may be
// one of.
//
// Fields of objects without their own schema are included, by path:
// "clustering", "clustering.regexRules", "clustering.regexRules[].ordinal".
//
// Types are string, string(one|another), time, date, integer, number, boolean,
// any, links, object, whose fields follow by path, the name of a schema, or []
// and a type.
type Schema struct {
	Members map[string]string
	OneOf   []string
}

// oneOf stands for a field in the JSON of a schema that is one of others.
const oneOf = "(one of)"

// UnmarshalJSON reads the fields.
func (s *Schema) UnmarshalJSON(data []byte) error {
	if err := json.Unmarshal(data, &s.Members); err != nil {
		return err
	}
	if names, ok := s.Members[oneOf]; ok {
		s.OneOf = strings.Split(names, "|")
		delete(s.Members, oneOf)
	}
	return nil
}

// MarshalJSON writes the fields, sorted.
func (s Schema) MarshalJSON() ([]byte, error) {
	members := s.Members
	if len(s.OneOf) > 0 {
		members = maps.Clone(members)
		members[oneOf] = strings.Join(s.OneOf, "|")
	}
	text, err := compact(members)
	return []byte(text), err
}

// counted returns the paths of the fields that count: all but links, which
// every document has.
func (s Schema) counted() []string {
	var paths []string
	for _, path := range slices.Sorted(maps.Keys(s.Members)) {
		if s.Members[path] != "links" {
			paths = append(paths, path)
		}
	}
	return paths
}

// Load reads a file of facts.
func Load(name string) (*Facts, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	facts := new(Facts)
	if err := json.Unmarshal(data, facts); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return facts, nil
}

// Encode writes facts with one line for each operation and schema, so two
// versions can be compared by line.
func (f *Facts) Encode() ([]byte, error) {
	text, err := f.text()
	return []byte(text + "\n"), err
}

func (f *Facts) text() (string, error) {
	var lines []string
	for _, op := range f.Operations {
		line, err := compact(op)
		if err != nil {
			return "", err
		}
		lines = append(lines, line)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "{\n\"operations\": [\n%s\n]", strings.Join(lines, ",\n"))
	for _, section := range []struct {
		name    string
		schemas map[string]Schema
	}{{"requests", f.Requests}, {"responses", f.Responses}, {"observed", f.Observed}, {"results", f.Results}} {
		lines = lines[:0]
		for _, name := range slices.Sorted(maps.Keys(section.schemas)) {
			line, err := compact(section.schemas[name])
			if err != nil {
				return "", err
			}
			lines = append(lines, fmt.Sprintf("%q: %s", name, line))
		}
		fmt.Fprintf(&out, ",\n%q: {\n%s\n}", section.name, strings.Join(lines, ",\n"))
	}
	if f.Beyond != nil {
		beyond, err := f.Beyond.text()
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, ",\n\"beyond\": %s", beyond)
	}
	out.WriteString("\n}")
	return out.String(), nil
}

// compact is json.Marshal without escaping & and <.
func compact(v any) (string, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return strings.TrimSpace(out.String()), err
}

// schema returns what a response of that schema can contain, including observed
// fields.
func (f *Facts) schema(name string) Schema {
	if result, ok := f.Results[name]; ok {
		return result
	}
	all := Schema{Members: maps.Clone(f.Responses[name].Members)}
	if all.Members == nil {
		all.Members = map[string]string{}
	}
	// An observed type is better, as for an array that is empty in the example.
	maps.Copy(all.Members, f.Observed[name].Members)
	return all
}

// responseMembers returns all fields of responses, as Schema.path.
func (f *Facts) responseMembers() []string {
	var members []string
	for _, section := range []map[string]Schema{f.Responses, f.Observed, f.Results} {
		members = append(members, memberNames(section)...)
	}
	return members
}

func memberNames(schemas map[string]Schema) []string {
	var members []string
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		for _, path := range schemas[name].counted() {
			members = append(members, name+"."+path)
		}
	}
	return members
}
