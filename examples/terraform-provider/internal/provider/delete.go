package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/rediscloud-go/rediscloud"
)

// unfinished finds what an interrupted create has made, for its removal. It returns nil if that is nothing.
func unfinished[T any](ctx context.Context, c *connection, private privateState) (*T, error) {
	token, diags := getToken(ctx, private)
	if token == "" || diags.HasError() {
		return nil, errors.New("neither the id is known nor the task; remove it from the state with terraform state rm")
	}
	task, err := rediscloud.ResumeTask[T](c.client, token)
	if err != nil {
		return nil, err
	}
	result, err := task.Wait(ctx)
	if begunInVain(err) {
		return nil, nil
	}
	if errors.Is(err, rediscloud.ErrNotFound) {
		err = forgotten("remove it from the state with terraform state rm", err)
	}
	return result, err
}

// removed ends a delete: what isn't there is removed.
func removed(ctx context.Context, c *connection, what string, err error, private privateState, resp *resource.DeleteResponse) {
	if err != nil && !errors.Is(err, rediscloud.ErrNotFound) {
		resp.Diagnostics.Append(problem("delete the "+what, err))
		return
	}
	if token, _ := getToken(ctx, private); token != "" {
		c.journal.forget(token)
	}
}
