package coverage

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// Measure calls the methods of all services of a client, and compares what they
// send, and what they return for the responses, with the known facts of the
// API.
//
// newClient creates the client: a pointer to a struct whose fields are the
// services. It must send its requests to BaseURL through the given transport.
func Measure(ctx context.Context, facts *Facts, newClient func(http.RoundTripper) (any, error)) (*Report, error) {
	document := facts
	facts = facts.whole()
	m := &measurement{
		ctx:      ctx,
		facts:    facts,
		document: document,
		recorder: &recorder{facts: facts, answerers: map[string]*answerer{}},
		enums:    facts.enums(),
		ops:      map[string]*opRecord{},
	}
	client, err := newClient(m.recorder)
	if err != nil {
		return nil, err
	}
	services := reflect.ValueOf(client).Elem()
	for i := range services.NumField() {
		if field := services.Type().Field(i); field.IsExported() {
			service := services.Field(i)
			if service.Kind() == reflect.Struct {
				service = service.Addr() // the methods are those of the pointer
			}
			m.service(field.Name, service) //nolint:contextcheck // m has it
		}
	}
	return m.report(), nil
}

type measurement struct {
	ctx      context.Context // that of Measure
	facts    *Facts          // all
	document *Facts          // without those beyond the document
	recorder *recorder
	enums    map[string][]string
	ops      map[string]*opRecord
	problems []string
}

// An opRecord is what is seen of one operation.
type opRecord struct {
	known   bool
	callers []string
	query   map[string]bool
	sent    map[string]bool // request fields, as Schema.path
	odd     map[string]bool // sent, and not known
	result  map[*answerer]*result
}

func (m *measurement) op(req *request) *opRecord {
	if m.ops[req.op] == nil {
		m.ops[req.op] = &opRecord{
			known: req.known, query: map[string]bool{}, sent: map[string]bool{},
			odd: map[string]bool{}, result: map[*answerer]*result{},
		}
	}
	return m.ops[req.op]
}

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
)

// service measures the methods of a service that take a context. Those with
// wait options are left out: they repeat what other methods read once.
func (m *measurement) service(name string, service reflect.Value) {
	for i := range service.NumMethod() {
		method := service.Method(i)
		in := method.Type().NumIn()
		waits := in > 0 && method.Type().In(in-1) == reflect.TypeFor[[]rediscloud.WaitOption]()
		if in > 0 && method.Type().In(0) == contextType && !waits {
			c := &caller{m: m, name: name + "." + service.Type().Method(i).Name, method: method}
			c.measure()
		}
	}
}

// A caller calls one method of the SDK.
type caller struct {
	m      *measurement
	name   string
	method reflect.Value
}

// measure calls the method for each operation that its arguments can choose: a
// region or none, the HTTP method.
func (c *caller) measure() {
	args, err := c.accepted("", nil)
	if err != nil {
		c.m.problems = append(c.m.problems, fmt.Sprintf("%s can't be called: %v", c.name, err))
		return
	}
	first := c.m.recorder.first
	seen := map[string]bool{first.op: true}
	c.operation(args, nil)
	for open := (selection{}).others(args); len(open) > 0; open = open[1:] {
		args, err := c.accepted("", open[0])
		if err != nil || seen[c.m.recorder.first.op] {
			continue
		}
		req := c.m.recorder.first
		seen[req.op] = true
		// Beside another unknown one, it may be the same with other ids.
		if req.known || first.known {
			c.operation(args, open[0])
		}
		if req.known {
			open = append(open, open[0].others(args)...)
		}
	}
}

// operation calls the method with everything that its arguments can contain.
// What can't be sent together with the rest is sent in separate calls.
func (c *caller) operation(args []*node, selected selection) {
	if !c.answers(args) {
		return
	}
	tried := map[string]bool{}
	for open := leftOut(args); len(open) > 0; open = open[1:] {
		label := open[0]
		if _, fixed := selected[label]; fixed || tried[label] {
			continue
		}
		tried[label] = true
		if args, err := c.accepted(label, selected); err == nil {
			c.note(c.m.recorder.first)
			open = append(open, leftOut(args)...)
		}
	}
}

func leftOut(args []*node) (labels []string) {
	for _, arg := range args {
		labels = append(labels, arg.leftOut()...)
	}
	return labels
}

// accepted finds arguments with which the method sends a request, with as much
// in them as the SDK accepts, and always with the wanted field.
func (c *caller) accepted(wanted string, selected selection) ([]*node, error) {
	var args []*node
	for i := 1; i < c.method.Type().NumIn(); i++ {
		if c.method.Type().IsVariadic() && i == c.method.Type().NumIn()-1 {
			continue
		}
		arg := grow(c.method.Type().In(i), "", "", nil, c.m.enums)
		if arg.typ.Kind() == reflect.String {
			arg.selector = fmt.Sprint("argument ", i)
		}
		args = append(args, arg)
	}
	selected.apply(args)
	var err error
	for range 1000 {
		c.m.recorder.first = nil
		if _, err = c.call(args, 1); c.m.recorder.first != nil {
			return args, nil
		}
		if err == nil {
			return nil, fmt.Errorf("it sends no request")
		}
		if !c.giveWay(args, err, wanted) {
			return nil, err
		}
	}
	return nil, err
}

// giveWay changes one of the rejected values.
func (c *caller) giveWay(args []*node, refused error, wanted string) bool {
	nodes := named(args, refused.Error())
	// The wanted field gives way last.
	slices.SortStableFunc(nodes, func(a, b *node) int {
		return boolToInt(wanted != "" && a.holds(wanted)) - boolToInt(wanted != "" && b.holds(wanted))
	})
	for _, n := range nodes {
		if n.yield(wanted) {
			return true
		}
	}
	// The text names none, or nothing that can give way.
	for _, arg := range args {
		if arg.next() {
			return true
		}
	}
	return c.guess(args, refused, wanted)
}

// guess tries one change after the other: best is one with which the call
// succeeds, else one with which something else is rejected.
func (c *caller) guess(args []*node, refused error, wanted string) bool {
	var other *change
	for _, change := range changes(args, wanted) {
		undo := change.make()
		c.m.recorder.first = nil
		_, err := c.call(args, 1)
		if c.m.recorder.first != nil {
			return true
		}
		if other == nil && err != nil && err.Error() != refused.Error() {
			other = &change
		}
		undo()
	}
	if other != nil {
		other.make()
	}
	return other != nil
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// answers calls the method once for each of its responses, and keeps what it
// returns. It reports whether the API knows the operation.
func (c *caller) answers(args []*node) (known bool) {
	req := c.m.recorder.first // of the call that was accepted
	c.note(req)
	op, answerer := c.m.op(req), c.m.recorder.answerer(req)
	op.callers = append(op.callers, c.name)
	if !req.known {
		return false
	}
	kept := op.result[answerer]
	if kept == nil {
		kept = newResult()
		op.result[answerer] = kept
	}
	for number := range answerer.answers() {
		if number == stateAnswer && answerer.op.isTask() && iterates(c.method) {
			continue // it would wait until the task is completed
		}
		values, err := c.call(args, number)
		if errors.Is(err, rediscloud.ErrNotFound) {
			// It searches a list for an id or a name.
			if _, err := c.call(args, lookupAnswer); err == nil {
				return true
			}
		}
		for _, v := range values {
			kept.add(c.name+v.Type().String(), number, v)
		}
		if err != nil {
			c.m.problems = append(c.m.problems, fmt.Sprintf("%s fails: %v", c.name, err))
			break
		}
	}
	return true
}

// note keeps what a request has sent.
func (c *caller) note(req *request) {
	op := c.m.op(req)
	for name := range req.query {
		op.query[name] = true
	}
	c.m.noteBody(op, req)
}

// call calls the method, and returns its results: the first element of an
// iterator, and a task's state and result.
func (c *caller) call(args []*node, number int) (values []reflect.Value, err error) {
	ctx, cancel := context.WithTimeout(c.m.ctx, 10*time.Second)
	defer cancel()
	c.m.recorder.number, c.m.recorder.paged = number, map[string]bool{}
	in := []reflect.Value{reflect.ValueOf(ctx)}
	for _, arg := range args {
		in = append(in, arg.build())
	}
	return c.results(ctx, c.method.Call(in), number)
}

func (c *caller) results(ctx context.Context, out []reflect.Value, number int) (values []reflect.Value, err error) {
	for _, v := range out {
		switch {
		case v.Type() == errorType:
			err, _ := v.Interface().(error)
			if made, ok := errors.AsType[*rediscloud.ServiceAPIKeyError](err); ok {
				// The list of keys is the same before and after the key is
				// created.
				return append(values, reflect.ValueOf(made.Secret)), nil
			}
			if err != nil {
				return values, err
			}
		case isIterator(v.Type()):
			element, err := firstOf(v.Seq2())
			return append(values, element...), err
		case v.Kind() == reflect.Pointer && !v.IsNil() && v.MethodByName("Submitted").IsValid():
			more, err := c.task(ctx, v, number)
			values = append(values, more...)
			if err != nil {
				return values, err
			}
		default:
			values = append(values, v)
		}
	}
	return values, err
}

func iterates(method reflect.Value) bool {
	return method.Type().NumOut() == 1 && isIterator(method.Type().Out(0))
}

func isIterator(t reflect.Type) bool { return t.Kind() == reflect.Func && t.CanSeq2() }

// firstOf returns the first element that an iterator yields.
func firstOf(elements iter.Seq2[reflect.Value, reflect.Value]) ([]reflect.Value, error) {
	for element, err := range elements {
		if err, _ := err.Interface().(error); err != nil {
			return nil, err
		}
		return []reflect.Value{element}, nil
	}
	return nil, nil
}

// task returns the state of a task, and its result if it has one.
func (c *caller) task(ctx context.Context, task reflect.Value, number int) ([]reflect.Value, error) {
	values := task.MethodByName("Submitted").Call(nil)
	first := c.m.recorder.first
	if first == nil {
		return values, nil
	}
	answerer := c.m.recorder.answerer(first)
	carries := answerer.op.Result
	if answerer.dryRun {
		carries = answerer.op.DryRun
	}
	if number == stateAnswer || carries == "" {
		return values, nil
	}
	out := task.MethodByName("Wait").Call([]reflect.Value{reflect.ValueOf(ctx)})
	if err, _ := out[1].Interface().(error); err != nil {
		return values, err
	}
	return append(values, out[0]), nil
}

// enums returns the values that fields of requests can have, by name.
func (f *Facts) enums() map[string][]string {
	enums := map[string][]string{}
	for _, schema := range f.Requests {
		for path, kind := range schema.Members {
			list, ok := strings.CutPrefix(strings.TrimLeft(kind, "[]"), "string(")
			name := strings.TrimSuffix(path[strings.LastIndexByte(path, '.')+1:], "[]")
			if ok {
				enums[name] = append(enums[name], strings.Split(strings.TrimSuffix(list, ")"), "|")...)
			}
		}
	}
	for name, values := range enums {
		slices.Sort(values)
		enums[name] = slices.Compact(values)
	}
	return enums
}

// noteBody notes which fields of its schema a body has.
func (m *measurement) noteBody(op *opRecord, req *request) {
	for _, known := range m.facts.Operations {
		if known.Op == req.op {
			w := bodyWalk{facts: m.facts, sent: op.sent, odd: op.odd}
			w.body(known.Request, req.body)
		}
	}
}

func sortedKeys[V any](set map[string]V) []string { return slices.Sorted(maps.Keys(set)) }
