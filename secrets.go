package rediscloud

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// redacted is what stands where a secret was.
const redacted = "[redacted]"

// A Secret is a text that is sent to the API as it is and never printed: every
// verb of package fmt, and package log/slog, show a placeholder. Convert it to
// read it: string(s).
type Secret string

// Format writes the placeholder, or nothing if the secret is empty.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// String returns the placeholder, or "" if the secret is empty.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return redacted
}

// A SecretURI is a URI that may carry credentials, such as
// redis://user:password@host:6379. It is sent as it is and printed without
// its user part and its query. Convert it to read it: string(u).
type SecretURI string

// Format writes the URI without its credentials.
func (u SecretURI) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// String returns the URI without its credentials.
func (u SecretURI) String() string { return redactURI(string(u)) }

// userPart finds the credentials of anything that looks like a URI. It takes
// too much rather than too little: a password may hold '@', '/' and '?'.
var userPart = regexp.MustCompile(`(?s)^([a-zA-Z][\w+.-]*://)?.*@`)

func redactURI(uri string) string {
	uri = userPart.ReplaceAllString(uri, "${1}"+redacted+"@")
	if before, _, found := strings.Cut(uri, "?"); found {
		return before + "?" + redacted
	}
	return uri
}
