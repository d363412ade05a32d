package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/rediscloud-go/rediscloud"
)

// problem makes of an error of the client what a user of Terraform has to know: what happened, and what to do about it.
func problem(doing string, err error) diag.ErrorDiagnostic {
	summary, advice := "Failed to "+doing, ""
	var unknown *rediscloud.OutcomeUnknownError
	var untold *rediscloud.LostTaskError
	var failed *rediscloud.TaskError
	var stuck *rediscloud.ProvisionError
	var ended *rediscloud.WaitError
	switch {
	case errors.As(err, &unknown), errors.As(err, &untold):
		summary = "It isn't known whether Redis Cloud accepted to " + doing
		advice = "The answer to the request was lost, and its task couldn't be told from others. Look in the console, or in GET /tasks, whether it was carried out. " +
			"If so, import the resource; if not, apply again."
	case errors.As(err, &failed):
		summary += fmt.Sprintf(": %s", firstOf(string(failed.Type), failed.Status, "the task failed"))
		advice = "Redis Cloud says: " + firstOf(failed.Description, failed.AdditionalInfo, failed.Status, "nothing more") + " (task " + failed.TaskID + ")"
	case errors.As(err, &stuck) && stuck.ActionRequired:
		summary += ": manual action is needed"
		advice = "What has to be done: " + stuck.Hint + "."
	case errors.As(err, &stuck):
		summary += ": its status is " + stuck.Status
	case errors.As(err, &ended) && ended.TaskID != "" && errors.Is(err, context.DeadlineExceeded):
		summary += " in time"
		advice = "The work continues at Redis Cloud. If this was a create, Terraform marks the resource as tainted, and will replace it; to keep it, run terraform untaint with its address, " +
			"then apply again, which waits for it. A longer time is set in the timeouts of the resource."
	case errors.Is(err, context.DeadlineExceeded):
		summary += " in time"
		advice = "A longer time is set in the timeouts of the resource. Waiting for other changes of the subscription counts too."
	case errors.Is(err, context.Canceled):
		advice = "It was interrupted."
	case errors.Is(err, rediscloud.ErrUnauthorized):
		advice = "Redis Cloud didn't accept the keys: check access_key and secret_key, and from which addresses the keys may be used."
	case errors.Is(err, rediscloud.ErrForbidden):
		advice = "The keys are valid, but their user may not do this."
	}
	if advice != "" {
		advice += "\n\n"
	}
	return diag.NewErrorDiagnostic(summary, advice+err.Error())
}

// awaited is the warning about a resource that is there, and needs manual action. An error would taint it, and have it replaced.
func awaited(what string, stuck *rediscloud.ProvisionError) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Manual action needed: "+what+" is "+stuck.Status, "What has to be done: "+stuck.Hint+".")
}
