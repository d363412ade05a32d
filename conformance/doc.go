// Package conformance states how the API behaves, as flows that are run against
// the fake of package rediscloudtest, and against the real API by whoever has
// an account:
//
//	go test ./conformance
//	go test ./conformance -run Conformance -v -timeout 2h -args -live -free
//
// It has nothing to import: the flows are its tests. What a run against the API
// saw is recorded with everything private replaced, and compared with what the
// fake sends. docs/conformance.md says what is created, what it costs and how
// to send in a recording.
package conformance
