package rediscloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// oddAnswers are documents that operations never return normally, or only few
// of them.
var oddAnswers = []string{
	``, ` `, `null`, `{}`, `[]`, `5`, `"x"`, `<html>`, `{"id":7,"databaseId":`, `{"response":null}`,
	`{"taskId":""}`, `{"taskId":5}`, `{"taskId":"t1"}`,
	`{"taskId":"t1","status":5}`,
	`{"taskId":"t1","status":"processing-completed"}`,
	`{"taskId":"t1","status":"processing-completed","response":null}`,
	`{"taskId":"t1","status":"processing-completed","response":5}`,
	`{"taskId":"t1","status":"processing-completed","response":{}}`,
	`{"taskId":"t1","status":"processing-completed","response":{"resourceId":0}}`,
	`{"taskId":"t1","status":"processing-completed","response":{"resourceId":"x"}}`,
	`{"taskId":"t1","status":"processing-completed","response":{"resourceId":7,"additionalResourceId":8}}`,
	`{"taskId":"t1","status":"processing-completed","response":{"resource":null}}`,
	`{"taskId":"t1","status":"processing-completed","response":{"resource":{}}}`,
	`{"taskId":"t1","status":"processing-completed","response":{"resource":[]}}`,
	`{"taskId":"t1","status":"processing-completed","response":{"resource":5}}`,
	`{"taskId":"t1","status":"processing-error"}`,
}

// Whatever the API returns, each operation ends, and what it returns without an
// error can be used.
func TestOddAnswers(t *testing.T) {
	t.Parallel()
	for _, answer := range oddAnswers {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				for _, op := range operations(t) {
					began := time.Now()
					if err := op.survives(t, answer); err != nil {
						t.Errorf("%s: %v", op.name, err)
					}
					require.LessOrEqual(t, time.Since(began), oddPatience+time.Second, "%s", op.name)
				}
			})
		})
	}
}

// oddPatience is how long the context of an operation lasts.
const oddPatience = 2 * time.Minute

// An operation is a method of a service that talks to the API.
type operation struct {
	service int // the field of Client
	method  int
	name    string
}

// operations returns all of them.
func operations(t *testing.T) (ops []operation) {
	client := reflect.TypeFor[Client]()
	for i := range client.NumField() {
		service := client.Field(i)
		if !service.IsExported() {
			continue
		}
		methods := reflect.PointerTo(service.Type)
		for j := range methods.NumMethod() {
			method := methods.Method(j)
			if method.Type.NumIn() > 1 && method.Type.In(1) == reflect.TypeFor[context.Context]() {
				ops = append(ops, operation{i, j, service.Name + "." + method.Name})
			}
		}
	}
	require.Greater(t, len(ops), 150)
	return ops
}

// survives calls the method with a client that gets the same response to every
// request, and checks what is returned, including the result of its task.
func (op operation) survives(t *testing.T, text string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	var first string // method of the first request
	client := newTestClient(t, transportFunc(func(req *http.Request) (*http.Response, error) {
		if first == "" {
			first = req.Method
		}
		return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(text)), Request: req}, nil
	}))
	ctx, cancel := context.WithTimeout(t.Context(), oddPatience)
	defer cancel()
	method := reflect.ValueOf(client).Elem().Field(op.service).Addr().Method(op.method)
	args := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < method.Type().NumIn(); i++ {
		if method.Type().IsVariadic() && i == method.Type().NumIn()-1 {
			break
		}
		args = append(args, filled(method.Type().In(i), "", i+6))
	}
	results := method.Call(args)
	if first == "" && method.Type().Out(0).Kind() != reflect.Func {
		return fmt.Errorf("nothing was sent: %v", results[len(results)-1])
	}
	if len(results) == 1 && results[0].Kind() == reflect.Func {
		return sequence(results[0])
	}
	failure, _ := results[len(results)-1].Interface().(error)
	if failure != nil {
		if _, unknown := errors.AsType[*OutcomeUnknownError](failure); first != http.MethodGet && !unknown {
			return fmt.Errorf("a write that may be accepted, and the error is another: %w", failure)
		}
		return nil
	}
	if len(results) == 1 {
		return nil
	}
	if wait := results[0].MethodByName("WaitProvisioned"); wait.IsValid() {
		return settles(ctx, results[0])
	}
	return usable(results[0])
}

// settles waits for the end of a task.
func settles(ctx context.Context, task reflect.Value) error {
	if task.IsNil() || task.MethodByName("ID").Call(nil)[0].String() == "" {
		return errors.New("a task without an id")
	}
	var odd error
	for _, name := range []string{"Wait", "WaitProvisioned"} {
		results := task.MethodByName(name).Call([]reflect.Value{reflect.ValueOf(ctx)})
		if results[1].IsNil() {
			if err := usable(results[0]); err != nil {
				odd = errors.Join(odd, fmt.Errorf("%s: %w", name, err))
			}
		}
	}
	return odd
}

// sequence runs through an iterator.
func sequence(seq reflect.Value) (odd error) {
	n := 0
	for element, err := range seq.Seq2() {
		if n++; n > 1000 {
			return errors.New("it never ends")
		}
		if err.IsNil() {
			odd = errors.Join(odd, usable(element))
		}
	}
	return odd
}

// usable reports a result that isn't one: nil, or a document without its id.
func usable(result reflect.Value) error {
	switch result.Kind() {
	case reflect.Interface:
		file, ok := result.Interface().(io.ReadCloser)
		if !ok {
			return fmt.Errorf("a result of type %s", result.Type())
		}
		_, err := io.Copy(io.Discard, file)
		return errors.Join(err, file.Close())
	case reflect.Slice: // a list, or JSON verbatim
		return nil
	}
	if result.IsNil() {
		return errors.New("nil in place of a result")
	}
	typ := result.Type().Elem()
	if isList(typ) || slices.Contains(mayBeEmpty, typ) {
		return nil
	}
	if result.Elem().IsZero() {
		return fmt.Errorf("an empty %s", typ.Name())
	}
	if name := memberOfID(typ); name != "" && result.Elem().FieldByName(name).IsZero() {
		return fmt.Errorf("a %s without its %s", typ.Name(), name)
	}
	return nil
}

// mayBeEmpty are the results that have a meaning without fields too: that there
// is nothing to report.
var mayBeEmpty = []reflect.Type{
	reflect.TypeFor[None](), reflect.TypeFor[BackupStatus](), reflect.TypeFor[ImportStatus](), reflect.TypeFor[DatabaseCertificate](),
}

// memberOfID returns the name of the field with the id of what a type stands
// for: ID, or the first field whose name ends in ID.
func memberOfID(result reflect.Type) string {
	if _, ok := result.FieldByName("ID"); ok {
		return "ID"
	}
	if first := result.Field(0).Name; strings.HasSuffix(first, "ID") {
		return first
	}
	return ""
}

// isList reports whether a type has several of a kind, possibly none, and no id
// itself: an id in it is that of their parent.
func isList(result reflect.Type) bool {
	if _, ok := result.FieldByName("ID"); ok {
		return false
	}
	for i := range result.NumField() {
		if field := result.Field(i).Type; field.Kind() == reflect.Slice && field != reflect.TypeFor[Links]() {
			return true
		}
	}
	return strings.HasSuffix(result.Name(), "List")
}

// neededHere are the fields that are optional, but not in every call here:
// VPCCIDRs replaces another field, the regions are required in an Active-Active
// subscription.
var neededHere = []string{"VPCPeeringUpdateAWSRequest.VPCCIDRs", "VPCPeeringCreateAWSRequest.DestinationRegion", "VPCPeeringCreateGCPRequest.Region"}

// filled is an argument that passes the checks before sending: required fields
// are set, optional ones aren't.
func filled(typ reflect.Type, name string, id int) reflect.Value {
	v := reflect.New(typ).Elem()
	switch typ.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(typ.Elem()))
		v.Elem().Set(filled(typ.Elem(), name, id))
	case reflect.Struct:
		for i := range typ.NumField() {
			field := typ.Field(i)
			optional := strings.Contains(string(field.Tag), ",omit") && !slices.Contains(neededHere, typ.Name()+"."+field.Name)
			if field.IsExported() && !optional {
				v.Field(i).Set(filled(field.Type, field.Name, id+i))
			}
		}
	case reflect.Slice:
		if typ != reflect.TypeFor[json.RawMessage]() {
			v.Set(reflect.Append(v, filled(typ.Elem(), name, id)))
		}
	case reflect.String:
		v.SetString(textFor(name))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(id))
	case reflect.Float64:
		v.SetFloat(float64(id))
	}
	return v
}

// textFor is a text for a field.
func textFor(field string) string {
	switch {
	case field == "Method":
		return http.MethodGet
	case strings.Contains(field, "CIDR"):
		return "10.0.0.0/24"
	case strings.HasSuffix(field, "Date"):
		return "2026-01-31"
	}
	return "x"
}

type transportFunc func(*http.Request) (*http.Response, error)

func (f transportFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
