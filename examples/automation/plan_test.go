package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
)

func itoa(n int) string { return strconv.Itoa(n) }

func TestSamplePlan(t *testing.T) {
	p := samplePlan(t)
	require.Len(t, p.subscriptions, 2)
	shop := p.subscriptions[0]
	assert.Equal(t, "shop", *shop.request.Name)
	assert.Equal(t, "10.0.0.0/24", *shop.request.CloudProviders[0].Regions[0].Networking.DeploymentCIDR)
	require.Len(t, shop.databases, 2)
	assert.True(t, shop.databases[0].whole)
	assert.False(t, shop.databases[1].whole)
	assert.Equal(t, rediscloud.EvictionPolicyAllKeysLRU, *shop.databases[1].request.DataEvictionPolicy)
	assert.InDelta(t, 0.5, *shop.databases[1].spec.DatasetSizeInGB, 0)
	assert.Equal(t, `database "sessions" in "shop"`, shop.databases[1].item.String())
}

func TestSecretFromEnvironment(t *testing.T) {
	const text = "subscriptions: [{name: s, databases: [{name: d, password: '${TEST_PASSWORD}'}]}]"
	_, err := parsePlan([]byte(text))
	assert.ErrorContains(t, err, "set TEST_PASSWORD in the environment")
	t.Setenv("TEST_PASSWORD", "12345") // stays a string
	p, err := parsePlan([]byte(text))
	require.NoError(t, err)
	assert.Equal(t, "12345", string(*p.subscriptions[0].databases[0].request.Password))
}

func TestWrongPlans(t *testing.T) {
	const cloud = "cloudProviders: [{regions: [{region: us-east-1}]}]"
	for text, want := range map[string]string{
		"":                         "the plan is empty",
		"# nothing\n":              "the plan is empty",
		"---\n":                    "the plan is empty",
		"{":                        "line 1: ",
		"shop":                     "line 1: a plan must be a group of fields, such as {name: shop}, not a string",
		"subscriptions: []":        "the plan has no subscriptions",
		"subscriptions: {}":        "line 1: subscriptions must be a list, not a group of fields",
		"databases: []":            `line 1: unknown field "databases"`,
		"subscriptions: [3]":       "line 1: subscriptions must be a group of fields, such as {name: shop}, not a number",
		"subscriptions: [{}]":      "line 1: missing name or id of a subscription",
		"subscriptions: [null]":    "line 1: missing name or id of a subscription",
		"subscriptions: [{id: x}]": "line 1: id must be a whole number, not a string",
		"subscriptions:\n- id: 0":  "line 2: id must be the id of a subscription",
		"subscriptions: [{name: a, id: 1}]\n---\nsubscriptions: []":                                `line 2: a second document starts here`,
		"subscriptions:\n- {name: a}\n- {name: a}":                                                 `line 3: duplicate subscription "a"`,
		"subscriptions:\n- name: a\n  nom:\n    c: b":                                              `line 3: unknown field "nom"`,
		"subscriptions:\n- &a {name: a}\n- {<<: *a, name: b, nom: c}":                              `line 3: unknown field "nom"`,
		"subscriptions: &a [*a]":                                                                   "anchor 'a' value contains itself",
		"subscriptions:\n- name: a\n  dryRun: true":                                                "line 3: for the price, use -dry-run",
		"subscriptions: [{name: a, " + cloud + "}]":                                                "needs a database that can be created along",
		"subscriptions: [{name: a, databases: [{}]}]":                                              "missing name of a database",
		"subscriptions: [{name: a, databases: [{name: d}, {name: d}]}]":                            `duplicate database "d"`,
		"subscriptions:\n- name: a\n  databases: cache":                                            "line 3: databases must be a list, not a string",
		"subscriptions:\n- name: a\n  databases:\n  - cache":                                       "line 4: databases must be a group of fields, such as {name: shop}, not a string",
		"subscriptions:\n- name: a\n  databases:\n  - name: d\n    redisVersion: 7.4":              "line 5: redisVersion must be a string (put it in quotes), not a number",
		"subscriptions:\n- name: a\n  databases:\n  - name: d\n    datasetSizeInGb: big":           "line 5: datasetSizeInGb must be a number, not a string",
		"subscriptions:\n- name: a\n  databases:\n  - name: d\n    port: 1.5":                      "line 5: port must be a whole number, not 1.5",
		"subscriptions:\n- name: a\n  databases:\n  - name: d\n    replication: 'yes'":             "line 5: replication must be true or false, not a string",
		"subscriptions:\n- name: a\n  databases:\n  - name: d\n    sourceIp:\n    - a\n    - 3":    "line 7: sourceIp must be a string (put it in quotes), not a number",
		"subscriptions:\n- name: a\n  databases:\n  - name: d\n  - name: e\n    quantity: 2":       `line 6: unknown field "quantity"`,
		"subscriptions: [{name: a, databases: [{name: d, alerts: [{1: 2}]}]}]":                     "must be strings",
		"subscriptions: [{name: a, " + cloud + ", databases: [{name: d, password: abcdefgh123}]}]": "needs a database that can be created along",
	} {
		_, err := parsePlan([]byte(text))
		assert.ErrorContains(t, err, want, text)
		if err != nil {
			assert.NotContains(t, err.Error(), "Go value", text)
			assert.NotContains(t, err.Error(), "rediscloud.", text)
		}
	}
	_, err := readPlan("testdata/none.yaml")
	assert.Equal(t, exitUsage, exitCode(t.Context(), err))
}

// An alias or a merge key is replaced by what it stands for.
func TestAliases(t *testing.T) {
	p, err := parsePlan([]byte(`
subscriptions:
  - name: a
    databases: &all
      - &one {name: d, datasetSizeInGb: 1}
      - {<<: *one, name: e}
  - name: b
    databases: *all
`))
	require.NoError(t, err)
	require.Len(t, p.subscriptions[1].databases, 2)
	assert.InDelta(t, 1, *p.subscriptions[1].databases[1].spec.DatasetSizeInGB, 0)
	assert.Equal(t, map[string]any{"datasetSizeInGb": 1.0}, p.subscriptions[0].databases[1].asked)
}

func TestAdvice(t *testing.T) {
	of := func(err error) error { return &itemError{item{kind: "subscription", name: "shop"}, err} }
	for want, err := range map[string]error{
		"look at the tasks that it names":     of(fmt.Errorf("%w: %w", errUnknown, &rediscloud.LostTaskError{})),
		"run it again: it looks for what may": of(fmt.Errorf("%w: %w", errUnknown, &rediscloud.LostTaskError{Err: context.Canceled})),
		"choose another name":                 of(&rediscloud.TaskError{Status: "409 CONFLICT"}),
		"give the id of one in the plan":      of(&rediscloud.AmbiguousNameError{}),
		"in the Redis Cloud console":          of(&rediscloud.ProvisionError{}),
		"allow it, then run it again":         of(&rediscloud.ProvisionError{ActionRequired: true, Hint: "allow it"}),
		"or change it with -update":           of(&differsError{}),
		"fix what the error names":            of(errMissing),
		"check the id":                        rediscloud.ErrNotFound,
	} {
		assert.Contains(t, advice(t.Context(), err), want)
	}
	assert.Equal(t, exitUnknown, exitCode(t.Context(), errors.Join(of(errMissing), errors.Join(of(errUnknown), errLocked))))
	assert.Len(t, split(errors.Join(of(errMissing), nil, errors.Join(of(fmt.Errorf("%w: %w", errUnknown, errMissing)), errLocked))), 3)
}
