package rediscloud

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// For every kind, a status that ends in failed or error is a failure, unless
// the kind says otherwise, and what is deleted doesn't come back.
func TestVerdict(t *testing.T) {
	for name, k := range kindsByName {
		if k.member == "" {
			continue
		}
		for _, status := range []string{"deleted", "Deleted", "failed", "error", "some-day-failed", "creation_error", "update-Failed"} {
			if k.action[status] == "" {
				assert.Equal(t, failed, k.verdict(status), "%s: %s", name, status)
			}
		}
		for _, status := range []string{"pending", "some-day", "failed-over-pending", ""} {
			assert.NotEqual(t, failed, k.verdict(status), "%s: %s", name, status)
		}
		for _, status := range k.ready {
			assert.Equal(t, ready, k.verdict(status), "%s: %s", name, status)
		}
	}
}

// An answer that comes late shows what was before the change, which has begun.
func TestLateObservation(t *testing.T) {
	begin := time.Now()
	at := func(after time.Duration, status string) observation {
		return observation{status: status, doc: []byte(`{"databaseId":8}`), asked: begin.Add(after)}
	}
	j := &judge{wait: &wait{}, kind: databaseKind.kind, changes: true, since: begin}
	assert.False(t, j.take(at(2*time.Second, "active-change-pending")).done)
	assert.False(t, j.take(at(time.Second, "active")).done, "it was asked for before")
	assert.True(t, j.take(at(3*time.Second, "active")).done)
}

// The error for a failed resource includes what the document says of the
// failure.
func TestProvisionErrorReason(t *testing.T) {
	for _, test := range []struct{ body, status, reason string }{
		{`{"databaseId":8,"status":"deleted"}`, "deleted", ""},
		{`{"databaseId":8,"status":"rcp-failed"}`, "rcp-failed", ""},
		{`{"databaseId":8,"status":"import-error","errorMessage":"no\nspace"}`, "import-error", "no space"},
		{`{"databaseId":8,"status":"error","failureReason":"quota"}`, "error", "quota"},
		{`{"databaseId":8,"status":"error","errorMessage":null,"failureReason":{"code":5}}`, "error", "5"},
	} {
		inVirtualTime(t, test.body, func(t *testing.T) {
			client := newSetting(t, func(request string, _ time.Duration) (int, string) {
				if request == database8Path {
					return 0, test.body
				}
				return 0, ""
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			err := waitFor(createDatabase)(ctx, client)
			failure, ok := errors.AsType[*ProvisionError](err)
			require.True(t, ok, "%v", err)
			assert.Equal(t, test.status, failure.Status)
			assert.Contains(t, failure.Reason, test.reason)
			assert.ErrorContains(t, err, test.reason)
		})
	}
	// The document of a PrivateLink is in a task.
	synctest.Test(t, func(t *testing.T) {
		client := newSetting(t, asking("/subscriptions/7/private-link", phase{0, `{"resource":{"status":"failed","errorMessage":"the share can't be made"}}`}))
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		_, err := client.PrivateLink.WaitProvisioned(ctx, NetworkRef{SubscriptionID: 7})
		failure, ok := errors.AsType[*ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, "the share can't be made", failure.Reason)
		assert.ErrorContains(t, err, "the share can't be made")
	})
}

// A document that names another task is a failed poll, never a result, and a
// link that leads to it is abandoned.
func TestTaskOfAnother(t *testing.T) {
	const another = `{"taskId":"t2","status":"processing-completed","response":{"resourceId":99}}`
	inVirtualTime(t, "for a while", func(t *testing.T) {
		client := newSetting(t, func(request string, at time.Duration) (int, string) {
			switch {
			case request == "GET /tasks/t1" && at < 5*time.Second:
				return 0, another
			case request == database8Path:
				return 0, database8
			}
			return 0, ""
		})
		task, err := createDatabase(t.Context(), client)
		require.NoError(t, err)
		db, err := task.Wait(t.Context())
		require.NoError(t, err)
		assert.Equal(t, 8, db.ID)
	})
	inVirtualTime(t, "for ever", func(t *testing.T) {
		client := newSetting(t, func(request string, _ time.Duration) (int, string) {
			if request == "GET /tasks/t1" {
				return 0, another
			}
			return 0, ""
		})
		_, err := client.WaitForTask(t.Context(), &TaskState{TaskID: "t1", Status: TaskStatusReceived}, WithMaxPollFailures(3))
		failure, ok := errors.AsType[*WaitError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, TaskStatusReceived, failure.Last.Status)
		assert.ErrorContains(t, err, "it belongs to another task, t2")
	})
	inVirtualTime(t, "by the link", func(t *testing.T) {
		start := time.Now()
		client := newSetting(t, func(request string, _ time.Duration) (int, string) {
			if request == "GET /tasks/t2" {
				return 0, another
			}
			return 0, ""
		})
		state, err := client.WaitForTask(t.Context(), &TaskState{TaskID: "t1", Status: TaskStatusReceived, Links: Links{{Rel: RelTask, Href: testBase + "/tasks/t2"}}})
		require.NoError(t, err)
		assert.Equal(t, 8, state.Response.ResourceID)
		assert.LessOrEqual(t, time.Since(start), time.Second)
	})
}

// A panic in a callback surfaces where the caller can recover it, and affects
// no other wait.
func TestPanicInCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := newSetting(t, func(request string, at time.Duration) (int, string) {
			switch request {
			case "GET /tasks/t1", "GET /tasks/t2":
				if at < 5*time.Second {
					return 0, fmt.Sprintf(`{"taskId":%q,"status":"processing-in-progress"}`, request[len("GET /tasks/"):])
				}
				return 0, fmt.Sprintf(`{"taskId":%q,"status":"processing-completed","response":{"resourceId":8}}`, request[len("GET /tasks/"):])
			case database8Path:
				return 0, database8
			}
			return 0, ""
		})
		task, err := createDatabase(t.Context(), client)
		require.NoError(t, err)
		other := make(chan error)
		go func() {
			_, err := task.WaitProvisioned(t.Context())
			other <- err
		}()
		onUpdate := OnUpdate(func(state *TaskState) {
			if state.Status == TaskStatusProcessingInProgress {
				panic("of the callback")
			}
		})
		for name, wait := range map[string]func(){
			"Wait":            func() { _, _ = task.Wait(t.Context(), onUpdate) },
			"WaitProvisioned": func() { _, _ = task.WaitProvisioned(t.Context(), onUpdate) },
			"WaitForTask":     func() { _, _ = client.WaitForTask(t.Context(), task, onUpdate) },
			"WaitForTasks": func() {
				_, _ = client.WaitForTasks(t.Context(), []AnyTask{task, &TaskState{TaskID: "t2"}}, onUpdate)
			},
		} {
			assert.PanicsWithValue(t, "of the callback", wait, name)
		}
		require.NoError(t, <-other)
		assert.PanicsWithValue(t, "of the other", func() {
			_, _ = task.WaitProvisioned(t.Context(), OnProvisioning(func(Provisioning) { panic("of the other") }))
		})
		_, err = task.WaitProvisioned(t.Context())
		require.NoError(t, err)
	}) // panics if a goroutine remains
}

// Tokens used to hold the time of the submission, by whatever clock. They are
// accepted, and the task may not be known yet, like any other.
func TestTokenOfAnotherClock(t *testing.T) {
	for _, ahead := range []time.Duration{-24 * time.Hour, 0, 24 * time.Hour} {
		inVirtualTime(t, ahead.String(), func(t *testing.T) {
			client := newSetting(t, func(request string, at time.Duration) (int, string) {
				switch {
				case request == "GET /tasks/t1" && at < 10*time.Second:
					return http.StatusNotFound, `{}`
				case request == database8Path:
					return 0, database8
				}
				return 0, ""
			})
			task, err := createDatabase(t.Context(), client)
			require.NoError(t, err)
			text, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(task.Token(), tokenPrefix))
			require.NoError(t, err)
			old := fmt.Sprintf(`{"submitted":%d,%s`, time.Now().Add(ahead).Unix(), text[1:])
			resumed, err := ResumeTask[Database](client, tokenPrefix+base64.RawURLEncoding.EncodeToString([]byte(old)))
			require.NoError(t, err)
			db, err := resumed.WaitProvisioned(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 8, db.ID)
		})
	}
}
