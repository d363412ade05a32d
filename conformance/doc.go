// Package conformance describes how the API behaves, as flows that run against
// the fake of package rediscloudtest, and for anyone with an account against
// the real API:
//
//	go test ./conformance
//	go test ./conformance -run Conformance -v -timeout 2h -args -live -free
//
// There is nothing to import: the flows are its tests. A run against the API is
// recorded with everything private replaced, and compared with what the fake
// sends. docs/conformance.md says what is created, what it costs and how to
// send in a recording.
package conformance
