package rediscloud

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fullSubscription has all fields.
func fullSubscription() *SubscriptionCreateRequest {
	return &SubscriptionCreateRequest{
		Name:                            new("prod"),
		DeploymentType:                  new(DeploymentTypeActiveActive),
		MemoryStorage:                   new(MemoryStorageRAMAndFlash),
		PaymentMethod:                   new(PaymentMethodCreditCard),
		PaymentMethodID:                 new(5),
		PersistentStorageEncryptionType: new(EncryptionTypeCustomerManagedKey),
		PersistentStorageEncryptionKeys: &EncryptionKeysSpec{
			CustomerManagedKeys: []CustomerManagedKey{{ResourceName: "key", Region: new("us-east-1")}},
			DeletionGracePeriod: new(DeletionGracePeriod15Minutes),
		},
		CloudProviders: []CloudProviderSpec{{
			Provider:       new(ProviderAWS),
			CloudAccountID: new(2),
			Regions: []CloudRegionSpec{{
				Region:                     "us-east-1",
				MultipleAvailabilityZones:  new(false),
				PreferredAvailabilityZones: []string{"use1-az1"},
				Networking: &CloudNetworkingSpec{
					DeploymentCIDR:  new("10.0.0.0/24"),
					VPCID:           new("vpc-1"),
					SubnetIDs:       []string{"subnet-1"},
					SecurityGroupID: new("sg-1"),
				},
			}},
			ResourceTags: []ResourceTag{{Key: "team", Value: "a"}},
		}},
		Databases: []SubscriptionDatabaseSpec{{
			Name:                  "cache",
			Protocol:              new(ProtocolRedis),
			Port:                  new(10000),
			Quantity:              new(2),
			DatasetSizeInGB:       new(1.5),
			ThroughputMeasurement: &Throughput{By: ThroughputUnitOperationsPerSecond, Value: 5_000_000_000},
			LocalThroughputMeasurement: []LocalThroughput{{
				Region:                   new("us-east-1"),
				WriteOperationsPerSecond: new(int64(0)),
				ReadOperationsPerSecond:  new(int64(2000)),
			}},
			SupportOSSClusterAPI:    new(false),
			DataPersistence:         new(DataPersistenceAOFEvery1Second),
			Replication:             new(false),
			ShardingType:            new(ShardingTypeRedisOSSHashing),
			Modules:                 []ModuleSpec{{Name: "RedisBloom", Parameters: map[string]any{"n": 1}}},
			QueryPerformanceFactor:  new("2x"),
			RESPVersion:             new(RESPVersion3),
			RedisVersion:            new("7.4"),
			AutoMinorVersionUpgrade: new(false),
			RAMPercentage:           new(20),
			AverageItemSizeInBytes:  new(int64(1000)),
		}, {
			Name:            "old",
			MemoryLimitInGB: new(0.1),
		}},
		RedisVersion:         new("7.4"),
		PublicEndpointAccess: new(false),
	}
}

func TestSubscriptionCreateRequestJSON(t *testing.T) {
	const full = `{
		"name":"prod","deploymentType":"active-active","memoryStorage":"ram-and-flash",
		"paymentMethod":"credit-card","paymentMethodId":5,
		"persistentStorageEncryptionType":"customer-managed-key",
		"persistentStorageEncryptionKeys":{
			"customerManagedKeys":[{"resourceName":"key","region":"us-east-1"}],
			"deletionGracePeriod":"15-minutes"},
		"cloudProviders":[{"provider":"AWS","cloudAccountId":2,
			"regions":[{"region":"us-east-1","multipleAvailabilityZones":false,
				"preferredAvailabilityZones":["use1-az1"],
				"networking":{"deploymentCIDR":"10.0.0.0/24","vpcId":"vpc-1","subnetIds":["subnet-1"],"securityGroupId":"sg-1"}}],
			"resourceTags":[{"key":"team","value":"a"}]}],
		"databases":[{"name":"cache","protocol":"redis","port":10000,"quantity":2,"datasetSizeInGb":1.5,
			"throughputMeasurement":{"by":"operations-per-second","value":5000000000},
			"localThroughputMeasurement":[{"region":"us-east-1","writeOperationsPerSecond":0,"readOperationsPerSecond":2000}],
			"supportOSSClusterApi":false,"dataPersistence":"aof-every-1-second","replication":false,
			"shardingType":"redis-oss-hashing","modules":[{"name":"RedisBloom","parameters":{"n":1}}],
			"queryPerformanceFactor":"2x","respVersion":"resp3","redisVersion":"7.4",
			"autoMinorVersionUpgrade":false,"ramPercentage":20,"averageItemSizeInBytes":1000},
			{"name":"old","memoryLimitInGb":0.1}],
		"redisVersion":"7.4","publicEndpointAccess":false}`
	client := newWire(t, wire{method: "POST", path: "/subscriptions", body: full, status: 202, answer: received})
	task, err := client.Subscriptions.Create(t.Context(), fullSubscription())
	require.NoError(t, err)
	assert.Equal(t, "t1", task.ID())
}

func TestSubscriptionUpdateRequestJSON(t *testing.T) {
	for _, tt := range []struct {
		name string
		req  SubscriptionUpdateRequest
		want string
	}{
		{"all", SubscriptionUpdateRequest{
			Name: new("prod"), PaymentMethod: new(PaymentMethodCreditCard), PaymentMethodID: new(5), PublicEndpointAccess: new(true),
		}, `{"name":"prod","paymentMethod":"credit-card","paymentMethodId":5,"publicEndpointAccess":true}`},
		{"false is sent", SubscriptionUpdateRequest{PublicEndpointAccess: new(false)}, `{"publicEndpointAccess":false}`},
		{"marketplace", SubscriptionUpdateRequest{PaymentMethod: new(PaymentMethodMarketplace)}, `{"paymentMethod":"marketplace"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			client := newWire(t, wire{method: "PUT", path: "/subscriptions/12", body: tt.want, answer: received})
			_, err := client.Subscriptions.Update(t.Context(), 12, &tt.req)
			require.NoError(t, err)
		})
	}
}

func TestEncryptionKeysUpdateRequestJSON(t *testing.T) {
	client := newWire(t, wire{method: "PUT", path: "/subscriptions/12", answer: received,
		body: `{"customerManagedKeys":[{"resourceName":"key","region":"us-east-1"},{"resourceName":"key2"}],"deletionGracePeriod":"alerts-only"}`})
	_, err := client.Subscriptions.UpdateEncryptionKeys(t.Context(), 12, &EncryptionKeysUpdateRequest{
		CustomerManagedKeys: []CustomerManagedKey{{ResourceName: "key", Region: new("us-east-1")}, {ResourceName: "key2"}},
		DeletionGracePeriod: new(DeletionGracePeriodAlertsOnly),
	})
	require.NoError(t, err)
}

// A nil list is omitted, an empty one is sent.
func TestSubscriptionListsAbsentOrEmpty(t *testing.T) {
	for _, tt := range []struct {
		req  any
		want string
	}{
		{CloudProviderSpec{ResourceTags: []ResourceTag{}}, `{"regions":null,"resourceTags":[]}`},
		{CloudRegionSpec{PreferredAvailabilityZones: []string{}}, `{"region":"","preferredAvailabilityZones":[]}`},
		{CloudNetworkingSpec{}, `{}`},
		{CloudNetworkingSpec{SubnetIDs: []string{}}, `{"subnetIds":[]}`},
		{SubscriptionDatabaseSpec{}, `{"name":""}`},
		{
			SubscriptionDatabaseSpec{Modules: []ModuleSpec{}, LocalThroughputMeasurement: []LocalThroughput{}},
			`{"name":"","modules":[],"localThroughputMeasurement":[]}`,
		},
		{RegionCreateRequest{}, `{"region":""}`},
		{
			RegionCreateRequest{SubnetIDs: []string{}, PreferredAvailabilityZones: []string{}, Databases: []RegionDatabaseSpec{}},
			`{"region":"","subnetIds":[],"preferredAvailabilityZones":[],"databases":[]}`,
		},
		{CIDRAllowlistUpdateRequest{}, `{}`},
		{CIDRAllowlistUpdateRequest{CIDRIPs: []string{}, SecurityGroupIDs: []string{}}, `{"cidrIps":[],"securityGroupIds":[]}`},
		{MaintenanceWindowsReplaceRequest{Mode: MaintenanceModeAutomatic}, `{"mode":"automatic"}`},
		{MaintenanceWindowsReplaceRequest{Mode: MaintenanceModeAutomatic, Windows: []MaintenanceWindow{}}, `{"mode":"automatic","windows":[]}`},
	} {
		got, err := json.Marshal(tt.req)
		require.NoError(t, err)
		assert.JSONEq(t, tt.want, string(got))
	}
}

func TestSubscriptionCreateRequestValidate(t *testing.T) {
	require.NoError(t, fullSubscription().validate())
	require.NoError(t, smallSubscription().validate())
	type request = SubscriptionCreateRequest
	for _, tt := range []struct {
		want   string
		change func(*request)
	}{
		{"Name must not be empty", func(r *request) { r.Name = new("") }},
		{"PaymentMethodID is required with PaymentMethod credit-card", func(r *request) { r.PaymentMethodID = nil }},
		{"PaymentMethodID must be positive, not 0; leave it nil to pay through a marketplace", func(r *request) { r.PaymentMethodID = new(0) }},
		{"PersistentStorageEncryptionKeys.CustomerManagedKeys is required", func(r *request) {
			r.PersistentStorageEncryptionKeys.CustomerManagedKeys = nil
		}},
		{"CloudProviders is required", func(r *request) { r.CloudProviders = nil }},
		{"CloudProviders[0].CloudAccountID must be at least 1, not 0", func(r *request) { r.CloudProviders[0].CloudAccountID = new(0) }},
		{"CloudProviders[0].Provider must not be empty", func(r *request) { r.CloudProviders[0].Provider = new(Provider("")) }},
		{"CloudProviders[0].Regions is required", func(r *request) { r.CloudProviders[0].Regions = nil }},
		{"CloudProviders[0].Regions[0].Region is required", func(r *request) { r.CloudProviders[0].Regions[0].Region = "" }},
		{"CloudProviders[0].Regions[0].PreferredAvailabilityZones[0] must not be empty", func(r *request) {
			r.CloudProviders[0].Regions[0].PreferredAvailabilityZones = []string{""}
		}},
		{"CloudProviders[0].Regions[0].Networking.DeploymentCIDR must be a range of addresses such as 10.0.0.0/24, not \"10.0.0.0\"", func(r *request) {
			r.CloudProviders[0].Regions[0].Networking.DeploymentCIDR = new("10.0.0.0")
		}},
		{"CloudProviders[0].Regions[0].Networking.VPCID must not be empty", func(r *request) {
			r.CloudProviders[0].Regions[0].Networking.VPCID = new("")
		}},
		{"CloudProviders[0].ResourceTags[0].Key is required", func(r *request) { r.CloudProviders[0].ResourceTags[0].Key = "" }},
		{"Databases is required", func(r *request) { r.Databases = []SubscriptionDatabaseSpec{} }},
		{"Databases[0].Name is required", func(r *request) { r.Databases[0].Name = "" }},
		{"Databases[0].Protocol must not be empty", func(r *request) { r.Databases[0].Protocol = new(Protocol("")) }},
		{"Databases[0].Port must be from 10000 to 19999, not 6379", func(r *request) { r.Databases[0].Port = new(6379) }},
		{"Databases[0].Quantity must be at least 1, not 0", func(r *request) { r.Databases[0].Quantity = new(0) }},
		{"Databases[0].MemoryLimitInGB and DatasetSizeInGB can't be given together", func(r *request) { r.Databases[0].MemoryLimitInGB = new(1.0) }},
		{"Databases[0].DatasetSizeInGB must be at least 0.1, not 0.05", func(r *request) { r.Databases[0].DatasetSizeInGB = new(0.05) }},
		{"Databases[0].ThroughputMeasurement.By is required", func(r *request) { r.Databases[0].ThroughputMeasurement.By = "" }},
		{"Databases[0].LocalThroughputMeasurement[0].Region is required", func(r *request) {
			r.Databases[0].LocalThroughputMeasurement[0].Region = nil
		}},
		{"Databases[0].Modules[0].Name is required", func(r *request) { r.Databases[0].Modules[0].Name = "" }},
		{"Databases[0].RedisVersion must not be empty", func(r *request) { r.Databases[0].RedisVersion = new("") }},
		{"Databases[0].RAMPercentage must be a multiple of 10, not 25", func(r *request) { r.Databases[0].RAMPercentage = new(25) }},
		{"Databases[0].RAMPercentage must be from 10 to 50, not 60", func(r *request) { r.Databases[0].RAMPercentage = new(60) }},
		{"Databases[0].AverageItemSizeInBytes must be at least 1, not 0", func(r *request) { r.Databases[0].AverageItemSizeInBytes = new(int64(0)) }},
		{"Databases[1].Name is required", func(r *request) { r.Databases[1].Name = "" }},
	} {
		t.Run(tt.want, func(t *testing.T) {
			req := fullSubscription()
			tt.change(req)
			require.EqualError(t, req.validate(), tt.want)
		})
	}
}

func TestSubscriptionRequestsValidate(t *testing.T) {
	window := MaintenanceWindow{Days: []MaintenanceDay{MaintenanceDayMonday}, StartHour: 0, DurationInHours: 4}
	windows := func(change func(*MaintenanceWindow)) *MaintenanceWindowsReplaceRequest {
		changed := window
		change(&changed)
		return &MaintenanceWindowsReplaceRequest{Mode: MaintenanceModeManual, Windows: []MaintenanceWindow{window, changed}}
	}
	for _, tt := range []struct {
		name string
		req  validator
		want string
	}{
		{"update: blank name", &SubscriptionUpdateRequest{Name: new("")}, "Name must not be empty"},
		{"update: card without id", &SubscriptionUpdateRequest{PaymentMethod: new(PaymentMethodCreditCard)}, "PaymentMethodID is required with PaymentMethod credit-card"},
		{"update: marketplace with id 0", &SubscriptionUpdateRequest{PaymentMethod: new(PaymentMethodMarketplace), PaymentMethodID: new(0)}, "PaymentMethodID must be positive, not 0; leave it nil to pay through a marketplace"},
		{"update: only the id", &SubscriptionUpdateRequest{PaymentMethodID: new(5)}, ""},
		{"keys: none", &EncryptionKeysUpdateRequest{}, "CustomerManagedKeys is required"},
		{"keys: no name", &EncryptionKeysUpdateRequest{CustomerManagedKeys: []CustomerManagedKey{{}}}, "CustomerManagedKeys[0].ResourceName is required"},
		{"keys: blank region", &EncryptionKeysUpdateRequest{CustomerManagedKeys: []CustomerManagedKey{{ResourceName: "k", Region: new("")}}}, "CustomerManagedKeys[0].Region must not be empty"},
		{"tags: nil", &ResourceTagsReplaceRequest{}, "ResourceTags is required"},
		{"tags: empty clears", &ResourceTagsReplaceRequest{ResourceTags: []ResourceTag{}}, ""},
		{"tags: no key", &ResourceTagsReplaceRequest{ResourceTags: []ResourceTag{{Value: "v"}}}, "ResourceTags[0].Key is required"},
		{"cidr: blank", &CIDRAllowlistUpdateRequest{CIDRIPs: []string{"10.0.0.0/8", ""}}, "CIDRIPs[1] must not be empty"},
		{"cidr: blank group", &CIDRAllowlistUpdateRequest{SecurityGroupIDs: []string{""}}, "SecurityGroupIDs[0] must not be empty"},
		{"maintenance: no mode", &MaintenanceWindowsReplaceRequest{}, "Mode is required"},
		{"maintenance: automatic", &MaintenanceWindowsReplaceRequest{Mode: MaintenanceModeAutomatic}, ""},
		{"maintenance: manual without windows", &MaintenanceWindowsReplaceRequest{Mode: MaintenanceModeManual}, "Windows is required"},
		{"maintenance: too many windows", &MaintenanceWindowsReplaceRequest{Mode: MaintenanceModeManual, Windows: make([]MaintenanceWindow, 8)}, "Windows may have at most 7 elements, not 8"},
		{"maintenance: no days", windows(func(w *MaintenanceWindow) { w.Days = nil }), "Windows[1].Days is required"},
		{"maintenance: blank day", windows(func(w *MaintenanceWindow) { w.Days = []MaintenanceDay{""} }), "Windows[1].Days[0] must not be empty"},
		{"maintenance: hour -1", windows(func(w *MaintenanceWindow) { w.StartHour = -1 }), "Windows[1].StartHour must be from 0 to 23, not -1"},
		{"maintenance: hour 24", windows(func(w *MaintenanceWindow) { w.StartHour = 24 }), "Windows[1].StartHour must be from 0 to 23, not 24"},
		{"maintenance: 3 hours", windows(func(w *MaintenanceWindow) { w.DurationInHours = 3 }), "Windows[1].DurationInHours must be from 4 to 24, not 3"},
		{"maintenance: bounds", windows(func(w *MaintenanceWindow) { w.StartHour, w.DurationInHours = 23, 24 }), ""},
		{"region: no name", &RegionCreateRequest{}, "Region is required"},
		{"region: bad CIDR", &RegionCreateRequest{Region: "r", DeploymentCIDR: new("10.0.0/24")}, `DeploymentCIDR must be a range of addresses such as 10.0.0.0/24, not "10.0.0/24"`},
		{"region: blank group", &RegionCreateRequest{Region: "r", SecurityGroupID: new("")}, "SecurityGroupID must not be empty"},
		{"region: nameless database", &RegionCreateRequest{Region: "r", Databases: []RegionDatabaseSpec{{}}}, "Databases[0].Name is required"},
		{"region: no throughput", &RegionCreateRequest{Region: "r", Databases: []RegionDatabaseSpec{{Name: "d"}}}, ""},
		{"region: negative throughput", &RegionCreateRequest{Region: "r", Databases: []RegionDatabaseSpec{
			{Name: "d", LocalThroughputMeasurement: &LocalThroughput{ReadOperationsPerSecond: new(int64(-1))}},
		}}, "Databases[0].LocalThroughputMeasurement.ReadOperationsPerSecond must be at least 0, not -1"},
		{"regions: none", &RegionsDeleteRequest{}, "Regions is required"},
		{"regions: blank", &RegionsDeleteRequest{Regions: []RegionToDelete{{}}}, "Regions[0].Region is required"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.want == "" {
				require.NoError(t, tt.req.validate())
				return
			}
			require.EqualError(t, tt.req.validate(), tt.want)
		})
	}
}
