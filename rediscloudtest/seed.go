package rediscloudtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"
)

// A seeder adds what the body of a create request describes, settled, or
// returns what is wrong with it.
type seeder struct {
	path string
	add  func(s *Server, body object, at time.Time) error
}

// In the order of their dependencies.
var seeders = []seeder{
	{cloudAccounts.path, seedAsset(cloudAccounts)},
	{"/subscriptions", (*Server).seedSubscription},
	{"/fixed/subscriptions", (*Server).seedEssentials},
	{aclRulesPath, seedAsset(aclRedisRules)},
	{aclRolesPath, seedAsset(aclRoles)},
	{aclUsersPath, seedAsset(aclUsers)},
	{accountUsers.path, (*Server).seedUser},
}

// Seed adds what a JSON document describes, active at once and without a task.
// The document is an object whose fields are the paths of create requests, such
// as "/subscriptions", each with a list of request bodies. The paths are
// /cloud-accounts, /subscriptions, /fixed/subscriptions, /acl/redisRules,
// /acl/roles, /acl/users, and /users with the fields name, email and role. They
// are added in this order, so a role can name a database.
//
// A Pro subscription is in us-east-1 on AWS unless it has cloudProviders, is
// Active-Active if it has several regions, and may have no database. An
// Essentials one also has a field databases, with the bodies for them. Ids
// count up from the usual ones: 120001 for the first subscription, 51000001 for
// the first database. The error says where the document is wrong; what comes
// before is kept.
func (s *Server) Seed(document io.Reader) error {
	decoder := json.NewDecoder(document)
	decoder.UseNumber()
	var lists map[string][]object
	if err := decoder.Decode(&lists); err != nil {
		return fmt.Errorf("rediscloudtest: the seed is not an object of lists of objects: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return errors.New("rediscloudtest: there is data after the seed")
	}
	for _, path := range slices.Sorted(maps.Keys(lists)) {
		if !slices.ContainsFunc(seeders, func(known seeder) bool { return known.path == path }) {
			return fmt.Errorf("rediscloudtest: a seed can't contain %q", path)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.advance(now)
	for _, seeder := range seeders {
		for i, body := range lists[seeder.path] {
			if err := s.seedOne(seeder, body, now); err != nil {
				return fmt.Errorf("rediscloudtest: seed: %s[%d]: %w", seeder.path, i, err)
			}
		}
	}
	return nil
}

func (s *Server) seedOne(with seeder, body object, at time.Time) error {
	if body == nil {
		return errors.New("is null")
	}
	if err := checkKinds(body, nil); err != nil {
		return err
	}
	return with.add(s, body, at)
}

func (f *failure) err() error {
	if f == nil {
		return nil
	}
	return fmt.Errorf("%s: %s", f.kind, f.description)
}

func seedAsset(kind *assetKind) func(*Server, object, time.Time) error {
	return func(s *Server, body object, at time.Time) error {
		if err := mustHave(body, kind.required...); err != nil {
			return err
		}
		a := &asset{server: s, kind: kind, settings: object{}}
		if f := kind.change(a, body, at); f != nil {
			return f.err()
		}
		a.id = s.nextID(kind.path)
		s.assets[kind.path][a.id] = a
		return nil
	}
}

func (s *Server) seedUser(body object, at time.Time) error {
	if err := mustHave(body, "name", "email", "role"); err != nil {
		return err
	}
	a := &asset{server: s, kind: accountUsers, settings: object{"email": body["email"], "signUp": wireTime(at)}}
	if f := accountUsers.change(a, body, at); f != nil {
		return f.err()
	}
	s.addAsset(accountUsers, s.nextID(accountUsers.path), a.settings)
	return nil
}

func (s *Server) seedSubscription(body object, at time.Time) error {
	if body["cloudProviders"] == nil {
		body["cloudProviders"] = []any{object{"regions": []any{object{"region": "us-east-1"}}}}
	}
	if err := checkSubscription(body); err != nil {
		return err
	}
	if regions := objects(objects(body, "cloudProviders")[0], "regions"); len(regions) > 1 && body["deploymentType"] == nil {
		body["deploymentType"] = activeActive
	}
	var databases []object
	if len(objects(body, "databases")) > 0 {
		var f *failure
		if databases, f = planned(body); f != nil {
			return f.err()
		}
	}
	sub := s.newSubscription(body)
	for _, settings := range databases {
		sub.addDatabase(settings, at)
	}
	return nil
}

func (s *Server) seedEssentials(body object, at time.Time) error {
	p := planOf(body)
	if f := s.refusesEssentials(body, p); f != nil {
		return f.err()
	}
	sub := s.newEssentials(body, p, at)
	for i, spec := range objects(body, "databases") {
		if err := mustHave(spec, "name"); err != nil {
			return fmt.Errorf("databases[%d]: %w", i, err)
		}
		settings, f := sub.essentialsSettings(spec)
		if f != nil {
			return fmt.Errorf("databases[%d]: %w", i, f.err())
		}
		sub.addDatabase(settings, at)
	}
	return nil
}
