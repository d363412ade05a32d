package rediscloud

import (
	"encoding/json"
	"fmt"
	"strings"
)

// elementsIn are the elements of a list document by their ids, numbers or texts:
// list names the members that lead to them, through arrays too. A document of
// another form is an error, since what it lacks says nothing.
func elementsIn(doc []byte, list []string, idMember string) (map[string][]byte, error) {
	found := map[string][]byte{}
	var members map[string]json.RawMessage
	if err := unmarshal(doc, &members); err != nil {
		return nil, err
	}
	level := []map[string]json.RawMessage{members}
	for i, name := range list {
		var next []map[string]json.RawMessage
		for _, members := range level {
			var elements []json.RawMessage
			raw := members[name]
			last := i == len(list)-1
			switch {
			case raw == nil || string(raw) == "null":
			case !last && isObject(raw):
				elements = []json.RawMessage{raw}
			default:
				if err := json.Unmarshal(raw, &elements); err != nil {
					return nil, fmt.Errorf("%s is no list: %w", name, err)
				}
			}
			for _, element := range elements {
				var members map[string]json.RawMessage
				if json.Unmarshal(element, &members) != nil {
					continue
				}
				if id := strings.Trim(string(members[idMember]), `"`); last && id != "" {
					found[id] = element
				}
				next = append(next, members)
			}
		}
		level = next
	}
	return found, nil
}
