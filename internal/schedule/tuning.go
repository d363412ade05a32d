package schedule

import "time"

// DefaultCadence: with it a wait of 3 s takes 6 polls, one of 45 s 38, one of 10 min less than 200.
var DefaultCadence = Cadence{Min: 500 * time.Millisecond, Max: 30 * time.Second, Factor: 1.25}

const (
	firstPolls  = 6   // polls at the first pause: most waits end within them
	quickPauses = 2.8 // of Min (1.4 s): keeps a wait of 45 s within 2 s
	youngShare  = 28.0
	youngPauses = 7.3 // of Min (3.65 s): keeps a wait of 10 min within 4 s
	oldShare    = 164.0

	tick           = 1100 * time.Millisecond // 0.9 polls a second, half a second late in the mean
	crowdTick      = 1500 * time.Millisecond // beside many other groups
	crowdFrom      = 8
	quietTick      = 2 * time.Second        // beyond a minute of quiet; four times that is nobody's maximum
	restless       = 10 * time.Minute       // of quiet, from which on the tick grows further,
	longTick       = 30 * time.Second       // to this
	sureMargin     = 3 * time.Second        // of the server's time, read again: what became visible late
	fastMargin     = 800 * time.Millisecond // the same where that is much
	fewChanges     = 40                     // are cheap to read again
	deepPause      = 30 * time.Second       // from one read down to the oldest subject to the next
	firstDeepPause = 5 * time.Second        // while it isn't known that the list shows what has ended

	resumed     = 200 * time.Millisecond // so that what is resumed together is sought together
	firstLook   = 300 * time.Millisecond // a task isn't visible before
	visible     = 2 * time.Second        // after it joined every read should show a subject
	missedPause = 4 * time.Second        // between single reads of what a list doesn't show: a quarter a second
	missedMost  = time.Minute

	slowList      = time.Second     // a list that takes longer than this and two single reads is no help
	lag           = 2 * time.Second // what was known so long before a list was asked it has to show
	retryList     = 10 * time.Second
	retryMost     = 30 * time.Second
	readRate      = 45 << 10        // bytes a second, of all lists
	readPause     = 4 * time.Second // for which a read is paid at most; what needs more is too large to be read each time
	cutPause      = 2 * time.Second // the same where the next read needn't be as long
	groupReadRate = 12 << 10        // bytes a second, of a list that isn't Latest

	vanishedPause = 250 * time.Millisecond // between those of what it no longer shows

	turnRate       = 1.8             // polls a second where single reads carry the wait
	searchRate     = 2.85            // where they do, and the order is unknown
	turnRest       = 3               // each third is of the longest unasked
	turnQuiet      = 8 * time.Second // without news from the oldest: look further,
	quietRest      = 6               // and only each sixth is of the oldest
	runningPause   = 3 * time.Second // where the order is unknown
	disorders      = 10              // from here on the order is unknown: two subjects
	disorder       = 5               // that are queued although one that was created later has begun,
	disorderJoined = 1               // or ten of which only the order in which they joined is known

	quickPolls = 12.0 // of lone subjects, one after the other, before they
	quickRate  = 1.1  // are that many a second

	budgetLeast = 0.55 // polls a second, all groups together that aren't Latest
	budgetMost  = 1.5
	groupPause  = 11.5 // seconds from one read of a group to the next, between the two
	crowdShare  = 0.9  // of the time that one round of all groups takes: none wants to be asked more often
	burst       = 5.0  // polls at once

	failPause    = time.Second // after a failed poll, doubled from failure to failure
	failMost     = 30 * time.Second
	failTogether = 3 // different ones that fail in a row: it isn't theirs

	overviewPause  = 5 * time.Second
	overviewRetry  = 10 * time.Second
	overviewMost   = time.Minute // where it tells nothing
	overviewGroups = 3           // from so many on it is cheaper
	overviewTrust  = 4           // by which a group's own pauses are longer while the overview shows it moving

	scarceMuch = 0.75
	scarceMost = 0.9
)

// doubled is the pause after n failures in a row.
func doubled(pause, most time.Duration, n int) time.Duration {
	for ; n > 1 && pause < most; n-- {
		pause *= 2
	}
	return min(pause, most)
}
