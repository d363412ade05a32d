// Command automation applies a plan of Redis Cloud subscriptions and databases,
// from a shell or in CI. It can be stopped at any moment, and continues from
// there when it is run again. See README.md.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const usage = `usage:
  automation apply PLAN [flags]      create what the plan has and the account hasn't
  automation tasks list [flags]      the account's tasks, the latest change first
  automation tasks get ID [flags]    the state of a task
  automation tasks wait ID... [flags]

flags:
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// settings holds the values of the flags.
type settings struct {
	json, dryRun, fake, update, strict bool
	timeout, settle                    time.Duration
	state                              string
}

// flagSet returns the flags, which set s.
func (s *settings) flagSet() *flag.FlagSet {
	flags := flag.NewFlagSet("automation", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&s.json, "json", false, "write JSON lines even on a terminal")
	flags.BoolVar(&s.dryRun, "dry-run", false, "create nothing: report what would be created, and its price (apply)")
	flags.BoolVar(&s.update, "update", false, "change what differs from the plan (apply)")
	flags.BoolVar(&s.strict, "strict", false, "fail if something differs from the plan (apply)")
	flags.BoolVar(&s.fake, "fake", false, "run against an embedded fake of the API, which costs nothing and needs no keys")
	flags.DurationVar(&s.timeout, "timeout", 0, "exit with code 3 after this `time`; 0 means never")
	flags.DurationVar(&s.settle, "settle", 10*time.Second, "the `time` within which the API lists what an earlier run has submitted (apply)")
	flags.StringVar(&s.state, "state", "", "`directory` that keeps what has been submitted, by default PLAN.state (apply)")
	return flags
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s := new(settings)
	flags := s.flagSet()
	cmd, err := parse(s, flags, args)
	help := errors.Is(err, flag.ErrHelp)
	if help || err != nil {
		out := stdout
		if !help {
			out = stderr
			fmt.Fprintln(stderr, "automation:", plain(err.Error()))
		}
		fmt.Fprint(out, usage)
		flags.SetOutput(out)
		flags.PrintDefaults()
		if help {
			return exitDone
		}
		return exitUsage
	}
	if s.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.timeout)
		defer cancel()
	}
	err = cmd.do(ctx, *s, stdout, stderr)
	for _, err := range split(err) {
		fmt.Fprintln(stderr, "automation:", plain(err.Error()))
		if hint := advice(ctx, err); hint != "" {
			fmt.Fprintln(stderr, "  what to do:", plain(hint))
		}
	}
	return exitCode(ctx, err)
}

// A command is the name of a command, and its arguments.
type command struct {
	name string
	args []string
}

// The commands, and their number of arguments.
var commands = map[string]struct{ least, most int }{
	"apply": {1, 1}, "tasks list": {0, 0}, "tasks get": {1, 1}, "tasks wait": {1, 1000},
}

// parse parses a command line. Flags may come before and after arguments.
func parse(s *settings, flags *flag.FlagSet, args []string) (cmd command, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return cmd, err
		}
		if flags.NArg() == 0 {
			break
		}
		cmd.args, args = append(cmd.args, flags.Arg(0)), flags.Args()[1:]
	}
	words := 1
	if len(cmd.args) > 0 && cmd.args[0] == "tasks" {
		words = 2
	}
	words = min(words, len(cmd.args))
	cmd.name, cmd.args = strings.Join(cmd.args[:words], " "), cmd.args[words:]
	return cmd, cmp.Or(cmd.check(), s.check(cmd, flags))
}

func (c command) check() error {
	takes, known := commands[c.name]
	switch {
	case c.name == "":
		return errors.New("missing command")
	case !known:
		return fmt.Errorf("there is no command %q; the nearest is %q", c.name, nearest(c.name))
	case len(c.args) < takes.least:
		return fmt.Errorf("%s needs an argument", c.name)
	case len(c.args) > takes.most:
		return fmt.Errorf("unexpected argument %q of %s", c.args[takes.most], c.name)
	}
	return nil
}

func (s *settings) check(cmd command, flags *flag.FlagSet) (err error) {
	switch {
	case s.timeout < 0 || s.settle < 0:
		return errors.New("-timeout and -settle can't be negative")
	case s.fake && s.state != "":
		return errors.New("-state can't be combined with -fake: the fake is gone when the command ends")
	case s.update && (s.strict || s.dryRun):
		return errors.New("-update can't be combined with -strict or -dry-run")
	}
	flags.Visit(func(f *flag.Flag) {
		if cmd.name != "apply" && strings.HasSuffix(f.Usage, "(apply)") {
			err = fmt.Errorf("%s has no flag -%s", cmd.name, f.Name)
		}
	})
	return err
}

// nearest returns the command that is spelled most alike.
func nearest(name string) (best string) {
	least := 1000
	for command := range commands {
		if d := distance(name, command); d < least || d == least && command < best {
			best, least = command, d
		}
	}
	return best
}

// distance counts the letters to insert, delete or replace.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := last
			if a[i] != b[j] {
				replaced++
			}
			last, row[j+1] = row[j+1], min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

func (c command) do(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	var p *plan
	if c.name == "apply" {
		var err error
		if p, err = readPlan(c.args[0]); err != nil {
			return err
		}
	}
	client, err := connect(s, stderr)
	if err != nil {
		return err
	}
	switch c.name {
	case "apply":
		return applyPlan(ctx, client, s, p, stdout)
	case "tasks list":
		return listTasks(ctx, client, s, stdout)
	case "tasks get":
		return getTask(ctx, client, s, c.args[0], stdout)
	}
	return waitForTasks(ctx, client, s, slices.Compact(c.args), stdout)
}

// connect returns a client of the API, or of a fake if requested. It never
// falls back to the fake: a CI job without its keys must not succeed.
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
		return nil, mistake{fmt.Errorf("set %s and %s, or try it with -fake", rediscloud.EnvAccountKey, rediscloud.EnvSecretKey)}
	}
	client, err := rediscloud.NewClient(rediscloud.WithUserAgent("rediscloud-automation"))
	if err != nil {
		return nil, mistake{err}
	}
	return client, nil
}

// baseURL returns where the client of connect sends its requests.
func baseURL() string {
	if url := os.Getenv(rediscloud.EnvBaseURL); url != "" {
		return strings.TrimRight(url, "/")
	}
	return rediscloud.DefaultBaseURL
}
