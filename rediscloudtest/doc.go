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
// The package knows no client of the API, and may be used with any. It has the tasks, the Pro subscriptions and the Pro databases,
// Active-Active ones included; other endpoints answer 404. Requests are checked far less strictly than the API does: a member of an
// unknown name is kept, and most values are believed.
package rediscloudtest
