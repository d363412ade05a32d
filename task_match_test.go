package rediscloud

import (
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWantComparesWhatIsShown(t *testing.T) {
	tests := []struct {
		name, body, doc string
		members         []string
		want            match
	}{
		{"the same name", `{"name":"a"}`, `{"name":"a","status":"pending"}`, []string{"name"}, same},
		{"another name", `{"name":"a"}`, `{"name":"b"}`, []string{"name"}, other},
		{"a name in another case is another one", `{"name":"a"}`, `{"name":"A"}`, []string{"name"}, other},
		{"one of two differs", `{"name":"a","port":1}`, `{"name":"a","port":2}`, []string{"name", "port"}, other},
		{"nothing shown", `{"name":"a"}`, `{"status":"pending"}`, []string{"name"}, unknown},
		{"null shown", `{"name":"a"}`, `{"name":null}`, []string{"name"}, unknown},
		{"nothing asked for", `{}`, `{"name":"a"}`, []string{"name"}, unknown},
		{"no document", `{"name":"a"}`, `<html>`, []string{"name"}, unknown},
		{"part shown", `{"name":"a","size":1}`, `{"name":"a"}`, []string{"name", "size"}, same},

		{"numbers in another form", `{"size":0.1}`, `{"size":1e-1}`, []string{"size"}, same},
		{"whole numbers as doubles", `{"size":12}`, `{"size":12.0}`, []string{"size"}, same},
		{"another number", `{"size":12}`, `{"size":12.5}`, []string{"size"}, other},
		{"false", `{"replication":false}`, `{"replication":false}`, []string{"replication"}, same},
		{"true for false", `{"replication":false}`, `{"replication":true}`, []string{"replication"}, other},
		{"a text for a number", `{"size":12}`, `{"size":"12"}`, []string{"size"}, other},

		{"a name of the API in another case", `{"provider":"aws"}`, `{"provider":"AWS"}`, []string{"provider"}, same},
		{"an address and its range", `{"ips":["10.0.0.1"]}`, `{"ips":["10.0.0.1/32"]}`, []string{"ips"}, same},
		{"another range", `{"ips":["10.0.0.0/8"]}`, `{"ips":["10.0.0.0/16"]}`, []string{"ips"}, other},

		{"another name in the result", `{"redisRule":"+@all"}`, `{"acl":"+@all"}`, []string{"redisRule=acl"}, same},
		{"deeper", `{"enableTls":true}`, `{"security":{"enableTls":false}}`, []string{"enableTls=security.enableTls"}, other},
		{"deeper in the request", `{"backup":{"active":true}}`, `{"backup":{"on":true}}`, []string{"backup.active=backup.on"}, same},
		{"through an empty text", `{"a":{"b":1}}`, `{"a":""}`, []string{"a.b"}, unknown},

		{"sets", `{"ids":[1,2]}`, `{"ids":[2,1]}`, []string{"ids"}, same},
		{"a longer set", `{"ids":[1,2]}`, `{"ids":[2,1,3]}`, []string{"ids"}, other},
		{"a set that holds one twice", `{"ids":[1,1]}`, `{"ids":[1,2]}`, []string{"ids"}, other},
		{"cleared", `{"alerts":[]}`, `{"alerts":[]}`, []string{"alerts"}, same},
		{"not cleared", `{"alerts":[]}`, `{"alerts":[{"name":"x"}]}`, []string{"alerts"}, other},
		{"an empty list that stands for a default", `{"ips":[]}`, `{"ips":["0.0.0.0/0"]}`, []string{"ips?"}, unknown},
		{"a list with a default", `{"ips":["1.1.1.1"]}`, `{"s":{"ips":["0.0.0.0/0"]}}`, []string{"ips?=s.ips"}, other},
		{
			"objects by what was asked for", `{"alerts":[{"name":"a","value":1},{"name":"b","value":2}]}`,
			`{"alerts":[{"id":"1","name":"b","value":2,"defaultValue":80},{"name":"a","value":1}]}`, []string{"alerts"}, same,
		},
		{"objects with another value", `{"alerts":[{"name":"a","value":1}]}`, `{"alerts":[{"name":"a","value":2}]}`, []string{"alerts"}, other},
		{"an object for a text", `{"by":{"unit":"x"}}`, `{"by":"x"}`, []string{"by"}, other},
		{
			"into elements", `{"clouds":[{"regions":[{"region":"a"},{"region":"b"}]}]}`,
			`{"details":[{"regions":[{"region":"b","id":1},{"region":"a"}]}]}`, []string{"clouds.regions.region=details.regions.region"}, same,
		},
		{"one of several", `{"region":"b"}`, `{"regions":[{"region":"a"},{"region":"b"}]}`, []string{"region=regions.region"}, same},
		{"not among several", `{"region":"c"}`, `{"regions":[{"region":"a"},{"region":"b"}]}`, []string{"region=regions.region"}, other},
		{"an empty list on the way", `{"cidrs":["10.0.0.0/8"]}`, `{"cidrs":[]}`, []string{"cidrs=cidrs.cidrAddress"}, other},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, pick([]byte(test.body), test.members).compare([]byte(test.doc)))
		})
	}
}

func TestWantIsBoundedAndTravels(t *testing.T) {
	body := `{"name":"a","long":"` + strings.Repeat("x", 2*maxWant) + `","size":1.50}`
	w := pick([]byte(body), []string{"long", "name", "size"})
	assert.Len(t, w, 2, "what is too large is left out, and the rest stays")

	task := &Task[Database]{client: &Client{transport: &transport{}}, state: TaskState{TaskID: "id"}, out: source{Want: w}, kind: databaseKind.kind}
	again, err := ResumeTask[Database](task.client, task.Token())
	require.NoError(t, err)
	assert.Len(t, again.out.Want, 2)
	assert.Equal(t, same, again.out.Want.compare([]byte(`{"name":"a","size":1.5}`)))
}

func TestCallKeepsWhatIsShown(t *testing.T) {
	c := put("/x").withBody(map[string]any{"name": "a", "password": "geheim"}).shows("name")
	assert.Equal(t, want{"name": json.RawMessage(`"a"`)}, c.want)
	assert.Empty(t, newCall(http.MethodPut, "/{id}", []any{0}).withBody(map[string]any{"name": "a"}).shows("name").want)
	assert.Empty(t, put("/x").shows("name").want, "no body")
}

// What is shown is stored in tokens, and must not be a secret. Every field that
// a method lists is one of a request, and doesn't have a secret's type.
func TestWhatIsShownIsNoSecret(t *testing.T) {
	secret := regexp.MustCompile("(?m)^\\t\\w+ +[*\\[\\]]*(?:Received)?Secret(?:URI)? +`json:\"(\\w+)")
	listed := regexp.MustCompile(`(?s)shows\(("[^)]*)\)|Shows = \[\]string\{(.*?)\n\}`)
	name := regexp.MustCompile(`"([\w.]+)\??(?:=([\w.]+))?"`)
	secrets := map[string]bool{"accessKeyId": true, "consoleUsername": true, "saslUsername": true}
	var members []string
	for _, text := range sourceTexts(t) {
		for _, found := range secret.FindAllStringSubmatch(text, -1) {
			secrets[found[1]] = true
		}
		for _, found := range listed.FindAllStringSubmatch(text, -1) {
			for _, member := range name.FindAllStringSubmatch(found[1]+found[2], -1) {
				members = append(members, member[1], member[2])
			}
		}
	}
	require.Greater(t, len(members), 100)
	require.True(t, secrets["password"] && secrets["storagePath"] && secrets["replicaOf"], secrets)
	for _, member := range members {
		for step := range strings.SplitSeq(member, ".") {
			assert.NotContains(t, secrets, step, member)
		}
	}
}

// A document of the type that a request's result is decoded into shows each
// field that is listed for it.
func TestDatabasesShowWhatIsListed(t *testing.T) {
	for _, shown := range []struct {
		members []string
		request any
		result  any
	}{
		{databaseShows, DatabaseUpdateRequest{}, Database{}},
		{essentialsDatabaseShows, EssentialsDatabaseUpdateRequest{}, EssentialsDatabase{}},
	} {
		for _, member := range shown.members {
			from, to, renamed := strings.Cut(strings.Replace(member, "?", "", 1), "=")
			if !renamed {
				to = from
			}
			if from != "protocol" { // only for creations
				assert.True(t, hasMember(reflect.TypeOf(shown.request), from), "%T has no %s", shown.request, from)
			}
			assert.True(t, hasMember(reflect.TypeOf(shown.result), to), "%T has no %s", shown.result, to)
		}
	}
}

func hasMember(t reflect.Type, path string) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if path == "" {
		return true
	}
	name, rest, _ := strings.Cut(path, ".")
	for i := range t.NumField() {
		field := t.Field(i)
		if tag, _, _ := strings.Cut(field.Tag.Get("json"), ","); tag == name {
			return hasMember(field.Type, rest)
		}
	}
	return false
}

// The known command types are those that the methods name.
func TestKnownCommandsAreThoseOfTheMethods(t *testing.T) {
	call := regexp.MustCompile(`command\(("\w+Request"|\w+\.command\("\w+", "\w+"\))`)
	name := regexp.MustCompile(`"(\w+)"`)
	named := map[string]bool{}
	for _, text := range sourceTexts(t) {
		for _, found := range call.FindAllStringSubmatch(text, -1) {
			for _, command := range name.FindAllStringSubmatch(found[1], -1) {
				named[command[1]] = true
			}
		}
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(named)), knownCommands)
}

func TestKindredCommands(t *testing.T) {
	for _, test := range []struct {
		method, path, command string
		want                  bool
	}{
		{"POST", "/subscriptions/1/regions/peerings", "databaseCreateRequest", false},
		{"POST", "/subscriptions/1/regions/peerings", "peeringCreateRequest", true},
		{"POST", "/subscriptions/1/regions/peerings", "peeringDeleteRequest", false},
		{"POST", "/subscriptions/1/regions", "subscriptionCreateRequest", false},
		{"PUT", "/subscriptions/1/databases/7/regions", "databaseUpdateRequest", true},
		{"PUT", "/subscriptions/1/resource-tags", "subscriptionUpdateRequest", true},
		{"PUT", "/users/7", "aclRoleUpdateRequest", false},
		{"DELETE", "/users/7", "databaseDeleteRequest", false},
	} {
		l := &lostWrite{method: test.method, path: test.path}
		assert.Equal(t, !test.want, l.otherCommand(test.command), "%v", test)
	}
	assert.False(t, (&lostWrite{path: "/x"}).otherCommand("unheardOfRequest"))
	assert.False(t, (&lostWrite{path: "/x"}).otherCommand(""))
	assert.True(t, (&lostWrite{path: "/x", command: "aRequest"}).otherCommand("bRequest"))
	assert.False(t, (&lostWrite{path: "/x", command: "aRequest"}).otherCommand("Arequest"))
}

// Whatever a token says, its intent sends no request except for the list of
// tasks and what is below the base URL, and its own token says the same.
func FuzzResumeIntent(f *testing.F) {
	client, err := NewClient(WithCredentials("a", "b"))
	require.NoError(f, err)
	l := newLostWrite(client, post("/subscriptions/{subscriptionId}/databases", 7).command("databaseCreateRequest"), readBack(databaseKind, "/subscriptions/{s}/databases/{d}", 7).source, databaseKind.kind)
	l.id, l.out.Want = "x", want{"name": json.RawMessage(`"a"`)}
	f.Add(l.token())
	for _, text := range []string{"", intentPrefix, intentPrefix + "e30"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lost, err := ResumeIntent(client, text)
		if err != nil {
			return
		}
		l, ok := lost.lost.(*lostWrite)
		if !ok {
			t.Fatal("it is of no write")
		}
		l.aim(&TaskState{Response: &TaskResponse{ResourceID: 1, AdditionalResourceID: 2}})
		l.otherCommand("databaseCreateRequest")
		l.out.Want.compare([]byte(`{"name":"a","cloudDetails":[{"regions":[1]}]}`))
		l.out.Want.denies([]byte(`{"name":["a"]}`))
		if again, err := ResumeIntent(client, l.token()); err != nil || again.Path != lost.Path || again.Method != lost.Method {
			t.Errorf("%q became %q: %v", text, l.token(), err)
		}
	})
}
