package rediscloud

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const redirectionID = "550e8400-e29b-41d4-a716-446655440000"

const redirectionJSON = `{"redirectionId":"` + redirectionID + `","status":"in-progress","sourceDatabaseId":51,"targetDatabaseId":52,
	"isRevert":true,"duplicateACLs":true,"startedAt":"2024-05-01T13:03:08Z","completedAt":"2024-05-01T13:05:42Z",
	"revertedAt":"2024-05-02T13:05:42Z","errorMessage":"why","endpoints":[{"sourceEndpointName":"redis-12345",
	"targetEndpointName":"redis-12346","sourceEndpointType":"public","targetEndpointType":"private","errorMessage":"why not"}]}`

func wantRedirection() EndpointRedirection {
	return EndpointRedirection{
		ID: redirectionID, Status: RedirectionStatusInProgress, SourceDatabaseID: 51, TargetDatabaseID: 52,
		IsRevert: true, DuplicateACLs: true,
		StartedAt:    Time{Time: time.Date(2024, 5, 1, 13, 3, 8, 0, time.UTC)},
		CompletedAt:  Time{Time: time.Date(2024, 5, 1, 13, 5, 42, 0, time.UTC)},
		RevertedAt:   Time{Time: time.Date(2024, 5, 2, 13, 5, 42, 0, time.UTC)},
		ErrorMessage: "why",
		Endpoints: []RedirectedEndpoint{{
			SourceEndpointName: "redis-12345", TargetEndpointName: "redis-12346",
			SourceEndpointType: EndpointTypePublic, TargetEndpointType: EndpointTypePrivate, ErrorMessage: "why not",
		}},
	}
}

func TestEndpointRedirectionDecodes(t *testing.T) {
	assertDecodes(t, wantRedirection(), redirectionJSON)
}

func redirection(status string) string {
	return `{"redirectionId":"` + redirectionID + `","status":"` + status + `"}`
}

func TestEndpointRedirectionsWire(t *testing.T) {
	client := newWire(t,
		wire{method: "POST", path: "/endpoint-redirections", answer: redirectionJSON, body: `{"sourceDatabaseId":51,"targetDatabaseId":52,
			"endpointTargetType":"public","duplicateACLs":false,"migrationProtection":true}`},
		wire{method: "POST", path: "/endpoint-redirections", answer: redirection("initiated"), body: `{"sourceDatabaseId":51,"targetDatabaseId":52,
			"endpointTargetType":"private","migrationProtection":true}`},
		wire{method: "GET", path: "/endpoint-redirections/" + redirectionID, answer: redirectionJSON},
		wire{method: "POST", path: "/endpoint-redirections/" + redirectionID + "/revert", answer: redirectionJSON},
		wire{method: "GET", path: "/endpoint-redirections/" + redirectionID, status: 404},
		wire{method: "POST", path: "/endpoint-redirections/" + redirectionID + "/revert", answer: `{}`},
	)
	ctx := t.Context()
	want := wantRedirection()
	got, err := client.EndpointRedirections.Create(ctx, &EndpointRedirectionCreateRequest{
		SourceDatabaseID: 51, TargetDatabaseID: 52, EndpointTargetType: EndpointTypePublic, DuplicateACLs: new(false), MigrationProtection: true,
	})
	require.NoError(t, err)
	assert.Equal(t, &want, got)
	got, err = client.EndpointRedirections.Create(ctx, &EndpointRedirectionCreateRequest{
		SourceDatabaseID: 51, TargetDatabaseID: 52, EndpointTargetType: EndpointTypePrivate, MigrationProtection: true,
	})
	require.NoError(t, err)
	assert.Equal(t, RedirectionStatusInitiated, got.Status)
	got, err = client.EndpointRedirections.Get(ctx, redirectionID)
	require.NoError(t, err)
	assert.Equal(t, &want, got)
	got, err = client.EndpointRedirections.Revert(ctx, redirectionID)
	require.NoError(t, err)
	assert.Equal(t, &want, got)
	_, err = client.EndpointRedirections.Get(ctx, redirectionID)
	require.ErrorIs(t, err, ErrNotFound)
	_, err = client.EndpointRedirections.Revert(ctx, redirectionID)
	var unknown *OutcomeUnknownError
	require.ErrorAs(t, err, &unknown)
	_, err = client.EndpointRedirections.Get(ctx, "")
	require.ErrorContains(t, err, "redirectionId must not be")
}

func TestEndpointRedirectionCreateRequestValidate(t *testing.T) {
	for want, change := range map[string]func(*EndpointRedirectionCreateRequest){
		"SourceDatabaseID is required":                                 func(r *EndpointRedirectionCreateRequest) { r.SourceDatabaseID = 0 },
		"SourceDatabaseID must be at least 1, not -1":                  func(r *EndpointRedirectionCreateRequest) { r.SourceDatabaseID = -1 },
		"TargetDatabaseID is required":                                 func(r *EndpointRedirectionCreateRequest) { r.TargetDatabaseID = 0 },
		"TargetDatabaseID must be at least 1, not -1":                  func(r *EndpointRedirectionCreateRequest) { r.TargetDatabaseID = -1 },
		"EndpointTargetType is required":                               func(r *EndpointRedirectionCreateRequest) { r.EndpointTargetType = "" },
		"SourceDatabaseID and TargetDatabaseID must not be the same":   func(r *EndpointRedirectionCreateRequest) { r.TargetDatabaseID = 51 },
		"MigrationProtection must be true, to confirm the redirection": func(r *EndpointRedirectionCreateRequest) { r.MigrationProtection = false },
	} {
		req := &EndpointRedirectionCreateRequest{SourceDatabaseID: 51, TargetDatabaseID: 52, EndpointTargetType: EndpointTypePublic, MigrationProtection: true}
		require.NoError(t, req.validate())
		change(req)
		require.EqualError(t, req.validate(), want)
	}
}

func TestEndpointRedirectionsWait(t *testing.T) {
	look := func(status string) wire {
		return wire{method: "GET", path: "/endpoint-redirections/" + redirectionID, answer: redirection(status)}
	}
	missing := wire{method: "GET", path: "/endpoint-redirections/" + redirectionID, status: 404}
	broken := wire{method: "GET", path: "/endpoint-redirections/" + redirectionID, status: 503}
	for name, test := range map[string]struct {
		looks []wire
		want  RedirectionStatus
		err   string
	}{
		"at once":                 {[]wire{look("completed")}, RedirectionStatusCompleted, ""},
		"over failing looks":      {[]wire{missing, look("initiated"), broken, look("pending"), look("in-progress"), look("brand-new"), look("completed")}, RedirectionStatusCompleted, ""},
		"reverted":                {[]wire{look("in-progress"), look("reverted")}, RedirectionStatusReverted, ""},
		"failed":                  {[]wire{look("in-progress"), look("failed")}, "", `rediscloud: endpoint redirection /endpoint-redirections/` + redirectionID + ` is "failed"`},
		"done, but without an id": {[]wire{{method: "GET", path: "/endpoint-redirections/" + redirectionID, answer: `{"status":"completed"}`}}, "", "rediscloud: waiting for /endpoint-redirections/" + redirectionID + `, last "completed"; gave up after 0s: rediscloud: GET /endpoint-redirections/` + redirectionID + ": the 200 response can't be used: missing id of a redirection"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var seen []string
				got, err := newWire(t, test.looks...).EndpointRedirections.WaitProvisioned(t.Context(), redirectionID, OnProvisioning(func(p Provisioning) {
					assert.Equal(t, "endpoint redirection", p.Kind)
					seen = append(seen, p.Status)
				}))
				if test.err != "" {
					require.EqualError(t, err, test.err)
					return
				}
				require.NoError(t, err)
				assert.Equal(t, test.want, got.Status)
				assert.Equal(t, string(test.want), seen[len(seen)-1])
			})
		})
	}
}

func TestEndpointRedirectionsWaitEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := "/endpoint-redirections/" + redirectionID
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		_, err := newWire(t, wire{method: "GET", path: path, answer: redirection("pending")}).EndpointRedirections.WaitProvisioned(ctx, redirectionID)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.EqualError(t, err, "rediscloud: waiting for "+path+`, last "pending"; gave up after 100ms: context deadline exceeded`)
		wait, ok := errors.AsType[*WaitError](err)
		require.True(t, ok)
		assert.Equal(t, path, wait.Resource)
		assert.NotNil(t, wait.Last)

		_, err = newWire(t, wire{method: "GET", path: path, status: 403}).EndpointRedirections.WaitProvisioned(t.Context(), redirectionID)
		require.ErrorIs(t, err, ErrForbidden)
		_, err = newWire(t, wire{method: "GET", path: path, status: 404}).EndpointRedirections.WaitProvisioned(t.Context(), redirectionID, WithNotFoundGrace(0))
		require.ErrorIs(t, err, ErrNotFound)

		_, err = newWire(t).EndpointRedirections.WaitProvisioned(t.Context(), "")
		require.ErrorContains(t, err, "redirectionId must not be")
		_, err = newWire(t).EndpointRedirections.WaitProvisioned(t.Context(), redirectionID, WithPollFactor(0))
		require.ErrorContains(t, err, "WithPollFactor")
		_, err = (&EndpointRedirectionsService{}).WaitProvisioned(t.Context(), redirectionID)
		require.ErrorIs(t, err, errNoClient)
	})
}
