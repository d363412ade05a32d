// Command rediscloudtest serves a fake of the Redis Cloud API over HTTP, for programs in any language to be tested against.
//
// It prints the environment to set, then serves until it is interrupted. The account is empty at first, and what is made in it is
// lost at the end. As the API does, it shows a change a moment late, and takes one change of a subscription at a time: -calm and -lenient
// turn this off, and other flags make it worse. Package [github.com/rediscloud-go/rediscloud/rediscloudtest] says what the fake does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "rediscloudtest:", err)
		os.Exit(1)
	}
}

// errUsage says that the flags are wrong, of which the user has been told.
var errUsage = errors.New("wrong usage")

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	addr, fake, err := parse(args, stderr)
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	url := "http://" + listener.Addr().String() + "/v1"
	fmt.Fprintf(stdout, "# serving a fake of the Redis Cloud API at %s\n", url)
	fmt.Fprintf(stdout, "export REDISCLOUD_URL=%s\n", url)
	fmt.Fprintf(stdout, "export REDISCLOUD_ACCESS_KEY=%s\n", fake.AccountKey())
	fmt.Fprintf(stdout, "export REDISCLOUD_SECRET_KEY=%s\n", fake.SecretKey())

	server := &http.Server{Handler: fake, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan error, 1)
	go func() {
		<-ctx.Done()
		grace, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		stopped <- server.Shutdown(grace)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// parse makes the server that the flags describe.
func parse(args []string, stderr io.Writer) (addr string, fake *rediscloudtest.Server, err error) {
	forms := map[string]rediscloudtest.LinkForm{
		"object": rediscloudtest.LinkObject,
		"array":  rediscloudtest.LinkArray,
		"mixed":  rediscloudtest.LinkMixed,
	}
	form := rediscloudtest.LinkMixed
	keys := rediscloudtest.New()

	flags := flag.NewFlagSet("rediscloudtest", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&addr, "addr", "127.0.0.1:8080", "`address` to listen on; port 0 takes any that is free")
	processing := flags.Duration("processing", time.Second, "how long a task is processed")
	provisioning := flags.Duration("provisioning", 2*time.Second, "how long a change is provisioned after its task")
	unknown := flags.Duration("unknown", 300*time.Millisecond, "how long a new task answers 404")
	rateLimit := flags.Int("rate-limit", 400, "`requests` accepted in any minute; 0 is no limit")
	parallel := flags.Int("parallel", 1, "`tasks` processed at the same time")
	accountKey := flags.String("account-key", keys.AccountKey(), "`key` of the account that is accepted")
	secretKey := flags.String("secret-key", keys.SecretKey(), "secret `key` that is accepted")
	world := worldFlags(flags)
	flags.Func("links", "`form` of the links in documents: object, array or mixed (default mixed)", func(value string) error {
		known, ok := forms[value]
		if !ok {
			return errors.New("want object, array or mixed")
		}
		form = known
		return nil
	})
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return "", nil, err
		}
		return "", nil, errUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "unexpected argument %q\n", flags.Arg(0))
		return "", nil, errUsage
	}
	return addr, rediscloudtest.New(append([]rediscloudtest.Option{
		rediscloudtest.WithProcessing(*processing),
		rediscloudtest.WithProvisioning(*provisioning),
		rediscloudtest.WithUnknownFor(*unknown),
		rediscloudtest.WithRateLimit(*rateLimit),
		rediscloudtest.WithParallelTasks(*parallel),
		rediscloudtest.WithLinkForm(form),
		rediscloudtest.WithKeys(*accountKey, *secretKey),
	}, world()...)...), nil
}
