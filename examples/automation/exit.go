package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/rediscloud-go/rediscloud"
)

// Exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRunning = 3 // a timeout or an interrupt; run it again to continue
	exitUnknown = 4 // something may or may not have been submitted
)

// A mistake is an error in the command line, the plan or the environment.
type mistake struct{ error }

var (
	errUnknown = errors.New("it may or may not have been submitted")
	errLocked  = errors.New("another run is using this state")
)

// An itemError is the error of one thing of the plan.
type itemError struct {
	item item
	err  error
}

func (e *itemError) Error() string { return fmt.Sprintf("%s: %v", e.item, e.err) }

func (e *itemError) Unwrap() error { return e.err }

// split undoes errors.Join.
func split(err error) (all []error) {
	joined, ok := err.(interface{ Unwrap() []error }) // a join within an itemError stays whole
	switch {
	case ok:
		for _, err := range joined.Unwrap() {
			all = append(all, split(err)...)
		}
	case err != nil:
		all = []error{err}
	}
	return all
}

// exitCode returns the code of the gravest error: an unknown outcome, then a
// failure, then the end of ctx.
func exitCode(ctx context.Context, err error) int {
	gravity := map[int]int{exitDone: 0, exitRunning: 1, exitFailed: 2, exitUsage: 3, exitUnknown: 4}
	worst := exitDone
	for _, err := range split(err) {
		if code := codeOf(ctx, err); gravity[code] > gravity[worst] {
			worst = code
		}
	}
	return worst
}

func codeOf(ctx context.Context, err error) int {
	_, wrong := errors.AsType[mistake](err)
	switch {
	case errors.Is(err, errUnknown):
		return exitUnknown
	case wrong:
		return exitUsage
	case stopped(ctx, err), errors.Is(err, errLocked):
		return exitRunning
	}
	return exitFailed
}

// stopped reports whether err was caused by the end of ctx. The timeout of a
// single request is something else.
func stopped(ctx context.Context, err error) bool {
	return ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded))
}

// advice returns what the user can do about an error, or "".
func advice(ctx context.Context, err error) string {
	_, wrong := errors.AsType[mistake](err)
	lost, untold := errors.AsType[*rediscloud.LostTaskError](err)
	switch {
	case wrong:
		return "" // the error says it
	case errors.Is(err, rediscloud.ErrUnauthorized):
		return "check " + rediscloud.EnvAccountKey + " and " + rediscloud.EnvSecretKey
	case untold && lost.Err == nil:
		return "look at the tasks that it names, with tasks get; then remove the entry from the state, and run it again: it continues with what exists under the name"
	case errors.Is(err, errUnknown):
		return "run it again: it looks for what may have been created before it submits anything"
	case errors.Is(err, errLocked):
		return "wait until the other run has ended; don't give this one another -state: both would create the same things"
	case errors.Is(err, rediscloud.ErrForbidden):
		return "ask an owner of the account for permission, or use the keys of another user"
	}
	if _, ofPlan := errors.AsType[*itemError](err); ofPlan {
		return adviceOnItem(ctx, err)
	}
	_, taskFailed := errors.AsType[*rediscloud.TaskError](err)
	switch {
	case stopped(ctx, err):
		return "run the same command again"
	case taskFailed:
		return "fix what the reason names, and submit it again"
	case errors.Is(err, rediscloud.ErrNotFound):
		return "check the id, and that the keys are those of the account; tasks are forgotten after about 10 days"
	}
	return ""
}

func adviceOnItem(ctx context.Context, err error) string {
	failed, taskFailed := errors.AsType[*rediscloud.TaskError](err)
	provision, notProvisioned := errors.AsType[*rediscloud.ProvisionError](err)
	_, differs := errors.AsType[*differsError](err)
	_, ambiguous := errors.AsType[*rediscloud.AmbiguousNameError](err)
	waited, waiting := errors.AsType[*rediscloud.WaitError](err)
	switch {
	case stopped(ctx, err):
		return "run the same command again: it continues from the state"
	case differs:
		return "change the plan, or change it with -update"
	case ambiguous:
		return "several have this name: give the id of one in the plan"
	case notProvisioned && provision.ActionRequired:
		return provision.Hint + ", then run it again"
	case notProvisioned:
		return "look at " + provision.Resource + " in the Redis Cloud console, remove it there, then run it again"
	case taskFailed && errors.Is(failed, rediscloud.ErrConflict):
		return "choose another name in the plan, or remove the resource that has it; then run it again"
	case taskFailed:
		return "nothing was changed: correct the plan, then run it again"
	case waiting && waited.TaskID != "" && errors.Is(err, rediscloud.ErrNotFound):
		return "check that the keys are those of the account, since it doesn't know the task; then run it again: it looks for the name, and creates it if it doesn't exist"
	}
	return "fix what the error names, then run it again: what exists is left alone"
}
