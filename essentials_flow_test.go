package rediscloud_test

import (
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// Essentials from plan to removal: create, wait, use, change, delete.
func TestEssentialsFlow(t *testing.T) {
	for name, form := range map[string]rediscloudtest.LinkForm{"object": rediscloudtest.LinkObject, "array": rediscloudtest.LinkArray} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := rediscloudtest.New(calm, rediscloudtest.WithProvisioning(time.Minute), rediscloudtest.WithLinkForm(form), rediscloudtest.WithRoundTrip(80*time.Millisecond))
				client, ctx := connect(t, fake), t.Context()

				plans, err := client.EssentialsPlans.List(ctx, &rediscloud.EssentialsPlanListOptions{Provider: rediscloud.ProviderAWS})
				require.NoError(t, err)
				var chosen rediscloud.EssentialsPlan
				for _, plan := range plans.Plans {
					if plan.Region == "us-east-1" && plan.Availability == rediscloud.AvailabilitySingleZone && !plan.RedisFlex {
						chosen = plan
					}
				}
				require.Equal(t, rediscloudtest.PlanStandard, chosen.ID)
				plan, err := client.EssentialsPlans.Get(ctx, chosen.ID)
				require.NoError(t, err)
				assert.Equal(t, chosen.Name, plan.Name)

				create, err := client.EssentialsSubscriptions.Create(ctx, &rediscloud.EssentialsSubscriptionCreateRequest{Name: "flow", PlanID: chosen.ID})
				require.NoError(t, err)
				sub, err := create.Wait(ctx)
				require.NoError(t, err)
				assert.Equal(t, rediscloud.SubscriptionStatusPending, sub.Status)
				sub, err = create.WaitProvisioned(ctx)
				require.NoError(t, err)
				assert.Equal(t, rediscloud.SubscriptionStatusActive, sub.Status)
				assert.Equal(t, chosen.Name, sub.PlanName)

				versions, err := client.EssentialsSubscriptions.ListRedisVersions(ctx, sub.ID)
				require.NoError(t, err)
				assert.NotEmpty(t, versions.Versions)

				task, err := client.EssentialsDatabases.Create(ctx, sub.ID, &rediscloud.EssentialsDatabaseCreateRequest{Name: "cache"})
				require.NoError(t, err)
				resumed, err := rediscloud.ResumeTask[rediscloud.EssentialsDatabase](client, task.Token())
				require.NoError(t, err)
				db, err := resumed.WaitProvisioned(ctx)
				require.NoError(t, err)
				assert.Equal(t, rediscloud.DatabaseStatusActive, db.Status)
				assert.Equal(t, rediscloud.ProtocolStack, db.Protocol)
				assert.NotEmpty(t, db.PublicEndpoint)
				assert.Len(t, string(db.Security.Password), 32)

				update, err := client.EssentialsDatabases.Update(ctx, sub.ID, db.ID, &rediscloud.EssentialsDatabaseUpdateRequest{
					PeriodicBackupPath: new(rediscloud.SecretURI("s3://bucket")), SourceIPs: []string{"10.0.0.0/8"},
				})
				require.NoError(t, err)
				db, err = update.WaitProvisioned(ctx)
				require.NoError(t, err)
				assert.True(t, db.Backup.Enabled)
				assert.Equal(t, []string{"10.0.0.0/8"}, db.Security.SourceIPs)

				others, err := client.EssentialsPlans.ListForSubscription(ctx, sub.ID)
				require.NoError(t, err)
				assert.True(t, slices.ContainsFunc(others.Plans, func(p rediscloud.EssentialsPlan) bool { return p.ID == rediscloudtest.PlanMultiAZ }))
				move, err := client.EssentialsSubscriptions.Update(ctx, sub.ID, &rediscloud.EssentialsSubscriptionUpdateRequest{PlanID: new(rediscloudtest.PlanMultiAZ)})
				require.NoError(t, err)
				sub, err = move.WaitProvisioned(ctx)
				require.NoError(t, err)
				assert.Equal(t, rediscloud.ConnectionLimitUnlimited, sub.Connections)

				for db, err := range client.EssentialsDatabases.All(ctx, sub.ID, nil) {
					require.NoError(t, err)
					removal, err := client.EssentialsDatabases.Delete(ctx, sub.ID, db.ID)
					require.NoError(t, err)
					_, err = removal.WaitProvisioned(ctx)
					require.NoError(t, err)
				}
				_, err = client.EssentialsDatabases.Get(ctx, sub.ID, db.ID)
				require.ErrorIs(t, err, rediscloud.ErrNotFound)
				page, err := client.EssentialsDatabases.List(ctx, sub.ID, nil)
				require.NoError(t, err)
				assert.Empty(t, page.Databases)

				remove, err := client.EssentialsSubscriptions.Delete(ctx, sub.ID)
				require.NoError(t, err)
				_, err = remove.WaitProvisioned(ctx)
				require.NoError(t, err)
				left, err := client.EssentialsSubscriptions.List(ctx)
				require.NoError(t, err)
				assert.Empty(t, left.Subscriptions)
				assert.Empty(t, fake.Subscriptions())
			})
		})
	}
}

// The operations on a database besides changing it.
func TestEssentialsFlowOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm)
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddEssentialsSubscription("s", rediscloudtest.PlanStandard)
		id := fake.AddDatabase(sub, "d")
		s := client.EssentialsDatabases

		status, err := s.GetBackupStatus(ctx, sub, id)
		require.NoError(t, err)
		_, err = status.Wait(ctx)
		failure, ok := errors.AsType[*rediscloud.TaskError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, rediscloud.TaskErrorTypeDatabaseBackupDisabled, failure.Type)

		backup, err := s.Backup(ctx, sub, id, &rediscloud.EssentialsDatabaseBackupRequest{AdhocBackupPath: new(rediscloud.SecretURI("ftp://b"))})
		require.NoError(t, err)
		_, err = backup.Wait(ctx)
		require.NoError(t, err)
		status, err = s.GetBackupStatus(ctx, sub, id)
		require.NoError(t, err)
		latest, err := status.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.BackupStateSuccess, latest.Status)

		load, err := s.Import(ctx, sub, id, &rediscloud.DatabaseImportRequest{SourceType: rediscloud.StorageTypeHTTP, ImportFromURIs: []rediscloud.SecretURI{"http://x/a.rdb"}})
		require.NoError(t, err)
		_, err = load.WaitProvisioned(ctx)
		require.NoError(t, err)
		loaded, err := s.GetImportStatus(ctx, sub, id)
		require.NoError(t, err)
		imported, err := loaded.Wait(ctx)
		require.NoError(t, err)
		assert.False(t, imported.LastImportTime.IsZero())

		targets, err := s.ListTargetVersions(ctx, sub, id)
		require.NoError(t, err)
		require.NotEmpty(t, targets.Targets)
		task, err := s.Upgrade(ctx, sub, id, &rediscloud.DatabaseUpgradeRequest{TargetRedisVersion: targets.Targets[0].RedisVersion})
		require.NoError(t, err)
		upgrade, err := task.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.UpgradeStatusDone, upgrade.Status)
		upgrade, err = s.GetUpgradeStatus(ctx, sub, id)
		require.NoError(t, err)
		assert.InDelta(t, 100, upgrade.Progress, 0.1)

		ref := rediscloud.TagRef{SubscriptionID: sub, DatabaseID: id, Key: "team/a"}
		_, err = s.CreateTag(ctx, sub, id, &rediscloud.TagSpec{Key: ref.Key, Value: "1"})
		require.NoError(t, err)
		_, err = s.CreateTag(ctx, sub, id, &rediscloud.TagSpec{Key: ref.Key, Value: "1"})
		require.ErrorIs(t, err, rediscloud.ErrConflict)
		tag, err := s.UpdateTag(ctx, ref, &rediscloud.TagUpdateRequest{Value: "2"})
		require.NoError(t, err)
		assert.Equal(t, "2", tag.Value)
		replaced, err := s.ReplaceTags(ctx, sub, id, &rediscloud.TagsReplaceRequest{Tags: []rediscloud.TagSpec{{Key: ref.Key, Value: "3"}}})
		require.NoError(t, err)
		require.Len(t, replaced.Tags, 1)
		assert.Equal(t, tag.CreatedAt, replaced.Tags[0].CreatedAt)
		assert.Equal(t, "3", replaced.Tags[0].Value)
		require.NoError(t, s.DeleteTag(ctx, ref))
		tags, err := s.ListTags(ctx, sub, id)
		require.NoError(t, err)
		assert.Empty(t, tags.Tags)

		db, err := s.Get(ctx, sub, id)
		require.NoError(t, err)
		assert.Equal(t, targets.Targets[0].RedisVersion, db.RedisVersion)
		log, err := s.GetSlowLog(ctx, sub, id)
		require.NoError(t, err)
		assert.NotEmpty(t, log.Entries)
		require.NoError(t, s.ResumeTraffic(ctx, sub, id))
		traffic, err := s.GetTraffic(ctx, sub, id)
		require.NoError(t, err)
		assert.Equal(t, id, traffic.DatabaseID)
	})
}

func TestEssentialsFlowFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddEssentialsSubscription("s", rediscloudtest.PlanStandard)
		fake.AddDatabase(sub, "taken")
		task, err := client.EssentialsDatabases.Create(ctx, sub, &rediscloud.EssentialsDatabaseCreateRequest{Name: "taken"})
		require.NoError(t, err)
		_, err = task.Wait(ctx)
		require.ErrorIs(t, err, rediscloud.ErrConflict)

		create, err := client.EssentialsSubscriptions.Create(ctx, &rediscloud.EssentialsSubscriptionCreateRequest{Name: "s", PlanID: 5})
		require.NoError(t, err)
		_, err = create.Wait(ctx)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)

		remove, err := client.EssentialsSubscriptions.Delete(ctx, sub)
		require.NoError(t, err)
		_, err = remove.Wait(ctx)
		require.ErrorIs(t, err, rediscloud.ErrConflict)

		for db, err := range client.EssentialsDatabases.All(ctx, 5, nil) {
			assert.Nil(t, db)
			require.ErrorIs(t, err, rediscloud.ErrNotFound)
		}
		_, err = client.EssentialsPlans.ListForSubscription(ctx, 5)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)

		task, err = client.EssentialsDatabases.Create(ctx, sub, &rediscloud.EssentialsDatabaseCreateRequest{Name: "broken"})
		require.NoError(t, err)
		db, err := task.Wait(ctx)
		require.NoError(t, err)
		require.Len(t, db.Links, 1)
		fake.SetStatus("/fixed/subscriptions/120001/databases/51000002", "creation-failed")
		_, err = task.WaitProvisioned(ctx)
		failed, ok := errors.AsType[*rediscloud.ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, "creation-failed", failed.Status)
	})
}

// The plans of the account: one of them is free.
func TestFlowFreePlan(t *testing.T) {
	client := connect(t, rediscloudtest.New())
	list, err := client.EssentialsPlans.List(t.Context(), nil)
	require.NoError(t, err)
	var free []int
	for _, plan := range list.Plans {
		if plan.Free() {
			free = append(free, plan.ID)
		}
	}
	assert.Equal(t, []int{rediscloudtest.PlanFree}, free)
}
