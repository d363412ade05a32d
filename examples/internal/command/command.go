// Package command contains what the commands among the examples share: signals,
// checked flags, a client of the API or of the fake, a question, and a display
// of progress.
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

// Streams are what a command reads from and writes to.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// A Run is a command. args are the arguments after its name; ctx ends at an
// interrupt.
type Run func(ctx context.Context, args []string, std Streams) error

// Main runs a command and ends the process with the code of [Exit]. The first
// interrupt ends the context of the command, the second one the process.
func Main(name string, run Run) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	std := Streams{os.Stdin, os.Stdout, os.Stderr}
	os.Exit(Exit(name, run(ctx, os.Args[1:], std), std.Err))
}

// Exit prints an error, unless it has been printed already, and returns the
// exit code: 0 on success and for -h, 2 for wrong usage, 1 otherwise.
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

// ErrUsage means wrong usage that has already been reported to the user.
var ErrUsage = errors.New("wrong usage")

// Flags returns an empty flag set for the example of this name.
func Flags(name string, stderr io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintf(stderr, "usage: go run ./examples/%s [flags]\n", name)
		flags.PrintDefaults()
	}
	return flags
}

// Parse parses the flags. The error is [flag.ErrHelp] or [ErrUsage]; the latter
// also for an argument that isn't a flag.
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

// Misused prints what is wrong and the usage, and returns [ErrUsage].
func Misused(flags *flag.FlagSet, format string, args ...any) error {
	fmt.Fprintf(flags.Output(), format+"\n", args...)
	flags.Usage()
	return ErrUsage
}

// WithKeys reports whether the environment has keys, or at least one of them.
func WithKeys() bool {
	return os.Getenv(rediscloud.EnvAccountKey) != "" || os.Getenv(rediscloud.EnvSecretKey) != ""
}

// Connect returns a client of the API if the environment has keys. Otherwise it
// returns a client of the fake, and says so.
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

// Confirm asks a question. It returns an error unless the answer is y or yes
// and comes before ctx ends.
func Confirm(ctx context.Context, question string, in io.Reader, out io.Writer) error {
	fmt.Fprint(out, question, " Continue? [y/N] ")
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
	return errors.New("stopped; nothing was done (-yes continues without asking)")
}
