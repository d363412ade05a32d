package conformance

import (
	"bufio"
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const recordings = "testdata/recorded"

// A plan is what the command line asks for.
type plan struct {
	live, free, spend, cleanup, yes, fast bool
	record                                string
	terminal                              func() (io.ReadWriteCloser, error)
}

var asked = plan{terminal: openTerminal}

func init() {
	flag.BoolVar(&asked.live, "live", false, "run the flows that read against the API, with keys and base URL from the environment")
	flag.BoolVar(&asked.free, "free", false, "with -live: and those that create what costs nothing")
	flag.BoolVar(&asked.spend, "spend", false, "with -live: and those that create what costs money")
	flag.BoolVar(&asked.cleanup, "cleanup", false, "remove all in the account whose name begins with "+namePrefix+", and run no flow")
	flag.BoolVar(&asked.yes, "yes", false, "don't ask before anything is created or removed")
	flag.BoolVar(&asked.fast, "fast", false, "believe what the API shows first, and keep no rate limit: for a server that is a fake")
	flag.StringVar(&asked.record, "record", "", "with -live: write what was seen to this `folder`, such as "+recordings)
}

// TestConformance runs the flows: against the fake, or as the flags say.
func TestConformance(t *testing.T) {
	if !asked.live && !asked.cleanup {
		if asked.free || asked.spend || asked.record != "" {
			t.Fatal("-free, -spend and -record need -live")
		}
		all, err := load(recordings)
		require.NoError(t, err)
		for _, difference := range check(fakeFlows(t), all) {
			t.Error(difference)
		}
		return
	}
	asked.run(t)
}

// check lists what the SDK can't read in recordings, and where they differ from
// what the fake has sent.
func check(fake *recorder, all []*recording) (differences []difference) {
	for _, rec := range all {
		differences = append(differences, undecoded(rec)...)
	}
	return append(differences, fake.differences(all)...)
}

// fakeFlows runs all flows against the fake with its defaults, and returns what
// it sent.
func fakeFlows(t *testing.T, opts ...rediscloudtest.Option) *recorder {
	r := &recorder{}
	for _, flow := range flows {
		t.Run(flow.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New(opts...)
				if flow.cost == nothingAtAll {
					furnish(fake)
				}
				client, err := rediscloud.NewClient(
					rediscloud.WithBaseURL(fake.URL()),
					rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
					rediscloud.WithHTTPClient(&http.Client{Transport: r.transport(fake.Transport())}),
				)
				require.NoError(t, err)
				flow.run(t, &session{client, r, t.Context(), newPrefix()})
			})
		})
	}
	return r
}

// furnish gives a fake what a real account may have.
func furnish(fake *rediscloudtest.Server) {
	sub := fake.AddSubscription("production")
	fake.AddDatabase(sub, "sessions")
	fake.AddEssentialsSubscription("staging", rediscloudtest.PlanStandard)
	fake.AddUser("Ann Example", "ann@company.test", "Viewer")
	fake.AddSessionLog("ann@company.test", "login")
}

func newPrefix() string { return namePrefix + strings.ToLower(rand.Text()[:8]) }

// run carries out the plan in the account of the environment.
func (p plan) run(t *testing.T, opts ...rediscloud.Option) {
	if (p.free || p.spend || p.record != "") && p.cleanup {
		t.Fatal("-cleanup can't be combined with other flags")
	}
	r := &recorder{}
	if p.fast {
		opts = append(opts, rediscloud.WithRateLimit(1<<20), rediscloud.WithWaitOptions(rediscloud.WithPollDelay(10*time.Millisecond, 100*time.Millisecond), rediscloud.WithSettling(0)))
	}
	client, err := rediscloud.NewClient(append(opts, rediscloud.WithHTTPClient(&http.Client{Transport: r.transport(http.DefaultTransport.(*http.Transport).Clone())}))...)
	require.NoError(t, err)
	ctx, cancel := p.context(t)
	defer cancel()
	s := &session{client, r, ctx, newPrefix()}
	if p.cleanup {
		p.cleanUp(t, s)
		return
	}
	if p.free || p.spend {
		p.ask(t, s.intention(t, p))
	}
	if p.record != "" {
		t.Cleanup(func() { assert.NoError(t, r.save(p.record)) })
	}
	for _, flow := range flows {
		if flow.cost == noMoney && !p.free || flow.cost == money && !p.spend {
			continue
		}
		t.Run(flow.name, func(t *testing.T) { flow.run(t, s) })
	}
}

// context ends at an interrupt, or early enough before the test timeout to
// clean up.
func (p plan) context(t *testing.T) (ctx context.Context, cancel func()) {
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	deadline, ok := t.Deadline()
	if !ok {
		return ctx, stop
	}
	ctx, release := context.WithDeadline(ctx, deadline.Add(-min(cleanUpTime, time.Until(deadline)/2)))
	return ctx, func() { release(); stop() }
}

// intention describes what is about to happen, and where.
func (s *session) intention(t *testing.T, p plan) string {
	account, err := s.client.Account.Get(s.ctx)
	require.NoError(t, err)
	what := ""
	if p.free {
		what += "\n  - a free Essentials subscription with a database, an ACL rule, role and user: they cost nothing"
	}
	if p.spend {
		what += "\n  - a Pro subscription with two databases of 0.1 GB: they COST MONEY while they exist"
	}
	return fmt.Sprintf("In account %d (%s, %s) this creates, and removes at the end:%s\nAll names begin with %s.", account.ID, account.Name, s.client, what, s.prefix)
}

// cleanUp removes what killed runs have left behind.
func (p plan) cleanUp(t *testing.T, s *session) {
	require.NoError(t, finishTasks(s.ctx, s.client))
	left, err := leftovers(s.ctx, s.client, namePrefix)
	require.NoError(t, err)
	if len(left) == 0 {
		t.Log("there is nothing to remove")
		return
	}
	question := fmt.Sprintf("This removes, at %s:", s.client)
	for _, l := range left {
		question += "\n  - " + l.String()
	}
	p.ask(t, question)
	require.NoError(t, sweep(s.ctx, s.client, namePrefix, t.Logf))
}

// ask returns only if the user says yes. A test doesn't have the standard input
// of the go command, so it opens the terminal itself.
func (p plan) ask(t *testing.T, what string) {
	if p.yes {
		t.Log(what)
		return
	}
	terminal, err := p.terminal()
	require.NoError(t, err, "there is no terminal to ask on: say -yes if you mean it\n%s", what)
	defer terminal.Close()
	_, err = fmt.Fprintf(terminal, "\n%s\nContinue? [y/N] ", what)
	require.NoError(t, err)
	answer, _ := bufio.NewReader(terminal).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
	default:
		t.Fatal("stopped: nothing is created or removed")
	}
}

func openTerminal() (io.ReadWriteCloser, error) {
	return os.OpenFile("/dev/tty", os.O_RDWR, 0)
}
