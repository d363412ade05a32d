// Package redact takes out of texts what must never be shown.
package redact

import (
	"bytes"
	"regexp"
	"strings"
)

// Placeholder is what stands where a secret was.
const Placeholder = "[redacted]"

// Secret returns the placeholder, or "" if the secret is empty.
func Secret(secret string) string {
	if secret == "" {
		return ""
	}
	return Placeholder
}

// userPart finds the credentials of anything that looks like a URI. It takes
// too much rather than too little: a password may hold '@', '/' and '?'.
var userPart = regexp.MustCompile(`(?s)^([a-zA-Z][\w+.-]*://)?.*@`)

// URI returns a URI without its user part and its query.
func URI(uri string) string {
	before, _, found := strings.Cut(uri, "?")
	if last := strings.LastIndex(uri, "@"); found && last > len(before) {
		// A password with a '?', or a query with an '@': there is no telling.
		scheme, _, _ := strings.Cut(userPart.ReplaceAllString(uri, "${1}@"), "@")
		return scheme + Placeholder
	}
	if before = userPart.ReplaceAllString(before, "${1}"+Placeholder+"@"); found {
		return before + "?" + Placeholder
	}
	return before
}

// minKey is how long a key must be to be looked for in answers; real ones have
// more than 40 characters.
const minKey = 8

// Keys takes keys out of an answer: out of header as it is, out of the body in
// what is returned. Some proxies repeat the request, and what an answer says
// ends in errors and logs.
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
