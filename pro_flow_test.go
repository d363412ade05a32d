package rediscloud_test

import (
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// What a Pro subscription has besides its databases.
func TestFlowSubscriptionSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm, rediscloudtest.WithProvisioning(time.Minute))
		client, ctx := connect(t, fake), t.Context()
		s := client.Subscriptions
		create := subscriptionRequest("first")
		create.CloudProviders[0].CloudAccountID = new(5)
		sub := provisioned[rediscloud.Subscription](t)(s.Create(ctx, create)).ID

		tags := []rediscloud.ResourceTag{{Key: "team", Value: "a"}, {Key: "stage", Value: ""}}
		changed := provisioned[rediscloud.Subscription](t)(s.ReplaceResourceTags(ctx, sub, &rediscloud.ResourceTagsReplaceRequest{ResourceTags: tags}))
		assert.Equal(t, tags, changed.CloudDetails[0].ResourceTags)
		provisioned[rediscloud.Subscription](t)(s.ReplaceResourceTags(ctx, sub, &rediscloud.ResourceTagsReplaceRequest{ResourceTags: []rediscloud.ResourceTag{}}))
		read, err := s.Get(ctx, sub)
		require.NoError(t, err)
		assert.Empty(t, read.CloudDetails[0].ResourceTags)
		assert.Equal(t, 5, read.CloudDetails[0].CloudAccountID)

		before, err := s.GetMaintenanceWindows(ctx, sub)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.MaintenanceModeAutomatic, before.Mode)
		windows := []rediscloud.MaintenanceWindow{
			{Days: []rediscloud.MaintenanceDay{rediscloud.MaintenanceDayMonday, rediscloud.MaintenanceDayFriday}, StartHour: 0, DurationInHours: 8},
		}
		set := provisioned[rediscloud.MaintenanceWindows](t)(s.ReplaceMaintenanceWindows(ctx, sub, &rediscloud.MaintenanceWindowsReplaceRequest{
			Mode: rediscloud.MaintenanceModeManual, Windows: windows,
		}))
		assert.Equal(t, rediscloud.MaintenanceModeManual, set.Mode)
		assert.Equal(t, windows, set.Windows)
		assert.NotEmpty(t, set.TimeZone)
		after, err := s.GetMaintenanceWindows(ctx, sub)
		require.NoError(t, err)
		assert.Equal(t, set, after)
		_ = refused[rediscloud.MaintenanceWindows](t, "MAINTENANCE_WINDOW_AUTOMATIC_MODE_WITH_MAINTENANCE_WINDOWS")(
			s.ReplaceMaintenanceWindows(ctx, sub, &rediscloud.MaintenanceWindowsReplaceRequest{Mode: rediscloud.MaintenanceModeAutomatic, Windows: windows}))

		allowed := provisioned[rediscloud.CIDRAllowlist](t)(s.GetCIDRAllowlist(ctx, sub))
		assert.Empty(t, allowed.CIDRIPs)
		allowed = provisioned[rediscloud.CIDRAllowlist](t)(s.UpdateCIDRAllowlist(ctx, sub, &rediscloud.CIDRAllowlistUpdateRequest{
			CIDRIPs: []string{"10.1.1.0/32"}, SecurityGroupIDs: []string{"sg-1"},
		}))
		assert.Equal(t, []string{"10.1.1.0/32"}, allowed.CIDRIPs)
		provisioned[rediscloud.CIDRAllowlist](t)(s.UpdateCIDRAllowlist(ctx, sub, &rediscloud.CIDRAllowlistUpdateRequest{CIDRIPs: []string{}}))
		allowed = provisioned[rediscloud.CIDRAllowlist](t)(s.GetCIDRAllowlist(ctx, sub))
		assert.Empty(t, allowed.CIDRIPs)
		assert.Equal(t, []string{"sg-1"}, allowed.SecurityGroupIDs)

		pricing, err := s.GetPricing(ctx, sub)
		require.NoError(t, err)
		require.Len(t, pricing.Items, 1)
		assert.Equal(t, "first", pricing.Items[0].DatabaseName)
		for _, opts := range []*rediscloud.RedisVersionsOptions{nil, {SubscriptionID: sub}} {
			versions, err := s.ListRedisVersions(ctx, opts)
			require.NoError(t, err)
			assert.True(t, slices.ContainsFunc(versions.Versions, func(v rediscloud.RedisVersion) bool { return v.IsDefault && !v.EOLDate.IsZero() }))
		}
		_, err = s.ListRedisVersions(ctx, &rediscloud.RedisVersionsOptions{SubscriptionID: 5})
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
	})
}

// The operations on a Pro database besides changing it.
func TestFlowDatabaseOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(rediscloudtest.WithProvisioning(time.Minute))
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		id := fake.AddDatabase(sub, "d")
		s := client.Databases

		_ = refused[rediscloud.BackupStatus](t, rediscloud.TaskErrorTypeDatabaseBackupDisabled)(s.GetBackupStatus(ctx, sub, id, nil))
		_ = refused[rediscloud.None](t, rediscloud.TaskErrorTypeDatabaseBackupDisabled)(s.Backup(ctx, sub, id, nil))
		provisioned[rediscloud.None](t)(s.Backup(ctx, sub, id, &rediscloud.DatabaseBackupRequest{AdhocBackupPath: new(rediscloud.SecretURI("ftp://b"))}))
		backup := provisioned[rediscloud.BackupStatus](t)(s.GetBackupStatus(ctx, sub, id, nil))
		assert.Equal(t, rediscloud.BackupStateSuccess, backup.Status)
		assert.False(t, backup.LastBackupTime.IsZero())

		assert.Zero(t, *provisioned[rediscloud.ImportStatus](t)(s.GetImportStatus(ctx, sub, id)))
		load, err := s.Import(ctx, sub, id, &rediscloud.DatabaseImportRequest{SourceType: rediscloud.StorageTypeFTP, ImportFromURIs: []rediscloud.SecretURI{"ftp://x/a.rdb"}})
		require.NoError(t, err)
		_, err = load.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.ImportStateImporting, provisioned[rediscloud.ImportStatus](t)(s.GetImportStatus(ctx, sub, id)).Status)
		_, err = load.WaitProvisioned(ctx)
		require.NoError(t, err)
		imported := provisioned[rediscloud.ImportStatus](t)(s.GetImportStatus(ctx, sub, id))
		assert.Equal(t, rediscloud.ImportState("success"), imported.Status)
		assert.False(t, imported.LastImportTime.IsZero())

		targets, err := s.ListTargetVersions(ctx, sub, id)
		require.NoError(t, err)
		require.NotEmpty(t, targets.Targets)
		version := targets.Targets[0].RedisVersion
		_, err = s.GetUpgradeStatus(ctx, sub, id)
		require.ErrorIs(t, err, rediscloud.ErrNotFound)
		task, err := s.Upgrade(ctx, sub, id, &rediscloud.DatabaseUpgradeRequest{TargetRedisVersion: version})
		require.NoError(t, err)
		upgrade, err := task.Wait(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.UpgradeStatusInProgress, upgrade.Status)
		upgrade, err = task.WaitProvisioned(ctx)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.UpgradeStatusDone, upgrade.Status)
		upgrade, err = s.GetUpgradeStatus(ctx, sub, id)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.DatabaseUpgrade{DatabaseID: id, TargetRedisVersion: version, Progress: 100, Status: rediscloud.UpgradeStatusDone}, *upgrade)
		database, err := s.Get(ctx, sub, id)
		require.NoError(t, err)
		assert.Equal(t, version, database.RedisVersion)

		log, err := s.GetSlowLog(ctx, sub, id, nil)
		require.NoError(t, err)
		require.NotEmpty(t, log.Entries)
		assert.NotEmpty(t, log.Entries[0].Arguments)
		certificate, err := s.GetCertificate(ctx, sub, id)
		require.NoError(t, err)
		assert.Contains(t, certificate.PublicCertificatePEM, "BEGIN CERTIFICATE")

		fake.SetStatus("/subscriptions/"+strconv.Itoa(sub)+"/databases/"+strconv.Itoa(id)+"/traffic", "stopped")
		traffic, err := s.GetTraffic(ctx, sub, id)
		require.NoError(t, err)
		assert.Equal(t, "stopped", traffic.Status)
		assert.True(t, traffic.CanResume)
		require.NoError(t, s.ResumeTraffic(ctx, sub, id))
		traffic, err = s.GetTraffic(ctx, sub, id)
		require.NoError(t, err)
		assert.True(t, traffic.ResumeInProgress)
		time.Sleep(time.Minute)
		traffic, err = s.GetTraffic(ctx, sub, id)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.DatabaseTraffic{DatabaseID: id, Status: "active"}, *traffic)

		price := provisioned[rediscloud.Pricing](t)(s.UpdateDryRun(ctx, sub, id, &rediscloud.DatabaseUpdateRequest{DatasetSizeInGB: new(50.0)}))
		assert.Equal(t, "d", price.Items[0].DatabaseName)
		price = provisioned[rediscloud.Pricing](t)(s.CreateDryRun(ctx, sub, &rediscloud.DatabaseCreateRequest{Name: "planned"}))
		assert.Equal(t, "planned", price.Items[0].DatabaseName)
		database, err = s.Get(ctx, sub, id)
		require.NoError(t, err)
		assert.InEpsilon(t, 1.0, database.DatasetSizeInGB, 0.01)
		assert.Equal(t, []int{id}, fake.Databases(sub))
		_ = refused[rediscloud.None](t, "CRDB_FLUSH_ACTION_NOT_ALLOWED_WITH_SINGLE_REGION_SUBSCRIPTION")(s.Flush(ctx, sub, id))
	})
}

func TestFlowDatabaseTags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New()
		client, ctx := connect(t, fake), t.Context()
		sub := fake.AddSubscription("s")
		id := fake.AddDatabase(sub, "d")
		s := client.Databases
		values := func(list *rediscloud.TagList, err error) map[string]string {
			t.Helper()
			require.NoError(t, err)
			found := map[string]string{}
			for _, tag := range list.Tags {
				found[tag.Key] = tag.Value
			}
			return found
		}

		ref := rediscloud.TagRef{SubscriptionID: sub, DatabaseID: id, Key: "team/a b"}
		made, err := s.CreateTag(ctx, sub, id, &rediscloud.TagSpec{Key: ref.Key, Value: "1"})
		require.NoError(t, err)
		assert.Equal(t, ref.Key, made.Key)
		_, err = s.CreateTag(ctx, sub, id, &rediscloud.TagSpec{Key: ref.Key, Value: "1"})
		require.ErrorIs(t, err, rediscloud.ErrConflict)
		time.Sleep(time.Second)
		changed, err := s.UpdateTag(ctx, ref, &rediscloud.TagUpdateRequest{Value: ""})
		require.NoError(t, err)
		assert.Equal(t, made.CreatedAt, changed.CreatedAt)
		assert.Equal(t, time.Second, changed.UpdatedAt.Sub(made.UpdatedAt.Time))
		assert.Equal(t, map[string]string{ref.Key: ""}, values(s.ListTags(ctx, sub, id)))
		all := &rediscloud.TagsReplaceRequest{Tags: []rediscloud.TagSpec{{Key: ref.Key, Value: "2"}, {Key: "stage", Value: "test"}}}
		assert.Equal(t, map[string]string{ref.Key: "2", "stage": "test"}, values(s.ReplaceTags(ctx, sub, id, all)))
		require.NoError(t, s.DeleteTag(ctx, ref))
		assert.Equal(t, map[string]string{"stage": "test"}, values(s.ListTags(ctx, sub, id)))
		require.ErrorIs(t, s.DeleteTag(ctx, ref), rediscloud.ErrNotFound)
		assert.Empty(t, values(s.ReplaceTags(ctx, sub, id, &rediscloud.TagsReplaceRequest{Tags: []rediscloud.TagSpec{}})))
		assert.Empty(t, values(s.ListTags(ctx, sub, id)))
	})
}

// An Active-Active subscription gets a database, one more region and one fewer.
func TestFlowActiveActive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := rediscloudtest.New(calm, rediscloudtest.WithProvisioning(5*time.Minute), rediscloudtest.WithRoundTrip(80*time.Millisecond))
		client, ctx := connect(t, fake), t.Context()
		create := subscriptionRequest("first")
		create.DeploymentType = new(rediscloud.DeploymentTypeActiveActive)
		create.CloudProviders[0].Regions = append(create.CloudProviders[0].Regions, rediscloud.CloudRegionSpec{
			Region: "eu-west-1", Networking: &rediscloud.CloudNetworkingSpec{DeploymentCIDR: new("10.0.1.0/24")},
		})
		made := provisioned[rediscloud.Subscription](t)(client.Subscriptions.Create(ctx, create))
		assert.Equal(t, rediscloud.DeploymentTypeActiveActive, made.DeploymentType)
		sub := made.ID
		db := provisioned[rediscloud.Database](t)(client.Databases.Create(ctx, sub, &rediscloud.DatabaseCreateRequest{
			Name: "global", DatasetSizeInGB: new(2.0),
			LocalThroughputMeasurement: []rediscloud.LocalThroughput{{Region: new("eu-west-1"), ReadOperationsPerSecond: new(int64(5000))}},
		}))
		assert.True(t, db.ActiveActive)
		region := func(name string) rediscloud.DatabaseRegion {
			t.Helper()
			i := slices.IndexFunc(db.Regions, func(r rediscloud.DatabaseRegion) bool { return r.Region == name })
			require.GreaterOrEqual(t, i, 0, name)
			return db.Regions[i]
		}
		require.Len(t, db.Regions, 2)
		assert.EqualValues(t, 5000, region("eu-west-1").ReadOperationsPerSecond)
		assert.NotEqual(t, region("eu-west-1").PublicEndpoint, region("us-east-1").PublicEndpoint)

		change := &rediscloud.DatabaseRegionsUpdateRequest{
			GlobalDataPersistence: new(rediscloud.DataPersistenceAOFEvery1Second), GlobalSourceIPs: []string{"10.0.0.0/8"},
			Regions: []rediscloud.DatabaseRegionUpdate{{Region: "us-east-1", DataPersistence: new(rediscloud.DataPersistenceNone), RemoteBackup: &rediscloud.BackupSpec{
				Active: new(true), Interval: new(rediscloud.BackupIntervalEvery24Hours), StorageType: new(rediscloud.StorageTypeFTP), StoragePath: new(rediscloud.SecretURI("ftp://b")),
			}}},
		}
		price := provisioned[rediscloud.Pricing](t)(client.Databases.UpdateRegionsDryRun(ctx, sub, db.ID, change))
		assert.NotEmpty(t, price.Items)
		db, err := client.Databases.Get(ctx, sub, db.ID)
		require.NoError(t, err)
		assert.Equal(t, rediscloud.DataPersistenceNone, db.GlobalDataPersistence)
		db = provisioned[rediscloud.Database](t)(client.Databases.UpdateRegions(ctx, sub, db.ID, change))
		assert.Equal(t, rediscloud.DatabaseStatusActive, db.Status)
		assert.Equal(t, rediscloud.DataPersistenceAOFEvery1Second, region("eu-west-1").DataPersistence)
		assert.Equal(t, rediscloud.DataPersistenceNone, region("us-east-1").DataPersistence)
		assert.True(t, region("us-east-1").Backup.Enabled)
		assert.False(t, region("eu-west-1").Backup.Enabled)
		assert.Equal(t, []string{"10.0.0.0/8"}, region("eu-west-1").Security.SourceIPs)
		_ = refused[rediscloud.Database](t, "UPDATING_SINGLE_REGION_DATABASE_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION")(
			client.Databases.Update(ctx, sub, db.ID, &rediscloud.DatabaseUpdateRequest{Name: new("x")}))

		provisioned[rediscloud.None](t)(client.Databases.Backup(ctx, sub, db.ID, &rediscloud.DatabaseBackupRequest{Region: new("us-east-1")}))
		backup := provisioned[rediscloud.BackupStatus](t)(client.Databases.GetBackupStatus(ctx, sub, db.ID, &rediscloud.BackupStatusOptions{RegionName: "us-east-1"}))
		assert.Equal(t, rediscloud.BackupStateSuccess, backup.Status)
		_ = refused[rediscloud.None](t, "ACTIVE_ACTIVE_BACKUP_MISSING_REGION_NAME")(client.Databases.Backup(ctx, sub, db.ID, nil))
		log, err := client.Databases.GetSlowLog(ctx, sub, db.ID, &rediscloud.SlowLogOptions{RegionName: "us-east-1"})
		require.NoError(t, err)
		assert.NotEmpty(t, log.Entries)

		flush, err := client.Databases.Flush(ctx, sub, db.ID)
		require.NoError(t, err)
		_, err = flush.WaitProvisioned(ctx)
		require.NoError(t, err)
		tasks := fake.Tasks()
		last := tasks[len(tasks)-1]
		assert.Equal(t, []any{"crdbFlushRequest", db.ID, flush.ID()}, []any{last.CommandType, last.ResourceID, last.ID})

		more := &rediscloud.RegionCreateRequest{
			Region: "ap-south-1", DeploymentCIDR: new("10.0.2.0/24"),
			Databases: []rediscloud.RegionDatabaseSpec{{Name: "global", LocalThroughputMeasurement: &rediscloud.LocalThroughput{WriteOperationsPerSecond: new(int64(7000))}}},
		}
		names := func(regions *rediscloud.SubscriptionRegionList) (names []string) {
			assert.Equal(t, sub, regions.SubscriptionID)
			for _, r := range regions.Regions {
				names = append(names, r.Region)
			}
			return names
		}
		price = provisioned[rediscloud.Pricing](t)(client.Subscriptions.CreateRegionDryRun(ctx, sub, more))
		assert.Equal(t, "global", price.Items[0].DatabaseName)
		regions, err := client.Subscriptions.ListRegions(ctx, sub)
		require.NoError(t, err)
		assert.Equal(t, []string{"us-east-1", "eu-west-1"}, names(regions))
		began := time.Now()
		regions = provisioned[rediscloud.SubscriptionRegionList](t)(client.Subscriptions.CreateRegion(ctx, sub, more))
		assert.GreaterOrEqual(t, time.Since(began), 5*time.Minute, "the subscription is active again")
		assert.Equal(t, []string{"us-east-1", "eu-west-1", "ap-south-1"}, names(regions))
		added := regions.Regions[2]
		assert.Equal(t, "10.0.2.0/24", added.DeploymentCIDR)
		i := slices.IndexFunc(added.Databases, func(d rediscloud.RegionDatabase) bool { return d.ID == db.ID })
		require.GreaterOrEqual(t, i, 0)
		assert.EqualValues(t, 7000, added.Databases[i].WriteOperationsPerSecond)
		db, err = client.Databases.WaitProvisioned(ctx, sub, db.ID)
		require.NoError(t, err)
		assert.Len(t, db.Regions, 3)

		fewer := &rediscloud.RegionsDeleteRequest{Regions: []rediscloud.RegionToDelete{{Region: "eu-west-1"}}}
		provisioned[rediscloud.Pricing](t)(client.Subscriptions.DeleteRegionsDryRun(ctx, sub, fewer))
		regions, err = client.Subscriptions.ListRegions(ctx, sub)
		require.NoError(t, err)
		assert.Len(t, regions.Regions, 3)
		provisioned[rediscloud.None](t)(client.Subscriptions.DeleteRegions(ctx, sub, fewer))
		regions, err = client.Subscriptions.ListRegions(ctx, sub)
		require.NoError(t, err)
		assert.Equal(t, []string{"us-east-1", "ap-south-1"}, names(regions))
		_ = refused[rediscloud.None](t, "ACTIVE_ACTIVE_DELETE_SUBSCRIPTION_MUST_BE_DEPLOYED_IN_AT_LEAST_ONE_REGION")(
			client.Subscriptions.DeleteRegions(ctx, sub, &rediscloud.RegionsDeleteRequest{Regions: []rediscloud.RegionToDelete{{Region: "us-east-1"}, {Region: "ap-south-1"}}}))
	})
}
