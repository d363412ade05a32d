package rediscloud_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var draw = flag.Bool("draw", false, "measure anew and draw docs/economy.svg")

// TestDrawEconomy draws the picture of the README from measurements. It is run
// by hand: go test -run DrawEconomy -draw .
func TestDrawEconomy(t *testing.T) {
	if !*draw {
		t.Skip("-draw is not given")
	}
	var shared, alone []economyResult
	counts := []int{1, 10, 50, 100, 200, 300}
	for _, n := range counts {
		c := economyCase{tasks: n, length: 5 * time.Second, parallel: 1}
		shared = append(shared, averageEconomy(t, c))
		synctest.Test(t, func(t *testing.T) { alone = append(alone, economyBaseline(t, c)) })
	}
	late := func(r economyResult) float64 { return r.mean.Seconds() }
	requests := func(r economyResult) float64 { return float64(r.requests) }
	var svg strings.Builder
	svg.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 300" font-family="sans-serif" font-size="12">` + "\n")
	svg.WriteString(`<rect width="720" height="300" fill="white"/>` + "\n")
	chart(&svg, 50, "late on average, seconds", counts, values(shared, late), values(alone, late))
	chart(&svg, 410, "requests", counts, values(shared, requests), values(alone, requests))
	svg.WriteString(`<text x="360" y="292" text-anchor="middle">tasks of 5 s that are waited for, one processed at a time: ` +
		`<tspan fill="#0a7d4f">this package</tspan>, <tspan fill="#c0392b">a poller for each task</tspan></text>` + "\n</svg>\n")
	require.NoError(t, os.WriteFile("docs/economy.svg", []byte(svg.String()), 0o644))
}

func values(results []economyResult, of func(economyResult) float64) (values []float64) {
	for _, r := range results {
		values = append(values, of(r))
	}
	return values
}

// chart draws two lines over the number of tasks, with axes.
func chart(svg *strings.Builder, left int, title string, counts []int, shared, alone []float64) {
	const width, top, bottom = 270, 40, 240
	highest := 0.0
	for i := range counts {
		highest = max(highest, shared[i], alone[i])
	}
	step := math.Pow(10, math.Floor(math.Log10(highest)))
	if highest/step < 3 {
		step /= 2
	}
	highest = math.Ceil(highest/step) * step
	x := func(n int) int { return left + n*width/counts[len(counts)-1] }
	y := func(v float64) int { return bottom - int(v/highest*(bottom-top)) }
	fmt.Fprintf(svg, `<text x="%d" y="24" font-weight="bold">%s</text>`+"\n", left, title)
	for v := 0.0; v <= highest; v += step {
		fmt.Fprintf(svg, `<line x1="%d" x2="%d" y1="%d" y2="%d" stroke="#ddd"/><text x="%d" y="%d" text-anchor="end">%g</text>`+"\n",
			left, left+width, y(v), y(v), left-6, y(v)+4, v)
	}
	for _, n := range counts {
		if n == 1 || n >= 50 {
			fmt.Fprintf(svg, `<text x="%d" y="%d" text-anchor="middle">%d</text>`+"\n", x(n), bottom+18, n)
		}
	}
	for _, line := range []struct {
		colour string
		values []float64
	}{{"#0a7d4f", shared}, {"#c0392b", alone}} {
		var points []string
		for i, n := range counts {
			points = append(points, fmt.Sprintf("%d,%d", x(n), y(line.values[i])))
		}
		fmt.Fprintf(svg, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), line.colour)
	}
}
