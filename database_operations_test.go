package rediscloud

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDatabasesTrafficWire(t *testing.T) {
	for answer, want := range map[string]DatabaseTraffic{
		`{"bdbId":34,"trafficStatus":"stopped","canResume":true,"resumeInProgress":true,"stopReason":"redirected","resumeEligibleAt":"2024-01-02T03:04:05Z"}`: {
			DatabaseID: 34, Status: "stopped", CanResume: true, ResumeInProgress: true, StopReason: "redirected",
			ResumeEligibleAt: Time{Time: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)},
		},
		`{"bdbId":34,"trafficStatus":null,"canResume":null,"resumeInProgress":null,"stopReason":null,"resumeEligibleAt":null}`: {DatabaseID: 34},
		`{"trafficStatus":"active"}`: {Status: "active"},
	} {
		client := newWire(t, wire{method: "GET", path: "/subscriptions/12/databases/34/traffic", answer: answer})
		got, err := client.Databases.GetTraffic(t.Context(), 12, 34)
		require.NoError(t, err)
		assert.Equal(t, &want, got)
	}
	_, err := newWire(t, wire{method: "GET", path: "/subscriptions/12/databases/34/traffic", answer: `{}`}).Databases.GetTraffic(t.Context(), 12, 34)
	_, odd := errors.AsType[*DecodeError](err)
	assert.True(t, odd, "%v", err)
}

func TestDatabasesResumeTrafficWire(t *testing.T) {
	client := newWire(t,
		wire{method: "POST", path: "/subscriptions/12/databases/34/traffic/resume", status: 204},
		wire{method: "POST", path: "/subscriptions/12/databases/34/traffic/resume", status: 409})
	require.NoError(t, client.Databases.ResumeTraffic(t.Context(), 12, 34))
	require.ErrorIs(t, client.Databases.ResumeTraffic(t.Context(), 12, 34), ErrConflict)
}

func TestDatabasesSlowLogWire(t *testing.T) {
	for _, test := range []struct {
		opts   *SlowLogOptions
		query  string
		answer string
		want   SlowLog
	}{
		{nil, "", `{"entries":[{"id":5,"startTime":"2024-01-02T03:04:05Z","duration":12000,"arguments":"KEYS *"}],"links":[{"rel":"self","href":"/x"}]}`, SlowLog{
			Entries: []SlowLogEntry{{ID: 5, StartTime: Time{Time: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)}, Duration: 12000, Arguments: "KEYS *"}},
			Links:   Links{{Rel: "self", Href: "/x"}},
		}},
		{&SlowLogOptions{}, "", `{}`, SlowLog{}},
		{&SlowLogOptions{RegionName: "us-east-1"}, "?regionName=us-east-1", `{"entries":[{"id":null,"startTime":null,"duration":null,"arguments":null},null],"links":null}`, SlowLog{Entries: make([]SlowLogEntry, 2)}},
	} {
		client := newWire(t, wire{method: "GET", path: "/subscriptions/12/databases/34/slow-log" + test.query, answer: test.answer})
		got, err := client.Databases.GetSlowLog(t.Context(), 12, 34, test.opts)
		require.NoError(t, err)
		assert.Equal(t, &test.want, got)
	}
}

func TestDatabasesCertificateWire(t *testing.T) {
	for answer, want := range map[string]DatabaseCertificate{
		`{"publicCertificatePEMString":"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"}`: {PublicCertificatePEM: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
		`{}`:                                  {},
		`{"publicCertificatePEMString":null}`: {},
	} {
		client := newWire(t, wire{method: "GET", path: "/subscriptions/12/databases/34/certificate", answer: answer})
		got, err := client.Databases.GetCertificate(t.Context(), 12, 34)
		require.NoError(t, err)
		assert.Equal(t, &want, got)
	}
}
