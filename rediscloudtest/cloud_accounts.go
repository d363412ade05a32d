package rediscloudtest

import (
	"fmt"
	"time"
)

// internalCloudAccount is the id of Redis's own cloud account.
const internalCloudAccount = 1

var cloudAccounts = &assetKind{
	noun: "cloud account", path: "/cloud-accounts", param: "cloudAccountId", list: "cloudAccounts", account: "accountId",
	command: "cloudAccount", unknown: "CLOUD_ACCOUNT_NOT_FOUND",
	required: []string{"name", "accessKeyId", "accessSecretKey", "consoleUsername", "consolePassword", "signInLoginUrl"}, firstID: 101, created: 202, updated: 202, deleted: 200, silent: true,
	creating: []string{"draft", "pending"}, changing: []string{"change-draft", "change-pending"}, removing: []string{"delete-draft"},
	document: cloudAccountDocument, change: changeCloudAccount, keeps: keepsCloudAccount,
}

func cloudAccountDocument(a *asset, at time.Time) object {
	document := object{
		"id": a.id, "name": a.name(), "provider": str(a.settings, "provider", "AWS"), "status": a.status(at),
	}
	if key := str(a.settings, "accessKeyId", ""); key != "" {
		document["accessKeyId"] = key
		if a.server.documentForms {
			document["accessKeyId"] = key[:1] + "***" + key[len(key)-1:]
		}
		document["signInLoginUrl"] = a.settings["signInLoginUrl"]
		if document["provider"] == "AWS" {
			document["awsUserArn"] = fmt.Sprintf("arn:aws:iam::%012d:user/redislabs-user", a.id)
			document["awsConsoleRoleArn"] = fmt.Sprintf("arn:aws:iam::%012d:role/redislabs-role", a.id)
		}
	}
	return a.server.linked(document)
}

func changeCloudAccount(a *asset, request object, at time.Time) *failure {
	switch {
	case a.id == internalCloudAccount:
		return badRequest("BAD_REQUEST", "The cloud account is that of Redis.")
	case a.id != 0 && a.status(at) != statusActive:
		return badRequest("CLOUD_ACCOUNT_NOT_ACTIVE", "The cloud account is not active.")
	case a.taken(request, "name"):
		return conflict("CLOUD_ACCOUNT_NAME_EXISTS", "There is a cloud account of this name.")
	case a.taken(request, "accessKeyId"):
		return conflict("CLOUD_ACCOUNT_ACCESS_KEY_EXISTS", "There is a cloud account with this access key.")
	}
	for _, name := range []string{"accessKeyId", "accessSecretKey", "consoleUsername", "consolePassword"} {
		if str(request, name, "") == "" {
			return badRequest("CLOUD_ACCOUNT_INVALID_CREDS", "The credentials are not complete.")
		}
	}
	for _, name := range []string{"name", "provider", "accessKeyId", "signInLoginUrl"} {
		if request[name] != nil && (name != "provider" || a.id == 0) {
			a.settings[name] = request[name]
		}
	}
	return nil
}

func keepsCloudAccount(a *asset, _ time.Time) *failure {
	if a.id == internalCloudAccount {
		return badRequest("BAD_REQUEST", "The cloud account is that of Redis.")
	}
	for _, sub := range a.server.subscriptions {
		for _, cloud := range sub.clouds {
			if int(num(cloud.settings, "cloudAccountId", internalCloudAccount)) == a.id {
				return badRequest("CLOUD_ACCOUNT_USED", "There are subscriptions in the cloud account.")
			}
		}
	}
	return nil
}
