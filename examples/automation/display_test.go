package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rediscloud-go/rediscloud"
)

func TestDisplay(t *testing.T) {
	var out bytes.Buffer
	width, height := 60, 24
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	d := newDisplay(&out, func() (int, int) { return width, height })
	d.now = func() time.Time { return now }
	shop, cache := item{kind: "subscription", name: "shop"}, item{kind: "database", name: "cache", subscription: "shop"}
	d.report(event{Event: eventPlanned, item: shop})
	d.report(event{Event: eventPlanned, item: cache})
	assert.Equal(t, []string{
		"subscription shop           waiting",
		"  database cache            waiting",
	}, d.lines())
	d.report(event{Event: eventStatus, item: shop, Status: "received"})
	d.report(event{Event: eventQueue, item: shop, Queue: new(2)})
	now = now.Add(83 * time.Second)
	assert.Equal(t, "subscription shop    1m23s  received, 2 ahead", d.lines()[0])
	d.report(event{Event: eventStatus, item: shop, Status: "processing-in-progress"})
	assert.Equal(t, "subscription shop    1m23s  processing-in-progress", d.lines()[0])
	width = 40
	assert.Equal(t, "subscription shop    1m23s  processing…", d.lines()[0])
	d.report(event{Event: eventDone, item: shop})
	now = now.Add(time.Hour)
	assert.Equal(t, "subscription shop    1m23s  done", d.lines()[0])

	out.Reset()
	d.draw()
	d.draw()
	assert.Equal(t, 1, strings.Count(out.String(), "\x1b[2A"), "the second drawing goes over the first")

	// A name can't move the cursor.
	d.report(event{Event: eventStatus, item: item{kind: "subscription", name: "\x1b[2J"}, Status: "a\nb"})
	assert.Contains(t, d.lines()[2], "subscription ?[2J")
	assert.Contains(t, d.lines()[2], "a b")

	// On a small screen.
	width, height = 60, 3
	d.report(event{Event: eventPlanned, item: item{kind: "subscription", name: "last"}})
	assert.Equal(t, []string{"  database cache           waiting", "and 3 more; 1 of 4 ended"}, d.lines())
	for _, size := range [][2]int{{1, 1}, {0, 0}, {2, 100}} {
		width, height = size[0], size[1]
		assert.NotPanics(t, func() { d.draw() })
	}
}

func TestDisplayDetails(t *testing.T) {
	d := newDisplay(nil, func() (int, int) { return 80, 24 })
	cache := item{kind: "database", name: "cache", subscription: "shop"}
	d.report(event{Event: eventStatus, item: cache, Status: statusProvisioning, Detail: "database is pending"})
	assert.Equal(t, "  database cache       0s  provisioning: database is pending", d.lines()[0])
	d.report(event{Event: eventDiffers, item: cache, Differs: []difference{{"datasetSizeInGb", 0.5, 5.0}, {Field: "password"}}})
	assert.Equal(t, "  database cache       0s  differs: datasetSizeInGb is 0.5, but 5 in the plan;…", d.lines()[0])
}

func TestQueuePositions(t *testing.T) {
	assert.Equal(t, map[string]int{"b": 1, "c": 2, "d": 3}, ahead([]rediscloud.TaskState{
		{TaskID: "d", Status: rediscloud.TaskStatusReceived},
		{TaskID: "a", Status: rediscloud.TaskStatusProcessingInProgress},
		{TaskID: "c", Status: rediscloud.TaskStatusInitialized},
		{TaskID: "b", Status: rediscloud.TaskStatusReceived},
		{TaskID: "x", Status: rediscloud.TaskStatusProcessingCompleted},
	}))
	assert.Empty(t, ahead(nil))
}
