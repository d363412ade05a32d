package main

import "slices"

// A series is a line of a chart.
type series struct {
	name   string
	colour string
	other  bool // not ours: dashed, with square marks
	points []point
}

// A lineChart shows values over the number of tasks.
type lineChart struct {
	title string
	y     axis
	lines []series
	limit float64 // a level that has a name; 0 for none
	named string
}

const (
	chartWidth, chartHeight = 860, 400
	left, right             = 70.0, 630.0 // of the plot; right of it are the names of the lines
	top, bottom             = 48.0, 340.0
	lineGap                 = 17.0 // between two names
)

func pollsChart(rows [][]string) (string, error) {
	ours, err := column(rows, 0, 1)
	if err != nil {
		return "", err
	}
	each, err := column(rows, 0, 4)
	if err != nil {
		return "", err
	}
	return lineChart{
		title: "Polls a second, refused ones included",
		y:     axis{name: "polls a second", min: 0, max: 10, ticks: []float64{0, 2, 4, 6, 8, 10}},
		lines: []series{
			{"this package: one poller for all", blue, false, ours},
			{"a poller for each task", orange, true, each},
		},
		limit: 400.0 / 60, named: "all that the API allows: 400 a minute",
	}.draw(), nil
}

func lateChart(rows [][]string) (string, error) {
	chart := lineChart{
		title: "How late the end of a task is noticed",
		y:     axis{name: "seconds late", min: 0.3, max: 200, log: true, ticks: []float64{0.3, 1, 3, 10, 30, 100}},
	}
	for _, line := range []struct {
		column int
		series series
	}{
		{2, series{name: "this package, mean", colour: blue}},
		{3, series{name: "this package, latest", colour: blue}},
		{5, series{name: "a poller for each task, mean", colour: orange, other: true}},
		{6, series{name: "a poller for each task, latest", colour: orange, other: true}},
	} {
		points, err := column(rows, 0, line.column)
		if err != nil {
			return "", err
		}
		line.series.points = points
		chart.lines = append(chart.lines, line.series)
	}
	return chart.draw(), nil
}

func (l lineChart) draw() string {
	c := &canvas{width: chartWidth, height: chartHeight}
	x := axis{name: "tasks waited for at once", log: true, from: left, to: right}
	for _, p := range l.lines[0].points {
		x.ticks = append(x.ticks, p.x)
	}
	x.min, x.max = slices.Min(x.ticks), slices.Max(x.ticks)
	y := l.y
	y.from, y.to = bottom, top
	grid(c, x, y)
	if l.limit > 0 {
		c.line(point{left, y.at(l.limit)}, point{right, y.at(l.limit)}, grey, false)
		c.text(point{left + 8, y.at(l.limit) - 6}, "start", grey, l.named)
	}
	for _, line := range l.lines {
		line.draw(c, x, y)
	}
	l.names(c, x, y)
	return c.document(l.title)
}

// grid draws both axes, with their names.
func grid(c *canvas, x, y axis) {
	for _, value := range y.ticks {
		c.line(point{x.from, y.at(value)}, point{x.to, y.at(value)}, pale, false)
		c.text(point{x.from - 8, y.at(value) + 4}, "end", ink, tick(value))
	}
	for _, value := range x.ticks {
		c.line(point{x.at(value), y.from}, point{x.at(value), y.from + 5}, grey, false)
		c.text(point{x.at(value), y.from + 20}, "middle", ink, tick(value))
	}
	c.line(point{x.from, y.from}, point{x.to, y.from}, grey, false)
	c.text(point{(x.from + x.to) / 2, y.from + 42}, "middle", ink, x.name)
	c.add(`<text x="20" y="%[1]s" text-anchor="middle" fill="%[2]s" transform="rotate(-90 20 %[1]s)">%[3]s</text>`, px((y.from+y.to)/2), ink, y.name)
}

func (s series) draw(c *canvas, x, y axis) {
	path := ""
	for _, p := range s.points {
		path += px(x.at(p.x)) + "," + px(y.at(p.y)) + " "
	}
	c.add(`<polyline points="%s" fill="none" stroke="%s" stroke-width="2"%s/>`, path[:len(path)-1], s.colour, dashes(s.other))
	for _, p := range s.points {
		c.mark(point{x.at(p.x), y.at(p.y)}, s.colour, s.other)
	}
}

// names puts the name of each line at its end, without overlaps.
func (l lineChart) names(c *canvas, x, y axis) {
	type name struct {
		series
		at float64
	}
	var names []name
	for _, line := range l.lines {
		last := line.points[len(line.points)-1]
		names = append(names, name{line, y.at(last.y) + 4})
	}
	slices.SortFunc(names, func(a, b name) int { return int(a.at - b.at) })
	for i, n := range names {
		if i > 0 && n.at < names[i-1].at+lineGap {
			names[i].at = names[i-1].at + lineGap
		}
		c.text(point{x.to + 12, names[i].at}, "start", n.colour, n.name)
	}
}
