package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/rediscloud-go/rediscloud"
)

// A price is what something costs per period, such as an hour.
type price struct {
	Amount   float64 `json:"amount"`
	Currency string  `json:"currency,omitempty"`
	Period   string  `json:"period,omitempty"`
	Of       string  `json:"of,omitempty"` // such as "2 shards high-throughput"
}

func (p price) String() string { return fmt.Sprintf("%.3f %s per %s", p.Amount, p.Currency, p.Period) }

// pricePlan reports what a plan would create, and what that costs. It changes
// nothing, not even the state.
func pricePlan(ctx context.Context, client *rediscloud.Client, s settings, p *plan, stdout io.Writer) error {
	var errs []error
	out := newPrices(stdout, s)
	a := &applier{client: client, settings: s}
	for _, sub := range p.subscriptions {
		if err := out.subscription(ctx, a, sub); err != nil {
			errs = append(errs, &itemError{sub.item, err})
		}
	}
	err := errors.Join(errs...)
	out.end(exitCode(ctx, err))
	return err
}

// prices writes prices, as text on a terminal and as JSON lines elsewhere.
type prices struct {
	strict bool
	text   io.Writer // nil for JSON lines
	lines  *lines
	total  map[[2]string]float64 // by currency and period
}

func newPrices(stdout io.Writer, s settings) *prices {
	p := &prices{strict: s.strict, total: map[[2]string]float64{}}
	if file, _ := terminal(stdout); file != nil && !s.json {
		p.text = file
		return p
	}
	p.lines = &lines{out: json.NewEncoder(stdout), begun: map[item]time.Time{}}
	return p
}

func (p *prices) subscription(ctx context.Context, a *applier, s *subscriptionPlan) error {
	th := a.subscriptionThing(s)
	id, err := found(ctx, p, th)
	switch {
	case id == 0 && (err != nil || th.create == nil):
		return cmp.Or(err, errMissing)
	case id == 0:
		// The databases that are created after the subscription are priced
		// along with it: what determines their price is in the settings that
		// both requests have.
		req := *s.request
		for _, d := range s.databases {
			req.Databases = append(req.Databases, *d.spec)
		}
		return p.ask(ctx, s.item, func() (*rediscloud.Task[rediscloud.Pricing], error) {
			return a.client.Subscriptions.CreateDryRun(ctx, &req)
		})
	}
	errs := []error{err}
	for _, d := range s.databases {
		there, err := found(ctx, p, a.databaseThing(id, d))
		if err == nil && there == 0 {
			err = p.ask(ctx, d.item, func() (*rediscloud.Task[rediscloud.Pricing], error) {
				return a.client.Databases.CreateDryRun(ctx, id, d.request)
			})
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// found shows what exists, and how it differs from the plan.
func found[T any](ctx context.Context, p *prices, th thing[T]) (id int, err error) {
	result, err := th.named(ctx)
	if errors.Is(err, rediscloud.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	id, _, status := th.tell(result)
	p.show(event{Event: eventFound, item: th.item, ID: id, Detail: status}, th.item.String()+": exists")
	differs, err := compare(ctx, th, id)
	if len(differs) > 0 {
		p.show(event{Event: eventDiffers, item: th.item, ID: id, Differs: differs}, th.item.String()+": differs: "+list(differs))
		if p.strict {
			err = &differsError{differs}
		}
	}
	return id, err
}

func (p *prices) ask(ctx context.Context, i item, dryRun func() (*rediscloud.Task[rediscloud.Pricing], error)) error {
	task, err := dryRun()
	if err != nil {
		return err
	}
	pricing, err := task.Wait(ctx)
	if err != nil {
		return err
	}
	p.show(event{Event: eventPlanned, item: i}, i.String()+": would be created")
	for _, part := range pricing.Items {
		cost := price{
			Amount:   float64(part.Quantity) * part.PricePerUnit,
			Currency: part.PriceCurrency,
			Period:   part.PricePeriod,
			Of:       fmt.Sprintf("%s: %d %s %s", part.DatabaseName, part.Quantity, part.QuantityMeasurement, part.TypeDetails),
		}
		if part.DatabaseName == "" {
			cost.Of = part.Type
		}
		p.total[[2]string{cost.Currency, cost.Period}] += cost.Amount
		p.show(event{Event: eventPrice, item: i, Price: &cost}, fmt.Sprintf("%s: %s, %s", i, cost, cost.Of))
	}
	return nil
}

func (p *prices) show(e event, text string) {
	if p.lines != nil {
		p.lines.report(e)
	} else {
		fmt.Fprintln(p.text, plain(text))
	}
}

func (p *prices) end(code int) {
	for _, unit := range slices.SortedFunc(maps.Keys(p.total), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) }) {
		total := price{Amount: p.total[unit], Currency: unit[0], Period: unit[1], Of: "total"}
		p.show(event{Event: eventPrice, Price: &total}, "total: "+total.String())
	}
	if p.lines != nil {
		p.lines.close(code)
	}
}
