package main

import (
	"fmt"
	"strconv"
	"strings"
)

// table returns the cells of the table between the markers with its name in a
// page, without the header.
func table(page, name string) ([][]string, error) {
	_, rest, begins := strings.Cut(page, "<!-- "+name+" -->\n")
	body, _, ends := strings.Cut(rest, "<!-- end of "+name+" -->")
	lines := strings.Split(strings.TrimSpace(body), "\n")
	if !begins || !ends || len(lines) < 3 {
		return nil, fmt.Errorf("there is no table %s", name)
	}
	var rows [][]string
	for _, line := range lines[2:] {
		cells := strings.Split(strings.Trim(line, "| "), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows, nil
}

// column returns a column of a table as points over another one.
func column(rows [][]string, x, y int) ([]point, error) {
	var points []point
	for _, row := range rows {
		if len(row) <= max(x, y) {
			return nil, fmt.Errorf("the row %q is too short", row[0])
		}
		at, err := number(row[x])
		if err != nil {
			return nil, err
		}
		value, err := number(row[y])
		if err != nil {
			return nil, err
		}
		points = append(points, point{at, value})
	}
	return points, nil
}

// number reads a cell such as "0.92" or "1.5 s".
func number(cell string) (float64, error) {
	n, err := strconv.ParseFloat(strings.TrimSuffix(cell, " s"), 64)
	if err != nil || n <= 0 {
		return 0, fmt.Errorf("%q is not a positive number", cell)
	}
	return n, nil
}
