// Package rediscloudtest is an in-memory fake of the Redis Cloud REST API, for
// tests of programs that use the API.
//
// It behaves as the API does: a write returns a task, tasks are processed one
// at a time, a new task is unknown for a moment, and what a completed task
// created is provisioned for a while before it is active. Requests beyond the
// rate limit are rejected. Faults are injected on demand, and a request log
// records every exchange for tests to check.
//
//	fake := rediscloudtest.New()
//	request, _ := http.NewRequest("GET", fake.URL()+"/subscriptions", nil)
//	request.Header.Set("x-api-key", fake.AccountKey())
//	request.Header.Set("x-api-secret-key", fake.SecretKey())
//	response, err := fake.Client().Do(request)
//
// A [Server] starts no goroutine and sets no timer. It computes its state from
// the clock at each request, so minutes of provisioning take no real time in a
// [testing/synctest] bubble. [Server.Client] reaches it without a network, as a
// bubble requires; a Server is also an [http.Handler], for [net/http/httptest]
// or a separate process (see cmd/rediscloudtest).
//
// # Coverage
//
// The package is independent of any client of the API, and works with all of
// them. It serves every endpoint in the API's document, listed by [Routes], and
// those of Agent Memory and LangCache, which the document lacks:
// [RoutesBeyond]. Where the document's examples differ from what working
// clients rely on, responses have the form that clients expect, unless the
// Server is created with [WithDocumentForms]. Data integration is the
// exception: the API doesn't describe the service behind it, so the response
// repeats the request. Requests are checked far less strictly than by the API:
// fields with unknown names are kept, and most values are accepted. Databases
// never contain data: backups, imports and flushes are only recorded, and slow
// logs, certificates and prices are generated.
//
// # Seeding
//
// A new Server has an account with what every account has. A test that isn't
// about creating resources adds them, active at once: [Server.AddSubscription],
// [Server.AddGCPSubscription], [Server.AddEssentialsSubscription] with a plan
// such as [PlanStandard], and [Server.AddDatabase]. [Server.AddUser] and
// [Server.AddSessionLog] add what no request can create. [Server.Seed] adds
// resources from a document, [Server.Reset] removes everything, and
// [Server.MoveClock] lets time pass without waiting.
//
// # The other side
//
// Some operations continue only after somebody has acted outside of the API.
// The test does that for them:
//
//   - VPC peerings: [Server.AcceptPeering], [Server.RejectPeering]
//   - Transit gateways: [Server.ShareTransitGateway], [Server.AcceptTransitGatewayAttachment], [Server.RejectTransitGatewayAttachment]
//   - Private Service Connect: [Server.RunPSCCreationScript], [Server.RunPSCDeletionScript]
//   - PrivateLink: [Server.AddPrivateLinkConnection]
//   - any other status change without a request: [Server.SetStatus]
//
// [Server.OtherSide] does all this over HTTP, for programs in other languages.
//
// # A strict world
//
// As in production a subscription takes one change at a time: while a database
// in it is being provisioned, changed or deleted it is pending, and tasks
// processed in that time fail with SUBSCRIPTION_NOT_ACTIVE
// ([WithLenientSubscriptions] allows them). Nor does the API show at once what
// it has done. A resource shows its old state for a moment after a change
// ([WithStaleness]), ACL users and roles become active several times
// ([WithACLFlips]), new resources aren't listed yet ([WithLateListing]), a
// PrivateLink is empty at first ([WithEmptyPrivateLink]), and every third task
// is initialized before it is processed. A program that believes the first
// "active" it sees fails here as it does in production. All of these delays are
// short compared with the provisioning time, and [WithCalm] turns them off.
//
// # Adversities
//
// The task queue of an account is not always as tidy as that of a new Server.
// Options set the order ([WithTaskOrder]) and the number processed at once
// ([WithParallelTasks]), heavy-tailed processing times ([WithHeavyTail]), tasks
// of other programs ([WithForeignTasks]) and of the past ([WithOldTasks]), a
// task list that is slow, stale, failing or incomplete ([WithSlowTaskList],
// [WithStaleTaskList], [WithTaskListOutage], [WithTaskListHiding],
// [WithUnsortedTaskList], [WithoutTaskTimestamps]), single tasks that can't be
// read ([WithTaskOutage]), a clock that is off ([WithClockSkew]) and a slow
// network ([WithRandomRoundTrip]). Everything random follows from a seed,
// [WithSeed].
//
// # Faults
//
// [Server.AnswerNext], [Server.CutNext] and [Server.DelayNext] affect
// exchanges, [Server.FailNextTask] and [Server.ForgetTask] affect tasks. The
// request log shows the result: [Server.Requests], [Server.Tasks],
// [Server.Subscriptions] and [Server.Databases].
package rediscloudtest
