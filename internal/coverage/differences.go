package coverage

import (
	"fmt"
	"slices"
	"strings"
)

// Differences describes how the facts of a document differ from older ones.
func Differences(old, latest *Facts) []string {
	before, after := old.flat(), latest.flat()
	var lines []string
	for _, name := range sortedKeys(after) {
		was, known := before[name]
		switch now := after[name]; {
		case !known:
			lines = append(lines, "new in the document: "+name)
		case was != now:
			lines = append(lines, fmt.Sprintf("changed in the document: %s is %s, was %s", name, now, was))
		}
	}
	for _, name := range sortedKeys(before) {
		if _, known := after[name]; !known {
			lines = append(lines, "gone from the document: "+name)
		}
	}
	return lines
}

// flat returns facts as one text for each thing that can change.
func (f *Facts) flat() map[string]string {
	flat := map[string]string{}
	for _, op := range f.Operations {
		name := "operation " + op.Op
		flat[name] = fmt.Sprintf("of %s to %s", orNothing(op.Request), orNothing(op.Response))
		for _, parameter := range op.Query {
			flat["query parameter "+parameter+" of "+op.Op] = ""
		}
	}
	for _, section := range []struct {
		title   string
		schemas map[string]Schema
	}{{"request", f.Requests}, {"response", f.Responses}} {
		for name, schema := range section.schemas {
			flat[section.title+" schema "+name] = orNothing(strings.Join(slices.Sorted(slices.Values(schema.OneOf)), " or "))
			for path, kind := range schema.Members {
				flat[section.title+" field "+name+"."+path] = kind
			}
		}
	}
	return flat
}

func orNothing(name string) string {
	if name == "" {
		return "nothing"
	}
	return name
}
