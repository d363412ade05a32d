package rediscloud

import (
	"cmp"
	"fmt"
	"reflect"
)

// validator is implemented by requests and options that can be checked before
// they are sent.
type validator interface{ validate() error }

func check(v any) error {
	if v, ok := v.(validator); ok {
		return v.validate()
	}
	return nil
}

func isNil(v any) bool {
	if v == nil {
		return true
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface:
		return r.IsNil()
	default:
		return false
	}
}

// The checks of requests, which run before anything is sent. Each returns nil
// or an error that begins with the name of the Go field; cmp.Or takes the first
// one. Only what can never become valid is refused: the values of enums, to
// which the API adds, are left to it.

// required refuses a field that is required and not set.
func required(name string, given bool) error {
	if given {
		return nil
	}
	return fmt.Errorf("%s is required", name)
}

// notBlank refuses an optional text that is given but empty.
func notBlank[S ~string](name string, text *S) error {
	if text == nil || *text != "" {
		return nil
	}
	return fmt.Errorf("%s must not be empty", name)
}

// exclusive refuses two fields of which only one may be set.
func exclusive(a string, givenA bool, b string, givenB bool) error {
	if givenA && givenB {
		return fmt.Errorf("%s and %s can't be given together", a, b)
	}
	return nil
}

// onlyWith refuses a field that is set without what it needs, such as
// "SupportOSSClusterAPI".
func onlyWith(name string, given bool, need string, met bool) error {
	if !given || met {
		return nil
	}
	return fmt.Errorf("%s can only be given with %s", name, need)
}

// atLeast refuses a number that is set and too small, or NaN.
func atLeast[N cmp.Ordered](name string, n *N, least N) error {
	if n == nil || *n >= least {
		return nil
	}
	return fmt.Errorf("%s must be at least %v, not %v", name, least, *n)
}

// between refuses a number that is set and out of bounds.
func between[N cmp.Ordered](name string, n *N, least, most N) error {
	if n == nil || *n >= least && *n <= most {
		return nil
	}
	return fmt.Errorf("%s must be from %v to %v, not %v", name, least, most, *n)
}

// atMost refuses a list that is too long.
func atMost(name string, n, most int) error {
	if n <= most {
		return nil
	}
	return fmt.Errorf("%s may have at most %d elements, not %d", name, most, n)
}

// nested checks an optional field that has checks itself.
func nested(name string, member validator) error {
	if isNil(member) {
		return nil
	}
	if err := member.validate(); err != nil {
		return fmt.Errorf("%s.%w", name, err)
	}
	return nil
}

// nestedEach checks the elements of a list.
func nestedEach[T any, P interface {
	*T
	validator
}](name string, list []T) error {
	for i := range list {
		if err := P(&list[i]).validate(); err != nil {
			return fmt.Errorf("%s[%d].%w", name, i, err)
		}
	}
	return nil
}

// eachGiven refuses empty texts in a list.
func eachGiven[S ~string](name string, list []S) error {
	for i, text := range list {
		if text == "" {
			return fmt.Errorf("%s[%d] must not be empty", name, i)
		}
	}
	return nil
}

// isTrue and isFalse report the value of an optional boolean; one that isn't
// set is neither.
func isTrue(b *bool) bool  { return b != nil && *b }
func isFalse(b *bool) bool { return b != nil && !*b }
