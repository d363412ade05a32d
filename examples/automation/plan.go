package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rediscloud-go/rediscloud"
)

// A plan is what is to be there.
type plan struct {
	path          string
	subscriptions []*subscriptionPlan
}

type subscriptionPlan struct {
	item      item
	id        int                                   // 0 if it is known by its name
	request   *rediscloud.SubscriptionCreateRequest // nil if it can't be created: it must be there
	databases []*databasePlan
}

type databasePlan struct {
	item    item
	request *rediscloud.DatabaseCreateRequest

	// spec is the same for the request that creates the subscription, with the
	// settings that it takes. whole says that these are all.
	spec  *rediscloud.SubscriptionDatabaseSpec
	whole bool
}

// An item is a subscription or a database of the plan, or else a task.
type item struct {
	kind, name   string
	subscription string // that a database is in
}

// String also is the key of the item in the state file.
func (i item) String() string {
	if i.subscription != "" {
		return fmt.Sprintf("%s %q in %q", i.kind, i.name, i.subscription)
	}
	return fmt.Sprintf("%s %q", i.kind, i.name)
}

// readPlan reads a plan. Its subscriptions and databases have the members of
// the API's own requests.
func readPlan(path string) (*plan, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, usageError("the plan can't be read: %w", err)
	}
	p, err := parsePlan(data)
	if err != nil {
		return nil, usageError("%s: %w", path, err)
	}
	p.path = path
	return p, nil
}

func parsePlan(data []byte) (*plan, error) {
	var doc struct {
		Subscriptions []yaml.Node `yaml:"subscriptions"`
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&doc); err != nil {
		return nil, err
	}
	if len(doc.Subscriptions) == 0 {
		return nil, errors.New("it has no subscriptions")
	}
	p, seen := new(plan), map[item]bool{}
	for i := range doc.Subscriptions {
		node := &doc.Subscriptions[i]
		s, err := parseSubscription(node)
		if err != nil {
			return nil, err
		}
		if seen[s.item] {
			return nil, at(node, fmt.Errorf("%s is there twice", s.item))
		}
		seen[s.item] = true
		p.subscriptions = append(p.subscriptions, s)
	}
	return p, nil
}

func parseSubscription(node *yaml.Node) (*subscriptionPlan, error) {
	members := map[string]yaml.Node{}
	if err := node.Decode(&members); err != nil {
		return nil, err
	}
	s := &subscriptionPlan{item: item{kind: "subscription"}}
	if id, ok := members["id"]; ok {
		if err := id.Decode(&s.id); err != nil || s.id <= 0 {
			return nil, at(&id, errors.New("id must be that of a subscription"))
		}
	}
	var databases []yaml.Node
	if list, ok := members["databases"]; ok {
		if err := list.Decode(&databases); err != nil {
			return nil, err
		}
	}
	delete(members, "id")
	delete(members, "databases")
	s.request = new(rediscloud.SubscriptionCreateRequest)
	if _, asked := members["dryRun"]; asked {
		return nil, at(node, errors.New("for the price, use -dry-run"))
	}
	if err := decodeStrictly(members, s.request); err != nil {
		return nil, at(node, err)
	}
	switch {
	case s.request.Name != nil:
		s.item.name = *s.request.Name
	case s.id != 0:
		s.item.name = strconv.Itoa(s.id)
	}
	if s.item.name == "" {
		return nil, at(node, errors.New("a subscription needs a name or an id"))
	}
	if s.id != 0 || len(s.request.CloudProviders) == 0 {
		s.request = nil
	}
	seen, anyWhole := map[string]bool{}, false
	for i := range databases {
		d, err := parseDatabase(&databases[i], s.item.name)
		if err != nil {
			return nil, err
		}
		if seen[d.item.name] {
			return nil, at(&databases[i], fmt.Errorf("%s is there twice", d.item))
		}
		seen[d.item.name] = true
		anyWhole = anyWhole || d.whole
		s.databases = append(s.databases, d)
	}
	if s.request != nil && !anyWhole {
		return nil, at(node, errors.New("a new subscription needs a database that can be created along with it: "+
			"one without password, eviction policy, backup and the like"))
	}
	return s, nil
}

func parseDatabase(node *yaml.Node, subscription string) (*databasePlan, error) {
	members := map[string]yaml.Node{}
	if err := node.Decode(&members); err != nil {
		return nil, err
	}
	d := &databasePlan{request: new(rediscloud.DatabaseCreateRequest), spec: new(rediscloud.SubscriptionDatabaseSpec)}
	if _, asked := members["dryRun"]; asked {
		return nil, at(node, errors.New("for the price, use -dry-run"))
	}
	if err := decodeStrictly(members, d.request); err != nil {
		return nil, at(node, err)
	}
	if d.request.Name == "" {
		return nil, at(node, errors.New("a database needs a name"))
	}
	d.item = item{kind: "database", name: d.request.Name, subscription: subscription}
	d.whole = decodeStrictly(members, d.spec) == nil
	if !d.whole {
		data, err := json.Marshal(d.request)
		if err != nil {
			return nil, at(node, err)
		}
		*d.spec = rediscloud.SubscriptionDatabaseSpec{}
		if err := json.Unmarshal(data, d.spec); err != nil {
			return nil, at(node, err)
		}
	}
	return d, nil
}

// at tells where in the plan an error is.
func at(node *yaml.Node, err error) error { return fmt.Errorf("line %d: %w", node.Line, err) }

// decodeStrictly decodes members of a plan as what they are in JSON, and
// refuses those that a request doesn't have.
func decodeStrictly(members map[string]yaml.Node, request any) error {
	values := map[string]any{}
	for name, node := range members {
		if err := fillIn(&node); err != nil {
			return err
		}
		var value any
		if err := node.Decode(&value); err != nil {
			return err
		}
		values[name] = value
	}
	data, err := json.Marshal(values)
	if err != nil {
		return fmt.Errorf("names of members must be texts: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(request)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s can't be a %s; put a text in quotes", wrong.Field, wrong.Value)
	}
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

var variable = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// fillIn replaces values such as ${NAME} by what the environment has, so that
// no password needs to be in a plan.
func fillIn(node *yaml.Node) error {
	if match := variable.FindStringSubmatch(node.Value); node.Kind == yaml.ScalarNode && match != nil {
		value, ok := os.LookupEnv(match[1])
		if !ok {
			return at(node, fmt.Errorf("set %s in the environment", match[1]))
		}
		node.SetString(value)
	}
	for _, child := range node.Content {
		if err := fillIn(child); err != nil {
			return err
		}
	}
	return nil
}
