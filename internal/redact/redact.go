// Package redact removes from texts what must never be shown.
package redact

import (
	"bytes"
	"regexp"
	"strings"
)

// Placeholder replaces a secret.
const Placeholder = "[redacted]"

// Secret returns the placeholder, or "" if the secret is empty.
func Secret(secret string) string {
	if secret == "" {
		return ""
	}
	return Placeholder
}

// userPart finds the credentials of anything that looks like a URI. It takes
// too much rather than too little: a password may contain '@', '/' and '?'.
var userPart = regexp.MustCompile(`(?s)^([a-zA-Z][\w+.-]*://)?.*@`)

// URI returns a URI without its user part and its query.
func URI(uri string) string {
	before, _, found := strings.Cut(uri, "?")
	if last := strings.LastIndex(uri, "@"); found && last > len(before) {
		// A password with a '?', or a query with an '@': they can't be
		// distinguished.
		scheme, _, _ := strings.Cut(userPart.ReplaceAllString(uri, "${1}@"), "@")
		return scheme + Placeholder
	}
	if before = userPart.ReplaceAllString(before, "${1}"+Placeholder+"@"); found {
		return before + "?" + Placeholder
	}
	return before
}

// minKey is the length from which a key is searched for in responses; real ones
// have more than 40 characters.
const minKey = 8

// Keys removes keys from a response: from header in place, and from the body in
// the returned copy. Some proxies repeat the request, and the text of a
// response ends up in errors and logs.
func Keys(header map[string][]string, body []byte, keys ...string) []byte {
	for _, key := range keys {
		if len(key) < minKey {
			continue
		}
		if bytes.Contains(body, []byte(key)) {
			body = bytes.ReplaceAll(body, []byte(key), []byte(Placeholder))
		}
		for _, values := range header {
			for i, value := range values {
				if strings.Contains(value, key) {
					values[i] = strings.ReplaceAll(value, key, Placeholder)
				}
			}
		}
	}
	return body
}
