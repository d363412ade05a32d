package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/rediscloud-go/rediscloud"
)

// problem turns an error of the client into what a user of Terraform must know:
// what happened, and what to do about it.
func problem(doing string, err error) diag.ErrorDiagnostic {
	summary, advice := "Failed to "+doing, ""
	var unknown *rediscloud.OutcomeUnknownError
	var untold *rediscloud.LostTaskError
	var failed *rediscloud.TaskError
	var stuck *rediscloud.ProvisionError
	var ended *rediscloud.WaitError
	switch {
	case errors.As(err, &unknown), errors.As(err, &untold):
		summary = "It isn't known whether Redis Cloud accepted the request to " + doing
		advice = "The response was lost, and its task couldn't be distinguished from others. Check in the console, or with GET /tasks, whether the request was carried out. " +
			"If so, import the resource; if not, apply again."
	case errors.As(err, &failed):
		summary += fmt.Sprintf(": %s", firstOf(string(failed.Type), failed.Status, "the task failed"))
		advice = "Redis Cloud says: " + firstOf(failed.Description, failed.AdditionalInfo, failed.Status, "no details") + " (task " + failed.TaskID + ")"
	case errors.As(err, &stuck) && stuck.ActionRequired:
		summary += ": manual action is needed"
		advice = "Required action: " + stuck.Hint + "."
	case errors.As(err, &stuck):
		summary += ": its status is " + stuck.Status
	case errors.As(err, &ended) && ended.TaskID != "" && errors.Is(err, context.DeadlineExceeded):
		summary += " in time"
		advice = "The work continues in Redis Cloud. If this was a create, Terraform marks the resource as tainted, and the next apply replaces it; to keep it, run terraform untaint with its address, " +
			"then apply again, which waits for it. To allow more time, set the timeouts of the resource."
	case errors.Is(err, context.DeadlineExceeded):
		summary += " in time"
		advice = "To allow more time, set the timeouts of the resource. They include the time to wait for other changes of the subscription."
	case errors.Is(err, context.Canceled):
		advice = "It was interrupted."
	case errors.Is(err, rediscloud.ErrUnauthorized):
		advice = "Redis Cloud rejected the keys: check access_key and secret_key, and from which addresses the keys may be used."
	case errors.Is(err, rediscloud.ErrForbidden):
		advice = "The keys are valid, but their user may not do this."
	}
	if advice != "" {
		advice += "\n\n"
	}
	return diag.NewErrorDiagnostic(summary, advice+err.Error())
}

// awaited returns the warning about a resource that exists, and needs manual
// action. An error would taint it, and the next apply would replace it.
func awaited(what string, stuck *rediscloud.ProvisionError) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Manual action needed: "+what+" is "+stuck.Status, "Required action: "+stuck.Hint+".")
}
