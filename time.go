package rediscloud

import (
	"encoding/json"
	"time"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// A Time is a point in time in any of the forms that the API writes. It is
// the zero time where the API sends nothing; where it sends something that is no
// known form, the time is zero and Text holds what was sent.
type Time struct {
	time.Time
	Text string // what was sent, if it could not be understood
}

// timeLayouts are the forms seen, the most frequent first. Fractions of a
// second are accepted by all that have seconds.
var timeLayouts = []string{
	time.RFC3339,               // as time.Parse reads it, which takes more than UnmarshalJSON
	"2006-01-02T15:04:05Z0700", // error bodies: +0000
	"2006-01-02T15:04:05",
	time.DateOnly,
	"02-Jan-2006",
}

// IsZero reports whether there is no time at all: neither one that is understood
// nor the text of one that isn't. Such a text is there to be read and written.
func (t Time) IsZero() bool { return t.Text == "" && t.Time.IsZero() }

// UnmarshalJSON reads any known form. A value that isn't understood is no error.
func (t *Time) UnmarshalJSON(data []byte) error {
	*t = Time{}
	if string(data) == "null" || t.Time.UnmarshalJSON(data) == nil { // RFC 3339, without a copy
		return nil
	}
	t.Time = time.Time{}
	if one := tolerant.Only(data); one != nil {
		data = one
	}
	text, ok := tolerant.Text(data)
	if !ok {
		text = string(data)
	}
	for _, layout := range timeLayouts {
		if parsed, err := time.Parse(layout, text); err == nil {
			t.Time = parsed
			return nil
		}
	}
	t.Text = text
	return nil
}

// MarshalJSON writes RFC 3339, the text that could not be understood, or null.
func (t Time) MarshalJSON() ([]byte, error) {
	switch {
	case t.Text != "":
		return json.Marshal(t.Text)
	case t.Time.IsZero():
		return []byte("null"), nil
	}
	return t.Time.MarshalJSON()
}

// String returns RFC 3339 with the fraction, the text that could not be
// understood, or "".
func (t Time) String() string {
	switch {
	case t.Text != "":
		return t.Text
	case t.Time.IsZero():
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
