// Package command holds what the commands among the examples share: signals,
// flags that are checked, a client of the API or of the fake, a question, and a
// display of progress.
package command

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// Streams are where a command reads from and writes to.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// A Run is a command: args are what follows its name. ctx ends at an interrupt.
type Run func(ctx context.Context, args []string, std Streams) error

// Main runs a command and ends the process, with the code of Exit. The first
// interrupt ends the context of the command, the second one the process.
func Main(name string, run Run) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	std := Streams{os.Stdin, os.Stdout, os.Stderr}
	os.Exit(Exit(name, run(ctx, os.Args[1:], std), std.Err))
}

// Exit prints an error, unless the user has been told already, and returns the
// exit code: 0 also for -h, 2 for wrong use, or else 1.
func Exit(name string, err error, stderr io.Writer) int {
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.Is(err, ErrUsage):
		return 2
	}
	fmt.Fprintf(stderr, "%s: %v\n", name, err)
	return 1
}

// ErrUsage says that the command was used wrongly, of which the user has been
// told.
var ErrUsage = errors.New("wrong usage")

// Flags returns an empty set of flags for the example of a name.
func Flags(name string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: go run ./examples/%s [flags]\n", name)
		flags.PrintDefaults()
	}
	return flags
}

// Parse reads the flags. The error is flag.ErrHelp or ErrUsage; the latter also
// for an argument that is no flag.
func Parse(flags *flag.FlagSet, args []string) error {
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return err
	case err != nil:
		return ErrUsage
	case flags.NArg() > 0:
		return Misused(flags, "unexpected argument %q", flags.Arg(0))
	}
	return nil
}

// Misused tells the user what is wrong, and how it is done. It returns ErrUsage.
func Misused(flags *flag.FlagSet, format string, args ...any) error {
	fmt.Fprintf(flags.Output(), format+"\n", args...)
	flags.Usage()
	return ErrUsage
}

// WithKeys reports whether there are keys in the environment, or one of them.
func WithKeys() bool {
	return os.Getenv(rediscloud.EnvAccountKey) != "" || os.Getenv(rediscloud.EnvSecretKey) != ""
}

// Connect returns a client of the API if there are keys in the environment, or
// else of the fake, and then says so.
func Connect(name string, fake func() *rediscloudtest.Server, notice io.Writer) (*rediscloud.Client, error) {
	if WithKeys() {
		return rediscloud.NewClient(rediscloud.WithUserAgent("rediscloud-" + name))
	}
	fmt.Fprintf(notice, "%s is not set: this runs against the embedded fake, and costs nothing.\n\n", rediscloud.EnvAccountKey)
	server := fake()
	return rediscloud.NewClient(
		rediscloud.WithBaseURL(server.URL()),
		rediscloud.WithCredentials(server.AccountKey(), server.SecretKey()),
		rediscloud.WithHTTPClient(server.Client()))
}

// Confirm asks a question whose answer is y or yes, and returns an error if it
// is anything else, or if ctx ends before it is given.
func Confirm(ctx context.Context, question string, in io.Reader, out io.Writer) error {
	fmt.Fprint(out, question, " Go on? [y/N] ")
	answers := make(chan string, 1)
	go func() { // reading can't be interrupted
		answer, _ := bufio.NewReader(in).ReadString('\n')
		answers <- strings.ToLower(strings.TrimSpace(answer))
	}()
	select {
	case answer := <-answers:
		if answer == "y" || answer == "yes" {
			return nil
		}
	case <-ctx.Done():
		fmt.Fprintln(out)
	}
	return errors.New("stopped; nothing was done (-yes goes on without asking)")
}
