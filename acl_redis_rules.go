package rediscloud

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"time"
)

// ACLRedisRulesService manages the Redis ACL rules of the account: which
// commands, keys and channels they allow. A rule has no effect until an
// [ACLRole] includes it.
type ACLRedisRulesService struct{ client *Client }

// Get returns a rule. The API can't read a single rule, so Get lists them all.
// If it isn't among them, the error is [ErrNotFound].
//
// API: GET /acl/redisRules
func (s *ACLRedisRulesService) Get(ctx context.Context, ruleID int) (*ACLRedisRule, error) {
	return fetchElement(ctx, s.client, aclRedisRuleKind, get("/acl/redisRules"), ruleID)
}

// WaitProvisioned waits until a rule is active, and returns it. If it doesn't
// exist, the error is [ErrNotFound]; if it fails, a [*ProvisionError]. Anything
// else that ends the wait, such as ctx, is a [*WaitError].
//
// API: GET /acl/redisRules
func (s *ACLRedisRulesService) WaitProvisioned(ctx context.Context, ruleID int, opts ...WaitOption) (*ACLRedisRule, error) {
	return waitActive(ctx, s.client, knownToExist(opts),
		readBack(aclRedisRuleKind, "/acl/redisRules").element(ruleID))
}

// List returns all rules, including the default ones that every account has.
//
// API: GET /acl/redisRules
func (s *ACLRedisRulesService) List(ctx context.Context) (*ACLRedisRuleList, error) {
	return fetch[ACLRedisRuleList](ctx, s.client, get("/acl/redisRules"))
}

// All iterates over the rules that [ACLRedisRulesService.List] returns. On
// failure it yields the error and stops.
//
// API: GET /acl/redisRules
func (s *ACLRedisRulesService) All(ctx context.Context) iter.Seq2[*ACLRedisRule, error] {
	return listed(ctx, s.List)
}

// GetByName returns the rule with exactly that name. If there is none, the
// error is [ErrNotFound]; if there are several, an [*AmbiguousNameError].
//
// API: GET /acl/redisRules
func (s *ACLRedisRulesService) GetByName(ctx context.Context, name string) (*ACLRedisRule, error) {
	return byName(aclRedisRuleKind.noun, name, s.All(ctx), func(rule *ACLRedisRule) (int, string) { return rule.ID, rule.Name })
}

// Create creates a rule. The task yields it; [Task.WaitProvisioned] waits until
// it is active. If the name is taken, the task fails with [ErrConflict].
//
// API: POST /acl/redisRules
func (s *ACLRedisRulesService) Create(ctx context.Context, req *ACLRedisRuleCreateRequest) (*Task[ACLRedisRule], error) {
	return submit(ctx, s.client,
		post("/acl/redisRules").command("aclRedisRuleCreateRequest").withBody(req).
			shows("name", "redisRule=acl"),
		readBack(aclRedisRuleKind, "/acl/redisRules").element(0))
}

// Update changes the name and the pattern of a rule, in all roles that include
// it. Default rules can't be changed. The task yields the rule;
// [Task.WaitProvisioned] waits until it is active again.
//
// API: PUT /acl/redisRules/{aclRedisRuleId}
func (s *ACLRedisRulesService) Update(ctx context.Context, ruleID int, req *ACLRedisRuleUpdateRequest) (*Task[ACLRedisRule], error) {
	return submit(ctx, s.client,
		put("/acl/redisRules/{aclRedisRuleId}", ruleID).command("aclRedisRuleUpdateRequest").withBody(req).
			shows("name", "redisRule=acl"),
		readBack(aclRedisRuleKind, "/acl/redisRules").element(ruleID))
}

// Delete removes a rule. If a role still includes it, the task fails with
// [TaskErrorTypeACLRedisRuleCannotDeleteWhenAssociatedWithRoles]. Default rules
// can't be removed. [Task.WaitProvisioned] waits until the rule is gone.
//
// API: DELETE /acl/redisRules/{aclRedisRuleId}
func (s *ACLRedisRulesService) Delete(ctx context.Context, ruleID int) (*Task[None], error) {
	return submit(ctx, s.client,
		del("/acl/redisRules/{aclRedisRuleId}", ruleID).command("aclRedisRuleDeleteRequest"),
		removal(aclRedisRuleKind, "/acl/redisRules").element(ruleID))
}

// ACLRedisRuleCreateRequest describes a rule to create. All fields are
// required.
type ACLRedisRuleCreateRequest struct {
	Name string `json:"name"`
	Rule string `json:"redisRule"` // in the syntax of Redis ACLs, such as "+@read ~cache:*"
}

func (r *ACLRedisRuleCreateRequest) validate() error { return checkRule(r.Name, r.Rule) }

// ACLRedisRuleUpdateRequest changes a rule. Both fields are required, even if
// unchanged.
type ACLRedisRuleUpdateRequest struct {
	Name string `json:"name"`
	Rule string `json:"redisRule"` // in the syntax of Redis ACLs, such as "+@read ~cache:*"
}

func (r *ACLRedisRuleUpdateRequest) validate() error { return checkRule(r.Name, r.Rule) }

func checkRule(name, rule string) error {
	return cmp.Or(
		required("Name", name != ""),
		required("Rule", rule != ""))
}

// An ACLRedisRule says which commands, keys and channels are allowed.
type ACLRedisRule struct {
	ID        int       `json:"id"`
	Name      string    `json:"name"`
	Rule      string    `json:"acl"`       // in the syntax of Redis ACLs, such as "+@read ~cache:*"
	IsDefault bool      `json:"isDefault"` // exists in every account and can't be changed
	Status    ACLStatus `json:"status,omitempty"`
	Links     Links     `json:"links,omitempty"`
}

var aclRedisRuleKind = newKind[ACLRedisRule]("ACLRedisRule", kind{
	noun: "Redis ACL rule", member: "status",
	ready:  []string{string(ACLStatusActive)},
	failed: []string{string(ACLStatusError)},
	route:  "/acl/redisRules", list: []string{"redisRules"}, id: "id",
	settle: 5 * time.Second,
})

func (r *ACLRedisRule) check() error {
	if r.ID == 0 {
		return errors.New("missing id of a Redis ACL rule")
	}
	return nil
}

// ACLRedisRuleList is the result of [ACLRedisRulesService.List].
type ACLRedisRuleList struct {
	AccountID  int            `json:"accountId"`
	RedisRules []ACLRedisRule `json:"redisRules"`
	Links      Links          `json:"links,omitempty"`
}

func (l *ACLRedisRuleList) elements() []ACLRedisRule { return l.RedisRules }
