package schedule

import "time"

// The numbers, each with its reason. Rows are those of TestAdversity.
const (
	// One alone.
	firstPolls  = 6     // at the first pause: a wait of 3 s ends with the sixth
	quickPauses = 2.8   // times Min is the longest pause at first (1.4 s): 38 polls in a wait of 45 s, late by 2 s at most
	youngShare  = 28.0  // of the age is the pause later on, up to
	youngPauses = 7.32  // times Min (3.66 s): 198 polls in a wait of 10 min, late by 4 s at most
	oldShare    = 164.0 // of the age is the pause beyond 10 min
	quickPolls  = 12.0  // polls of successive lone subjects, a new one every 3 s: more than two waits in a row at the first pause
	quickRate   = 1.1   // polls a second refill them: always at the first pause it would be 1.5

	// The list.
	tick           = 1100 * time.Millisecond // 0.9 polls a second, late by 0.9 s on average, including the result
	crowdTick      = 1800 * time.Millisecond // leaves what 20 groups being provisioned need of the 1.5 polls a second
	crowdFrom      = 8.0                     // groups
	quietShare     = 55                      // the tick is at least this part of the time since anything of ours moved,
	quietTick      = 2 * time.Second         // up to this: still within 3 s
	restless       = 10 * time.Minute        // beyond this time without news it grows on,
	longTick       = 30 * time.Second        // up to this
	sureMargin     = 3 * time.Second         // of the server's time is read again, for what has become visible late,
	fastMargin     = 800 * time.Millisecond  // or only this much if the former has more than
	fewChanges     = 40                      // elements: 200 at once would read 70 KiB/s
	deepPause      = 30 * time.Second        // between reads down to the oldest subject: 200 elements are 3 KiB/s
	firstDeepPause = 5 * time.Second         // while it isn't known that the list shows what has ended
	doubtMost      = 10 * time.Minute        // between reads to the end of a list that shows nothing of ours
	resumed        = 200 * time.Millisecond  // resumed subjects join within this time: they are sought in one read
	firstLook      = 300 * time.Millisecond  // a task isn't visible before

	// What a list doesn't show.
	visible       = 2 * time.Second        // after joining, a subject should be in each read
	missedPause   = 4 * time.Second        // 0.25 polls a second beside the ticks: 1.2 in all
	missedMost    = time.Minute            // for the same one
	vanishedPause = 160 * time.Millisecond // for what the list has shown: it has ended, so each is polled once

	unseenMost = 5 // subjects in a row that have begun and were never shown: the list shows too few

	// A list that carries nothing.
	slowList  = time.Second      // plus two single reads: the list is slow beyond that
	lag       = 2 * time.Second  // the list doesn't show what was known this long before the read
	fresh     = 5 * time.Second  // an element this young shows that the list doesn't lag, or not by much
	retryList = 10 * time.Second // 0.1 polls a second
	retryMost = 30 * time.Second
	readRate  = 47 << 10        // bytes a second, of all lists
	readPause = 4 * time.Second // of reading at this rate at most: a list that needs more is too large
	cutPause  = 2 * time.Second // after one long read, if the next ones are short: within 3 s

	// Single reads instead of it.
	turnRate       = 1.8             // a second, 2 with the tries: late by 1.2 s on average
	turnRest       = 3               // every third read is of the longest unasked
	turnQuiet      = 8 * time.Second // after this long without news it isn't the oldest's turn,
	quietRest      = 6               // so only every sixth read goes to it
	searchRate     = 3.0             // where the order is unknown, or anything about some subject: round 100 in 35 s, late by 45 s at most
	runningPause   = 3 * time.Second // between reads of one that is running, in that case
	disorders      = 10              // mean that the order is unknown: two subjects
	disorder       = 5               // for each that is queued although one that was created later has begun,
	disorderJoined = 1               // or ten for which only the order of joining is known
	tiesMost       = 20              // subjects with the same stamp are polled in turn: more have no order

	// The others.
	budgetLeast   = 0.55     // polls a second of all groups together: what one needs after its first polls,
	budgetMost    = 1.5      // and at most, for many
	groupPause    = 11.5     // seconds from one poll of a group to the next, between these two: within 15 s
	crowdShare    = 0.9      // of a round of all groups: none is polled twice in it, new ones may go first
	burst         = 5.0      // polls at once: the first ones of a lone subject
	groupReadRate = 12 << 10 // bytes a second of a group's list

	// Failures.
	failPause    = time.Second // doubled after each
	failMost     = 30 * time.Second
	loneFails    = 3 // failures of the only subject in a row, within 4 s: then the list is read as well
	failTogether = 3 // failures of different polls in a row: the cause isn't theirs

	// The overview.
	overviewPause  = 5 * time.Second  // of 20 groups: its reads cost the others 2 s
	overviewGroups = 8                // groups with one subject left, from which on it is cheaper
	overviewTrust  = 4                // the factor on a group's own pauses while the overview shows it moving
	overviewRetry  = 10 * time.Second // if it shows nothing moving
	overviewMost   = time.Minute
)

// scarcity stretches the pauses by how much of the rate allowance others use.
// Ten processes with 0.9 polls a second need half as much again as there is:
// twice the pauses is enough, longer ones after their 200 creates at once.
var scarcity = []struct {
	level  float64
	factor time.Duration
}{{0.6, 2}, {0.75, 4}, {0.85, 9}}
