package main

import (
	"context"
	"sync"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// queueInterval is how often the queue is read while a task is in it.
const queueInterval = 3 * time.Second

// A queue reports how many tasks of the account come before those that are
// queued: the API processes one at a time.
type queue struct {
	client *rediscloud.Client
	out    reporter

	mu      sync.Mutex
	waiting map[item]string // the ids of tasks that aren't being processed yet
	told    map[item]int
}

func newQueue(client *rediscloud.Client, out reporter) *queue {
	return &queue{client: client, out: out, waiting: map[item]string{}, told: map[item]int{}}
}

func queued(task *rediscloud.TaskState) bool {
	return task.Status == rediscloud.TaskStatusReceived || task.Status == rediscloud.TaskStatusInitialized
}

// update takes the new state of an item's task, nil if the item has ended.
func (q *queue) update(i item, task *rediscloud.TaskState) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if task != nil && queued(task) {
		q.waiting[i] = task.TaskID
		return
	}
	delete(q.waiting, i)
	delete(q.told, i)
}

// watch reports changes until ctx ends, or stop is called. An occasional
// failure to read the list doesn't matter.
func (q *queue) watch(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		for pause(ctx, queueInterval) == nil {
			q.mu.Lock()
			idle := len(q.waiting) == 0
			q.mu.Unlock()
			if idle {
				continue
			}
			if list, err := q.client.Tasks.List(ctx); err == nil {
				q.tell(ahead(list.Tasks))
			}
		}
	})
	return func() { cancel(); group.Wait() }
}

func (q *queue) tell(ahead map[string]int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i, id := range q.waiting {
		n, listed := ahead[id]
		if told, ok := q.told[i]; !listed || ok && told == n {
			continue
		}
		q.told[i] = n
		q.out.report(event{Event: eventQueue, item: i, Task: id, Queue: new(n)})
	}
}

// ahead counts, for each queued task, the tasks that come before it. The list
// starts with the latest change, which for a queued task is its submission.
func ahead(tasks []rediscloud.TaskState) map[string]int {
	before := 0
	for i := range tasks {
		if !tasks[i].Done() && !queued(&tasks[i]) {
			before++ // is being processed
		}
	}
	positions := map[string]int{}
	for i := len(tasks) - 1; i >= 0; i-- {
		if queued(&tasks[i]) {
			positions[tasks[i].TaskID] = before
			before++
		}
	}
	return positions
}
