package provider

import (
	"context"
	"encoding/json"

	"github.com/hashicorp/terraform-plugin-framework/diag"
)

// privateTask is the key in the private state that holds the token of a create that isn't done.
const privateTask = "task"

type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func putToken(ctx context.Context, private privateState, token string) diag.Diagnostics {
	if token == "" {
		return private.SetKey(ctx, privateTask, nil)
	}
	text, err := json.Marshal(token)
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("The task can't be kept", err.Error())}
	}
	return private.SetKey(ctx, privateTask, text)
}

func getToken(ctx context.Context, private privateState) (token string, diags diag.Diagnostics) {
	text, diags := private.GetKey(ctx, privateTask)
	if len(text) > 0 {
		if err := json.Unmarshal(text, &token); err != nil {
			diags.AddError("The private state is damaged", err.Error())
		}
	}
	return token, diags
}
