package rediscloudtest

import (
	"slices"
	"strings"
	"time"
)

var accountUsers = &assetKind{
	noun: "user", path: "/users", param: "userId", list: "users", account: "account",
	command: "user", unknown: "USER_NOT_FOUND", firstID: 60001, updated: 200, deleted: 200, silent: true,
	document: accountUserDocument, change: changeAccountUser, keeps: removable,
}

var accountUserRoles = []string{"Owner", "Member", "Viewer", "Logs Viewer (API use only)", "Manager", "Billing Admin"}

// AddUser adds a user of the account, with a role such as "Viewer", and returns
// its id. The API has no request for this: users are invited in the console.
func (s *Server) AddUser(name, email, role string) (id int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	settings := object{"name": name, "email": email, "role": role, "signUp": wireTime(now)}
	return s.addAsset(accountUsers, s.nextID(accountUsers.path), settings).id
}

func accountUserDocument(a *asset, _ time.Time) object {
	return object{
		"id": a.id, "name": a.name(), "email": a.settings["email"], "role": a.settings["role"], "signUp": a.settings["signUp"],
		"userType": "Local", "hasApiKey": false,
		"options": object{"billing": false, "emailAlerts": false, "operationalEmails": false, "mfaEnabled": false},
	}
}

func changeAccountUser(a *asset, request object, _ time.Time) *failure {
	switch {
	case strings.TrimSpace(str(request, "name", "")) == "":
		return badRequest("USER_NAME_IS_INVALID", "The name is empty.")
	case request["role"] != nil && !slices.Contains(accountUserRoles, str(request, "role", "")):
		return badRequest("USER_ROLE_DOES_NOT_EXISTS", "There is no such role.")
	}
	change(a.settings, object{"name": request["name"], "role": request["role"]})
	return nil
}
