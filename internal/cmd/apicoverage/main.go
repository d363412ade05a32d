// Command apicoverage shows the maintainers of this module how much of the API
// its SDK covers, and what changes when the API does.
//
//	go run ./internal/cmd/apicoverage [-check | -write] [document]
//
// It calls every method of every service against a transport that records and
// responds, and reports which operations, request fields and response fields
// the SDK lacks, and which of its own the API doesn't know. A file contains the
// facts of the API. A document, given as the path or URL of an OpenAPI
// document, replaces what the file has from such a document.
//
// With -check, the exit status is 1 if the document and the file disagree, or
// if the SDK lacks something. With -write, the file is updated.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/rediscloud-go/rediscloud/internal/coverage"
)

func main() {
	err := run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case errors.Is(err, errCheck):
		os.Exit(1)
	case err != nil:
		fmt.Fprintln(os.Stderr, "apicoverage:", err)
		os.Exit(2)
	}
}

var (
	errUsage = errors.New("wrong usage") // already reported to the user
	errCheck = errors.New("the check has found something")
)

// The command-line arguments.
type arguments struct {
	check, write   bool
	file, document string
}

func parse(args []string, stderr io.Writer) (c arguments, err error) {
	flags := flag.NewFlagSet("apicoverage", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&c.check, "check", false, "fail if the document and the facts disagree, or if the SDK lacks something")
	flags.BoolVar(&c.write, "write", false, "bring the facts up to date with the document")
	flags.StringVar(&c.file, "facts", "testdata/api_facts.json", "the `file` of facts")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return c, err
	case err != nil:
		return c, errUsage
	}
	c.document = flags.Arg(0)
	if flags.NArg() > 1 || c.check && c.write || c.write && c.document == "" {
		fmt.Fprintln(stderr, "apicoverage: want [-check | -write] and at most one document, with -write exactly one")
		return c, errUsage
	}
	return c, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := parse(args, stderr)
	if err != nil {
		return err
	}
	facts, differences, err := readFacts(ctx, c.file, c.document)
	if err != nil {
		return err
	}
	if c.write {
		if err := writeFacts(c.file, facts); err != nil {
			return err
		}
	}
	for _, difference := range differences {
		fmt.Fprintln(stdout, difference)
	}
	report, err := coverage.MeasureSDK(ctx, facts)
	if err != nil {
		return err
	}
	report.Print(stdout)
	undocumented, err := report.UndocumentedCalls(".", facts)
	if err != nil {
		return err
	}
	for _, line := range undocumented {
		fmt.Fprintln(stdout, line)
	}
	if c.check && (len(differences)+len(undocumented) > 0 || !report.Complete()) {
		return errCheck
	}
	return nil
}

// readFacts returns the facts of a file as the document has them, and how they
// differ. Without a document they are those of the file.
func readFacts(ctx context.Context, file, document string) (facts *coverage.Facts, differences []string, err error) {
	old, err := coverage.Load(file)
	if err != nil || document == "" {
		return old, nil, err
	}
	data, err := coverage.ReadDocument(ctx, document)
	if err != nil {
		return nil, nil, err
	}
	facts, err = coverage.FromDocument(data, old)
	if err != nil {
		return nil, nil, err
	}
	return facts, coverage.Differences(old, facts), nil
}

func writeFacts(file string, facts *coverage.Facts) error {
	text, err := facts.Encode()
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}
