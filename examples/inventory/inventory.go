package main

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/rediscloud-go/rediscloud"
)

// A row is a database, or one region of an Active-Active database. The sizes
// are in MB, replication included.
type row struct {
	subscription, database string
	id                     int
	status                 rediscloud.DatabaseStatus
	used, limit            float64
}

// atOnce is how many lists are read concurrently: enough to reach the limit on
// requests, which the client keeps to.
const atOnce = 16

// inventory reads the databases of all subscriptions. With an error it also
// returns those that it could read.
func inventory(ctx context.Context, client *rediscloud.Client) (rows []row, err error) {
	var mu sync.Mutex
	var reading sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	read := func(databases func() ([]row, error)) {
		slots <- struct{}{}
		reading.Go(func() {
			defer func() { <-slots }()
			found, failure := databases()
			if errors.Is(failure, rediscloud.ErrNotFound) { // the subscription was removed in the meantime
				failure = nil
			}
			mu.Lock()
			defer mu.Unlock()
			rows, err = append(rows, found...), errors.Join(err, failure)
		})
	}
	for s, err := range client.Subscriptions.All(ctx) {
		read(func() ([]row, error) { return proRows(ctx, client, s, err) })
	}
	for s, err := range client.EssentialsSubscriptions.All(ctx) {
		read(func() ([]row, error) { return essentialsRows(ctx, client, s, err) })
	}
	reading.Wait()
	return rows, err
}

func proRows(ctx context.Context, client *rediscloud.Client, s *rediscloud.Subscription, err error) (rows []row, _ error) {
	if err != nil {
		return nil, err
	}
	for d, err := range client.Databases.All(ctx, s.ID, nil) {
		if err != nil {
			return rows, err
		}
		if len(d.Regions) == 0 {
			rows = append(rows, row{s.Name, d.Name, d.ID, d.Status, d.MemoryUsedInMB, gb * cmp.Or(d.MemoryLimitInGB, d.DatasetSizeInGB)})
		}
		for _, r := range d.Regions {
			rows = append(rows, row{s.Name, d.Name + " in " + r.Region, d.ID, d.Status, r.MemoryUsedInMB, gb * cmp.Or(r.MemoryLimitInGB, r.DatasetSizeInGB)})
		}
	}
	return rows, nil
}

func essentialsRows(ctx context.Context, client *rediscloud.Client, s *rediscloud.EssentialsSubscription, err error) (rows []row, _ error) {
	if err != nil {
		return nil, err
	}
	for d, err := range client.EssentialsDatabases.All(ctx, s.ID, nil) {
		if err != nil {
			return rows, err
		}
		limit := gb * d.MemoryLimitInGB // pay-as-you-go plans have no limit, their databases do
		if d.PlanMemoryLimit > 0 {
			limit = d.PlanMemoryLimit * units[d.MemoryLimitMeasurementUnit]
		}
		rows = append(rows, row{s.Name, d.Name, d.ID, d.Status, d.MemoryUsedInMB, limit})
	}
	return rows, nil
}

const gb = 1024 // MB

var units = map[rediscloud.SizeUnit]float64{rediscloud.SizeUnitMB: 1, rediscloud.SizeUnitGB: gb}
