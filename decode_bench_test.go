package rediscloud_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
)

// These benchmarks compare the cost of a document with that of the same bytes
// in structs with the same fields and no methods: what a program without this
// package would use. Everything is in memory:
//
//	go test -run '^$' -bench Decode .

// plainDatabase is Database without methods.
type plainDatabase struct {
	ID                                  int     `json:"databaseId"`
	Name                                string  `json:"name"`
	Status                              string  `json:"status"`
	Protocol                            string  `json:"protocol"`
	Provider                            string  `json:"provider"`
	Region                              string  `json:"region"`
	RedisVersion                        string  `json:"redisVersion"`
	RedisVersionCompliance              string  `json:"redisVersionCompliance"`
	RESPVersion                         string  `json:"respVersion"`
	AutoMinorVersionUpgrade             *bool   `json:"autoMinorVersionUpgrade"`
	DatasetSizeInGB                     float64 `json:"datasetSizeInGb"`
	MemoryLimitInGB                     float64 `json:"memoryLimitInGb"`
	MemoryUsedInMB                      float64 `json:"memoryUsedInMb"`
	MemoryStorage                       string  `json:"memoryStorage"`
	RAMPercentage                       int     `json:"ramPercentage"`
	SupportOSSClusterAPI                bool    `json:"supportOSSClusterApi"`
	UseExternalEndpointForOSSClusterAPI bool    `json:"useExternalEndpointForOSSClusterApi"`
	DataPersistence                     string  `json:"dataPersistence"`
	DataEvictionPolicy                  string  `json:"dataEvictionPolicy"`
	Replication                         bool    `json:"replication"`
	ThroughputMeasurement               struct {
		By    string `json:"by"`
		Value int64  `json:"value"`
	} `json:"throughputMeasurement"`
	QueryPerformanceFactor string    `json:"queryPerformanceFactor"`
	ActivatedOn            time.Time `json:"activatedOn"`
	LastModified           time.Time `json:"lastModified"`
	PublicEndpoint         string    `json:"publicEndpoint"`
	PrivateEndpoint        string    `json:"privateEndpoint"`
	DynamicEndpoints       struct {
		Public  string `json:"public"`
		Private string `json:"private"`
	} `json:"dynamicEndpoints"`
	Replica struct {
		Description string `json:"description"`
		SyncSources []struct {
			Description string `json:"description"`
			Endpoint    string `json:"endpoint"`
			Encryption  bool   `json:"encryption"`
			ServerCert  string `json:"serverCert"`
			ClientCert  string `json:"clientCert"`
		} `json:"syncSources"`
	} `json:"replica"`
	ReplicaOf struct {
		Endpoints []string `json:"endpoints"`
	} `json:"replicaOf"`
	Clustering struct {
		NumberOfShards int `json:"numberOfShards"`
		RegexRules     []struct {
			Ordinal int    `json:"ordinal"`
			Pattern string `json:"pattern"`
		} `json:"regexRules"`
		HashingPolicy string `json:"hashingPolicy"`
	} `json:"clustering"`
	Security plainSecurity `json:"security"`
	Modules  []struct {
		ID             int    `json:"id"`
		Name           string `json:"name"`
		CapabilityName string `json:"capabilityName"`
		Version        string `json:"version"`
		Description    string `json:"description"`
		Parameters     []struct {
			Name  string `json:"name"`
			Value string `json:"value"`
		} `json:"parameters"`
	} `json:"modules"`
	Alerts                  []plainAlert `json:"alerts"`
	Backup                  plainBackup  `json:"backup"`
	ActiveActive            bool         `json:"activeActiveRedis"`
	GlobalDataPersistence   string       `json:"globalDataPersistence"`
	GlobalPassword          string       `json:"globalPassword"`
	GlobalEnableDefaultUser *bool        `json:"globalEnableDefaultUser"`
	GlobalSourceIPs         []string     `json:"globalSourceIp"`
	GlobalAlerts            []plainAlert `json:"globalAlerts"`
	Regions                 []struct {
		Region                   string        `json:"region"`
		Provider                 string        `json:"provider"`
		RedisVersionCompliance   string        `json:"redisVersionCompliance"`
		RESPVersion              string        `json:"respVersion"`
		DatasetSizeInGB          float64       `json:"datasetSizeInGb"`
		MemoryLimitInGB          float64       `json:"memoryLimitInGb"`
		MemoryUsedInMB           float64       `json:"memoryUsedInMb"`
		ReadOperationsPerSecond  int64         `json:"readOperationsPerSecond"`
		WriteOperationsPerSecond int64         `json:"writeOperationsPerSecond"`
		DataPersistence          string        `json:"dataPersistence"`
		QueryPerformanceFactor   string        `json:"queryPerformanceFactor"`
		PublicEndpoint           string        `json:"publicEndpoint"`
		PrivateEndpoint          string        `json:"privateEndpoint"`
		Security                 plainSecurity `json:"security"`
		Alerts                   []plainAlert  `json:"alerts"`
		Backup                   plainBackup   `json:"backup"`
		Links                    []plainLink   `json:"links"`
	} `json:"crdbDatabases"`
	Links []plainLink `json:"links"`
}

type plainSecurity struct {
	EnableDefaultUser       *bool    `json:"enableDefaultUser"`
	Password                string   `json:"password"`
	EnableTLS               bool     `json:"enableTls"`
	SSLClientAuthentication bool     `json:"sslClientAuthentication"`
	TLSClientAuthentication bool     `json:"tlsClientAuthentication"`
	SourceIPs               []string `json:"sourceIps"`
}

type plainAlert struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Value        int    `json:"value"`
	DefaultValue int    `json:"defaultValue"`
}

type plainBackup struct {
	Enabled     bool   `json:"enableRemoteBackup"`
	Interval    string `json:"interval"`
	TimeUTC     string `json:"timeUTC"`
	Destination string `json:"destination"`
}

type plainLink struct {
	Rel   string `json:"rel"`
	Href  string `json:"href"`
	Type  string `json:"type"`
	Title string `json:"title"`
}

type plainDatabaseList struct {
	AccountID     int `json:"accountId"`
	Subscriptions []struct {
		SubscriptionID    int             `json:"subscriptionId"`
		NumberOfDatabases int             `json:"numberOfDatabases"`
		Databases         []plainDatabase `json:"databases"`
		Links             []plainLink     `json:"links"`
	} `json:"subscription"`
	Links []plainLink `json:"links"`
}

type plainTaskList struct {
	Tasks []struct {
		TaskID      string    `json:"taskId"`
		CommandType string    `json:"commandType"`
		Status      string    `json:"status"`
		Description string    `json:"description"`
		Timestamp   time.Time `json:"timestamp"`
		Response    *struct {
			ResourceID           int             `json:"resourceId"`
			AdditionalResourceID int             `json:"additionalResourceId"`
			Resource             json.RawMessage `json:"resource"`
			Error                *struct {
				Type        string `json:"type"`
				Status      string `json:"status"`
				Description string `json:"description"`
			} `json:"error"`
			AdditionalInfo string `json:"additionalInfo"`
		} `json:"response"`
		Links []plainLink `json:"links"`
	} `json:"tasks"`
}

const benchTasks = 5000

// benchTaskList is the task list of a busy account.
var benchTaskList = func() []byte {
	doc := []byte(`{"tasks":[`)
	for i := range benchTasks {
		doc = fmt.Appendf(doc, `{"taskId":"%08d-0548-46e3-82f3-1977012ec738","commandType":"databaseCreateRequest","status":"processing-completed",`+
			`"description":"The request has been processed.","timestamp":"2026-11-20T08:09:10.123Z","response":{"resourceId":%d,"additionalResourceId":5},`+
			`"links":[{"rel":"task","href":"https://api.redislabs.com/v1/tasks/%[1]d","title":"getTaskStatusById","type":"GET"}]},`, i, i+1)
	}
	return append(doc[:len(doc)-1], `]}`...)
}()

// decodings are the comparisons: the same work with and without this package.
// The last three are whole calls, so the client's own work counts too.
var decodings = []struct {
	name        string
	ours, plain func(*testing.B)
}{
	{"one database", decodeOurs[rediscloud.Database](benchOne), decodePlain[plainDatabase](benchOne)},
	{"100 databases", decodeOurs[rediscloud.DatabaseList](benchPages["0"]), decodePlain[plainDatabaseList](benchPages["0"])},
	{"Get", benchmarkGet, benchmarkPlainGet},
	{"list of 1000 databases", benchmarkList, benchmarkPlainList},
	{"list of 5000 tasks", benchmarkTasks, benchmarkPlainTasks},
}

func benchmarkTasks(b *testing.B) {
	client := benchClient(b)
	b.ReportAllocs()
	for b.Loop() {
		list, err := client.Tasks.List(b.Context())
		if err != nil || len(list.Tasks) != benchTasks {
			b.Fatal(err)
		}
	}
}

func benchmarkPlainTasks(b *testing.B) {
	plain := plainClient{&http.Client{Transport: benchAPI}}
	b.ReportAllocs()
	for b.Loop() {
		var list plainTaskList
		if err := plain.get(b.Context(), "/tasks", nil, &list); err != nil || len(list.Tasks) != benchTasks {
			b.Fatal(err)
		}
	}
}

func decodeOurs[T any](doc []byte) func(*testing.B) {
	return func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if unread, err := rediscloud.Unmarshal(doc, new(T)); err != nil || len(unread) > 0 {
				b.Fatal(unread, err)
			}
		}
	}
}

func decodePlain[T any](doc []byte) func(*testing.B) {
	return func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := json.Unmarshal(doc, new(T)); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range decodings {
		b.Run(c.name+"/rediscloud", c.ours)
		b.Run(c.name+"/plain", c.plain)
	}
}

// raceEnabled reports whether the race detector, which slows everything down,
// is on.
var raceEnabled bool

// How many times the cost of plain structs a call or a document may cost.
// Memory is counted exactly, so its bound is tight: a whole call also has a
// trace, and a list of tasks is remembered. Time is measured, on machines that
// are busy with other things too: its bound finds work that is nested or done
// twice, and is held with -measures.
const (
	maxMemory = 1.10
	maxTime   = 1.4
)

// What the client adds, without the time that the API takes. The rounds
// alternate and the best of each counts, since the machine is busy with other
// things too; more rounds follow until the bound is met or they run out.
func TestOverhead(t *testing.T) {
	if raceEnabled {
		t.Skip("it measures")
	}
	benchTime := flag.Lookup("test.benchtime").Value
	before := benchTime.String()
	require.NoError(t, benchTime.Set("10ms"))
	defer func() { require.NoError(t, benchTime.Set(before)) }()
	for _, c := range decodings {
		ours, plain := newBest(), newBest()
		for round := 0; round < 3 || round < 25 && (ours.memory > maxMemory*plain.memory || *measures && ours.time > maxTime*plain.time); round++ {
			ours.add(t, c.ours)
			plain.add(t, c.plain)
		}
		t.Logf("%-24s %5.2f times the time: %9.0f against %9.0f ns; %5.2f times the memory: %8.0f against %8.0f bytes",
			c.name, ours.time/plain.time, ours.time, plain.time, ours.memory/plain.memory, ours.memory, plain.memory)
		if *measures {
			assert.LessOrEqual(t, ours.time, maxTime*plain.time, c.name)
		}
		assert.LessOrEqual(t, ours.memory, maxMemory*plain.memory, c.name)
	}
}

// A best is the best of several rounds.
type best struct{ time, memory float64 }

func newBest() *best { return &best{math.Inf(1), math.Inf(1)} }

func (b *best) add(t *testing.T, f func(*testing.B)) {
	result := testing.Benchmark(f)
	require.NotZero(t, result.N, "it fails: see go test -bench .")
	b.time = min(b.time, float64(result.T)/float64(result.N))
	b.memory = min(b.memory, float64(result.MemBytes)/float64(result.N))
}
