package rediscloudtest_test

import (
	"fmt"
	"net/http"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func Example() {
	fake := rediscloudtest.New()
	subscription := fake.AddSubscription("production")
	fake.AddDatabase(subscription, "cache")

	// A gateway in front of the API is down once.
	fake.AnswerNext(1, "GET /subscriptions/{subscriptionId}/databases", http.StatusServiceUnavailable, nil, "")

	for range 2 {
		url := fmt.Sprintf("%s/subscriptions/%d/databases", fake.URL(), subscription)
		request, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			panic(err)
		}
		request.Header.Set("x-api-key", fake.AccountKey())
		request.Header.Set("x-api-secret-key", fake.SecretKey())
		response, err := fake.Client().Do(request)
		if err != nil {
			panic(err)
		}
		response.Body.Close()
		fmt.Println(response.Status)
	}
	fmt.Println(len(fake.Requests()), "requests")
	// Output:
	// 503 Service Unavailable
	// 200 OK
	// 2 requests
}
