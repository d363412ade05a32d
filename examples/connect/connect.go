package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"

	"github.com/redis/go-redis/v9"

	"github.com/rediscloud-go/rediscloud"
)

// Connect returns a Redis client of an active database, from what the API
// reports: the endpoint, the password and, if the database requires TLS, the
// certificate to trust. Close the client when done.
func Connect(ctx context.Context, api *rediscloud.Client, subscriptionID, databaseID int) (*redis.Client, error) {
	// Not from a list: lists omit the password.
	db, err := api.Databases.Get(ctx, subscriptionID, databaseID)
	if err != nil {
		return nil, err
	}
	options, err := redisOptions(ctx, api, subscriptionID, db)
	if err != nil {
		return nil, fmt.Errorf("database %d: %w", databaseID, err)
	}
	rdb := redis.NewClient(options)
	if err := rdb.Ping(ctx).Err(); err != nil {
		return nil, errors.Join(fmt.Errorf("database %d at %s: %w", databaseID, options.Addr, err), rdb.Close())
	}
	return rdb, nil
}

func redisOptions(ctx context.Context, api *rediscloud.Client, subscriptionID int, db *rediscloud.Database) (*redis.Options, error) {
	if db.Status != rediscloud.DatabaseStatusActive {
		return nil, fmt.Errorf("it is %s; wait with WaitProvisioned", db.Status)
	}
	// From within a peered network, use db.PrivateEndpoint; for an
	// Active-Active database, the endpoint of one of db.Regions.
	endpoint := db.PublicEndpoint
	host, _, err := net.SplitHostPort(endpoint)
	if err != nil {
		return nil, fmt.Errorf("its endpoint is %q", endpoint)
	}
	options := &redis.Options{Addr: endpoint, Password: string(db.Security.Password)}
	if !db.Security.EnableTLS {
		return options, nil
	}
	certificate, err := api.Databases.GetCertificate(ctx, subscriptionID, db.ID)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(certificate.PublicCertificatePEM)) {
		return nil, errors.New("can't parse its certificate")
	}
	options.TLSConfig = &tls.Config{RootCAs: roots, ServerName: host, MinVersion: tls.VersionTLS12}
	// If clients must authenticate (db.Security.TLSClientAuthentication), put
	// the client's certificate into TLSConfig.Certificates.
	return options, nil
}
