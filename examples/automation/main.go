// Command automation brings a plan of Redis Cloud subscriptions and databases
// about, from a shell or in CI. It can be stopped at any moment, and goes on
// from there when it is run again. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const usage = `usage:
  automation apply PLAN [flags]      create what the plan has and the account hasn't
  automation tasks list [flags]      the account's tasks, the latest change first
  automation tasks get ID [flags]    a task as it is now
  automation tasks wait ID... [flags]

flags:
`

// Exit codes.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRunning = 3 // a time-out or an interrupt; run it again to go on
	exitUnknown = 4 // something may or may not have been submitted
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// settings are what the flags say.
type settings struct {
	json, dryRun, fake bool
	timeout, settle    time.Duration
	state              string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, args, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case errors.Is(err, errFlags):
		return exitUsage
	}
	if err == nil {
		if s.timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, s.timeout)
			defer cancel()
		}
		err = command(ctx, s, args, stdout, stderr)
	}
	for _, err := range split(err) {
		fmt.Fprintln(stderr, "automation:", plain(err.Error()))
		if hint := advice(ctx, err); hint != "" {
			fmt.Fprintln(stderr, "  what to do:", plain(hint))
		}
	}
	return exitCode(ctx, err)
}

// errFlags says that the flags are wrong, of which the user has been told.
var errFlags = errors.New("wrong flags")

// parse reads the flags, which may stand before and after the arguments.
func parse(args []string, stderr io.Writer) (s settings, rest []string, err error) {
	flags := flag.NewFlagSet("automation", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.BoolVar(&s.json, "json", false, "write JSON lines on a terminal too")
	flags.BoolVar(&s.dryRun, "dry-run", false, "create nothing: tell what would be created, and its price")
	flags.BoolVar(&s.fake, "fake", false, "run against an embedded fake of the API, which costs nothing and needs no keys")
	flags.DurationVar(&s.timeout, "timeout", 0, "leave with exit code 3 after this `time`; 0 is never")
	flags.DurationVar(&s.settle, "settle", 10*time.Second, "for how long a submission of unknown outcome is looked for")
	flags.StringVar(&s.state, "state", "", "`file` that keeps what has been submitted (default PLAN.state.json)")
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return s, nil, err
			}
			return s, nil, errFlags
		}
		args = flags.Args()
		if len(args) == 0 {
			break
		}
		rest, args = append(rest, args[0]), args[1:]
	}
	if s.timeout < 0 || s.settle < 0 {
		return s, nil, usageError("-timeout and -settle can't be negative")
	}
	if s.fake && s.state != "" {
		return s, nil, usageError("-state has no use with -fake: the fake is gone when the command ends")
	}
	return s, rest, nil
}

func command(ctx context.Context, s settings, args []string, stdout, stderr io.Writer) error {
	name := ""
	if len(args) > 0 {
		name, args = args[0], args[1:]
	}
	if name == "tasks" && len(args) > 0 {
		name, args = "tasks "+args[0], args[1:]
	}
	var do func(*rediscloud.Client) error
	switch {
	case name == "apply" && len(args) == 1:
		p, err := readPlan(args[0])
		if err != nil {
			return err
		}
		do = func(client *rediscloud.Client) error { return applyPlan(ctx, client, s, p, stdout) }
	case name == "tasks list" && len(args) == 0:
		do = func(client *rediscloud.Client) error { return listTasks(ctx, client, s, stdout) }
	case name == "tasks get" && len(args) == 1:
		do = func(client *rediscloud.Client) error { return getTask(ctx, client, s, args[0], stdout) }
	case name == "tasks wait" && len(args) > 0:
		do = func(client *rediscloud.Client) error { return waitForTasks(ctx, client, s, args, stdout) }
	default:
		return usageError("want apply PLAN, tasks list, tasks get ID or tasks wait ID...; -h shows the flags")
	}
	client, err := connect(s, stderr)
	if err != nil {
		return err
	}
	return do(client)
}

// connect returns a client of the API, or of a fake if that is asked for. It
// doesn't fall back to the fake: a CI job without its keys must not succeed.
func connect(s settings, stderr io.Writer) (*rediscloud.Client, error) {
	if s.fake {
		fmt.Fprintln(stderr, "this runs against the embedded fake, which costs nothing and keeps nothing")
		fake := rediscloudtest.New(rediscloudtest.WithProcessing(2*time.Second), rediscloudtest.WithProvisioning(4*time.Second))
		return rediscloud.NewClient(
			rediscloud.WithBaseURL(fake.URL()),
			rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
			rediscloud.WithHTTPClient(fake.Client()))
	}
	if os.Getenv(rediscloud.EnvAccountKey) == "" && os.Getenv(rediscloud.EnvSecretKey) == "" {
		return nil, usageError("set %s and %s, or try it out with -fake", rediscloud.EnvAccountKey, rediscloud.EnvSecretKey)
	}
	client, err := rediscloud.NewClient(rediscloud.WithUserAgent("rediscloud-automation"))
	if err != nil {
		return nil, usageError("%w", err)
	}
	return client, nil
}

// baseURL is where the client of connect sends its requests.
func baseURL() string {
	if url := os.Getenv(rediscloud.EnvBaseURL); url != "" {
		return strings.TrimRight(url, "/")
	}
	return rediscloud.DefaultBaseURL
}
