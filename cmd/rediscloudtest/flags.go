package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const help = `Usage: rediscloudtest [flags]

Serves a fake of the Redis Cloud API over HTTP, for programs in any language to be tested against. It prints the environment to
set, then serves until it is interrupted. It is held in memory: what is made in it is forgotten at the end.

A request to the API carries the two keys that are printed, in the headers x-api-key and x-api-secret-key. Links in answers lead back
to the fake. Requests to /_fake need no keys, and do what no request to the API can: accept a peering, have the next task fail, move
the clock, list what was asked, forget everything. GET /_fake lists them, and docs/fake.md describes them.

As the API does, it takes one change of a subscription at a time, unless -lenient is set, and shows changes with a delay, unless
-calm is set.

Flags:
`

var linkForms = map[string]rediscloudtest.LinkForm{
	"object": rediscloudtest.LinkObject,
	"array":  rediscloudtest.LinkArray,
	"mixed":  rediscloudtest.LinkMixed,
}

// parse creates the server that the flags describe.
func parse(args []string, stderr io.Writer) (addr string, fake *rediscloudtest.Server, err error) {
	form, keys := rediscloudtest.LinkMixed, rediscloudtest.New()

	flags := flag.NewFlagSet("rediscloudtest", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, help)
		flags.PrintDefaults()
	}
	flags.StringVar(&addr, "addr", "127.0.0.1:8080", "`address` to listen on; port 0 takes any that is free")
	seedFile := flags.String("seed-file", "", "`file` with initial resources, in JSON as for POST /_fake/seed")
	processing := flags.Duration("processing", time.Second, "how long a task is processed")
	provisioning := flags.Duration("provisioning", 2*time.Second, "how long a change is provisioned after its task")
	unknown := flags.Duration("unknown", 300*time.Millisecond, "how long reading a new task returns 404")
	rateLimit := flags.Int("rate-limit", 400, "`requests` accepted in any minute; 0 for no limit")
	parallel := flags.Int("parallel", 1, "`tasks` processed at the same time")
	accountKey := flags.String("account-key", keys.AccountKey(), "account `key` to accept")
	secretKey := flags.String("secret-key", keys.SecretKey(), "secret `key` to accept")
	linkHost := flags.String("link-host", "", "base `URL` of the links in documents (default that of the request)")
	flags.Func("links", "`form` of the links in documents: object, array or mixed (default mixed)", func(value string) error {
		known, ok := linkForms[value]
		if !ok {
			return errors.New("want object, array or mixed")
		}
		form = known
		return nil
	})
	world := worldFlags(flags)
	documentForms := flags.Bool("document-forms", false, "write fields as the API's document has them where working clients want another form")
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
	opts := []rediscloudtest.Option{
		rediscloudtest.WithProcessing(*processing),
		rediscloudtest.WithProvisioning(*provisioning),
		rediscloudtest.WithUnknownFor(*unknown),
		rediscloudtest.WithRateLimit(*rateLimit),
		rediscloudtest.WithParallelTasks(*parallel),
		rediscloudtest.WithLinkForm(form),
		rediscloudtest.WithLinkHost(*linkHost),
		rediscloudtest.WithKeys(*accountKey, *secretKey),
	}
	if *documentForms {
		opts = append(opts, rediscloudtest.WithDocumentForms())
	}
	fake = rediscloudtest.New(append(opts, world()...)...)
	return addr, fake, seed(fake, *seedFile)
}

func seed(fake *rediscloudtest.Server, path string) error {
	if path == "" {
		return nil
	}
	document, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return fake.Seed(bytes.NewReader(document))
}
