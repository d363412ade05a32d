package rediscloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// elementsIn are the elements of a list document by their ids: list names the
// members that lead to them, through arrays too. A document of another form is an
// error, since what it lacks says nothing.
func elementsIn(doc []byte, list []string, idMember string) (map[string][]byte, error) {
	if err := json.Unmarshal(doc, new(struct{})); err != nil {
		return nil, err
	}
	if !isObject(doc) {
		return nil, errors.New("the answer is null")
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

// eachElement calls found with what list leads to. It reports whether that is an
// element; what stands in place of a list has to be one.
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
			return fmt.Errorf("%s is no list", list[0])
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

// idText is the text of an id: a text, or a whole number in any form. It is "" if
// the value is none.
func idText(value []byte) string {
	text, _ := tolerant.Text(value)
	if n, ok := tolerant.Int(text); ok && (value[0] != '"' || !strings.ContainsAny(text, "eE")) {
		return strconv.FormatInt(n, 10)
	}
	return text
}
