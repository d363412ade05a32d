// Package rediscloud is a client for the REST API of Redis Cloud.
//
// # Tasks
//
// The API runs nearly everything that creates, changes or removes something,
// and some reads too, as a task: the response is a task id, the work continues in
// the background, and an account's tasks are processed one after the other.
// Methods for such operations return a *[Task] of what the operation yields as
// soon as the API has accepted the request:
//
//	client, err := rediscloud.NewClient() // keys from the environment
//	task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: "cache"})
//	log.Printf("task %s", task.ID())
//	db, err := task.Wait(ctx)             // processed: db.ID is known, db.Status is usually "pending"
//	db, err = task.WaitProvisioned(ctx)   // active: it can be connected to
//
// Any number of goroutines may wait on a Task, any number of times. A wait has
// no timeout except for that of the context. When it ends early, the task is
// still running: the [WaitError] has its id and its last state, and a token made
// by [Task.Token] resumes the wait with [ResumeTask], in another process too.
//
// All waits of a client share one poller, so that waiting for many tasks costs
// little more than waiting for one, in whatever order they are processed.
// [WaitAll] and [WaitAllProvisioned] wait for many and return what they yield;
// [Client.WaitForTasks] is for tasks that yield different things. A subscription
// takes one change at a time: see [InTurn].
//
// [Task.WaitProvisioned] waits until what was created or changed can be used. It
// doesn't believe the first "active": for a moment after a change a resource may
// still show its old state, and some flip between active and pending. See
// [WithSettling].
//
// # Services
//
// Each field of [Client] is a service for one kind of resource. Pro
// subscriptions and their databases, Active-Active ones included, are in
// Subscriptions and Databases. Essentials is what the API calls fixed:
// EssentialsPlans, EssentialsSubscriptions and EssentialsDatabases. A method
// All ranges over a list, page by page where the API has pages:
//
//	for db, err := range client.Databases.All(ctx, subscriptionID, nil) {
//
// ACLUsers are those who connect to databases; AccountUsers are the people who
// log in to the console.
//
// # Errors
//
//   - [APIError]: the API answered with a status other than 2xx.
//   - [TaskError]: the task was processed and failed.
//   - [ProvisionError]: the task was processed, and what it created failed or needs
//     manual action.
//   - [WaitError]: the wait ended; the task is still running, or done.
//   - [OutcomeUnknownError]: a write that may or may not have been accepted;
//     [FindTask] finds its task.
//   - [LostTaskError]: it can't be decided which task that is, or whether there is one.
//   - [DecodeError]: a 2xx response that can't be used.
//
// With errors.Is, [ErrNotFound], [ErrConflict], [ErrUnauthorized], [ErrForbidden]
// and [ErrRateLimited] match the condition however the API reports it: as the
// status of a response, or as the reason of a failed task.
//
// # Requests and results
//
// In requests, a field that may be left out is a pointer: new(5) and new("text")
// make one. A list that may be left out is nil, and an empty one clears what is
// there. Enumerations are open: the API adds values, and a value without a
// constant is not an error. Passwords are of type [Secret], which is sent and never
// printed, and in results of type [ReceivedSecret], which JSON redacts too:
// string(db.Security.Password) reads one.
//
// Results are read tolerantly: a number in a text, 12.0 as a whole number, one
// value in place of a list and null anywhere are understood. What can't be is
// left zero and named in [Response.Unread]; only where an id is missing, or a
// whole list of what has ids, does the call fail with a [DecodeError].
// [Unmarshal] reads documents that come another way in the same manner.
//
// [WithCaptureResponse] makes the raw response available, for fields that this
// package doesn't know, and [Client.Do] calls any endpoint.
//
// # What the client takes care of
//
// Reads are repeated after 5xx responses, 429 and lost connections. A write is
// repeated only when it is certain that the API didn't act on it: a write sent
// twice is billed twice. No more requests are sent than the API allows, 400 a
// minute. The keys go to the base URL alone, whatever a link or a redirect says,
// and everything that comes from outside is bounded. See [RetryPolicy], [Limiter]
// and the options of [NewClient].
//
// Package journal makes a write once even if the program is killed. Package
// rediscloudtest is a fake of the API for tests of programs that use this
// package, in real or in virtual time.
//
// The pages of https://github.com/rediscloud-go/rediscloud/tree/main/docs have
// the rest: limits and bounds, what waiting costs, and what to know about the API.
package rediscloud
