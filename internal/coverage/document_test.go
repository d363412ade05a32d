package coverage_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud/internal/coverage"
)

const toyDocument = `{
"paths": {
	"/v1/toys": {
		"get": {"parameters": [
			{"in": "query", "name": "limit", "schema": {"type": "integer"}},
			{"in": "query", "name": "requestBody", "schema": {"$ref": "#/components/schemas/Any"}},
			{"in": "path", "name": "id", "schema": {"type": "integer"}}
		], "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Toys"}}}}, "404": {}}},
		"post": {
			"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/ToyRequest"}}}},
			"responses": {"202": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/TaskStateUpdate"}}}}}}
	},
	"/v1/toys/{toyId}": {"parameters": [], "delete": {"responses": {"204": {}}}}
},
"components": {"schemas": {
	"Any": {"type": "object"},
	"ToyRequest": {"type": "object", "oneOf": [{"$ref": "#/components/schemas/Car"}, {"$ref": "#/components/schemas/Any"}], "properties": {
		"id": {"type": "integer", "readOnly": true},
		"kind": {"type": "string", "enum": ["car", "kit"]},
		"parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}}}},
	"Car": {"properties": {"doors": {"type": "integer"}}},
	"Part": {"properties": {"size": {"type": "number"}, "inner": {"type": "object", "properties": {"made": {"type": "string", "format": "date-time"}}}}},
	"TaskStateUpdate": {"properties": {"taskId": {"type": "string", "format": "uuid"}}},
	"Toys": {"properties": {"total": {"type": "integer"}, "links": {"type": "array", "items": {"type": "object"}}},
		"example": {"total": 1, "toys": [{"id": 1, "colour": {"name": "red"}, "sizes": [], "links": [{"rel": "self"}]}], "boxes": [{"id": 1}], "price": 2.5}},
	"Toy": {"properties": {"id": {"type": "integer"}}}
}}}`

func TestFromDocument(t *testing.T) {
	old := &coverage.Facts{
		Operations: []coverage.Operation{{Op: "POST /toys", Result: "Made"}},
		Responses:  map[string]coverage.Schema{"Toys": {Members: map[string]string{"toys": "[]Toy"}}},
		Observed:   map[string]coverage.Schema{"Toy": {Members: map[string]string{"colour": "object", "weight": "number"}}},
		Results:    map[string]coverage.Schema{"Made": {Members: map[string]string{"cost": "number"}}},
	}
	facts, err := coverage.FromDocument([]byte(toyDocument), old)
	require.NoError(t, err)
	text, err := facts.Encode()
	require.NoError(t, err)
	want := `{
"operations": [
{"op":"GET /toys","query":["limit"],"response":"Toys"},
{"op":"POST /toys","request":"ToyRequest","response":"TaskStateUpdate","result":"Made"},
{"op":"DELETE /toys/{toyId}"}
],
"requests": {
"Any": {},
"Car": {"doors":"integer"},
"Part": {"inner":"object","inner.made":"time","size":"number"},
"ToyRequest": {"(one of)":"Car|Any","kind":"string(car|kit)","parts":"[]Part"}
},
"responses": {
"TaskStateUpdate": {"taskId":"string"},
"Toy": {"colour":"object","colour.name":"string","id":"integer","links":"links","sizes":"[]any"},
"Toys": {"boxes":"[]object","boxes[].id":"integer","links":"links","price":"number","total":"integer","toys":"[]Toy"}
},
"observed": {
"Toy": {"weight":"number"}
},
"results": {
"Made": {"cost":"number"}
}
}
`
	assert.Equal(t, want, string(text))

	var read coverage.Facts
	require.NoError(t, json.Unmarshal(text, &read))
	assert.Equal(t, facts, &read)
	assert.Empty(t, coverage.Differences(facts, &read))

	again, err := coverage.FromDocument([]byte(toyDocument), facts)
	require.NoError(t, err)
	assert.Equal(t, facts, again, "taking the same document once more changes nothing")
}

func TestFromDocumentRefusesOthers(t *testing.T) {
	for _, text := range []string{"", "{}", "[]", `{"paths":{"/a":{"get":[]}}}`} {
		_, err := coverage.FromDocument([]byte(text), &coverage.Facts{})
		assert.Error(t, err, text)
	}
}

func TestDifferences(t *testing.T) {
	before, after := toyFacts(), toyFacts()
	after.Operations[0].Query = []string{"limit"}
	after.Operations[1].Request = ""
	after.Operations[2].Op = "PUT /toys/{toyId}"
	after.Requests["ToyRequest"].Members["kind"] = "string(car|kit|ship)"
	delete(after.Responses["Toy"].Members, "slow")
	after.Responses["Owner"].Members["email"] = "string"

	assert.Equal(t, []string{
		"changed in the document: operation POST /toys is of nothing to Toy, was of ToyRequest to Toy",
		"new in the document: operation PUT /toys/{toyId}",
		"changed in the document: request field ToyRequest.kind is string(car|kit|ship), was string(car|kit)",
		"new in the document: response field Owner.email",
		"gone from the document: operation DELETE /toys/{toyId}",
		"gone from the document: query parameter offset of GET /toys",
		"gone from the document: response field Toy.slow",
	}, coverage.Differences(before, after))
}

func TestFactsOnDiskAreAsEncoded(t *testing.T) {
	text, err := loadFacts(t).Encode()
	require.NoError(t, err)
	onDisk, err := os.ReadFile(filepath.Join("..", "..", "testdata", "api_facts.json"))
	require.NoError(t, err)
	assert.Equal(t, string(onDisk), string(text), "write it with apicoverage -write")
}
