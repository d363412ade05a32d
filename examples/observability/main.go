// Command observability creates a database and prints what was traced and
// measured meanwhile. It runs against a fake of the API.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

const usage = `usage: observability

It creates a database against a fake of the API, which costs nothing, and prints
what was traced and measured. The only flag is -h.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run returns the exit code: 0 on success, 1 on failure, 2 if the command line
// is wrong.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, opts ...rediscloud.Option) int {
	flags := flag.NewFlagSet("observability", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "observability: %v\n\n%s", err, usage)
		return 2
	}
	if err := demo(ctx, stdout, stderr, opts...); err != nil {
		fmt.Fprintln(stderr, "observability:", err)
		return 1
	}
	return 0
}

func demo(ctx context.Context, out, progress io.Writer, opts ...rediscloud.Option) error {
	fmt.Fprint(out, "This runs against the embedded fake, and costs nothing.\n\n")
	// In a program these are the ones that everything else uses.
	spans := tracetest.NewInMemoryExporter()
	provider := trace.NewTracerProvider(trace.WithSyncer(spans))
	registry := prometheus.NewRegistry()
	metrics, err := NewMetrics(registry)
	if err != nil {
		return err
	}

	fake := rediscloudtest.New(rediscloudtest.WithRoundTrip(80 * time.Millisecond))
	client, err := rediscloud.NewClient(append([]rediscloud.Option{
		rediscloud.WithBaseURL(fake.URL()),
		rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
		// With a real client, the innermost transport is nil.
		rediscloud.WithHTTPClient(&http.Client{Transport: Tracing(metrics.Transport(fake.Transport()), provider)}),
	}, opts...)...)
	if err != nil {
		return err
	}
	if err := create(ctx, client, fake.AddSubscription("s"), provider, metrics, progress); err != nil {
		return err
	}
	printSpans(out, spans.GetSpans())
	fmt.Fprintln(out)
	return printMetrics(out, registry)
}

// create creates a database, within a span.
func create(ctx context.Context, client *rediscloud.Client, subscriptionID int, provider *trace.TracerProvider, metrics *Metrics, progress io.Writer) error {
	ctx, span := provider.Tracer("example").Start(ctx, "create a database")
	defer span.End()
	task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: "cache"})
	if err != nil {
		return err
	}
	_, err = task.WaitProvisioned(ctx, metrics.Wait(),
		rediscloud.OnUpdate(func(state *rediscloud.TaskState) { fmt.Fprintln(progress, "task", state.Status) }),
		rediscloud.OnProvisioning(func(p rediscloud.Provisioning) { fmt.Fprintln(progress, p.Kind, p.Status) }))
	return err
}

// printSpans prints each span under its parent.
func printSpans(out io.Writer, spans tracetest.SpanStubs) {
	var under func(parent oteltrace.SpanID, indent string)
	under = func(parent oteltrace.SpanID, indent string) {
		for _, span := range spans {
			if span.Parent.SpanID() == parent {
				fmt.Fprintf(out, "%s%s  %s\n", indent, span.Name, span.EndTime.Sub(span.StartTime).Round(time.Millisecond))
				under(span.SpanContext.SpanID(), indent+"    ")
			}
		}
	}
	under(oteltrace.SpanID{}, "")
}

// printMetrics prints the metrics as Prometheus scrapes them, without the
// buckets of histograms.
func printMetrics(out io.Writer, registry prometheus.Gatherer) error {
	families, err := registry.Gather()
	if err != nil {
		return err
	}
	var text strings.Builder
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&text, family); err != nil {
			return err
		}
	}
	for line := range strings.Lines(text.String()) {
		if !strings.Contains(line, "_bucket{") {
			fmt.Fprint(out, line)
		}
	}
	return nil
}
