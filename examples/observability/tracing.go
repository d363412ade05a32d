package main

import (
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/rediscloud-go/rediscloud"
)

// Tracing returns a transport that creates a span for each attempt of a
// request. The span is named after the method and the route, not the path,
// which has an id in nearly every request. next may be nil.
func Tracing(next http.RoundTripper, provider trace.TracerProvider) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return otelhttp.NewTransport(routeAttribute{next},
		otelhttp.WithTracerProvider(provider),
		otelhttp.WithSpanNameFormatter(func(_ string, req *http.Request) string {
			return req.Method + " " + rediscloud.Route(req.Context())
		}),
		// Trace ids stay inside.
		otelhttp.WithPropagators(propagation.NewCompositeTextMapPropagator()))
}

// routeAttribute adds the route to the span of a request.
type routeAttribute struct{ next http.RoundTripper }

func (t routeAttribute) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	trace.SpanFromContext(ctx).SetAttributes(attribute.String("url.template", rediscloud.Route(ctx)))
	return t.next.RoundTrip(req)
}
