//go:build race

package schedule

func init() { raceEnabled = true }
