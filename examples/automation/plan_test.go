package main

import (
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
	t.Setenv("TEST_PASSWORD", "12345") // stays a text
	p, err := parsePlan([]byte(text))
	require.NoError(t, err)
	assert.Equal(t, "12345", string(*p.subscriptions[0].databases[0].request.Password))
}

func TestWrongPlans(t *testing.T) {
	const cloud = "cloudProviders: [{regions: [{region: us-east-1}]}]"
	for text, want := range map[string]string{
		"":                         "EOF",
		"{":                        "yaml:",
		"subscriptions: []":        "no subscriptions",
		"databases: []":            "field databases not found",
		"subscriptions: [3]":       "line 1",
		"subscriptions: [{}]":      "line 1: a subscription needs a name or an id",
		"subscriptions: [null]":    "line 1: a subscription needs a name or an id",
		"subscriptions: [{id: x}]": "id must be",
		"subscriptions:\n- {name: a}\n- {name: a}":                                                 `line 3: subscription "a" is there twice`,
		"subscriptions: [{name: a, nom: b}]":                                                       `unknown field "nom"`,
		"subscriptions: [{name: a, dryRun: true}]":                                                 "use -dry-run",
		"subscriptions: [{name: a, " + cloud + "}]":                                                "needs a database that can be created along",
		"subscriptions: [{name: a, databases: [{}]}]":                                              "a database needs a name",
		"subscriptions: [{name: a, databases: [{name: d}, {name: d}]}]":                            "is there twice",
		"subscriptions: [{name: a, databases: [{name: d, redisVersion: 7.4}]}]":                    "redisVersion can't be a number; put a text in quotes",
		"subscriptions: [{name: a, databases: [{name: d, quantity: 2}]}]":                          `unknown field "quantity"`,
		"subscriptions: [{name: a, databases: [{name: d, alerts: [{1: 2}]}]}]":                     "must be texts",
		"subscriptions: [{name: a, " + cloud + ", databases: [{name: d, password: abcdefgh123}]}]": "needs a database that can be created along",
	} {
		_, err := parsePlan([]byte(text))
		assert.ErrorContains(t, err, want, text)
	}
	_, err := readPlan("testdata/none.yaml")
	assert.Equal(t, exitUsage, exitCode(t.Context(), err))
}
