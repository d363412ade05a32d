// Command release turns the "Unreleased" part of CHANGELOG.md into a release.
//
//	release -date 2026-11-25 0.1.0    dates the entries
//	release -notes 0.1.0              prints them
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	flags.SetOutput(stderr)
	file := flags.String("changelog", "CHANGELOG.md", "the `file`")
	date := flags.String("date", time.Now().UTC().Format(time.DateOnly), "the `day` of the release")
	notes := flags.Bool("notes", false, "print the entries of a release, and change nothing")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() != 1 {
		return errors.New("want one version, such as 0.1.0")
	}
	version := flags.Arg(0)
	text, err := os.ReadFile(*file)
	if err != nil {
		return err
	}
	if *notes {
		entries, err := section(string(text), version)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(stdout, entries)
		return err
	}
	changed, err := release(string(text), version, *date)
	if err != nil {
		return err
	}
	return os.WriteFile(*file, []byte(changed), 0o600) // the mode of a file that exists stays
}

const unreleased = "## Unreleased\n"

// headings finds the releases: "## 0.1.0 - 2026-11-25".
var headings = regexp.MustCompile(`(?m)^## (\d\S*) - .*$`)

var versions = regexp.MustCompile(`^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})$`)

// release gives the unreleased entries the version and the date.
func release(text, version, date string) (string, error) {
	if !versions.MatchString(version) {
		return "", fmt.Errorf("%q is not a version such as 0.1.0", version)
	}
	if _, err := time.Parse(time.DateOnly, date); err != nil {
		return "", fmt.Errorf("%q is not a date such as 2026-11-25", date)
	}
	for _, heading := range headings.FindAllStringSubmatch(text, -1) {
		if !less(heading[1], version) {
			return "", fmt.Errorf("%s is not above %s, which is released", version, heading[1])
		}
	}
	if strings.Count("\n"+text, "\n"+unreleased) != 1 {
		return "", errors.New(`want one heading "## Unreleased"`)
	}
	before, after, _ := strings.Cut(text, unreleased)
	entries, older := cutHeading(after)
	if strings.TrimSpace(entries) == "" {
		return "", errors.New("nothing is unreleased")
	}
	return before + unreleased + "\n## " + version + " - " + date + "\n" + entries + older, nil
}

// section returns the entries of a release.
func section(text, version string) (string, error) {
	for _, at := range headings.FindAllStringSubmatchIndex(text, -1) {
		if text[at[2]:at[3]] == version {
			entries, _ := cutHeading(text[at[1]:])
			return strings.TrimSpace(entries), nil
		}
	}
	return "", fmt.Errorf("%s is not in the changelog", version)
}

// cutHeading cuts a text before its first heading of a release.
func cutHeading(text string) (before, from string) {
	if i := strings.Index(text, "\n## "); i >= 0 {
		return text[:i+1], text[i+1:]
	}
	return text, ""
}

// less reports whether a version is below another one. What isn't a version is.
func less(a, b string) bool {
	return slices.Compare(numbers(a), numbers(b)) < 0
}

func numbers(version string) (all []int) {
	parts := versions.FindStringSubmatch(version)
	for i := 1; i < len(parts); i++ {
		n, _ := strconv.Atoi(parts[i])
		all = append(all, n)
	}
	return all
}
