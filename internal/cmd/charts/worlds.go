package main

import "fmt"

const (
	rowHeight  = 18.0
	worldsLeft = 285.0
	worldsTop  = 92.0
)

// worldsChart shows for each world how late the end of a task is noticed, from
// the mean to the maximum.
func worldsChart(rows [][]string) (string, error) {
	c := &canvas{width: chartWidth, height: worldsTop + rowHeight*float64(len(rows)) + 60}
	x := axis{name: "seconds late, from the mean to the latest", min: 0.3, max: 400, log: true, ticks: []float64{0.3, 1, 3, 10, 30, 100, 300}, from: worldsLeft, to: chartWidth - 30}
	y := axis{name: "world", min: 0, max: float64(len(rows)), from: worldsTop + rowHeight*float64(len(rows)), to: worldsTop}
	grid(c, x, y)
	for _, value := range x.ticks {
		c.line(point{x.at(value), y.to - 8}, point{x.at(value), y.from}, pale, false)
	}
	for i, row := range rows {
		if len(row) < 8 {
			return "", fmt.Errorf("the row %q is too short", row[0])
		}
		at := worldsTop + rowHeight*(float64(i)+0.5)
		c.text(point{x.from - 12, at + 4}, "end", ink, row[0])
		if err := span(c, x, at-2.5, row[2], row[3], blue, false); err != nil {
			return "", err
		}
		if row[6] == "–" { // not measured
			continue
		}
		if err := span(c, x, at+2.5, row[6], row[7], orange, true); err != nil {
			return "", err
		}
	}
	key(c, point{worldsLeft, 52}, "this package: one poller for all", blue, false)
	key(c, point{worldsLeft + 300, 52}, "a poller for each task", orange, true)
	return c.document("How late the end of a task is noticed, in each world"), nil
}

// span draws a line from the mean, which has a mark, to the maximum.
func span(c *canvas, x axis, at float64, mean, latest, colour string, other bool) error {
	from, err := number(mean)
	if err != nil {
		return err
	}
	to, err := number(latest)
	if err != nil {
		return err
	}
	c.line(point{x.at(from), at}, point{x.at(to), at}, colour, other)
	c.line(point{x.at(to), at - 4}, point{x.at(to), at + 4}, colour, false)
	c.mark(point{x.at(from), at}, colour, other)
	return nil
}

// key explains a line of the chart.
func key(c *canvas, at point, name, colour string, other bool) {
	c.line(at, point{at.x + 40, at.y}, colour, other)
	c.line(point{at.x + 40, at.y - 4}, point{at.x + 40, at.y + 4}, colour, false)
	c.mark(at, colour, other)
	c.text(point{at.x + 50, at.y + 4}, "start", colour, name)
}
