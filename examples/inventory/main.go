// Command inventory lists every database of every subscription, Pro and
// Essentials, with the memory it uses and its limit, in MB. It reads as fast as
// the limit on requests allows.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/rediscloud-go/rediscloud/examples/internal/command"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func main() { command.Main("inventory", run) }

func run(ctx context.Context, args []string, std command.Streams) error {
	if err := command.Parse(command.Flags("inventory", std.Err), args); err != nil {
		return err
	}
	client, err := command.Connect("inventory", exampleAccount, std.Err)
	if err != nil {
		return err
	}
	rows, err := inventory(ctx, client)
	return errors.Join(err, write(std.Out, rows)) // what could be read is shown anyway
}

// exampleAccount is what is listed without keys.
func exampleAccount() *rediscloudtest.Server {
	fake := rediscloudtest.New()
	shop := fake.AddSubscription("shop")
	fake.AddDatabase(shop, "orders")
	fake.AddDatabase(shop, "carts")
	fake.AddDatabase(fake.AddSubscription("worldwide", "us-east-1", "eu-west-1"), "sessions")
	fake.AddDatabase(fake.AddEssentialsSubscription("trial", rediscloudtest.PlanFree), "cache")
	fake.AddDatabase(fake.AddEssentialsSubscription("reports", rediscloudtest.PlanMultiAZ), "queue")
	return fake
}

func write(out io.Writer, rows []row) error {
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.subscription, b.subscription), cmp.Compare(a.id, b.id), cmp.Compare(a.database, b.database))
	})
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SUBSCRIPTION\tDATABASE\tID\tSTATUS\t  USED MB\t LIMIT MB\tUSED")
	for _, r := range rows {
		fmt.Fprintf(table, "%s\t%s\t%d\t%s\t%9.1f\t%9.1f\t%s\n", r.subscription, r.database, r.id, r.status, r.used, r.limit, share(r.used, r.limit))
	}
	return table.Flush()
}

// share formats a part in percent. A limit of 0 means unknown.
func share(used, limit float64) string {
	if limit == 0 {
		return "  ?"
	}
	return fmt.Sprintf("%3.0f%%", 100*used/limit)
}
