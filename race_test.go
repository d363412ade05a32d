//go:build race

package rediscloud_test

func init() { raceEnabled = true }
