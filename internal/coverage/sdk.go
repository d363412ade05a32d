package coverage

import (
	"context"
	"net/http"

	"github.com/rediscloud-go/rediscloud"
)

// MeasureSDK measures this module's own client.
func MeasureSDK(ctx context.Context, facts *Facts) (*Report, error) {
	return Measure(ctx, facts, func(transport http.RoundTripper) (any, error) { return NewSDK(transport) })
}

// NewSDK creates the client that is measured.
func NewSDK(transport http.RoundTripper) (*rediscloud.Client, error) {
	return rediscloud.NewClient(
		rediscloud.WithBaseURL(BaseURL),
		rediscloud.WithCredentials("account", "secret"),
		rediscloud.WithHTTPClient(&http.Client{Transport: transport}),
		rediscloud.WithRateLimiter(unlimited{}))
}

// unlimited lets every request pass: none leaves the program.
type unlimited struct{}

func (unlimited) Wait(context.Context) error { return nil }
