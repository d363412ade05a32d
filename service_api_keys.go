package rediscloud

import (
	"context"
	"errors"
	"fmt"
)

// A ServiceStatus tells whether a memory store or a cache can be used. The API
// adds values without notice.
type ServiceStatus string

// The statuses of memory stores and caches.
const (
	ServiceStatusProvisioning ServiceStatus = "PROVISIONING"
	ServiceStatusReady        ServiceStatus = "READY"
	ServiceStatusUnavailable  ServiceStatus = "UNAVAILABLE" // it has failed
)

// A ServiceAPIKey describes a key by which programs use a memory store or a
// cache. It is no key of the account, and doesn't hold the key itself.
type ServiceAPIKey struct {
	ID              string `json:"apiKeyId"`
	Name            string `json:"keyName"` // several keys may have the same
	ObfuscatedToken string `json:"obfuscatedToken,omitempty"`
	CreatedAt       int64  `json:"createdAt,omitempty"` // since 1970, as the API counts it; which unit that is isn't documented
}

func (k *ServiceAPIKey) check() error {
	if k.ID == "" {
		return errors.New("missing id of an API key")
	}
	return nil
}

// ServiceAPIKeyList is the answer of the methods ListAPIKeys.
type ServiceAPIKeyList struct {
	APIKeys []ServiceAPIKey `json:"apiKeys"`
}

func (l *ServiceAPIKeyList) elements() []ServiceAPIKey { return l.APIKeys }

// A CreatedServiceAPIKey is a key that was just made. The API shows it once: what
// isn't kept now is lost.
type CreatedServiceAPIKey struct {
	Secret ReceivedSecret `json:"apiKey"` // the key itself
	Key    ServiceAPIKey  `json:"-"`      // as the list has it: by its ID the key is deleted
}

func (k *CreatedServiceAPIKey) check() error {
	if k.Secret == "" {
		return errors.New("missing API key")
	}
	return nil
}

// A ServiceAPIKeyError says that an API key was made, and that its id could not
// be found: the list shows several new keys of the name, or none, or can't be
// read, as Err says. The key works all the same.
type ServiceAPIKeyError struct {
	Name       string
	Secret     ReceivedSecret  // the key, which isn't shown again
	Candidates []ServiceAPIKey // the new keys of the name, one of which it is
	Err        error           // what has failed; nil if the key can't be told from others
}

// Error names the key by its name, and the candidates by their ids.
func (e *ServiceAPIKeyError) Error() string {
	text := fmt.Sprintf("rediscloud: the API key %q was made, but its id can't be told", oneLine(e.Name))
	switch {
	case e.Err != nil:
		return text + ": " + e.Err.Error()
	case len(e.Candidates) == 0:
		return text + ": the list doesn't show it"
	}
	text += fmt.Sprintf(": there are %d new ones of this name:", len(e.Candidates))
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

// createAPIKey makes an API key, and finds its id, which the answer lacks, by what
// is new in the list.
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

// newSince are the keys of a name that an earlier list doesn't show.
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
