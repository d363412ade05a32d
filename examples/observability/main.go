// Command observability creates a database and prints what was traced and
// measured meanwhile. It runs against a fake of the API.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "observability:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, opts ...rediscloud.Option) error {
	fmt.Fprint(out, "This runs against the embedded fake, and costs nothing.\n\n")
	// In a program these are those that everything else uses, too.
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
		// Of a real client, the innermost transport is nil.
		rediscloud.WithHTTPClient(&http.Client{Transport: Tracing(metrics.Transport(fake.Transport()), provider)}),
	}, opts...)...)
	if err != nil {
		return err
	}
	if err := create(ctx, client, fake.AddSubscription("s"), provider, metrics); err != nil {
		return err
	}
	printSpans(out, spans.GetSpans())
	fmt.Fprintln(out)
	return printMetrics(out, registry)
}

// create creates a database, in a span of its own.
func create(ctx context.Context, client *rediscloud.Client, subscriptionID int, provider *trace.TracerProvider, metrics *Metrics) error {
	ctx, span := provider.Tracer("example").Start(ctx, "create a database")
	defer span.End()
	task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: "cache"})
	if err != nil {
		return err
	}
	_, err = task.WaitProvisioned(ctx, metrics.Wait())
	return err
}

// printSpans prints each span under what it is part of.
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
