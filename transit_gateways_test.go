package rediscloud

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// networks are the two forms of a network, by path.
var networks = map[string]NetworkRef{
	"/subscriptions/12":           {SubscriptionID: 12},
	"/subscriptions/12/regions/3": {SubscriptionID: 12, RegionID: 3},
}

// onNetworks runs a test for both forms of a network.
func onNetworks(t *testing.T, test func(t *testing.T, path string, network NetworkRef)) {
	for path, network := range networks {
		t.Run(path, func(t *testing.T) { test(t, path, network) })
	}
}

func gateway5(path, n, members string) []wire {
	return asked(path+"/transitGateways", n, `{"resourceId":12,"resource":{"tgws":[{"id":4,"status":"failed"},{"id":5,`+members+`}]}}`)
}

func invitation8(path, n, status string) []wire {
	return asked(path+"/transitGateways/invitations", n, `{"resourceId":12,"resource":{"resources":[{"id":8,"status":"`+status+`"}]}}`)
}

func TestTransitGatewaysList(t *testing.T) {
	onNetworks(t, func(t *testing.T, path string, network NetworkRef) {
		for response, want := range map[string]*TransitGatewayList{
			`{"resource":{"tgws":[{"id":5,"status":"available"}]}}`: {TransitGateways: []TransitGateway{{ID: 5, Status: TransitGatewayStatusAvailable}}},
			`{"resourceId":12}`: {}, // while the subscription is being provisioned
			`{}`:                {},
		} {
			list, err := waitWire(t,
				func(ctx context.Context, c *Client) (*Task[TransitGatewayList], error) {
					return c.TransitGateways.List(ctx, network)
				},
				wire{method: "GET", path: path + "/transitGateways", answer: received}, completed(response))
			require.NoError(t, err)
			assert.Equal(t, want, list)
		}
	})
}

func TestTransitGatewaysListInvitations(t *testing.T) {
	onNetworks(t, func(t *testing.T, path string, network NetworkRef) {
		for response, want := range map[string]*TransitGatewayInvitationList{
			`{"resource":{"resources":[{"id":8,"name":"share","status":"pending"}]}}`: {Invitations: []TransitGatewayInvitation{
				{ID: 8, Name: "share", Status: TransitGatewayInvitationStatusPending},
			}},
			`{"resourceId":12}`: {},
		} {
			list, err := waitWire(t,
				func(ctx context.Context, c *Client) (*Task[TransitGatewayInvitationList], error) {
					return c.TransitGateways.ListInvitations(ctx, network)
				},
				wire{method: "GET", path: path + "/transitGateways/invitations", answer: received}, completed(response))
			require.NoError(t, err)
			assert.Equal(t, want, list)
		}
	})
}

// An invitation that was just accepted may be pending for a moment.
func TestTransitGatewaysAnswerInvitation(t *testing.T) {
	onNetworks(t, func(t *testing.T, path string, network NetworkRef) {
		for verb, test := range map[string]struct {
			answer func(*TransitGatewaysService, context.Context, NetworkRef, int) (*Task[TransitGatewayInvitation], error)
			want   TransitGatewayInvitationStatus
		}{
			"accept": {(*TransitGatewaysService).AcceptInvitation, TransitGatewayInvitationStatusAccepted},
			"reject": {(*TransitGatewaysService).RejectInvitation, TransitGatewayInvitationStatusRejected},
		} {
			invitation, err := provisionWire(t,
				func(ctx context.Context, c *Client) (*Task[TransitGatewayInvitation], error) {
					return test.answer(&c.TransitGateways, ctx, network, 8)
				}, exchanges(
					wire{method: "PUT", path: path + "/transitGateways/invitations/8/" + verb, status: 202, answer: received},
					completed(`{"resourceId":8}`),
					invitation8(path, "a", "pending"), invitation8(path, "b", string(test.want)))...)
			require.NoError(t, err)
			assert.Equal(t, &TransitGatewayInvitation{ID: 8, Status: test.want}, invitation)
		}
	})
}

func TestTransitGatewaysCreateAttachment(t *testing.T) {
	onNetworks(t, func(t *testing.T, path string, network NetworkRef) {
		gateway, err := provisionWire(t,
			func(ctx context.Context, c *Client) (*Task[TransitGateway], error) {
				return c.TransitGateways.CreateAttachment(ctx, network, 5)
			}, exchanges(
				wire{method: "POST", path: path + "/transitGateways/5/attachment", status: 202, answer: received},
				completed(`{"resourceId":5}`),
				asked(path+"/transitGateways", "a", `{"resourceId":12}`),
				gateway5(path, "b", `"status":"pending"`),
				gateway5(path, "c", `"status":"available","attachmentStatus":"pending"`),
				gateway5(path, "d", `"status":"available","attachmentStatus":"available"`))...)
		require.NoError(t, err)
		assert.Equal(t, &TransitGateway{ID: 5, Status: TransitGatewayStatusAvailable, AttachmentStatus: TransitGatewayStatusAvailable}, gateway)
	})
}

// A list that isn't known yet is waited for, whatever the grace period for a
// 404.
func TestTransitGatewaysAbsentList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := exchanges(
			wire{method: "POST", path: "/subscriptions/12/transitGateways/5/attachment", answer: received}, completed(`{"resourceId":5}`))
		for range 8 {
			begun = append(begun, asked("/subscriptions/12/transitGateways", "a", `{"resourceId":12}`)...)
		}
		client := newWire(t, append(begun, gateway5("/subscriptions/12", "b", `"status":"available"`)...)...)
		task, err := client.TransitGateways.CreateAttachment(t.Context(), NetworkRef{SubscriptionID: 12}, 5)
		require.NoError(t, err)
		start := time.Now()
		_, err = task.Wait(t.Context(), WithNotFoundGrace(0))
		require.NoError(t, err)
		assert.Greater(t, time.Since(start), 3*time.Second)
	})
}

// Both statuses count.
func TestTransitGatewaysProvisioning(t *testing.T) {
	for members, want := range map[string]struct {
		status       string
		awaitsPerson bool
	}{
		`"status":"pendingAcceptance"`:                                  {"pendingAcceptance", true},
		`"status":"available","attachmentStatus":"pendingAcceptance"`:   {"pendingAcceptance", true},
		`"status":"pendingAcceptance","attachmentStatus":"available"`:   {"pendingAcceptance", true},
		`"status":"available","attachmentStatus":"rejected"`:            {"rejected", false},
		`"status":"failed","attachmentStatus":"available"`:              {"failed", false},
		`"status":"deleted"`:                                            {"deleted", false},
		`"status":"available","attachmentStatus":"failed","cidrs":null`: {"failed", false},
	} {
		_, err := provisionWire(t,
			func(ctx context.Context, c *Client) (*Task[TransitGateway], error) {
				return c.TransitGateways.CreateAttachment(ctx, NetworkRef{SubscriptionID: 12}, 5)
			}, exchanges(
				wire{method: "POST", path: "/subscriptions/12/transitGateways/5/attachment", answer: received},
				completed(`{"resourceId":5}`), gateway5("/subscriptions/12", "a", members))...)
		failed, ok := errors.AsType[*ProvisionError](err)
		require.True(t, ok, "%v", err)
		assert.Equal(t, "transit gateway", failed.Kind)
		assert.Equal(t, want.status, failed.Status, members)
		assert.Equal(t, want.awaitsPerson, failed.ActionRequired, members)
		if want.awaitsPerson {
			assert.Contains(t, failed.Hint, "accept the attachment")
		}
	}
}

func TestTransitGatewaysUpdateAttachment(t *testing.T) {
	onNetworks(t, func(t *testing.T, path string, network NetworkRef) {
		for body, cidrs := range map[string][]string{
			`{"cidrs":["10.10.10.0/24","10.10.20.0/24"]}`: {"10.10.10.0/24", "10.10.20.0/24"},
			`{"cidrs":[]}`: {},
		} {
			gateway, err := provisionWire(t,
				func(ctx context.Context, c *Client) (*Task[TransitGateway], error) {
					return c.TransitGateways.UpdateAttachment(ctx, network, 5, &TransitGatewayAttachmentUpdateRequest{CIDRs: cidrs})
				}, exchanges(
					wire{method: "PUT", path: path + "/transitGateways/5/attachment", body: body, status: 202, answer: received},
					completed(`{"resourceId":5}`),
					gateway5(path, "a", `"status":"modifying"`), gateway5(path, "b", `"status":"available"`))...)
			require.NoError(t, err)
			assert.Equal(t, &TransitGateway{ID: 5, Status: TransitGatewayStatusAvailable}, gateway)
		}
	})
}

// The gateway stays in the list, without an attachment.
func TestTransitGatewaysDeleteAttachment(t *testing.T) {
	onNetworks(t, func(t *testing.T, path string, network NetworkRef) {
		for _, gone := range []string{`"status":"available"`, `"status":"available","attachmentStatus":null`, `"attachmentStatus":"deleted"`, `"attachmentStatus":""`} {
			_, err := provisionWire(t,
				func(ctx context.Context, c *Client) (*Task[None], error) {
					return c.TransitGateways.DeleteAttachment(ctx, network, 5)
				}, exchanges(
					wire{method: "DELETE", path: path + "/transitGateways/5/attachment", status: 202, answer: received},
					completed(`{"resourceId":5}`),
					gateway5(path, "a", `"status":"available","attachmentStatus":"rejected"`),
					asked(path+"/transitGateways", "b", `{"resourceId":12}`),
					gateway5(path, "c", `"attachmentStatus":"deleting"`),
					twiceUnless(gone == `"attachmentStatus":"deleted"`, gateway5(path, "d", gone)))...)
			require.NoError(t, err)
		}
	})
}

func TestTransitGatewaysDeleteAttachmentMissing(t *testing.T) {
	_, err := waitWire(t,
		func(ctx context.Context, c *Client) (*Task[None], error) {
			return c.TransitGateways.DeleteAttachment(ctx, NetworkRef{SubscriptionID: 12}, 5)
		},
		wire{method: "DELETE", path: "/subscriptions/12/transitGateways/5/attachment", answer: received},
		wire{method: "GET", path: "/tasks/t1", answer: `{"taskId":"t1","status":"processing-error","response":{"error":{"type":"TGW_ATTACHMENT_DOES_NOT_EXIST","status":"400 BAD_REQUEST"}}}`})
	failed, ok := errors.AsType[*TaskError](err)
	require.True(t, ok, "%v", err)
	assert.Equal(t, TaskErrorTypeTGWAttachmentDoesNotExist, failed.Type)
}

// An invalid request is refused before anything is sent.
func TestTransitGatewaysRefuse(t *testing.T) {
	client, ctx := newWire(t), t.Context()
	s, network := client.TransitGateways, NetworkRef{SubscriptionID: 12}
	for want, call := range map[string]func() error{
		"subscriptionId must be positive":          func() error { _, err := s.List(ctx, NetworkRef{}); return err },
		"regionId must be positive, not -1":        func() error { _, err := s.ListInvitations(ctx, NetworkRef{12, -1}); return err },
		"tgwInvitationId must be positive, not 0":  func() error { _, err := s.AcceptInvitation(ctx, network, 0); return err },
		"tgwInvitationId must be positive, not -1": func() error { _, err := s.RejectInvitation(ctx, network, -1); return err },
		"TgwId must be positive, not 0":            func() error { _, err := s.CreateAttachment(ctx, network, 0); return err },
		"TgwId must be positive, not -1":           func() error { _, err := s.DeleteAttachment(ctx, network, -1); return err },
		"the request is nil":                       func() error { _, err := s.UpdateAttachment(ctx, network, 5, nil); return err },
		"CIDRs is required": func() error {
			_, err := s.UpdateAttachment(ctx, network, 5, &TransitGatewayAttachmentUpdateRequest{})
			return err
		},
		"CIDRs[0] must be a range of addresses": func() error {
			_, err := s.UpdateAttachment(ctx, network, 5, &TransitGatewayAttachmentUpdateRequest{CIDRs: []string{"10.0.0.1"}})
			return err
		},
	} {
		t.Run(want, func(t *testing.T) { require.ErrorContains(t, call(), want) })
	}
}

func TestTransitGatewayDecodes(t *testing.T) {
	assertDecodes(t, TransitGatewayList{TransitGateways: []TransitGateway{{
		ID: 5, Status: TransitGatewayStatusModifying, AWSTGWUID: "tgw-1", AWSAccountID: "123",
		AttachmentUID: "tgw-attach-1", AttachmentStatus: TransitGatewayStatusAvailable,
		CIDRs: []TransitGatewayCIDR{{CIDR: "10.10.20.0/24", Status: "active"}, {CIDR: "10.10.30.0/24"}},
	}}}, `{"tgws":[{"id":5,"status":"modifying","awsTgwUid":"tgw-1","awsAccountId":"123","attachmentUid":"tgw-attach-1",
		"attachmentStatus":"available","cidrs":[{"cidrAddress":"10.10.20.0/24","status":"active"},"10.10.30.0/24"]}]}`)

	assertDecodes(t, TransitGatewayInvitationList{Invitations: []TransitGatewayInvitation{{
		ID: 8, Name: "share", ResourceShareUID: "uid", AWSAccountID: "123", Status: TransitGatewayInvitationStatusAccepted,
		SharedDate: Time{Time: time.Date(2024, 3, 1, 9, 30, 0, 0, time.UTC)},
	}}}, `{"resources":[{"id":8,"name":"share","resourceShareUid":"uid","awsAccountId":"123","status":"accepted","sharedDate":"2024-03-01T09:30:00Z"}]}`)

	for _, doc := range []string{`"10.10.30.0/24"`, `{"cidrAddress":"10.10.30.0/24"}`, `{"cidrAddress":"10.10.30.0/24","status":null}`} {
		var cidr TransitGatewayCIDR
		require.NoError(t, read(doc, &cidr))
		assert.Equal(t, TransitGatewayCIDR{CIDR: "10.10.30.0/24"}, cidr)
	}
}

// An element without an id doesn't count.
func TestConnectivityChecks(t *testing.T) {
	for _, doc := range []checked{new(VPCPeering), new(TransitGateway), new(TransitGatewayInvitation)} {
		require.ErrorContains(t, doc.check(), "missing id")
	}
}

func invitationsOf(path, n, resources string) []wire {
	return asked(path+"/transitGateways/invitations", n, `{"resourceId":12,"resource":`+resources+`}`)
}

// A wait for an invitation continues until it appears, at the pace of all
// waits.
func TestTransitGatewaysWaitInvitation(t *testing.T) {
	onNetworks(t, func(t *testing.T, path string, network NetworkRef) {
		synctest.Test(t, func(t *testing.T) {
			client := newWire(t, exchanges(
				asked(path+"/transitGateways/invitations", "a", `{"resourceId":12}`), // while the subscription is being provisioned
				invitationsOf(path, "b", `{"resources":[]}`),
				wire{method: "GET", path: path + "/transitGateways/invitations", status: 503},
				invitationsOf(path, "c", `{"resources":"x"}`),
				invitationsOf(path, "d", `{"resources":[{"id":8,"name":"old","status":"rejected"},{"id":9,"name":"other","status":"pending"}]}`),
				invitationsOf(path, "e", `{"resources":[{"id":8,"name":"old","status":"rejected"},{"id":9,"name":"other","status":"pending"},{"id":10,"name":"backbone","status":"pending"}]}`))...)
			var shown []int
			invitation, err := client.TransitGateways.WaitInvitation(t.Context(), network, func(i *TransitGatewayInvitation) bool {
				shown = append(shown, i.ID)
				return i.Name == "backbone"
			}, WithPollDelay(time.Second, time.Second))
			require.NoError(t, err)
			assert.Equal(t, &TransitGatewayInvitation{ID: 10, Name: "backbone", Status: TransitGatewayInvitationStatusPending}, invitation)
			assert.Equal(t, []int{8, 9, 8, 9, 10}, shown)
		})
	})
}

// Without a function it is any pending one.
func TestTransitGatewaysWaitPendingInvitation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const path = "/subscriptions/12"
		client := newWire(t, exchanges(
			invitation8(path, "a", "accepted"), invitation8(path, "b", "rejected"), invitation8(path, "c", "accepted"), invitation8(path, "d", "pending"))...)
		began := time.Now()
		invitation, err := client.TransitGateways.WaitInvitation(t.Context(), NetworkRef{SubscriptionID: 12}, nil)
		require.NoError(t, err)
		assert.Equal(t, &TransitGatewayInvitation{ID: 8, Status: TransitGatewayInvitationStatusPending}, invitation)
		assert.Equal(t, 2502*time.Millisecond, time.Since(began))
	})
}

func TestTransitGatewaysWaitListed(t *testing.T) {
	onNetworks(t, func(t *testing.T, path string, network NetworkRef) {
		synctest.Test(t, func(t *testing.T) {
			client := newWire(t, exchanges(
				asked(path+"/transitGateways", "a", `{"resourceId":12}`),
				asked(path+"/transitGateways", "b", `{"resource":{"tgws":[{"id":4,"awsTgwUid":"tgw-4"}]}}`),
				asked(path+"/transitGateways", "c", `{"resource":{"tgws":[{"id":4,"awsTgwUid":"tgw-4"},{"id":5,"awsTgwUid":"tgw-5"}]}}`),
				asked(path+"/transitGateways", "d", `{"resource":{"tgws":[{"id":4}]}}`))...)
			gateway, err := client.TransitGateways.WaitListed(t.Context(), network, func(g *TransitGateway) bool { return g.AWSTGWUID == "tgw-5" })
			require.NoError(t, err)
			assert.Equal(t, &TransitGateway{ID: 5, AWSTGWUID: "tgw-5"}, gateway)
			gateway, err = client.TransitGateways.WaitListed(t.Context(), network, nil)
			require.NoError(t, err)
			assert.Equal(t, 4, gateway.ID)
		})
	})
}

// What ends the wait for an invitation that doesn't appear.
func TestTransitGatewaysWaitInvitationEnds(t *testing.T) {
	const path = "/subscriptions/12/transitGateways/invitations"
	task := func(reason string) wire {
		return wire{method: "GET", path: path, answer: `{"taskId":"t1","status":"processing-error","response":{"error":` + reason + `}}`}
	}
	empty := wire{method: "GET", path: path, answer: `{"taskId":"t1","status":"processing-completed","response":{"resource":{"resources":[]}}}`}
	for name, test := range map[string]struct {
		exchanges []wire
		opts      []WaitOption
		want      error
		atMost    time.Duration
	}{
		"ctx":                       {exchanges: []wire{times(empty, 20)}, opts: []WaitOption{WithPollDelay(time.Minute, time.Minute)}, want: context.DeadlineExceeded, atMost: 20 * time.Minute},
		"no subscription":           {exchanges: []wire{times(wire{method: "GET", path: path, status: 404}, 12)}, opts: []WaitOption{WithPollDelay(time.Second, time.Second)}, want: ErrNotFound, atMost: existingGrace + 2*time.Second},
		"keys":                      {exchanges: []wire{empty, {method: "GET", path: path, status: 403}}, want: ErrForbidden, atMost: time.Second},
		"polls that fail":           {exchanges: []wire{times(wire{method: "GET", path: path, status: 500}, 4)}, opts: []WaitOption{WithMaxPollFailures(2)}, atMost: time.Minute},
		"another kind of network":   {exchanges: []wire{task(`{"type":"TGW_GETTING_SINGLE_REGION_TGW_INVITATIONS_IS_NOT_ALLOWED_WITH_ACTIVE_ACTIVE_SUBSCRIPTION","status":"400 BAD_REQUEST"}`)}},
		"too early, then forbidden": {exchanges: []wire{times(task(`{"type":"SUBSCRIPTION_NOT_ACTIVE","status":"400 BAD_REQUEST"}`), 2), task(`{"type":"X","status":"500 INTERNAL_SERVER_ERROR"}`), task(`{"type":"X","status":"403 FORBIDDEN"}`)}, want: ErrForbidden, atMost: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute-time.Second)
				defer cancel()
				began := time.Now()
				client := newTestClient(t, newWire(t, test.exchanges...).transport.client.Transport, WithoutRetries())
				invitation, err := client.TransitGateways.WaitInvitation(ctx, NetworkRef{SubscriptionID: 12}, nil, test.opts...)
				assert.Nil(t, invitation)
				ended, ok := errors.AsType[*WaitError](err)
				require.True(t, ok, "%v", err)
				assert.Equal(t, path, ended.Resource)
				assert.ErrorContains(t, err, "rediscloud: waiting for "+path)
				if test.want != nil {
					require.ErrorIs(t, err, test.want)
				}
				assert.LessOrEqual(t, time.Since(began), test.atMost)
			})
		})
	}

	client := newWire(t)
	_, err := client.TransitGateways.WaitInvitation(t.Context(), NetworkRef{}, nil)
	require.EqualError(t, err, "rediscloud: subscriptionId must be positive, not 0")
	_, err = client.TransitGateways.WaitInvitation(t.Context(), NetworkRef{SubscriptionID: 12}, nil, WithPollDelay(-1, 0))
	require.ErrorContains(t, err, "WithPollDelay")
}

func times(exchange wire, n int) wire {
	exchange.times = n
	return exchange
}
