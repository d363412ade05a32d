package rediscloud_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// evenly is a limiter that lets one request through with each tick. One that
// several processes share asks a server in place of a clock.
type evenly <-chan time.Time

// Wait implements rediscloud.Limiter.
func (ticks evenly) Wait(ctx context.Context) error {
	select {
	case <-ticks:
		return nil
	case <-ctx.Done():
		return ctx.Err() // the request isn't sent
	}
}

// A limiter of your own is asked before each attempt of a request.
func ExampleWithRateLimiter() {
	ctx := context.Background()
	fake := rediscloudtest.New()
	client, err := rediscloud.NewClient(
		rediscloud.WithBaseURL(fake.URL()),
		rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
		rediscloud.WithHTTPClient(fake.Client()),
		rediscloud.WithRateLimiter(evenly(time.Tick(10*time.Millisecond)))) // time.Minute/200 leaves half of the allowance to others
	if err != nil {
		log.Fatal(err)
	}
	for range 3 {
		if _, err := client.Account.Get(ctx); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(len(fake.Requests()), "requests, each after a tick")
	// Output: 3 requests, each after a tick
}

// counting is a transport that counts requests by their routes.
type counting struct {
	next http.RoundTripper
	seen map[string]int
}

// RoundTrip implements http.RoundTripper.
func (c counting) RoundTrip(req *http.Request) (*http.Response, error) {
	c.seen[req.Method+" "+rediscloud.Route(req.Context())]++ // the path would have a name for each database
	return c.next.RoundTrip(req)
}

// Route gives metrics and traces a name that has few values.
func ExampleRoute() {
	ctx := context.Background()
	fake := rediscloudtest.New()
	subscriptionID := fake.AddSubscription("production")
	counts := counting{next: fake.Transport(), seen: map[string]int{}}
	client, err := rediscloud.NewClient(
		rediscloud.WithBaseURL(fake.URL()),
		rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
		rediscloud.WithHTTPClient(&http.Client{Transport: counts}))
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"carts", "orders"} {
		id := fake.AddDatabase(subscriptionID, name)
		if _, err := client.Databases.Get(ctx, subscriptionID, id); err != nil {
			log.Fatal(err)
		}
	}
	for route, n := range counts.seen {
		fmt.Println(n, route)
	}
	// Output: 2 GET /subscriptions/{id}/databases/{id}
}
