package rediscloud_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
)

// These benchmarks compare the client with plain net/http and encoding/json,
// without a network. The client's own limiter is left out, since it would slow
// the benchmark down: see BenchmarkWindow of internal/ratelimit.

const (
	benchDatabases = 1000
	benchPage      = 100
	benchBase      = "https://api.example.com/v1"
)

func benchmarkGet(b *testing.B) {
	client := benchClient(b)
	b.ReportAllocs()
	for b.Loop() {
		db, err := client.Databases.Get(b.Context(), 5, 1)
		if err != nil || db.ID != 1 {
			b.Fatal(db, err)
		}
	}
}

func benchmarkPlainGet(b *testing.B) {
	plain := plainClient{&http.Client{Transport: benchAPI}}
	b.ReportAllocs()
	for b.Loop() {
		var db plainDatabase
		if err := plain.get(b.Context(), "/subscriptions/5/databases/1", nil, &db); err != nil || db.ID != 1 {
			b.Fatal(db, err)
		}
	}
}

func benchmarkList(b *testing.B) {
	client := benchClient(b)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for db, err := range client.Databases.All(b.Context(), 5, nil) {
			if n++; err != nil || db.ID != n {
				b.Fatal(n, err)
			}
		}
		if n != benchDatabases {
			b.Fatal(n)
		}
	}
}

func benchmarkPlainList(b *testing.B) {
	plain := plainClient{&http.Client{Transport: benchAPI}}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		for offset := 0; ; offset += benchPage {
			var list plainDatabaseList
			query := url.Values{"limit": {strconv.Itoa(benchPage)}, "offset": {strconv.Itoa(offset)}}
			if err := plain.get(b.Context(), "/subscriptions/5/databases", query, &list); err != nil {
				b.Fatal(err)
			}
			for _, db := range list.Subscriptions[0].Databases {
				if n++; db.ID != n {
					b.Fatal(n)
				}
			}
			if len(list.Subscriptions[0].Databases) < benchPage || n >= list.Subscriptions[0].NumberOfDatabases {
				break
			}
		}
		if n != benchDatabases {
			b.Fatal(n)
		}
	}
}

// A plainClient is what a program without this package would use.
type plainClient struct{ http *http.Client }

func (c plainClient) get(ctx context.Context, path string, query url.Values, doc any) error {
	target := benchBase + path
	if query != nil {
		target += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "plain")
	req.Header.Set("x-api-key", "account")
	req.Header.Set("x-api-secret-key", "secret")
	resp, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", resp.Status)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return json.Unmarshal(body, doc)
}

type noLimit struct{}

func (noLimit) Wait(context.Context) error { return nil }

func benchClient(tb testing.TB) *rediscloud.Client {
	client, err := rediscloud.NewClient(
		rediscloud.WithBaseURL(benchBase),
		rediscloud.WithCredentials("account", "secret"),
		rediscloud.WithRateLimiter(noLimit{}),
		rediscloud.WithHTTPClient(&http.Client{Transport: benchAPI}))
	require.NoError(tb, err)
	return client
}

var benchOne = []byte(benchDatabase(1))

// benchPages are the pages of a list of databases by offset.
var benchPages = func() map[string][]byte {
	pages := map[string][]byte{}
	for offset := 0; offset < benchDatabases; offset += benchPage {
		var docs []string
		for i := range benchPage {
			docs = append(docs, benchDatabase(offset+i+1))
		}
		pages[strconv.Itoa(offset)] = fmt.Appendf(nil, `{"accountId":1001,"subscription":[{"subscriptionId":5,"numberOfDatabases":%d,"databases":[%s],"links":[]}],"links":[]}`,
			benchDatabases, strings.Join(docs, ","))
	}
	pages[""] = pages["0"]
	return pages
}()

// benchAPI responds at once, from memory.
var benchAPI = roundTripper(func(req *http.Request) *http.Response {
	if strings.HasSuffix(req.URL.Path, "/databases") {
		page := benchPages[req.URL.Query().Get("offset")]
		if page == nil {
			return answer(http.StatusNotFound, nil) // past the last page
		}
		return answer(http.StatusOK, page)
	}
	if strings.HasSuffix(req.URL.Path, "/tasks") {
		return answer(http.StatusOK, benchTaskList)
	}
	return answer(http.StatusOK, benchOne)
})

// benchDatabase is a complete document, as sent by the API.
func benchDatabase(id int) string {
	return fmt.Sprintf(`{
  "databaseId": %[1]d,
  "name": "production-cache-%[1]d",
  "protocol": "redis",
  "provider": "AWS",
  "region": "us-east-1",
  "redisVersion": "7.4",
  "redisVersionCompliance": "7.4.2",
  "respVersion": "resp3",
  "status": "active",
  "datasetSizeInGb": 12.5,
  "memoryLimitInGb": 25.0,
  "memoryUsedInMb": 7654.321,
  "memoryStorage": "ram",
  "supportOSSClusterApi": false,
  "useExternalEndpointForOSSClusterApi": false,
  "dataPersistence": "aof-every-1-second",
  "replication": true,
  "dataEvictionPolicy": "volatile-lru",
  "throughputMeasurement": {"by": "operations-per-second", "value": 25000},
  "activatedOn": "2026-03-09T12:13:14Z",
  "lastModified": "2026-11-20T08:09:10Z",
  "publicEndpoint": "redis-%[1]d.c1001.us-east-1-2.ec2.redns.redis-cloud.com:%[1]d",
  "privateEndpoint": "redis-%[1]d.internal.c1001.us-east-1-2.ec2.redns.redis-cloud.com:%[1]d",
  "dynamicEndpoints": {
    "public": "redis-%[1]d.c1001.us-east-1-2.ec2.redns.redis-cloud.com:%[1]d",
    "private": "redis-%[1]d.internal.c1001.us-east-1-2.ec2.redns.redis-cloud.com:%[1]d"
  },
  "replica": {"syncSources": [{"endpoint": "redis://redis-7.c1001.us-east-1-2.ec2.redns.redis-cloud.com:7", "encryption": true, "clientCert": ""}]},
  "clustering": {
    "numberOfShards": 1,
    "regexRules": [{"ordinal": 0, "pattern": ".*\\{(?<tag>.*)\\}.*"}, {"ordinal": 1, "pattern": "(?<tag>.*)"}],
    "hashingPolicy": "standard"
  },
  "security": {
    "defaultUserEnabled": true,
    "password": "bXkgcGFzc3dvcmQgaXMgbm90IHRoaXM",
    "sslClientAuthentication": false,
    "tlsClientAuthentication": false,
    "enableTls": true,
    "sourceIps": ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]
  },
  "modules": [
    {"id": 1, "name": "ReJSON", "capabilityName": "JSON", "version": "2.8.4", "description": "Native JSON Data Type", "parameters": []},
    {"id": 2, "name": "search", "capabilityName": "Search and query", "version": "2.10.7", "description": "Secondary Index for Redis", "parameters": []}
  ],
  "alerts": [
    {"id": "%[1]d-1", "name": "dataset-size", "value": 80, "defaultValue": 80},
    {"id": "%[1]d-2", "name": "throughput-higher-than", "value": 20000, "defaultValue": 20000},
    {"id": "%[1]d-3", "name": "latency", "value": 5, "defaultValue": 5}
  ],
  "backup": {"enableRemoteBackup": true, "interval": "every-12-hours", "timeUTC": "02:00", "destination": "s3://backups.example.com/production-cache-%[1]d", "status": "success"},
  "links": [
    {"rel": "self", "href": "https://api.redislabs.com/v1/subscriptions/5/databases/%[1]d", "type": "GET"}
  ]
}`, id)
}
