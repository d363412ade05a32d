package rediscloud

import (
	"encoding/json"
	"time"

	"github.com/rediscloud-go/rediscloud/internal/tolerant"
)

// A Time is a point in time, decoded from any of the formats that the API uses.
// It is the zero time if the API sends nothing; if it sends an unknown format,
// the time is zero and Text contains what was sent.
type Time struct {
	time.Time
	Text string // what was sent, if it could not be parsed
}

// timeLayouts are the known formats, the most frequent first. Those that have
// seconds accept fractions of a second.
var timeLayouts = []string{
	time.RFC3339,               // as read by time.Parse, which accepts more than UnmarshalJSON
	"2006-01-02T15:04:05Z0700", // error bodies: +0000
	"2006-01-02T15:04:05",
	time.DateOnly,
	"02-Jan-2006",
}

// IsZero reports whether there is neither a time nor a text that could not be
// parsed.
func (t Time) IsZero() bool { return t.Text == "" && t.Time.IsZero() }

// UnmarshalJSON reads any known format. A value that can't be parsed is not an
// error.
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

// MarshalJSON writes RFC 3339, the text that could not be parsed, or null.
func (t Time) MarshalJSON() ([]byte, error) {
	switch {
	case t.Text != "":
		return json.Marshal(t.Text)
	case t.Time.IsZero():
		return []byte("null"), nil
	}
	return t.Time.MarshalJSON()
}

// String returns RFC 3339 with fractions, the text that could not be parsed, or
// "".
func (t Time) String() string {
	switch {
	case t.Text != "":
		return t.Text
	case t.Time.IsZero():
		return ""
	}
	return t.Format(time.RFC3339Nano)
}
