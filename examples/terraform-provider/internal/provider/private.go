package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// begun is an unfinished create: its task, and its entry in the journal.
// Resources keep it in their private state.
type begun struct {
	Token string `json:"task"`
	Entry string `json:"entry"`
}

const privateKey = "begun"

type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// putBegun stores an unfinished create; nil removes it.
func putBegun(ctx context.Context, private privateState, b *begun) diag.Diagnostics {
	if b == nil {
		return private.SetKey(ctx, privateKey, nil)
	}
	text, err := json.Marshal(b)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The task can't be stored", err.Error())}
	}
	return private.SetKey(ctx, privateKey, text)
}

func getBegun(ctx context.Context, private privateState) (b *begun, diags diag.Diagnostics) {
	text, diags := private.GetKey(ctx, privateKey)
	if len(text) > 0 {
		if err := json.Unmarshal(text, &b); err != nil {
			diags.AddError("The private state is damaged", err.Error())
		}
	}
	return b, diags
}
