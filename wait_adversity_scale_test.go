package rediscloud_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
)

// scaleMost is up to how many tasks TestAdversityScale measures by default.
const scaleMost = 20

// Waiting for many tasks costs what waiting for a few does, and each end is
// noticed as soon.
func TestAdversityScale(t *testing.T) {
	if raceEnabled || testing.Short() {
		t.Skip("it measures")
	}
	t.Parallel()
	var lines []string
	for _, n := range []int{1, 2, 5, 10, 20, 50, 100, 200, 500} {
		if n > scaleMost && *adversityDocs == "" {
			break
		}
		row := adversity{name: fmt.Sprint(n), tasks: n, length: 5 * time.Second}
		var c, naive cost
		for i := range max(1, 20/n) { // few ends tell little
			seed := *adversitySeed + uint64(100*n+i)
			synctest.Test(t, func(t *testing.T) { c.add(row.measure(t, seed, false)) })
			synctest.Test(t, func(t *testing.T) { naive.add(row.measure(t, seed, true)) })
		}
		line := fmt.Sprintf("| %d | %.2f | %s | %s | %.2f | %s | %s |", n, c.pollRate(), seconds(c.mean()), seconds(c.max),
			naive.pollRate(), seconds(naive.mean()), seconds(naive.max))
		t.Log(line)
		lines = append(lines, line)
		assert.LessOrEqual(t, c.pollRate(), 1.5, "%d tasks: polls a second", n) // what the budget allows
		assert.LessOrEqual(t, c.mean(), ms(1200), "%d tasks: late in the mean", n)
		assert.LessOrEqual(t, c.mean(), naive.mean(), "%d tasks: later than a poller for each task", n)
	}
	if *adversityDocs != "" {
		writeTable(t, *adversityDocs, "scale", lines)
	}
}
