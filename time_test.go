package rediscloud

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTimeForms(t *testing.T) {
	at := time.Date(2023, 6, 21, 13, 51, 50, 571e6, time.UTC)
	for text, want := range map[string]time.Time{
		"2023-06-21T13:51:50.571Z":       at,
		"2023-06-21T13:51:50.571000000Z": at,
		"2023-06-21T13:51:50.571+0000":   at,
		"2023-06-21T13:51:50.571+00:00":  at,
		"2023-06-21T15:51:50.571+02:00":  at,
		"2023-06-21T13:51:50.571":        at,
		"2023-06-21T13:51:50Z":           at.Truncate(time.Second),
		"2023-06-21":                     at.Truncate(24 * time.Hour),
		"21-Jun-2023":                    at.Truncate(24 * time.Hour),
	} {
		var got Time
		require.NoError(t, json.Unmarshal([]byte(`"`+text+`"`), &got))
		assert.True(t, want.Equal(got.Time), "%s became %s", text, got)
		assert.Empty(t, got.Text)
	}
	for doc, text := range map[string]string{`null`: "", `"soon"`: "soon", `12`: "12", `{"a":1}`: `{"a":1}`, `""`: ""} {
		got := Time{Time: at, Text: "before"}
		require.NoError(t, json.Unmarshal([]byte(doc), &got))
		assert.True(t, got.Time.IsZero(), doc)
		assert.Equal(t, text == "", got.IsZero(), doc)
		assert.Equal(t, text, got.Text)
		assert.Equal(t, text, got.String())
	}
}

func TestTimeMarshal(t *testing.T) {
	at := Time{Time: time.Date(2023, 6, 21, 13, 51, 50, 571e6, time.UTC)}
	for want, value := range map[string]Time{
		`"2023-06-21T13:51:50.571Z"`: at,
		`null`:                       {},
		`"soon"`:                     {Text: "soon"},
	} {
		doc, err := json.Marshal(value)
		require.NoError(t, err)
		assert.Equal(t, want, string(doc))
	}
	assert.Equal(t, "2023-06-21T13:51:50.571Z", at.String())
}

// A time that can't be parsed is written again, with what it is a part of.
func TestTimeTextIsWrittenAgain(t *testing.T) {
	for sent, written := range map[string]string{
		`"2024-05-08 08:10:02"`: `{"taskId":"t","timestamp":"2024-05-08 08:10:02"}`,
		`1715155802`:            `{"taskId":"t","timestamp":"1715155802"}`,
		`["2024-05-08"]`:        `{"taskId":"t","timestamp":"2024-05-08T00:00:00Z"}`,
		`null`:                  `{"taskId":"t"}`,
		`""`:                    `{"taskId":"t"}`,
	} {
		var state TaskState
		require.NoError(t, json.Unmarshal([]byte(`{"taskId":"t","timestamp":`+sent+`}`), &state))
		again, err := json.Marshal(state)
		require.NoError(t, err)
		assert.JSONEq(t, written, string(again))
	}
}

func FuzzTime(f *testing.F) {
	for _, doc := range []string{`"2023-06-21T13:51:50.571+0000"`, `"20-Nov-2022"`, `null`, `5`, `"0000-00-00"`, `"9999-12-31T23:59:59Z"`} {
		f.Add([]byte(doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		var first, second Time
		if json.Unmarshal(doc, &first) != nil {
			return
		}
		again, err := json.Marshal(first)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(again, &second))
		assert.True(t, first.Equal(second.Time), "%s became %s", first, second)
	})
}
