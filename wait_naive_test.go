package rediscloud_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// A naiveClient polls each task separately.
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

// get reads a document. A 404 or a 429 counts as not found.
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
