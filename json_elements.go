package rediscloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// elementsIn returns the elements of a list document by their ids: list names
// the fields that lead to them, through arrays too. A document of another form
// is an error, since nothing can be concluded from what it lacks.
func elementsIn(doc []byte, list []string, idMember string) (map[string][]byte, error) {
	if err := json.Unmarshal(doc, new(struct{})); err != nil {
		return nil, err
	}
	if !isObject(doc) {
		return nil, errors.New("the response is null")
	}
	found := map[string][]byte{}
	err := eachElement(doc, list, func(element []byte) (ok bool) {
		id := idText(tolerant.Member(element, idMember))
		if id != "" {
			found[id] = element
		}
		return id != ""
	})
	return found, err
}

// eachElement calls found, which reports whether its argument is an element,
// with each value that list leads to. A value that stands instead of a list
// must be an element.
func eachElement(holder []byte, list []string, found func([]byte) (ok bool)) error {
	if len(list) == 0 {
		found(holder)
		return nil
	}
	switch value := tolerant.Member(holder, list[0]); {
	case value == nil || string(value) == "null":
		return nil
	case isObject(value) && len(list) > 1:
		return eachElement(value, list[1:], found)
	case value[0] != '[':
		if !isObject(value) || !found(value) {
			return fmt.Errorf("%s is not a list", list[0])
		}
		return nil
	default:
		for element := range tolerant.Elements(value) {
			if err := eachElement(element, list[1:], found); err != nil {
				return err
			}
		}
		return nil
	}
}

// idText returns the text of an id: a string, or a whole number in any form. It
// returns "" if the value is neither.
func idText(value []byte) string {
	text, _ := tolerant.Text(value)
	if n, ok := tolerant.Int(text); ok && (value[0] != '"' || !strings.ContainsAny(text, "eE")) {
		return strconv.FormatInt(n, 10)
	}
	return text
}
