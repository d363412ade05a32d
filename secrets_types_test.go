package rediscloud_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
)

// marker is the value of every secret.
const marker = "Hunter2Hunter2"

// The fields of requests and results that contain secrets, and their contents.
var members = map[string]string{
	"password":           "text",
	"globalPassword":     "text",
	"saslPassword":       "text",
	"accessSecretKey":    "text",
	"consolePassword":    "text",
	"replicaOf":          "uri",
	"endpoints":          "uri",
	"endpoint":           "uri",
	"importFromUri":      "uri",
	"periodicBackupPath": "uri",
	"adhocBackupPath":    "uri",
	"storagePath":        "uri",
	"destination":        "uri",
	"apiKey":             "text",
}

// public are fields with such a name that contain none: the address of a store
// or a cache, whose key programs send separately.
var public = []string{"MemoryStore.Endpoint", "LangCache.Endpoint"}

var (
	secretTypes = map[reflect.Type]string{
		reflect.TypeFor[rediscloud.Secret]():            "text",
		reflect.TypeFor[rediscloud.SecretURI]():         "uri",
		reflect.TypeFor[rediscloud.ReceivedSecret]():    "text",
		reflect.TypeFor[rediscloud.ReceivedSecretURI](): "uri",
	}
	requestSecrets = []reflect.Type{reflect.TypeFor[rediscloud.Secret](), reflect.TypeFor[rediscloud.SecretURI]()}
	home           = reflect.TypeFor[rediscloud.Client]().PkgPath()
)

// structs returns the structs of this package that the methods of all services
// take and yield, as far as a caller can reach them.
func structs() (requests, results []reflect.Type) {
	takes, yields := map[reflect.Type]bool{}, map[reflect.Type]bool{}
	client := reflect.TypeFor[rediscloud.Client]()
	for i := range client.NumField() {
		if field := client.Field(i); field.IsExported() {
			for j := range reflect.PointerTo(field.Type).NumMethod() {
				method := reflect.PointerTo(field.Type).Method(j).Type
				for k := 1; k < method.NumIn(); k++ {
					reach(method.In(k), takes)
				}
				for k := range method.NumOut() {
					reach(method.Out(k), yields)
				}
			}
		}
	}
	return sorted(takes), sorted(yields)
}

func sorted(types map[reflect.Type]bool) (all []reflect.Type) {
	for typ := range types {
		all = append(all, typ)
	}
	slices.SortFunc(all, func(a, b reflect.Type) int { return strings.Compare(a.String(), b.String()) })
	return all
}

func reach(typ reflect.Type, found map[reflect.Type]bool) {
	switch typ.Kind() {
	case reflect.Pointer:
		if wait, ok := typ.MethodByName("Wait"); ok { // a task: what it yields
			reach(wait.Type.Out(0), found)
		}
		reach(typ.Elem(), found)
	case reflect.Slice, reflect.Array, reflect.Map:
		reach(typ.Elem(), found)
	case reflect.Func: // an iterator
		for i := range typ.NumIn() {
			reach(typ.In(i), found)
		}
	case reflect.Struct:
		if typ.PkgPath() != home || found[typ] {
			return
		}
		found[typ] = true
		for i := range typ.NumField() {
			if typ.Field(i).IsExported() {
				reach(typ.Field(i).Type, found)
			}
		}
	}
}

// base is a type without pointers and slices.
func base(typ reflect.Type) reflect.Type {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	return typ
}

// filled is a value in which every field is set, and every secret is the
// marker.
func filled(typ reflect.Type, depth int) reflect.Value {
	v := reflect.New(typ).Elem()
	if kind := secretTypes[typ]; kind != "" {
		v.SetString(marker)
		if kind == "uri" {
			v.SetString("redis://" + marker + ":" + marker + "@host:6379/?key=" + marker)
		}
		return v
	}
	switch typ.Kind() {
	case reflect.Pointer:
		if depth > 0 {
			v.Set(reflect.New(typ.Elem()))
			v.Elem().Set(filled(typ.Elem(), depth-1))
		}
	case reflect.Slice:
		if depth > 0 && typ != reflect.TypeFor[json.RawMessage]() {
			v.Set(reflect.Append(v, filled(typ.Elem(), depth-1)))
		}
	case reflect.Struct:
		for i := range typ.NumField() {
			if typ.Field(i).IsExported() && typ.PkgPath() == home {
				v.Field(i).Set(filled(typ.Field(i).Type, depth-1))
			}
		}
	case reflect.String:
		v.SetString("text")
	}
	return v
}

// assertHidden fails if a text contains the marker in any form.
func assertHidden(t *testing.T, text, what string) {
	t.Helper()
	var decimal, source []string
	for _, b := range []byte(marker) {
		decimal, source = append(decimal, fmt.Sprint(b)), append(source, fmt.Sprintf("0x%x", b))
	}
	for _, form := range []string{
		marker, hex.EncodeToString([]byte(marker)), fmt.Sprintf("% x", marker), fmt.Sprintf("%# x", marker),
		strings.Join(decimal, " "), strings.Join(source, ", "), base64.StdEncoding.EncodeToString([]byte(marker))[:16],
	} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(form)) {
			t.Errorf("%s shows the secret: %.300s", what, text)
			return
		}
	}
}

// verbs are those that suit any value; what package fmt prints for the others,
// such as a pointer in a struct, ignores a value's methods.
var (
	verbs     = []string{"%v", "%+v", "%#v"}
	manyVerbs = append(verbs, "%s", "%q", "%x", "%X", "% x", "%#x", "%d", "%o", "%b")
)

// assertPrintsNone prints a value in every possible way.
func assertPrintsNone(t *testing.T, v reflect.Value) {
	t.Helper()
	typ := v.Type()
	pointer := reflect.New(typ)
	pointer.Elem().Set(v)
	wrapper := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "Inner", Type: typ}, {Name: "Pointer", Type: pointer.Type()}}))
	wrapper.Elem().Field(0).Set(v)
	wrapper.Elem().Field(1).Set(pointer)
	inMap := map[string]any{"value": v.Interface(), "pointer": pointer.Interface()}
	list := reflect.Append(reflect.MakeSlice(reflect.SliceOf(typ), 0, 1), v)
	for what, value := range map[string]any{
		"value": v.Interface(), "pointer": pointer.Interface(), "wrapped": wrapper.Elem().Interface(),
		"wrapped, pointer": wrapper.Interface(), "map": inMap, "list": list.Interface(),
	} {
		suited := verbs
		if what == "value" || what == "pointer" {
			suited = manyVerbs
		}
		for _, verb := range suited {
			assertHidden(t, fmt.Sprintf(verb, value), fmt.Sprintf("%s %s of %s", verb, what, typ))
		}
		var text bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).With("with", value).WithGroup("g").Info("x", "value", value, slog.Group("group", "value", value))
		assertHidden(t, text.String(), fmt.Sprintf("slog's text of %s of %s", what, typ))
	}
	var text bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&text, nil))
	log.With("with", v.Interface()).Info("x", "value", v.Interface(), "pointer", pointer.Interface(), slog.Group("group", "value", pointer.Interface()))
	assertHidden(t, text.String(), "slog's JSON of "+typ.String())
	assert.NotContains(t, text.String(), "!ERROR")
	func() {
		defer func() { assertHidden(t, fmt.Sprint(recover()), "panic") }()
		panic(v.Interface())
	}()
}

func holdsSecrets(typ reflect.Type) bool {
	found := map[reflect.Type]bool{}
	reach(typ, found)
	for typ := range found {
		for i := range typ.NumField() {
			if secretTypes[base(typ.Field(i).Type)] != "" {
				return true
			}
		}
	}
	return false
}

// Every field that contains a secret has a type that isn't printed, and if it
// is received, one that isn't encoded either.
func TestSecretMembersHaveSecretTypes(t *testing.T) {
	requests, results := structs()
	require.Greater(t, len(requests), 60)
	require.Greater(t, len(results), 80)
	count := map[bool]int{}
	check := func(typ reflect.Type, request bool) {
		for i := range typ.NumField() {
			field := typ.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			want, have := members[name], base(field.Type)
			if slices.Contains(public, typ.Name()+"."+field.Name) {
				continue
			}
			if have.Kind() == reflect.String && want != "" || secretTypes[have] != "" {
				assert.Equal(t, want, secretTypes[have], "%s.%s is a %s", typ, field.Name, field.Type)
				assert.Equal(t, request, slices.Contains(requestSecrets, have), "%s.%s is a %s", typ, field.Name, field.Type)
				count[request]++
			}
		}
	}
	for _, typ := range requests {
		check(typ, true)
	}
	for _, typ := range results {
		check(typ, false)
	}
	assert.GreaterOrEqual(t, count[true], 20)
	assert.GreaterOrEqual(t, count[false], 7)
}

func TestRequestsShowNoSecrets(t *testing.T) {
	requests, _ := structs()
	secret := 0
	for _, typ := range requests {
		if !holdsSecrets(typ) {
			continue
		}
		secret++
		_, logs := reflect.Zero(typ).Interface().(slog.LogValuer)
		assert.True(t, logs, "%s holds secrets, and needs a LogValue", typ)
		v := filled(typ, 8)
		sent, err := json.Marshal(v.Interface())
		require.NoError(t, err)
		assert.Contains(t, string(sent), marker, "%s must send what is secret", typ)
		assertPrintsNone(t, v)
	}
	t.Logf("%d types with secrets", secret)
	assert.GreaterOrEqual(t, secret, 15)
}

func TestResultsShowNoSecrets(t *testing.T) {
	_, results := structs()
	secret := 0
	for _, typ := range append(results, reflect.TypeFor[rediscloud.ReceivedSecret](), reflect.TypeFor[rediscloud.ReceivedSecretURI]()) {
		v := filled(typ, 8)
		assertPrintsNone(t, v)
		if typ.Kind() == reflect.Struct && !holdsSecrets(typ) {
			continue
		}
		secret++
		for _, value := range []any{v.Interface(), []any{v.Interface()}, map[string]any{"a": v.Interface()}} {
			doc, err := json.Marshal(value)
			require.NoError(t, err)
			assertHidden(t, string(doc), "the JSON of "+typ.String())
		}
		doc, err := xml.Marshal(v.Interface())
		require.NoError(t, err)
		assertHidden(t, string(doc), "the XML of "+typ.String())
	}
	t.Logf("%d types with secrets", secret)
	assert.GreaterOrEqual(t, secret, 10)
}

// Received secrets can be read, and sent again.
func TestReceivedSecretsCanBeRead(t *testing.T) {
	var db rediscloud.Database
	require.NoError(t, json.Unmarshal([]byte(`{"databaseId":1,"security":{"password":"pa55"},"backup":{"destination":"ftp://me:pa55@host/x"}}`), &db))
	assert.Equal(t, "pa55", string(db.Security.Password))
	assert.Equal(t, rediscloud.Secret("pa55"), rediscloud.Secret(db.Security.Password))
	assert.Equal(t, rediscloud.SecretURI("ftp://me:pa55@host/x"), rediscloud.SecretURI(db.Backup.Destination))
	doc, err := json.Marshal(&db)
	require.NoError(t, err)
	assert.Contains(t, string(doc), `"password":"[redacted]"`)
	assert.Contains(t, string(doc), `"destination":"ftp://[redacted]@host/x"`)
	doc, err = json.Marshal(rediscloud.Database{})
	require.NoError(t, err)
	assert.NotContains(t, string(doc), "redacted")
}

// Errors keep documents, and show only their size.
func TestErrorsShowNoBodies(t *testing.T) {
	body := rediscloud.Body(`{"security":{"password":"` + marker + `"}}`)
	for _, err := range []error{
		&rediscloud.APIError{Method: "GET", Path: "/x", StatusCode: 400, Header: http.Header{"A": {"b"}}, Body: body},
		&rediscloud.DecodeError{Method: "GET", Path: "/x", Body: body, Err: errors.New("odd")},
		&rediscloud.ProvisionError{Kind: "database", Resource: "/x", Body: body},
		&rediscloud.OutcomeUnknownError{Method: "PUT", Path: "/x", Err: &rediscloud.DecodeError{Body: body, Err: errors.New("odd")}},
		&rediscloud.WaitError{Last: &rediscloud.TaskState{}, Err: &rediscloud.ProvisionError{Body: body}},
		&rediscloud.ServiceAPIKeyError{Name: "app", Secret: marker},
	} {
		for _, value := range []reflect.Value{reflect.ValueOf(err), reflect.ValueOf(err).Elem()} {
			assertPrintsNone(t, value)
			doc, err := json.Marshal(value.Interface())
			require.NoError(t, err)
			assertHidden(t, string(doc), "the JSON of "+value.Type().String())
		}
		assertHidden(t, fmt.Sprintf("%v %+v %#v", fmt.Errorf("x: %w", err), errors.Join(err), errors.Join(err)), "wrapped error")
	}
	assert.Equal(t, "[42 bytes]", body.String())
}
