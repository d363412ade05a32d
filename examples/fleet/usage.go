package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
)

// usage is what -h prints.
var usage = func() string {
	var text bytes.Buffer
	text.WriteString(`usage:
  fleet                            the demo, on this machine, without an account
  fleet work [flags]               a worker; start as many as you like
  fleet add SUBSCRIPTION NAME...   queue databases to create
  fleet show SUBSCRIPTION NAME...  show their state

environment: REDIS_URL, REDISCLOUD_ACCESS_KEY, REDISCLOUD_SECRET_KEY

flags of work:
`)
	flags := new(workSettings).flags()
	flags.SetOutput(&text)
	flags.PrintDefaults()
	return text.String()
}()

// A usageError is a mistake in the command line or the environment.
type usageError struct{ error }

// parse parses flags and returns the arguments after them.
func parse(flags *flag.FlagSet, args []string) (rest []string, err error) {
	flags.SetOutput(io.Discard) // run reports what is wrong, once
	flags.Usage = func() {}
	err = flags.Parse(args)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		err = usageError{err}
	}
	return flags.Args(), err
}

// noMore is parse for commands that take only flags.
func noMore(flags *flag.FlagSet, args []string) error {
	rest, err := parse(flags, args)
	if err == nil && len(rest) > 0 {
		err = usageError{fmt.Errorf("unexpected argument %q", rest[0])}
	}
	return err
}

// meant names the command that was probably meant.
func meant(name string, commands ...string) string {
	for _, command := range commands {
		if len(name) <= len(command)+2 && distance(name, command) <= 2 {
			return fmt.Sprintf("; did you mean %q?", command)
		}
	}
	return "; the commands are work, add and show"
}

// distance is how many letters must be changed, added or left out.
func distance(a, b string) int {
	switch {
	case a == "" || b == "":
		return len(a) + len(b)
	case a[0] == b[0]:
		return distance(a[1:], b[1:])
	}
	return 1 + min(distance(a[1:], b), distance(a, b[1:]), distance(a[1:], b[1:]))
}
