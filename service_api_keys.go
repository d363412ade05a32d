package rediscloud

import (
	"context"
	"errors"
	"fmt"
)

// A ServiceStatus says whether a memory store or a cache can be used. The API
// adds values without notice.
type ServiceStatus string

// The statuses of memory stores and caches.
const (
	ServiceStatusProvisioning ServiceStatus = "PROVISIONING"
	ServiceStatusReady        ServiceStatus = "READY"
	ServiceStatusUnavailable  ServiceStatus = "UNAVAILABLE" // it has failed
)

// A ServiceAPIKey describes a key with which programs use a memory store or a
// cache. It isn't a key of the account, and doesn't contain the key itself.
type ServiceAPIKey struct {
	ID              string `json:"apiKeyId"`
	Name            string `json:"keyName"` // not necessarily unique
	ObfuscatedToken string `json:"obfuscatedToken,omitempty"`
	CreatedAt       int64  `json:"createdAt,omitempty"` // since 1970; the API doesn't document the unit
}

func (k *ServiceAPIKey) check() error {
	if k.ID == "" {
		return errors.New("missing id of an API key")
	}
	return nil
}

// ServiceAPIKeyList is the response of the ListAPIKeys methods.
type ServiceAPIKeyList struct {
	APIKeys []ServiceAPIKey `json:"apiKeys"`
}

func (l *ServiceAPIKeyList) elements() []ServiceAPIKey { return l.APIKeys }

// A CreatedServiceAPIKey is a key that was just created. The API shows it only
// once: if you don't keep it, it is lost.
type CreatedServiceAPIKey struct {
	Secret ReceivedSecret `json:"apiKey"` // the key itself
	Key    ServiceAPIKey  `json:"-"`      // as listed; its ID is needed to delete the key
}

func (k *CreatedServiceAPIKey) check() error {
	if k.Secret == "" {
		return errors.New("missing API key")
	}
	return nil
}

// A ServiceAPIKeyError is the error for an API key that was created, but whose
// id could not be found: the list shows several new keys with the name, or
// none, or can't be read, as Err says. The key works all the same.
type ServiceAPIKeyError struct {
	Name       string
	Secret     ReceivedSecret  // the key, which isn't shown again
	Candidates []ServiceAPIKey // the new keys with the name, one of which it is
	Err        error           // what failed; nil if the key can't be distinguished from others
}

// Error returns the name of the key and the ids of the candidates.
func (e *ServiceAPIKeyError) Error() string {
	text := fmt.Sprintf("rediscloud: the API key %q was created, but its id can't be determined", oneLine(e.Name))
	switch {
	case e.Err != nil:
		return text + ": " + e.Err.Error()
	case len(e.Candidates) == 0:
		return text + ": the list doesn't show it"
	}
	text += fmt.Sprintf(": there are %d new ones with this name:", len(e.Candidates))
	for _, key := range e.Candidates[:min(len(e.Candidates), maxNamed)] {
		text += " " + oneLine(key.ID)
	}
	return text
}

// Unwrap returns Err.
func (e *ServiceAPIKeyError) Unwrap() error { return e.Err }

// apiKeyRequest asks for an API key.
type apiKeyRequest struct {
	KeyName string `json:"keyName"`
}

func (r *apiKeyRequest) validate() error { return required("name", r.KeyName != "") }

// createAPIKey creates an API key, and finds its id, which the response lacks,
// by what is new in the list.
func createAPIKey(ctx context.Context, c *Client, list, create call, name string) (*CreatedServiceAPIKey, error) {
	if create = create.withBody(&apiKeyRequest{KeyName: name}); create.err != nil {
		return nil, create.failed()
	}
	before, err := fetch[ServiceAPIKeyList](ctx, c, list)
	if err != nil {
		return nil, err
	}
	made, err := fetch[CreatedServiceAPIKey](ctx, c, create)
	if err != nil {
		return nil, err
	}
	after, err := fetch[ServiceAPIKeyList](ctx, c, list)
	if err != nil {
		return nil, &ServiceAPIKeyError{Name: name, Secret: made.Secret, Err: err}
	}
	fresh := after.newSince(before, name)
	if len(fresh) != 1 {
		return nil, &ServiceAPIKeyError{Name: name, Secret: made.Secret, Candidates: fresh}
	}
	made.Key = fresh[0]
	return made, nil
}

// newSince returns the keys with a name that an earlier list doesn't show.
func (l *ServiceAPIKeyList) newSince(before *ServiceAPIKeyList, name string) (fresh []ServiceAPIKey) {
	old := map[string]bool{}
	for _, key := range before.APIKeys {
		old[key.ID] = true
	}
	for _, key := range l.APIKeys {
		if key.Name == name && !old[key.ID] {
			fresh = append(fresh, key)
		}
	}
	return fresh
}
