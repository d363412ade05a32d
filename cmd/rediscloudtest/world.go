package main

import (
	"errors"
	"flag"
	"strconv"
	"strings"
	"time"

	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

// worldFlags adds the flags that make the server behave as the API does on its
// odd days. The returned func has the options, in an order that lets the others
// turn on what -calm turns off.
func worldFlags(flags *flag.FlagSet) func() []rediscloudtest.Option {
	var opts []rediscloudtest.Option
	set := func(opt rediscloudtest.Option) { opts = append(opts, opt) }
	calm := flags.Bool("calm", false, "show changes at once, each status once, and no task as initialized")

	toggle(flags, "lenient", "let a subscription take several changes at once", func() { set(rediscloudtest.WithLenientSubscriptions()) })
	toggle(flags, "list-unsorted", "list tasks in random order", func() { set(rediscloudtest.WithUnsortedTaskList()) })
	toggle(flags, "no-timestamps", "show tasks without timestamps", func() { set(rediscloudtest.WithoutTaskTimestamps()) })

	duration(flags, "staleness", "`duration` for which a resource shows its old state after a change (default a quarter of -provisioning, at most 2s)",
		func(d time.Duration) { set(rediscloudtest.WithStaleness(d)) })
	duration(flags, "late-listing", "`duration` for which new resources aren't listed (default a quarter of -provisioning, at most 2s)",
		func(d time.Duration) { set(rediscloudtest.WithLateListing(d)) })
	duration(flags, "late-removal", "`duration` for which a deleted database is still listed",
		func(d time.Duration) { set(rediscloudtest.WithLateRemoval(d)) })
	duration(flags, "empty-link", "`duration` for which a new PrivateLink has an empty document (default half of -provisioning)",
		func(d time.Duration) { set(rediscloudtest.WithEmptyPrivateLink(d)) })
	duration(flags, "list-delay", "`duration` that the list of tasks takes", func(d time.Duration) { set(rediscloudtest.WithSlowTaskList(d)) })
	duration(flags, "list-staleness", "`duration` by which the list of tasks is behind", func(d time.Duration) { set(rediscloudtest.WithStaleTaskList(d)) })
	duration(flags, "clock-skew", "`duration` by which the server's clock is ahead; may be negative",
		func(d time.Duration) { set(rediscloudtest.WithClockSkew(d)) })

	number(flags, "acl-flips", "`times` that a changed ACL user or role is active and then pending again (default 2)",
		func(n int) { set(rediscloudtest.WithACLFlips(n)) })
	number(flags, "foreign", "`tasks` of other programs before each task", func(n int) { set(rediscloudtest.WithForeignTasks(n)) })
	number(flags, "old", "`tasks` of the last ten days in the list", func(n int) { set(rediscloudtest.WithOldTasks(n)) })
	number(flags, "seed", "seed `number` of everything random, including task ids",
		func(n int) { set(rediscloudtest.WithSeed(uint64(n))) }) //nolint:gosec // number lets nothing below 0 pass
	number(flags, "list-status", "`status` of all responses to requests for the list of tasks; 0 breaks the connection",
		func(n int) { set(rediscloudtest.WithTaskListOutage(rediscloudtest.Outage{Status: n})) })

	flags.Func("list-hiding", "`statuses` of the tasks to omit from the list, comma-separated", func(value string) error {
		set(rediscloudtest.WithTaskListHiding(strings.Split(value, ",")...))
		return nil
	})
	flags.Func("order", "`order` in which tasks are processed: submission, lifo or random (default submission)", func(value string) error {
		orders := map[string]rediscloudtest.TaskOrder{
			"submission": rediscloudtest.OrderSubmission, "lifo": rediscloudtest.OrderLIFO, "random": rediscloudtest.OrderRandom,
		}
		order, ok := orders[value]
		if !ok {
			return errors.New("want submission, lifo or random")
		}
		set(rediscloudtest.WithTaskOrder(order))
		return nil
	})
	between(flags, "latency", "`bounds` of the duration of an exchange, such as 40ms-400ms, or one duration", rediscloudtest.WithRandomRoundTrip, set)
	between(flags, "heavy-tail", "`bounds` of the processing time of a task, such as 500ms-10m, instead of -processing: most are near the lower one",
		rediscloudtest.WithHeavyTail, set)

	return func() []rediscloudtest.Option {
		if *calm {
			return append([]rediscloudtest.Option{rediscloudtest.WithCalm()}, opts...)
		}
		return opts
	}
}

func toggle(flags *flag.FlagSet, name, usage string, set func()) {
	flags.BoolFunc(name, usage, func(value string) error {
		if value != "true" {
			return errors.New("the flag takes no value")
		}
		set()
		return nil
	})
}

func duration(flags *flag.FlagSet, name, usage string, set func(time.Duration)) {
	flags.Func(name, usage, func(value string) error {
		d, err := time.ParseDuration(value)
		if err == nil {
			set(d)
		}
		return err
	})
}

func number(flags *flag.FlagSet, name, usage string, set func(int)) {
	flags.Func(name, usage, func(value string) error {
		n, err := strconv.ParseUint(value, 10, 31)
		if err != nil {
			return errors.New("want a number")
		}
		set(int(n))
		return nil
	})
}

func between(flags *flag.FlagSet, name, usage string, option func(least, most time.Duration) rediscloudtest.Option, set func(rediscloudtest.Option)) {
	flags.Func(name, usage, func(value string) error {
		first, last, found := strings.Cut(value, "-")
		if !found {
			last = first
		}
		least, err := time.ParseDuration(first)
		if err != nil {
			return err
		}
		most, err := time.ParseDuration(last)
		if err != nil {
			return err
		}
		if most < least {
			return errors.New("the upper bound is below the lower one")
		}
		set(option(least, most))
		return nil
	})
}
