// Package rediscloudtest is a fake of the Redis Cloud REST API, held in memory, for tests of programs that use the API.
//
// It behaves as the API does: a write answers with a task, tasks are processed one at a time, a new task is unknown for a moment,
// and what a completed task made is provisioned for a while before it is active. Requests beyond the rate limit are refused. Faults are
// injected on demand, and everything that was asked is kept in books that a test can check.
//
//	fake := rediscloudtest.New()
//	request, _ := http.NewRequest("GET", fake.URL()+"/subscriptions", nil)
//	request.Header.Set("x-api-key", fake.AccountKey())
//	request.Header.Set("x-api-secret-key", fake.SecretKey())
//	response, err := fake.Client().Do(request)
//
// A [Server] starts no goroutine and sets no timer. Its state is computed from the clock at each request, so that in a bubble of
// [testing/synctest] minutes of provisioning take no real time. [Server.Client] reaches it without a network, which a bubble needs; a
// Server is also an [http.Handler], for [net/http/httptest] or a process of its own (see cmd/rediscloudtest).
//
// # What is there
//
// The package knows no client of the API, and may be used with any. It serves every endpoint in the API's document, which [Routes] names,
// and those of Agent Memory and LangCache, which the document lacks: [RoutesBeyond]. Where the examples of the document and what working
// clients rely on differ, answers have the form of the clients, unless the Server is made with [WithDocumentForms]. Data
// integration is the exception to how they behave: behind it stands a service that the API doesn't describe, so the answer shows the
// request again. Requests are checked far less strictly than the API does: a member of an unknown name is kept, and most values are
// believed. Nothing is ever in a database: backups, imports and flushes are noted, and slow logs, certificates and prices are made up.
//
// # Seeding
//
// A new Server has an account with what each account has. A test that isn't about creating things adds them, active at once:
// [Server.AddSubscription], [Server.AddGCPSubscription], [Server.AddEssentialsSubscription] with a plan such as [PlanStandard], and
// [Server.AddDatabase]. [Server.AddUser] and [Server.AddSessionLog] add what no request can make. [Server.Seed] reads more of it from a
// document, [Server.Reset] forgets it, and [Server.MoveClock] lets time pass that nobody waits for.
//
// # The other side
//
// Some things go on only once somebody has done something outside of the API, and the test does it for them:
//
//   - VPC peerings: [Server.AcceptPeering], [Server.RejectPeering]
//   - Transit gateways: [Server.ShareTransitGateway], [Server.AcceptTransitGatewayAttachment], [Server.RejectTransitGatewayAttachment]
//   - Private Service Connect: [Server.RunPSCCreationScript], [Server.RunPSCDeletionScript]
//   - PrivateLink: [Server.AddPrivateLinkConnection]
//   - whatever else changes by itself: [Server.SetStatus]
//
// [Server.OtherSide] does all this over HTTP, for programs that aren't in Go.
//
// # A strict world
//
// As in production a subscription takes one change at a time: while a database in it is being provisioned, changed or removed it is pending,
// and what is processed then fails with SUBSCRIPTION_NOT_ACTIVE ([WithLenientSubscriptions] allows it). Nor does the API show at once what it
// has done. A resource shows its old state for a moment after a change ([WithStaleness]), ACL users and roles become active several times
// ([WithACLFlips]), what is new isn't listed yet ([WithLateListing]), a PrivateLink is empty at first ([WithEmptyPrivateLink]), and each third
// task is initialized before it is processed. A program that believes the first "active" that it sees fails here as it will there. All of
// this is short compared with the provisioning time, and [WithCalm] turns it off.
//
// # Adversities
//
// The queue of an account is not always as tidy as that of a new Server. Options make it so: the order ([WithTaskOrder]) and the number
// at once ([WithParallelTasks]), lengths of a heavy tail ([WithHeavyTail]), tasks of other programs ([WithForeignTasks]) and of the past
// ([WithOldTasks]), a list that is slow, stale, failing or incomplete ([WithSlowTaskList], [WithStaleTaskList], [WithTaskListOutage],
// [WithTaskListHiding], [WithUnsortedTaskList], [WithoutTaskTimestamps]), single tasks that can't be read ([WithTaskOutage]), a clock that
// is off ([WithClockSkew]) and a slow network ([WithRandomRoundTrip]). What is random follows from a seed, [WithSeed].
//
// # Faults
//
// [Server.AnswerNext], [Server.CutNext] and [Server.DelayNext] concern exchanges, [Server.FailNextTask] and [Server.ForgetTask] concern
// tasks. What came of it is in the books: [Server.Requests], [Server.Tasks], [Server.Subscriptions] and [Server.Databases].
package rediscloudtest
