// Command charts draws the pictures of docs/waiting.md from its tables, which
// tests generate:
//
//	go test -run TestAdversity . -args -adversity.docs docs/waiting.md -adversity.naive
//	go run ./internal/cmd/charts
//
// To view them as PNG: rsvg-convert -o polls.png docs/waiting-polls.svg
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

const page = "docs/waiting.md"

func main() {
	if err := run(page, filepath.Dir(page)); err != nil {
		fmt.Fprintln(os.Stderr, "charts:", err)
		os.Exit(1)
	}
}

func run(page, dir string) error {
	pictures, err := draw(page)
	if err != nil {
		return err
	}
	for name, picture := range pictures {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(picture), 0o644); err != nil { //nolint:gosec // it is published
			return err
		}
	}
	return nil
}

// draw returns the pictures of a page by file name.
func draw(page string) (map[string]string, error) {
	text, err := os.ReadFile(page)
	if err != nil {
		return nil, err
	}
	scale, err := table(string(text), "scale")
	if err != nil {
		return nil, err
	}
	worlds, err := table(string(text), "adversity")
	if err != nil {
		return nil, err
	}
	polls, err := pollsChart(scale)
	if err != nil {
		return nil, err
	}
	late, err := lateChart(scale)
	if err != nil {
		return nil, err
	}
	others, err := worldsChart(worlds)
	if err != nil {
		return nil, err
	}
	return map[string]string{"waiting-polls.svg": polls, "waiting-late.svg": late, "waiting-worlds.svg": others}, nil
}
