package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/rediscloud-go/rediscloud"
)

// A plan is what must exist.
type plan struct {
	path          string
	subscriptions []*subscriptionPlan
}

type subscriptionPlan struct {
	item      item
	id        int                                   // 0 if it is identified by its name
	request   *rediscloud.SubscriptionCreateRequest // nil if it can't be created: it must exist
	asked     map[string]any                        // the plan's fields, as in JSON
	databases []*databasePlan
}

// wholes are the databases to create along with the subscription.
func (s *subscriptionPlan) wholes() (specs []rediscloud.SubscriptionDatabaseSpec) {
	for _, d := range s.databases {
		if d.whole {
			specs = append(specs, *d.spec)
		}
	}
	return specs
}

type databasePlan struct {
	item    item
	request *rediscloud.DatabaseCreateRequest
	asked   map[string]any

	// spec is the same for the request that creates the subscription, with the
	// settings that it accepts. whole means that these are all.
	spec  *rediscloud.SubscriptionDatabaseSpec
	whole bool
}

// An item is a subscription or a database of the plan, or a task.
type item struct {
	kind, name   string
	subscription string // of a database
}

func (i item) String() string {
	if i.subscription != "" {
		return fmt.Sprintf("%s %q in %q", i.kind, i.name, i.subscription)
	}
	return fmt.Sprintf("%s %q", i.kind, i.name)
}

// A planFile is the format of a plan: subscriptions and databases have the
// fields of the API's own requests.
type planFile struct {
	Subscriptions []struct {
		ID int `json:"id"`
		rediscloud.SubscriptionCreateRequest
		Databases []rediscloud.DatabaseCreateRequest `json:"databases"`
	} `json:"subscriptions"`
}

func readPlan(path string) (*plan, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, mistake{fmt.Errorf("the plan can't be read: %w", err)}
	}
	p, err := parsePlan(data)
	if err != nil {
		return nil, mistake{fmt.Errorf("%s: %w", path, err)}
	}
	p.path = path
	return p, nil
}

func parsePlan(data []byte) (*plan, error) {
	root, err := parseYAML(data)
	if err != nil {
		return nil, err
	}
	file := new(planFile)
	if strict(root, file) != nil {
		wrong, err := blame(root, func(part *yaml.Node) error { return strict(part, new(planFile)) })
		return nil, at(wrong, err)
	}
	if len(file.Subscriptions) == 0 {
		return nil, errors.New("the plan has no subscriptions")
	}
	p, seen := new(plan), map[item]bool{}
	for n, node := range field(root, "subscriptions").Content {
		given := &file.Subscriptions[n]
		s := &subscriptionPlan{id: given.ID, request: &given.SubscriptionCreateRequest, asked: asked(node, "id", "databases")}
		if err := s.complete(node); err != nil {
			return nil, err
		}
		if seen[s.item] {
			return nil, at(field(node, "name"), fmt.Errorf("duplicate %s", s.item))
		}
		seen[s.item] = true
		if err := s.addDatabases(node, given.Databases); err != nil {
			return nil, err
		}
		p.subscriptions = append(p.subscriptions, s)
	}
	return p, nil
}

// complete checks a subscription, and decides how it is identified.
func (s *subscriptionPlan) complete(node *yaml.Node) error {
	s.item = item{kind: "subscription"}
	switch {
	case s.id < 0 || s.id == 0 && field(node, "id") != node:
		return at(field(node, "id"), errors.New("id must be the id of a subscription"))
	case s.request.Name != nil:
		s.item.name = *s.request.Name
	case s.id != 0:
		s.item.name = strconv.Itoa(s.id)
	}
	if s.item.name == "" {
		return at(node, errors.New("missing name or id of a subscription"))
	}
	if s.id == 0 {
		delete(s.asked, "name") // it identifies the subscription
	}
	if s.id != 0 || len(s.request.CloudProviders) == 0 {
		s.request = nil
	}
	return nil
}

func (s *subscriptionPlan) addDatabases(node *yaml.Node, requests []rediscloud.DatabaseCreateRequest) error {
	seen, anyWhole := map[string]bool{}, false
	list := field(node, "databases")
	for n := range requests {
		d, node := &databasePlan{request: &requests[n]}, list.Content[n]
		switch name := d.request.Name; {
		case name == "":
			return at(node, errors.New("missing name of a database"))
		case seen[name]:
			return at(field(node, "name"), fmt.Errorf("duplicate database %q", name))
		}
		seen[d.request.Name] = true
		d.item = item{kind: "database", name: d.request.Name, subscription: s.item.name}
		d.asked = asked(node, "name")
		if err := d.size(node); err != nil {
			return at(node, err)
		}
		anyWhole = anyWhole || d.whole
		s.databases = append(s.databases, d)
	}
	if s.request != nil && !anyWhole {
		return at(node, errors.New("a new subscription needs a database that can be created along with it: "+
			"one without password, eviction policy, backup and the like"))
	}
	return nil
}

// size sets spec and whole.
func (d *databasePlan) size(node *yaml.Node) error {
	d.whole = strict(node, new(rediscloud.SubscriptionDatabaseSpec)) == nil
	d.spec = new(rediscloud.SubscriptionDatabaseSpec)
	text, err := toJSON(node)
	return cmp.Or(err, json.Unmarshal(text, d.spec))
}

func parseYAML(data []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, more yaml.Node
	err := decoder.Decode(&document)
	if errors.Is(err, io.EOF) || err == nil && len(document.Content) == 1 && document.Content[0].Tag == "!!null" {
		return nil, errors.New("the plan is empty")
	}
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := decoder.Decode(&more); err == nil {
		return nil, at(&more, errors.New("a second document starts here; a plan has one"))
	}
	if _, err := toJSON(&document); err != nil {
		return nil, err // such as an alias inside what it names
	}
	root := expand(document.Content[0])
	return root, fillIn(root)
}

// expand replaces aliases and merge keys by what they stand for.
func expand(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	for n := range node.Content {
		node.Content[n] = expand(node.Content[n])
	}
	for n := 0; node.Kind == yaml.MappingNode && n < len(node.Content); n += 2 {
		if node.Content[n].Tag != "!!merge" {
			continue
		}
		merged := node.Content[n+1]
		node.Content = slices.Delete(node.Content, n, n+2)
		n -= 2
		if merged.Kind == yaml.MappingNode {
			merged = &yaml.Node{Content: []*yaml.Node{merged}}
		}
		for _, from := range merged.Content {
			for k := 0; k < len(from.Content); k += 2 {
				if field(node, from.Content[k].Value) == node {
					node.Content = append(node.Content, from.Content[k:k+2]...)
				}
			}
		}
	}
	return node
}

// field returns the value of a field, or the node itself if it doesn't have it.
func field(node *yaml.Node, name string) *yaml.Node {
	for n := 0; node.Kind == yaml.MappingNode && n+1 < len(node.Content); n += 2 {
		if node.Content[n].Value == name {
			return node.Content[n+1]
		}
	}
	return node
}

// asked returns the contents of a node, except for some of its fields.
func asked(node *yaml.Node, without ...string) map[string]any {
	var fields map[string]any
	if text, err := toJSON(node); err == nil {
		_ = json.Unmarshal(text, &fields)
	}
	maps.DeleteFunc(fields, func(name string, _ any) bool { return slices.Contains(without, name) })
	return fields
}

// at adds to an error its place in the plan.
func at(node *yaml.Node, err error) error { return fmt.Errorf("line %d: %w", node.Line, err) }

func toJSON(node *yaml.Node) ([]byte, error) {
	var value any
	if err := node.Decode(&value); err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, errors.New("names of fields must be strings")
	}
	return text, nil
}

// strict decodes a node as if it were JSON, and rejects unknown fields.
func strict(node *yaml.Node, to any) error {
	text, err := toJSON(node)
	if err != nil {
		return err
	}
	err = strictly(text, to)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		what := cmp.Or(wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:], "a plan")
		is := cmp.Or(kinds[wrong.Value], strings.TrimPrefix(wrong.Value, "number "))
		return fmt.Errorf("%s must be %s, not %s", what, wanted(wrong.Type), is)
	}
	switch name, unknown := strings.CutPrefix(fmt.Sprint(err), "json: unknown field "); {
	case name == `"dryRun"`:
		return errors.New("for the price, use -dry-run")
	case unknown:
		return fmt.Errorf("unknown field %s", name)
	}
	return err
}

func strictly(text []byte, to any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	return decoder.Decode(to)
}

// kinds are the names of JSON types.
var kinds = map[string]string{"string": "a string", "number": "a number", "bool": "true or false", "array": "a list", "object": "a group of fields"}

// wanted describes what a field must be.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string (put it in quotes)"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "a group of fields, such as {name: shop}"
	case reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

// blame finds what check rejects in a node, and why: it looks for the smallest
// part that is rejected alone.
func blame(node *yaml.Node, check func(*yaml.Node) error) (*yaml.Node, error) {
	nothing := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	for n := 0; n < len(node.Content); n++ {
		part, alone := node.Content[n], func(part *yaml.Node) error {
			return check(&yaml.Node{Kind: node.Kind, Tag: node.Tag, Content: []*yaml.Node{part}})
		}
		if node.Kind == yaml.MappingNode {
			key := part
			n++
			part, alone = node.Content[n], func(part *yaml.Node) error {
				return check(&yaml.Node{Kind: node.Kind, Tag: node.Tag, Content: []*yaml.Node{key, part}})
			}
			if err := alone(nothing); err != nil {
				return key, err
			}
		}
		if wrong, err := blame(part, alone); err != nil {
			return wrong, err
		}
	}
	return node, check(node)
}

var variable = regexp.MustCompile(`^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$`)

// fillIn replaces values such as ${NAME} by environment variables, so no
// password needs to be in a plan.
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
