package rediscloud

import (
	"fmt"
	"io"
	"log/slog"

	"github.com/rediscloud-go/rediscloud/internal/redact"
)

// A Secret is a text that a request sends verbatim and that is never printed:
// all verbs of package fmt, and package log/slog, show a placeholder. The JSON
// of a request contains it, since that is what is sent. Convert it to read it:
// string(s).
type Secret string

// Format writes the placeholder, or nothing if the secret is empty.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// String returns the placeholder, or "" if the secret is empty.
func (s Secret) String() string { return redact.Secret(string(s)) }

// LogValue returns String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// A SecretURI is a URI that may contain credentials, such as
// redis://user:password@host:6379. A request sends it verbatim; it is printed
// without its user part and its query. Convert it to read it: string(u).
type SecretURI string

// Format writes the URI without its credentials.
func (u SecretURI) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// String returns the URI without its credentials.
func (u SecretURI) String() string { return redact.URI(string(u)) }

// LogValue returns String.
func (u SecretURI) LogValue() slog.Value { return slog.StringValue(u.String()) }

// A ReceivedSecret is a secret in a result. Like a [Secret] it is never
// printed; the JSON of the result, and other text encodings, show a placeholder
// too. Convert it to read it: string(s), or Secret(s) to send it.
type ReceivedSecret string

// Format writes the placeholder, or nothing if the secret is empty.
func (s ReceivedSecret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// String returns the placeholder, or "" if the secret is empty.
func (s ReceivedSecret) String() string { return redact.Secret(string(s)) }

// MarshalText returns String.
func (s ReceivedSecret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A ReceivedSecretURI is a URI in a result that may contain credentials. It is
// printed and encoded without its user part and its query. Convert it to read
// it: string(u), or SecretURI(u) to send it.
type ReceivedSecretURI string

// Format writes the URI without its credentials.
func (u ReceivedSecretURI) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, u.String()) }

// String returns the URI without its credentials.
func (u ReceivedSecretURI) String() string { return redact.URI(string(u)) }

// MarshalText returns String.
func (u ReceivedSecretURI) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// A Body is the body of a response, kept by an error. It may contain passwords,
// so only its size is printed and encoded. Convert it to read it: string(b).
type Body []byte

// Format writes the size.
func (b Body) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, b.String()) }

// String returns the size.
func (b Body) String() string { return fmt.Sprintf("[%d bytes]", len(b)) }

// MarshalText returns String.
func (b Body) MarshalText() ([]byte, error) { return []byte(b.String()), nil }
