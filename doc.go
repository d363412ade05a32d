// Package rediscloud is a client for the REST API of Redis Cloud.
//
// # Tasks
//
// The API runs nearly everything that creates, changes or removes something,
// and some reads too, as a task: the answer is a task id, the work goes on in
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
// A Task can be waited on by any number of goroutines, any number of times.
// Waiting has no time-out but that of the context. When it ends early, the task
// goes on: the [WaitError] tells its id and its last state, and a text made by
// [Task.Token] takes the wait up again with [ResumeTask], in another process too.
//
// All waits of a client share one engine, so that waiting for many tasks costs
// little more than waiting for one, in whatever order they are processed.
// [Client.WaitForTasks] waits for several. A subscription takes one change at a
// time: see [InTurn].
//
// [Task.WaitProvisioned] waits until what was made or changed can be used. It
// doesn't believe the first "active": for a moment after a change a resource may
// still show its old state, and some flip between active and pending. See
// [WithSettling].
//
// # Errors
//
//   - [APIError]: the API answered with a status other than 2xx.
//   - [TaskError]: the task was processed and failed.
//   - [ProvisionError]: the task was processed, and what it made failed or waits
//     for a person.
//   - [WaitError]: the wait ended, the task goes on or is done.
//   - [OutcomeUnknownError]: a write that may or may not have been accepted;
//     [FindTask] finds its task.
//   - [LostTaskError]: it can't be told which task that is, or whether there is one.
//   - [DecodeError]: a 2xx answer that can't be used.
//
// [ErrNotFound], [ErrConflict], [ErrUnauthorized], [ErrForbidden] and
// [ErrRateLimited] match, with errors.Is, the condition in whichever way the API
// tells it: as the status of an answer, or as the reason of a failed task.
//
// # Requests and results
//
// In requests, a member that may be left out is a pointer: new(5) and
// new("text") make one. A list that may be left out is nil, and an empty one
// clears what is there. Enumerations are open: the API adds values, and a value
// without a constant is no error. Passwords are of type [Secret], which is sent
// as it is and never printed, and in results of type [ReceivedSecret], which JSON
// redacts too: string(db.Security.Password) reads one.
//
// A member that this package doesn't know is read with [WithCaptureResponse], an
// endpoint that it doesn't know is called with [Client.Do].
//
// The API isn't strict about the kinds of its values, and a result doesn't fail
// over one: a number in a text, a number where a text was expected, 12.0 or 1.8E+10
// as a whole number, "true", one value in place of a list and null anywhere are
// understood. A time in a form that isn't known is kept as [Time.Text]. What can't
// be understood is left zero, and named in the Unread of [WithCaptureResponse]; only
// where an id is lost, or a whole list of what has ids, the call fails with a
// [DecodeError]. [Unmarshal] does the same with documents that come by another way.
// Results are plain structs: encoding/json writes them, and reads them as strictly
// as any other.
//
// # What the client takes care of
//
// Reads are repeated after 5xx answers, 429 and lost connections. A write is
// repeated only when it is certain that the API didn't act on it: a write sent
// twice is billed twice. No more requests are sent than the API allows, 400 a
// minute. Package journal makes a write once even if the program is killed. The
// keys go to the base URL alone, whatever a link or a redirect
// says. See [RetryPolicy], [Limiter] and the options of [NewClient].
//
// # Bounds
//
// What comes from outside is bounded, whoever it comes from:
//
//   - a document: 32 MiB; a larger one is a [DecodeError], and isn't read again. The
//     body of an error: 64 KiB, the rest is cut off. A download is not bounded: it
//     is read as the caller reads it. Headers are bounded by the transport.
//   - what a document becomes: 128 MiB of memory, as a list of {} can be more than a
//     hundred times as large as on the wire; one that would take more is a [DecodeError]
//   - the nesting of a document: 10,000 levels
//   - a number that doesn't fit is left 0 and named as unread, as are up to 100 values
//   - the texts in an error or a log: 500 characters each, on one line and
//     printable; tasks that an error names: 10
//   - the time of an attempt: [WithAttemptTimeout], of a call: ctx, of a wait: ctx alone
//   - retries and the pauses before them: [RetryPolicy], with MaxHint for a pause that
//     the API asks for; between two polls no such pause is longer than a minute
//   - what the API says is left of the allowance: from 0 to the limit of the client
//   - redirects: 3, of reads only, within the base URL
//   - a link: 2048 characters, within the base URL; one that isn't is passed over
//   - a task id: 256 characters, a token: 4096
//   - a list that is read page by page: it ends with an error when 4 pages in a row
//     bring nothing new, and otherwise when the caller stops; one that is read for a
//     wait: 20 pages, what it lacks is read by itself
//   - states kept for a waiter that doesn't keep up: the last 64
//   - ids of tasks that the client remembers to have submitted, and of those that it
//     has seen in lists: the last 10,000 of each; lost writes: the last 1000
//   - what a token holds of a request: 1 KiB
//
// # Testing
//
// Package rediscloudtest is a fake of the API for tests of programs that use
// this package, in real or in virtual time.
package rediscloud
