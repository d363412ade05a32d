package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"text/tabwriter"

	"github.com/rediscloud-go/rediscloud"
)

// listTasks writes the tasks of the account.
func listTasks(ctx context.Context, client *rediscloud.Client, s settings, stdout io.Writer) error {
	list, err := client.Tasks.List(ctx)
	if err != nil {
		return err
	}
	return writeTasks(list.Tasks, s, stdout)
}

// getTask writes a task. A failed task is shown, and isn't an error.
func getTask(ctx context.Context, client *rediscloud.Client, s settings, id string, stdout io.Writer) error {
	task, err := client.Tasks.Get(ctx, id)
	if err != nil {
		return err
	}
	return writeTasks([]rediscloud.TaskState{*task}, s, stdout)
}

func writeTasks(tasks []rediscloud.TaskState, s settings, stdout io.Writer) error {
	positions := ahead(tasks)
	file, _ := terminal(stdout)
	if s.json || file == nil {
		out := &lines{out: json.NewEncoder(stdout)}
		for i := range tasks {
			e := taskEvent(&tasks[i])
			if n, ok := positions[e.Task]; ok && len(tasks) > 1 {
				e.Queue = new(n)
			}
			out.report(e)
		}
		return nil
	}
	table := tabwriter.NewWriter(stdout, 0, 0, 2, ' ', 0)
	for i := range tasks {
		e := taskEvent(&tasks[i])
		resource := ""
		if e.ID != 0 {
			resource = fmt.Sprint(e.ID)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", plain(e.Task), plain(e.Command), plain(e.Detail), resource, plain(e.Error))
	}
	return table.Flush()
}

// taskEvent describes a task, without its result document.
func taskEvent(task *rediscloud.TaskState) event {
	e := event{Event: eventTask, Task: task.TaskID, Command: task.CommandType, Status: statusOf(task), Detail: string(task.Status)}
	if r := task.Response; r != nil {
		e.ID = r.ResourceID
		if r.Error != nil {
			e.Error = string(r.Error.Type) + " " + r.Error.Description
		}
	}
	return e
}

// waitForTasks waits until tasks are processed.
func waitForTasks(ctx context.Context, client *rediscloud.Client, s settings, ids []string, stdout io.Writer) (err error) {
	out := newReporter(stdout, s.json)
	defer func() { out.close(exitCode(ctx, err)) }()
	q := newQueue(client, out)
	defer q.watch(ctx)()
	errs := make([]error, len(ids))
	var waits sync.WaitGroup
	for n, id := range ids {
		i := item{kind: "task", name: id}
		out.report(event{Event: eventPlanned, item: i})
		waits.Go(func() { errs[n] = waitForTask(ctx, client, q, i) })
	}
	waits.Wait()
	return errors.Join(errs...)
}

func waitForTask(ctx context.Context, client *rediscloud.Client, q *queue, i item) error {
	defer q.update(i, nil)
	last, err := client.WaitForTask(ctx, &rediscloud.TaskState{TaskID: i.name}, rediscloud.OnUpdate(func(state *rediscloud.TaskState) {
		q.update(i, state)
		if !state.Failed() {
			e := taskEvent(state)
			e.Event, e.item = eventStatus, i
			q.out.report(e)
		}
	}))
	e := event{Event: eventDone, item: i, Task: i.name}
	switch {
	case err == nil:
		e.ID = taskEvent(last).ID
	case stopped(ctx, err):
		e.Event = eventStopped
	default:
		e.Event = eventFailed
	}
	if err != nil {
		e.Error, e.Advice = plain(err.Error()), advice(ctx, err)
	}
	q.out.report(e)
	return err
}
