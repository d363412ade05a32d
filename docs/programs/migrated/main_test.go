package main

import (
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// The program in the pages does what they say, against a fake that is as slow
// as the API.
func TestProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		subscriptionID := fake.AddSubscription("production")
		t.Setenv(rediscloud.EnvBaseURL, fake.URL())
		t.Setenv(rediscloud.EnvAccountKey, fake.AccountKey())
		t.Setenv(rediscloud.EnvSecretKey, fake.SecretKey())
		t.Setenv("SUBSCRIPTION_ID", strconv.Itoa(subscriptionID))
		transport := http.DefaultTransport
		http.DefaultTransport = fake.Client().Transport
		defer func() { http.DefaultTransport = transport }()

		main()

		if databases := fake.Databases(subscriptionID); len(databases) != 1 {
			t.Errorf("it created %d databases", len(databases))
		}
	})
}
