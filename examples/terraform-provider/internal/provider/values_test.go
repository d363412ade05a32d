package provider

import (
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/stretchr/testify/require"
)

// number returns a whole number; null is 0.
func number(t *testing.T, value tftypes.Value) int {
	t.Helper()
	if value.IsNull() {
		return 0
	}
	float := new(big.Float)
	require.NoError(t, value.As(&float))
	whole, _ := float.Int64()
	return int(whole)
}

// str returns a text; null is "".
func str(t *testing.T, value tftypes.Value) string {
	t.Helper()
	if value.IsNull() {
		return ""
	}
	var text string
	require.NoError(t, value.As(&text))
	return text
}
