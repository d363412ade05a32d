package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/rediscloud-go/rediscloud"
)

// A difference is a field that differs from the plan. For a secret neither
// value is shown.
type difference struct {
	Field string `json:"field"`
	Is    any    `json:"is,omitempty"`
	Plan  any    `json:"plan,omitempty"`
}

func (d difference) String() string {
	if d.Plan == nil {
		return d.Field
	}
	return fmt.Sprintf("%s is %s, but %s in the plan", d.Field, short(d.Is), short(d.Plan))
}

// short writes a value as JSON does.
func short(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// A differsError is the failure for what differs from the plan, if requested.
type differsError struct{ differs []difference }

func (e *differsError) Error() string { return "it differs from the plan: " + list(e.differs) }

func list(differs []difference) string {
	var texts []string
	for _, d := range differs {
		texts = append(texts, d.String())
	}
	return strings.Join(texts, "; ")
}

// shownAs are the fields that the API returns elsewhere than it accepts them.
// Those that it doesn't return can't be compared.
var shownAs = map[string]string{
	"sourceIp": "security.sourceIps", "enableTls": "security.enableTls", "password": "security.password",
	"paymentMethod": "paymentMethodType", "cloudProviders": "cloudDetails",
}

// reconcile compares a thing with the plan, and changes it if requested.
func reconcile[T any](ctx context.Context, a *applier, th thing[T], id int) ([]difference, error) {
	differs, err := compare(ctx, th, id)
	if err != nil || len(differs) == 0 || !a.update {
		return differs, err
	}
	changes := map[string]any{}
	for _, d := range differs {
		changes[d.Field] = th.asked[d.Field]
	}
	text, err := json.Marshal(changes)
	if err != nil {
		return nil, err
	}
	_, err = rediscloud.InTurn(ctx, a.client, cmp.Or(th.within, id), func(ctx context.Context) (*rediscloud.Task[T], error) {
		task, err := th.update(ctx, id, text)
		if err == nil {
			a.out.report(event{Event: eventSubmitted, item: th.item, Task: task.ID(), Differs: differs})
		}
		return task, err
	}, a.watch(th.item)...)
	return nil, err
}

// compare returns the fields that differ from the plan.
func compare[T any](ctx context.Context, th thing[T], id int) ([]difference, error) {
	var answer rediscloud.Response
	if _, err := th.read(rediscloud.WithCaptureResponse(ctx, &answer), id); err != nil {
		return nil, err
	}
	var shown any
	if err := json.Unmarshal(answer.Body, &shown); err != nil {
		return nil, err
	}
	var differs []difference
	for _, name := range slices.Sorted(maps.Keys(th.asked)) {
		path, elsewhere := shownAs[name]
		if !elsewhere {
			path = name
		}
		value := shown
		for step := range strings.SplitSeq(path, ".") {
			fields, _ := value.(map[string]any)
			value = fields[step]
		}
		switch asked := th.asked[name]; {
		case name == "password":
			if text, ok := value.(string); ok && text != asked && strings.Trim(text, "*") != "" {
				differs = append(differs, difference{Field: name})
			}
		case !agree(asked, value):
			differs = append(differs, difference{name, value, asked})
		}
	}
	return differs, nil
}

// agree reports whether what is shown matches what was requested. The API may
// omit fields, and show more than was requested.
func agree(asked, shown any) bool {
	if reflect.TypeOf(asked) != reflect.TypeOf(shown) {
		return true // it isn't shown, or in another form
	}
	switch asked := asked.(type) {
	case map[string]any:
		for name, value := range asked {
			if !agree(value, shown.(map[string]any)[name]) {
				return false
			}
		}
		return true
	case []any:
		texts := false
		for _, element := range asked {
			if !slices.ContainsFunc(shown.([]any), func(s any) bool { return agree(element, s) }) {
				return false
			}
			_, texts = element.(string)
		}
		return !texts || len(asked) == len(shown.([]any))
	case string: // 10.0.0.1 is 10.0.0.1/32, names are case-insensitive
		return strings.EqualFold(strings.TrimSuffix(asked, "/32"), strings.TrimSuffix(shown.(string), "/32"))
	}
	return asked == shown
}

// decode decodes changes into the request for an update, which doesn't accept
// everything that can be set on creation.
func decode(changes []byte, request any) error {
	err := strictly(changes, request)
	if name, unknown := strings.CutPrefix(fmt.Sprint(err), "json: unknown field "); unknown {
		return fmt.Errorf("%s can't be changed after creation: undo that in the plan, or give the item another name", strings.Trim(name, `"`))
	}
	return err
}
