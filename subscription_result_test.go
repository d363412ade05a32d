package rediscloud

import "testing"

func TestSubscriptionDecodes(t *testing.T) {
	assertDecodes(t, Subscription{
		ID:                              12,
		Name:                            "prod",
		Status:                          SubscriptionStatusEncryptionKeyPending,
		DeploymentType:                  DeploymentTypeSingleRegion,
		MemoryStorage:                   MemoryStorageRAM,
		NumberOfDatabases:               6,
		PaymentMethodType:               PaymentMethodCreditCard,
		PaymentMethodID:                 2,
		PublicEndpointAccess:            new(false),
		StorageEncryption:               true,
		PersistentStorageEncryptionType: EncryptionTypeCustomerManagedKey,
		DeletionGracePeriod:             DeletionGracePeriod24Hours,
		CustomerManagedKeyAccessDetails: &CustomerManagedKeyAccess{
			RedisServiceAccount:         "redis@project",
			GooglePredefinedRoles:       []string{"roles/viewer"},
			GoogleCustomPermissions:     []string{"keys.get"},
			RedisIAMRole:                "arn:aws:iam::1:role/redis",
			RequiredKeyPolicyStatements: map[string]any{"Statement": []any{map[string]any{"Effect": "Allow"}}},
			DeletionGracePeriodOptions:  []DeletionGracePeriod{DeletionGracePeriodImmediate, DeletionGracePeriod1Hour},
		},
		CloudDetails: []CloudDetails{{
			Provider:       ProviderAWS,
			CloudAccountID: 1666,
			AWSAccountID:   "550680565604",
			TotalSizeInGB:  0.0272,
			Regions: []CloudRegion{{
				Region:                     "us-east-1",
				MultipleAvailabilityZones:  true,
				PreferredAvailabilityZones: []string{"us-east-1a"},
				Networking:                 []CloudNetworking{{DeploymentCIDR: "10.0.0.0/24", VPCID: "vpc-1", SubnetID: "subnet-1", SecurityGroupID: "sg-1"}},
			}},
			ResourceTags: []ResourceTag{{Key: "team", Value: "a"}},
			Links:        Links{{Rel: "self", Href: "https://x/cloud"}},
		}},
		Pricing: []PricingItem{{
			Type: "Shards", TypeDetails: "high-throughput", Quantity: 7, QuantityMeasurement: "shards",
			PricePerUnit: 0.124, PriceCurrency: "USD", PricePeriod: "hour",
		}},
		PrometheusEndpoint: "internal.c12.us-east-1.example.com:8070",
		Links:              Links{{Rel: "self", Href: "https://x/subscriptions/12", Type: "GET"}},
	}, `{
		"id":12,"name":"prod","status":"encryption_key_pending","deploymentType":"single-region","memoryStorage":"ram",
		"numberOfDatabases":6,"paymentMethodType":"credit-card","paymentMethodId":2,"publicEndpointAccess":false,
		"storageEncryption":true,"persistentStorageEncryptionType":"customer-managed-key","deletionGracePeriod":"24-hours",
		"customerManagedKeyAccessDetails":{"redisServiceAccount":"redis@project","googlePredefinedRoles":["roles/viewer"],
			"googleCustomPermissions":["keys.get"],"redisIamRole":"arn:aws:iam::1:role/redis",
			"requiredKeyPolicyStatements":{"Statement":[{"Effect":"Allow"}]},
			"deletionGracePeriodOptions":["immediate","1-hour"]},
		"cloudDetails":[{"provider":"AWS","cloudAccountId":1666,"awsAccountId":"550680565604","totalSizeInGb":0.0272,
			"regions":[{"region":"us-east-1","multipleAvailabilityZones":true,"preferredAvailabilityZones":["us-east-1a"],
				"networking":[{"deploymentCIDR":"10.0.0.0/24","vpcId":"vpc-1","subnetId":"subnet-1","securityGroupId":"sg-1"}]}],
			"resourceTags":[{"key":"team","value":"a"}],
			"links":[{"rel":"self","href":"https://x/cloud"}]}],
		"subscriptionPricing":[{"type":"Shards","typeDetails":"high-throughput","quantity":7,"quantityMeasurement":"shards",
			"pricePerUnit":0.124,"priceCurrency":"USD","pricePeriod":"hour"}],
		"prometheusEndpoint":"internal.c12.us-east-1.example.com:8070",
		"links":[{"rel":"self","href":"https://x/subscriptions/12","type":"GET"}]}`)
}

func TestSubscriptionListDecodes(t *testing.T) {
	assertDecodes(t, SubscriptionList{
		AccountID:     7,
		Subscriptions: []Subscription{{ID: 12}},
		Links:         Links{{Rel: "self", Href: "https://x/subscriptions"}},
	}, `{"accountId":7,"subscriptions":[{"id":12}],"links":[{"rel":"self","href":"https://x/subscriptions"}]}`)
}

func TestRedisVersionListDecodes(t *testing.T) {
	assertDecodes(t, RedisVersionList{Versions: []RedisVersion{{
		Version: "8.4", EOLDate: Time{Text: "some day"}, IsPreview: true, IsDefault: true,
	}}}, `{"redisVersions":[{"version":"8.4","eolDate":"some day","isPreview":true,"isDefault":true}]}`)
}
