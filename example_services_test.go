package rediscloud_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// exampleFake returns a client of a fast fake API, which holds nothing yet, and
// the fake, to do what happens outside of the API.
func exampleFake(opts ...rediscloudtest.Option) (*rediscloud.Client, *rediscloudtest.Server) {
	fake := rediscloudtest.New(append([]rediscloudtest.Option{
		rediscloudtest.WithProcessing(5 * time.Millisecond),
		rediscloudtest.WithProvisioning(5 * time.Millisecond),
		rediscloudtest.WithUnknownFor(0),
		calm,
	}, opts...)...)
	client, err := rediscloud.NewClient(
		rediscloud.WithBaseURL(fake.URL()),
		rediscloud.WithCredentials(fake.AccountKey(), fake.SecretKey()),
		rediscloud.WithHTTPClient(fake.Client()),
		rediscloud.WithWaitOptions(rediscloud.WithPollDelay(time.Millisecond, 10*time.Millisecond), rediscloud.WithSettling(0)))
	if err != nil {
		log.Fatal(err)
	}
	return client, fake
}

// exampleTransitGateway returns a network that a transit gateway is shared with.
func exampleTransitGateway() (*rediscloud.Client, *rediscloudtest.Server, rediscloud.NetworkRef) {
	ctx := context.Background()
	client, fake := exampleFake()
	network := rediscloud.NetworkRef{SubscriptionID: fake.AddSubscription("production")}
	task, err := client.TransitGateways.AcceptInvitation(ctx, network, fake.ShareTransitGateway(network.SubscriptionID, "", "backbone"))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := task.WaitProvisioned(ctx); err != nil {
		log.Fatal(err)
	}
	return client, fake, network
}

// examplePSC returns a network that has Private Service Connect.
func examplePSC() (client *rediscloud.Client, fake *rediscloudtest.Server, network rediscloud.NetworkRef, serviceID int) {
	ctx := context.Background()
	client, fake = exampleFake()
	network.SubscriptionID = fake.AddGCPSubscription("production")
	task, err := client.PrivateServiceConnect.Create(ctx, network)
	if err != nil {
		log.Fatal(err)
	}
	service, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	return client, fake, network, service.ID
}

// The cheapest plan of those that will do.
func ExampleEssentialsPlansService_List() {
	ctx := context.Background()
	client, _ := exampleFake()
	list, err := client.EssentialsPlans.List(ctx, &rediscloud.EssentialsPlanListOptions{Provider: rediscloud.ProviderAWS})
	if err != nil {
		log.Fatal(err)
	}
	var best *rediscloud.EssentialsPlan
	for i, plan := range list.Plans {
		if plan.Region != "us-east-1" || !plan.SupportReplication || plan.RedisFlex || plan.Size < 1 {
			continue
		}
		if best == nil || plan.Price < best.Price {
			best = &list.Plans[i]
		}
	}
	if best == nil {
		log.Fatal("there is no such plan")
	}
	fmt.Println(best.Name, best.Availability, best.Price, best.PriceCurrency)
	// Output: Single-Zone_1GB single-zone 22 USD
}

// A free database, which is what costs nothing: the free plan, a subscription that
// has it, and the one database that fits in.
func ExampleEssentialsPlan_Free() {
	ctx := context.Background()
	client, _ := exampleFake()
	plans, err := client.EssentialsPlans.List(ctx, &rediscloud.EssentialsPlanListOptions{Provider: rediscloud.ProviderAWS})
	if err != nil {
		log.Fatal(err)
	}
	i := slices.IndexFunc(plans.Plans, func(plan rediscloud.EssentialsPlan) bool { return plan.Free() && plan.Region == "us-east-1" })
	if i < 0 {
		log.Fatal("there is no free plan in this region")
	}
	creation, err := client.EssentialsSubscriptions.Create(ctx, &rediscloud.EssentialsSubscriptionCreateRequest{
		Name:   "free",
		PlanID: plans.Plans[i].ID, // without a payment method
	})
	if err != nil {
		log.Fatal(err) // an account can have one free subscription
	}
	sub, err := creation.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	task, err := client.EssentialsDatabases.Create(ctx, sub.ID, &rediscloud.EssentialsDatabaseCreateRequest{Name: "cache"})
	if err != nil {
		log.Fatal(err)
	}
	db, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	log.Printf("redis://default:%s@%s", db.Security.Password, db.PublicEndpoint) // the password prints as [redacted]
	fmt.Println(db.Name, db.Status, db.Security.Password != "")
	// Output: cache active true
}

func ExampleEssentialsSubscriptionsService_Create() {
	ctx := context.Background()
	client, _ := exampleFake()
	cards, err := client.Account.ListPaymentMethods(ctx)
	if err != nil {
		log.Fatal(err)
	}
	task, err := client.EssentialsSubscriptions.Create(ctx, &rediscloud.EssentialsSubscriptionCreateRequest{
		Name:            "staging",
		PlanID:          rediscloudtest.PlanStandard, // one of those that EssentialsPlans.List returns
		PaymentMethodID: new(cards.PaymentMethods[0].ID),
	})
	if err != nil {
		log.Fatal(err)
	}
	sub, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(sub.Name, sub.Status, sub.PlanName)
	// Output: staging active Single-Zone_1GB
}

func ExampleEssentialsDatabasesService_Create() {
	ctx := context.Background()
	client, fake := exampleFake()
	subscriptionID := fake.AddEssentialsSubscription("staging", rediscloudtest.PlanStandard)
	task, err := client.EssentialsDatabases.Create(ctx, subscriptionID, &rediscloud.EssentialsDatabaseCreateRequest{
		Name:        "cache",
		Replication: new(true),
		SourceIPs:   []string{"10.0.0.0/8"},
	})
	if err != nil {
		log.Fatal(err)
	}
	db, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(db.Name, db.Status, db.Security.SourceIPs, db.PublicEndpoint != "")
	// Output: cache active [10.0.0.0/8] true
}

// The owner of the VPC has to accept a peering, which may take any time.
func ExampleVPCPeeringsService_CreateAWS() {
	ctx := context.Background()
	client, fake := exampleFake()
	subscriptionID := fake.AddSubscription("production")
	task, err := client.VPCPeerings.CreateAWS(ctx, rediscloud.NetworkRef{SubscriptionID: subscriptionID}, &rediscloud.VPCPeeringCreateAWSRequest{
		Region:       "us-east-1",
		AWSAccountID: "123456789012",
		VPCID:        "vpc-0123456789abcdef0",
		VPCCIDRs:     []string{"10.10.10.0/24"},
	})
	if err != nil {
		log.Fatal(err)
	}
	peering, err := task.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	peering, err = task.WaitProvisioned(ctx, rediscloud.WithWaitForAction(), rediscloud.OnProvisioning(func(p rediscloud.Provisioning) {
		if p.Status == string(rediscloud.VPCPeeringStatusPendingAcceptance) {
			fake.AcceptPeering(subscriptionID, peering.ID) // else: accept peering.AWSPeeringUID in AWS
		}
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(peering.VPCUID, peering.VPCCIDR, peering.Status)
	// Output: vpc-0123456789abcdef0 10.10.10.0/24 active
}

// A transit gateway that is shared in AWS is offered some time after, and there
// once the invitation is accepted.
func ExampleTransitGatewaysService_WaitInvitation() {
	ctx := context.Background()
	client, fake := exampleFake()
	network := rediscloud.NetworkRef{SubscriptionID: fake.AddSubscription("production")}
	time.AfterFunc(20*time.Millisecond, func() {
		fake.ShareTransitGateway(network.SubscriptionID, "us-east-1", "backbone") // else: share it in AWS
	})

	invitation, err := client.TransitGateways.WaitInvitation(ctx, network, func(i *rediscloud.TransitGatewayInvitation) bool {
		return i.Name == "backbone"
	})
	if err != nil {
		log.Fatal(err)
	}
	task, err := client.TransitGateways.AcceptInvitation(ctx, network, invitation.ID)
	if err != nil {
		log.Fatal(err)
	}
	invitation, err = task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(invitation.Name, invitation.Status)
	// Output: backbone accepted
}

// The owner of the transit gateway has to accept the attachment.
func ExampleTransitGatewaysService_CreateAttachment() {
	ctx := context.Background()
	client, fake, network := exampleTransitGateway()
	shared, err := client.TransitGateways.WaitListed(ctx, network, nil)
	if err != nil {
		log.Fatal(err)
	}
	task, err := client.TransitGateways.CreateAttachment(ctx, network, shared.ID)
	if err != nil {
		log.Fatal(err)
	}
	gateway, err := task.WaitProvisioned(ctx, rediscloud.WithWaitForAction(), rediscloud.OnProvisioning(func(p rediscloud.Provisioning) {
		if p.Status == string(rediscloud.TransitGatewayStatusPendingAcceptance) {
			fake.AcceptTransitGatewayAttachment(network.SubscriptionID, shared.ID) // else: accept it in AWS
		}
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(gateway.AttachmentStatus, gateway.AttachmentUID != "")
	// Output: available true
}

func ExamplePrivateServiceConnectService_Create() {
	ctx := context.Background()
	client, fake := exampleFake()
	network := rediscloud.NetworkRef{SubscriptionID: fake.AddGCPSubscription("production")}
	task, err := client.PrivateServiceConnect.Create(ctx, network)
	if err != nil {
		log.Fatal(err)
	}
	service, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(service.Status, service.ConnectionHostName != "")
	// Output: active true
}

// An endpoint waits for its script to be run, and then to be accepted.
func ExamplePrivateServiceConnectService_CreateEndpoint() {
	ctx := context.Background()
	client, fake, network, serviceID := examplePSC()
	task, err := client.PrivateServiceConnect.CreateEndpoint(ctx, network, serviceID, &rediscloud.PSCEndpointCreateRequest{
		GCPProjectID: "my-project", GCPVPCName: "my-vpc", GCPVPCSubnetName: "my-subnet", EndpointConnectionName: "redis",
	})
	if err != nil {
		log.Fatal(err)
	}
	endpoint, err := task.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	ref := rediscloud.PSCEndpointRef{NetworkRef: network, ServiceID: serviceID, EndpointID: endpoint.ID}
	endpoint, err = task.WaitProvisioned(ctx, rediscloud.WithWaitForAction(), rediscloud.OnProvisioning(func(p rediscloud.Provisioning) {
		switch rediscloud.PSCEndpointStatus(p.Status) {
		case rediscloud.PSCEndpointStatusInitialized:
			fake.RunPSCCreationScript(ref.EndpointID) // else: run what CreationScripts yields
		case rediscloud.PSCEndpointStatusPending:
			if _, err := client.PrivateServiceConnect.AcceptEndpoint(ctx, ref); err != nil {
				log.Fatal(err)
			}
		default: // it is on its way
		}
	}))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(endpoint.GCPVPCName, endpoint.Status)
	// Output: my-vpc active
}

func ExamplePrivateLinkService_Create() {
	ctx := context.Background()
	client, fake := exampleFake()
	network := rediscloud.NetworkRef{SubscriptionID: fake.AddSubscription("production")}
	task, err := client.PrivateLink.Create(ctx, network, &rediscloud.PrivateLinkCreateRequest{
		ShareName: "redis",
		Principal: "123456789012",
		Type:      rediscloud.PrincipalTypeAWSAccount,
	})
	if err != nil {
		log.Fatal(err)
	}
	link, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(link.ShareName, link.Status)
	for _, principal := range link.Principals {
		fmt.Println(principal.Principal, principal.Status)
	}
	// Output:
	// redis active
	// 123456789012 associated
}

func ExampleACLRedisRulesService_Create() {
	ctx := context.Background()
	client, _ := exampleFake()
	task, err := client.ACLRedisRules.Create(ctx, &rediscloud.ACLRedisRuleCreateRequest{
		Name: "cache-reader",
		Rule: "+@read ~cache:*",
	})
	if err != nil {
		log.Fatal(err)
	}
	rule, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rule.Name, rule.Rule, rule.Status)
	// Output: cache-reader +@read ~cache:* active
}

// A role says which rule holds in which databases.
func ExampleACLRolesService_Create() {
	ctx := context.Background()
	client, subscriptionID, databaseID := exampleClient()
	task, err := client.ACLRoles.Create(ctx, &rediscloud.ACLRoleCreateRequest{
		Name: "reader",
		RedisRules: []rediscloud.ACLRoleRuleSpec{{
			RuleName:  "Read-Only", // every account has it
			Databases: []rediscloud.ACLRoleDatabaseSpec{{SubscriptionID: subscriptionID, DatabaseID: databaseID}},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	role, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	for _, rule := range role.RedisRules {
		fmt.Println(role.Name, rule.RuleName, rule.Databases[0].DatabaseName)
	}
	// Output: reader Read-Only sessions
}

// A user of databases needs a role, which has to be active before.
func ExampleACLUsersService_Create() {
	ctx := context.Background()
	client, subscriptionID, databaseID := exampleClient()
	roleTask, err := client.ACLRoles.Create(ctx, &rediscloud.ACLRoleCreateRequest{Name: "reader", RedisRules: []rediscloud.ACLRoleRuleSpec{{
		RuleName:  "Read-Only",
		Databases: []rediscloud.ACLRoleDatabaseSpec{{SubscriptionID: subscriptionID, DatabaseID: databaseID}},
	}}})
	if err != nil {
		log.Fatal(err)
	}
	role, err := roleTask.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	task, err := client.ACLUsers.Create(ctx, &rediscloud.ACLUserCreateRequest{Name: "ann", Role: role.Name, Password: "S3cret-pa55"})
	if err != nil {
		log.Fatal(err)
	}
	user, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(user.Name, user.Role, user.Status)
	// Output: ann reader active
}

// Everybody with the role Member becomes a viewer.
func ExampleAccountUsersService_Update() {
	ctx := context.Background()
	client, fake := exampleFake()
	fake.AddUser("Ann", "ann@example.com", "Owner")
	fake.AddUser("Bob", "bob@example.com", "Member")
	for user, err := range client.AccountUsers.All(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		if user.Role != rediscloud.AccountRoleMember {
			continue
		}
		task, err := client.AccountUsers.Update(ctx, user.ID, &rediscloud.AccountUserUpdateRequest{
			Name: user.Name, // is required
			Role: new(rediscloud.AccountRoleViewer),
		})
		if err != nil {
			log.Fatal(err)
		}
		user, err = task.Wait(ctx)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(user.Name, user.Role)
	}
	// Output: Bob Viewer
}

func ExampleCloudAccountsService_Create() {
	ctx := context.Background()
	client, _ := exampleFake()
	task, err := client.CloudAccounts.Create(ctx, &rediscloud.CloudAccountCreateRequest{
		Name:            "ours",
		AccessKeyID:     "AKIAIOSFODNN7EXAMPLE",
		AccessSecretKey: "access-secret",
		ConsoleUsername: "redis",
		ConsolePassword: "console-secret",
		SignInLoginURL:  "https://123456789012.signin.aws.amazon.com/console",
	})
	if err != nil {
		log.Fatal(err)
	}
	account, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(account.Name, account.Provider, account.Status)
	// Output: ours AWS active
}

// To learn whether the keys are accepted, and whose they are.
func ExampleAccountService_Get() {
	ctx := context.Background()
	client, _ := exampleFake()
	account, err := client.Account.Get(ctx)
	if errors.Is(err, rediscloud.ErrUnauthorized) {
		log.Fatal("check REDISCLOUD_ACCESS_KEY and REDISCLOUD_SECRET_KEY")
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(account.ID, account.Name, account.Key.Name)
	// Output: 1001 Fake account fake-key
}

// A report is made by a task, and then read as a file.
func ExampleCostReportsService_Download() {
	ctx := context.Background()
	client, _, _ := exampleClient()
	task, err := client.CostReports.Create(ctx, &rediscloud.CostReportCreateRequest{
		StartDate: "2025-01-01", // or by DateOf
		EndDate:   "2025-01-31",
		Format:    new(rediscloud.CostReportFormatCSV),
	})
	if err != nil {
		log.Fatal(err)
	}
	report, err := task.Wait(ctx)
	if err != nil {
		log.Fatal(err)
	}
	file, err := client.CostReports.Download(ctx, report.ID)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(rows[0][0], "and", len(rows)-1, "days")
	// Output: ChargePeriodStart and 31 days
}

// A redirection is no task: it has a wait of its own.
func ExampleEndpointRedirectionsService_Create() {
	ctx := context.Background()
	client, fake := exampleFake()
	subscriptionID := fake.AddSubscription("production")
	oldID, newID := fake.AddDatabase(subscriptionID, "old"), fake.AddDatabase(subscriptionID, "new")
	redirection, err := client.EndpointRedirections.Create(ctx, &rediscloud.EndpointRedirectionCreateRequest{
		SourceDatabaseID:    oldID,
		TargetDatabaseID:    newID,
		EndpointTargetType:  rediscloud.EndpointTypePublic,
		MigrationProtection: true, // it is meant
	})
	if err != nil {
		log.Fatal(err)
	}
	redirection, err = client.EndpointRedirections.WaitProvisioned(ctx, redirection.ID)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(redirection.Status, redirection.TargetDatabaseID == newID)
	// Output: completed true
}

// The documents are those of the service behind: decode what you know of them.
func ExampleDataIntegrationService_Do() {
	ctx := context.Background()
	client, fake := exampleFake()
	subscriptionID := fake.AddSubscription("production")
	document, err := client.DataIntegration.Do(ctx, &rediscloud.DataIntegrationRequest{
		Method:         http.MethodPost,
		SubscriptionID: subscriptionID,
		Path:           "pipelines",
		Body:           json.RawMessage(`{"name":"orders"}`),
	})
	if err != nil {
		log.Fatal(err)
	}
	var answer struct { // the fake's: it shows the request again
		Method string
		Body   struct{ Name string }
	}
	if err := json.Unmarshal(document, &answer); err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Method, answer.Body.Name)
	// Output: POST orders
}

// Changes that are made at the same time to a subscription that takes one at a time.
func ExampleInTurn() {
	ctx := context.Background()
	client, fake := exampleFake()
	subscriptionID := fake.AddSubscription("production")
	names := []string{"carts", "orders", "sessions"}
	databases := make([]*rediscloud.Database, len(names))
	var group sync.WaitGroup
	for i, name := range names {
		group.Go(func() {
			db, err := rediscloud.InTurn(ctx, client, subscriptionID, func(ctx context.Context) (*rediscloud.Task[rediscloud.Database], error) {
				return client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: name})
			})
			if err != nil {
				log.Fatal(err)
			}
			databases[i] = db
		})
	}
	group.Wait()
	for _, db := range databases {
		fmt.Println(db.Name, db.Status)
	}
	// Output:
	// carts active
	// orders active
	// sessions active
}

// The connection breaks after the API has accepted a write: to send it again
// would make a second database, or fail.
func ExampleFindTask() {
	ctx := context.Background()
	client, err := rediscloud.NewClient()
	if err != nil {
		log.Fatal(err)
	}
	subscriptionID := 120001

	task, err := client.Databases.Create(ctx, subscriptionID, &rediscloud.DatabaseCreateRequest{Name: "cache"})
	if unknown, ok := errors.AsType[*rediscloud.OutcomeUnknownError](err); ok {
		task, err = rediscloud.FindTask[rediscloud.Database](ctx, unknown)
	}
	if errors.Is(err, rediscloud.ErrNotFound) {
		log.Fatal("not accepted: it may be sent again")
	}
	if err != nil {
		log.Fatal(err)
	}
	db, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(db.Name, db.Status)
}

// Waits for databases whose tasks aren't at hand: those of a whole subscription.
func ExampleDatabasesService_WaitAllProvisioned() {
	ctx := context.Background()
	client, subscriptionID, _ := exampleClient()
	databases, err := client.Databases.WaitAllProvisioned(ctx, subscriptionID)
	if err != nil {
		log.Fatal(err)
	}
	for _, db := range databases {
		fmt.Println(db.Name, db.Status)
	}
	// Output:
	// sessions active
}

// A memory store, and a key for the agents that use it: the key is shown this once.
func ExampleAgentMemoryService_CreateAPIKey() {
	ctx := context.Background()
	client, fake := exampleFake()
	databaseID := fake.AddDatabase(fake.AddSubscription("production"), "memories")
	task, err := client.AgentMemory.Create(ctx, &rediscloud.MemoryStoreCreateRequest{Name: "assistant", DatabaseID: databaseID})
	if err != nil {
		log.Fatal(err)
	}
	store, err := task.WaitProvisioned(ctx)
	if err != nil {
		log.Fatal(err)
	}
	key, err := client.AgentMemory.CreateAPIKey(ctx, store.ID, "agents")
	if made, ok := errors.AsType[*rediscloud.ServiceAPIKeyError](err); ok {
		// It works, and is in made.Secret; its id has to be found by hand.
		log.Fatal(made)
	}
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(store.Status, key.Key.Name, key.Secret, len(string(key.Secret)) > 0)
	// Output: READY agents [redacted] true
}
