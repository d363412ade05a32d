package rediscloudtest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTaskFromSubmissionToEnd(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		res, text := r.do("POST", fmt.Sprintf("/subscriptions/%d/databases", sub), `{"name":"cache"}`)
		require.Equal(t, 202, res.StatusCode)
		id := r.Tasks()[0].ID
		require.Regexp(t, "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id)
		require.JSONEq(t, `{
			"taskId": "`+id+`",
			"commandType": "databaseCreateRequest",
			"status": "received",
			"description": "The request has been received and waits for its turn.",
			"timestamp": "2000-01-01T00:00:00.000Z",
			"_links": {"task": {
				"href": "https://api.redislabs.com/v1/tasks/`+id+`", "title": "getTaskStatusUpdates", "type": "GET"}}
		}`, text)

		res, text = r.do("GET", "/tasks/"+id, "")
		require.Equal(t, 404, res.StatusCode)
		require.Empty(t, text)
		_, text = r.do("GET", "/tasks", "")
		require.JSONEq(t, `{"tasks": []}`, text)

		time.Sleep(300*time.Millisecond - 1)
		require.Equal(t, 404, r.status("GET", "/tasks/"+id, ""))
		time.Sleep(time.Nanosecond)
		_, text = r.do("GET", "/tasks/"+id, "")
		require.JSONEq(t, `{
			"taskId": "`+id+`",
			"commandType": "databaseCreateRequest",
			"status": "processing-in-progress",
			"description": "The request is being processed.",
			"timestamp": "2000-01-01T00:00:00.000Z",
			"_links": {"self": {"href": "https://api.redislabs.com/v1/tasks/`+id+`", "type": "GET"}}
		}`, text)

		time.Sleep(700 * time.Millisecond)
		_, text = r.do("GET", "/tasks/"+id, "")
		require.JSONEq(t, `{
			"taskId": "`+id+`",
			"commandType": "databaseCreateRequest",
			"status": "processing-completed",
			"description": "The request has been processed, and what it concerns is being set up or removed now.",
			"timestamp": "2000-01-01T00:00:01.000Z",
			"response": {"resourceId": 51000001, "additionalResourceId": 120001},
			"_links": {
				"self": {"href": "https://api.redislabs.com/v1/tasks/`+id+`", "type": "GET"},
				"resource": {
					"href": "https://api.redislabs.com/v1/subscriptions/120001/databases/51000001",
					"title": "getDatabaseInformation", "type": "GET"}}
		}`, text)
		require.Equal(t, []Task{{
			ID: id, CommandType: "databaseCreateRequest", Status: "processing-completed",
			ResourceID: 51000001, AdditionalResourceID: 120001,
			Submitted: epoch.Local(), Visible: epoch.Local().Add(300 * time.Millisecond), Started: epoch.Local(), Ended: epoch.Local().Add(time.Second),
		}}, r.Tasks())
	})
}

func TestFailedTask(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		sub := r.AddSubscription("s")
		r.AddDatabase(sub, "cache")
		task := r.finish("POST", fmt.Sprintf("/subscriptions/%d/databases", sub), `{"name":"cache"}`)
		delete(task, "taskId")
		delete(task, "_links")
		require.JSONEq(t, `{
			"commandType": "databaseCreateRequest",
			"status": "processing-error",
			"description": "The request could not be processed.",
			"timestamp": "2000-01-01T00:00:01.000Z",
			"response": {"error": {
				"type": "DATABASE_NAME_EXISTS", "status": "409 CONFLICT",
				"description": "The subscription has a database of this name."}}
		}`, encode(t, task))
		require.Len(t, r.Databases(sub), 1)
		require.Zero(t, r.Tasks()[0].ResourceID)
	})
}

func TestLinkForms(t *testing.T) {
	for _, test := range []struct {
		form       LinkForm
		task, list string // the field that has the links
	}{
		{LinkMixed, "_links", "links"},
		{LinkObject, "_links", "_links"},
		{LinkArray, "links", "links"},
	} {
		inBubble(t, func(t *testing.T, r rig) {
			id := r.submit("GET", fmt.Sprintf("/subscriptions/%d/cidr", r.AddSubscription("s")), "")
			time.Sleep(time.Second)
			href := "https://proxy.test/v1/tasks/" + id
			require.JSONEq(t, linksIn(test.task, `"href": "`+href+`", "type": "GET"`, "self"),
				encode(t, r.get("/tasks/" + id)[test.task]))
			require.JSONEq(t, linksIn(test.list, `"href": "`+href+`", "type": "GET", "title": "getTaskStatusById"`, "task"),
				encode(t, r.get("/tasks")["tasks"].([]any)[0].(object)[test.list]))
		}, WithLinkForm(test.form), WithLinkHost("https://proxy.test/v1/"))
	}
}

// linksIn writes one link as the field with the given name has it.
func linksIn(member, link, rel string) string {
	if member == "_links" {
		return `{"` + rel + `": {` + link + `}}`
	}
	return `[{"rel": "` + rel + `", ` + link + `}]`
}

func TestTasksQueue(t *testing.T) {
	for _, test := range []struct {
		parallel int
		started  []time.Duration // of four tasks, submitted 0, 0, 0 and 1.5 s after the start
	}{
		{1, []time.Duration{0, 1 * time.Second, 2 * time.Second, 3 * time.Second}},
		{2, []time.Duration{0, 0, 1 * time.Second, 1500 * time.Millisecond}},
		{9, []time.Duration{0, 0, 0, 1500 * time.Millisecond}},
	} {
		inBubble(t, func(t *testing.T, r rig) {
			path := fmt.Sprintf("/subscriptions/%d/cidr", r.AddSubscription("s"))
			for range 3 {
				r.submit("GET", path, "")
			}
			time.Sleep(1500 * time.Millisecond)
			r.submit("GET", path, "")
			time.Sleep(time.Minute)
			for i, task := range r.Tasks() {
				require.Equal(t, test.started[i], task.Started.Sub(epoch), "task %d of %d at a time", i, test.parallel)
				require.Equal(t, time.Second, task.Ended.Sub(task.Started))
			}
		}, WithParallelTasks(test.parallel))
	}
}

func TestWaitingTaskIsReceived(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		path := fmt.Sprintf("/subscriptions/%d/cidr", r.AddSubscription("s"))
		first, second := r.submit("GET", path, ""), r.submit("GET", path, "")
		time.Sleep(time.Second - 1)
		require.Equal(t, "received", r.get("/tasks/" + second)["status"])
		require.Zero(t, r.Tasks()[1].Started)
		time.Sleep(time.Nanosecond)
		require.Equal(t, "processing-in-progress", r.get("/tasks/" + second)["status"])
		require.Equal(t, "processing-completed", r.get("/tasks/" + first)["status"])
	})
}

func TestTaskDurationByCommand(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		path := fmt.Sprintf("/subscriptions/%d", r.AddSubscription("s"))
		r.submit("GET", path+"/cidr", "")
		r.submit("PUT", path+"/cidr", "{}")
		time.Sleep(time.Minute)
		require.Equal(t, 5*time.Second, r.Tasks()[0].Ended.Sub(epoch))
		require.Equal(t, 5*time.Second, r.Tasks()[1].Ended.Sub(epoch), "a negative duration is none")
	}, WithTaskDuration(func(commandType string) time.Duration {
		return map[string]time.Duration{"cidrGetRequest": 5 * time.Second, "cidrUpdateRequest": -1}[commandType]
	}))
}

func TestTasksAreListedNewestChangeFirstForTenDays(t *testing.T) {
	inBubble(t, func(t *testing.T, r rig) {
		path := fmt.Sprintf("/subscriptions/%d/cidr", r.AddSubscription("s"))
		var ids []string
		for range 3 {
			ids = append(ids, r.submit("GET", path, ""))
			time.Sleep(400 * time.Millisecond)
		}
		// 1.2 s: the first ended at 1 s and the second started then; the third
		// has been waiting since 0.8 s.
		require.ElementsMatch(t, ids[:2], r.listed()[:2])
		require.Equal(t, ids[2], r.listed()[2])
		time.Sleep(time.Minute)
		require.Equal(t, []string{ids[2], ids[1], ids[0]}, r.listed())

		time.Sleep(time.Until(epoch.Add(10*24*time.Hour + 2*time.Second)))
		require.Equal(t, []string{ids[2], ids[1]}, r.listed())
		require.Equal(t, 404, r.status("GET", "/tasks/"+ids[0], ""))
	})
}

// listed returns the ids of the tasks that GET /tasks lists.
func (r rig) listed() []string {
	var ids []string
	for _, task := range r.get("/tasks")["tasks"].([]any) {
		ids = append(ids, task.(object)["taskId"].(string))
	}
	return ids
}
