package rediscloud_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// What TestEconomy is to be compared with: each task has a loop of its own,
// which knows neither the others nor the rate limit, and backs off from 1 s to
// 30 s, as clients without a shared poller do.
func TestEconomyBaseline(t *testing.T) {
	if testing.Short() || raceEnabled {
		t.Skip("it measures, and tests nothing")
	}
	t.Parallel()
	t.Log("tasks            | requests | late, mean | late, max | KiB read | refused")
	for _, c := range economyCases {
		var r economyResult
		synctest.Test(t, func(t *testing.T) { r = economyBaseline(t, c) })
		t.Logf("%3d of %3s, %d at once | %5d | %6s | %6s | %5d | %d", c.tasks, c.length, c.parallel,
			r.requests, r.mean.Round(10*time.Millisecond), r.max.Round(10*time.Millisecond), r.bytes>>10, r.refused)
	}
}

func economyBaseline(t *testing.T, c economyCase) economyResult {
	fake := economyFake(c)
	client := connect(t, fake)
	sub := fake.AddSubscription("s")
	naive := naiveClient{fake: fake, http: fake.Client()}
	var mu sync.Mutex
	returned := map[string]time.Time{}
	var group sync.WaitGroup
	for i := range c.tasks {
		task, err := client.Databases.Create(t.Context(), sub, &rediscloud.DatabaseCreateRequest{Name: fmt.Sprintf("d%d", i)})
		require.NoError(t, err)
		group.Go(func() {
			assert.NoError(t, naive.wait(sub, task.ID()))
			mu.Lock()
			defer mu.Unlock()
			returned[task.ID()] = time.Now()
		})
	}
	group.Wait()
	return economyOf(fake, returned)
}

// A naiveClient polls each task by itself.
type naiveClient struct {
	fake *rediscloudtest.Server
	http *http.Client
}

// wait polls a task until it is completed, and reads the database.
func (n naiveClient) wait(sub int, id string) error {
	var task struct {
		Status   string
		Response struct{ ResourceID int }
	}
	err := backingOff(func() (bool, error) {
		found, err := n.get("/tasks/"+id, &task)
		return found && task.Status == "processing-completed", err
	})
	if err != nil {
		return err
	}
	var db struct{ DatabaseID int }
	return backingOff(func() (bool, error) {
		return n.get(fmt.Sprintf("/subscriptions/%d/databases/%d", sub, task.Response.ResourceID), &db)
	})
}

func backingOff(look func() (done bool, err error)) error {
	for pause := time.Second; ; pause = min(2*pause, 30*time.Second) {
		if done, err := look(); done || err != nil {
			return err
		}
		time.Sleep(pause)
	}
}

// get reads a document. It isn't found when the answer is 404 or 429.
func (n naiveClient) get(path string, doc any) (found bool, err error) {
	req, err := http.NewRequest(http.MethodGet, n.fake.URL()+path, nil)
	if err != nil {
		return false, err
	}
	req.Header.Set("x-api-key", n.fake.AccountKey())
	req.Header.Set("x-api-secret-key", n.fake.SecretKey())
	resp, err := n.http.Do(req)
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
		return true, json.NewDecoder(resp.Body).Decode(doc)
	case http.StatusNotFound, http.StatusTooManyRequests:
		return false, nil
	}
	return false, fmt.Errorf("%s: %s", path, resp.Status)
}
