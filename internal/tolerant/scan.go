package tolerant

import (
	"bytes"
	"encoding/json"
	"iter"
)

// The functions below read JSON that is known to be valid. With anything else
// their result is undefined, but they terminate.

// Members iterates over the fields of an object: their names and their values
// as slices of data. Anything but an object has none.
func Members(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		data = bytes.TrimSpace(data)
		if !isObject(data) {
			return
		}
		for i := 1; ; {
			start := next(data, i)
			if start >= len(data) || data[start] != '"' {
				return
			}
			colon := next(data, endOfString(data, start))
			value := next(data, colon+1)
			if i = endOfValue(data, value); i > len(data) || value >= i {
				return
			}
			if !yield(unquote(data[start:endOfString(data, start)]), data[value:i]) {
				return
			}
		}
	}
}

// Member returns the field with exactly that name, nil if there is none. Of
// several, it returns the last.
func Member(data []byte, name string) (value []byte) {
	for n, v := range Members(data) {
		if n == name {
			value = v
		}
	}
	return value
}

// Elements iterates over the elements of an array. Anything but an array has
// none.
func Elements(data []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		data = bytes.TrimSpace(data)
		if !isArray(data) {
			return
		}
		for i := 1; ; {
			start := next(data, i)
			if start >= len(data) || data[start] == ']' {
				return
			}
			if i = endOfValue(data, start); i > len(data) || start >= i {
				return
			}
			if !yield(data[start:i]) {
				return
			}
		}
	}
}

// Only returns the single element of an array, nil if there are more or none.
func Only(data []byte) (one []byte) {
	for element := range Elements(data) {
		if one != nil {
			return nil
		}
		one = element
	}
	return one
}

// Text returns the text of a string, or the literal of a number or a boolean.
// It isn't ok for null, an array and an object.
func Text(value []byte) (text string, ok bool) {
	switch value = bytes.TrimSpace(value); {
	case len(value) == 0 || isNull(value) || isObject(value) || isArray(value):
		return "", false
	case value[0] == '"':
		return unquote(value), true
	}
	return string(value), true
}

func isObject(value []byte) bool { return len(value) > 0 && value[0] == '{' }
func isArray(value []byte) bool  { return len(value) > 0 && value[0] == '[' }
func isNull(value []byte) bool   { return string(value) == "null" }

// isEmpty reports whether an object or an array is empty.
func isEmpty(value []byte) bool { return len(bytes.TrimSpace(value[1:len(value)-1])) == 0 }

// next is the index of the next byte that is neither white space nor a comma.
func next(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == ',' || data[i] == '\r' || data[i] == '\t') {
		i++
	}
	return i
}

// endOfString is the index after the string that begins at i.
func endOfString(data []byte, i int) int {
	for i++; i < len(data); {
		quote := bytes.IndexByte(data[i:], '"')
		if quote < 0 {
			break
		}
		quote += i
		escapes := 0
		for quote-escapes > i && data[quote-escapes-1] == '\\' {
			escapes++
		}
		if i = quote + 1; escapes%2 == 0 {
			return i
		}
	}
	return len(data)
}

// endOfValue is the index after the value that begins at i.
func endOfValue(data []byte, i int) int {
	depth := 0
	for i < len(data) {
		switch data[i] {
		case '"':
			i = endOfString(data, i)
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			depth--
			i++
		case ',', ':', ' ', '\n', '\r', '\t':
			i++
			continue
		default:
			i = endOfLiteral(data, i)
		}
		if depth <= 0 {
			return i
		}
	}
	return len(data)
}

// endOfLiteral is the index after the number or the word that begins at i.
func endOfLiteral(data []byte, i int) int {
	for ; i < len(data); i++ {
		switch data[i] {
		case ',', ':', ' ', '\n', '\r', '\t', '}', ']', '{', '[', '"':
			return i
		}
	}
	return i
}

// unquote returns the text of a string.
func unquote(value []byte) (text string) {
	for _, b := range value {
		if b == '\\' || b >= 0x80 {
			_ = json.Unmarshal(value, &text)
			return text
		}
	}
	return string(bytes.Trim(value, `"`))
}
