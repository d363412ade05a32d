// Command free creates the free database of an account, or finds it, and puts
// its address and password into a file of environment variables. It costs
// nothing: an account can have one Essentials subscription of a free plan.
//
// Without keys in the environment it runs against a fake of the API, with
// REDISCLOUD_ACCESS_KEY and REDISCLOUD_SECRET_KEY in their account. It can be
// run again at any time, even after an interrupt.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/rediscloud-go/rediscloud"
	"github.com/rediscloud-go/rediscloud/examples/internal/command"
	"github.com/rediscloud-go/rediscloud/rediscloudtest"
)

func main() { command.Main("free", run) }

// variable is the variable in which programs find the database.
const variable = "REDIS_URL"

// settings holds the values of the flags.
type settings struct {
	subscription, database, region string
	file                           string
	ownFile                        bool // the user has named the file
	print, gone, yes               bool
}

func parse(args []string, stderr io.Writer) (s settings, err error) {
	flags := command.Flags("free", stderr)
	flags.StringVar(&s.subscription, "subscription", "free", "the `name` of the subscription")
	flags.StringVar(&s.database, "database", "free", "the `name` of the database")
	flags.StringVar(&s.region, "region", "", "the `region` to create them in; by default that of the first free plan")
	flags.StringVar(&s.file, "env", "redis.env", "put "+variable+" into this `file`; its other lines are kept")
	flags.BoolVar(&s.print, "print", false, "print "+variable+", with the password, for a shell to evaluate, and leave the file alone")
	flags.BoolVar(&s.gone, "remove", false, "remove the database, the subscription if it is empty then, and "+variable+" from the file")
	flags.BoolVar(&s.yes, "yes", false, "remove without asking")
	if err := command.Parse(flags, args); err != nil {
		return s, err
	}
	flags.Visit(func(f *flag.Flag) { s.ownFile = s.ownFile || f.Name == "env" })
	switch {
	case s.subscription == "" || s.database == "" || s.file == "":
		return s, command.Misused(flags, "-subscription, -database and -env can't be empty")
	case s.print && (s.gone || s.ownFile):
		return s, command.Misused(flags, "-print can't be combined with -env or -remove")
	case s.gone && !command.WithKeys():
		return s, command.Misused(flags, "-remove needs the keys of the account in %s and %s: the embedded fake starts empty", rediscloud.EnvAccountKey, rediscloud.EnvSecretKey)
	}
	return s, nil
}

func run(ctx context.Context, args []string, std command.Streams) error {
	s, err := parse(args, std.Err)
	if err != nil {
		return err
	}
	client, err := command.Connect("free", func() *rediscloudtest.Server { return rediscloudtest.New() }, std.Err)
	if err != nil {
		return err
	}
	d := &demo{settings: s, client: client, progress: command.NewProgress(std.Err)}
	if s.gone {
		err = d.remove(ctx, std)
	} else {
		err = d.bringAbout(ctx, std)
	}
	if err != nil && ctx.Err() != nil && command.WithKeys() {
		err = fmt.Errorf("%w\nrun it again: it continues with what exists", err)
	}
	return err
}

// remove removes what exists, if the user agrees.
func (d *demo) remove(ctx context.Context, std command.Streams) error {
	if !d.yes {
		question := fmt.Sprintf("This removes the database %q of the subscription %q, with everything in it.", d.database, d.subscription)
		if err := command.Confirm(ctx, question, std.In, std.Err); err != nil {
			return err
		}
	}
	return d.takeAway(ctx)
}

// bringAbout makes sure that the database exists, and outputs how to connect.
func (d *demo) bringAbout(ctx context.Context, std command.Streams) error {
	db, err := d.ensure(ctx)
	if err != nil {
		return err
	}
	url, err := connection(db)
	if err != nil {
		return err
	}
	fmt.Fprintf(std.Err, "database %q (%d) is %s at %s\n", db.Name, db.ID, db.Status, db.PublicEndpoint)
	switch {
	case d.print:
		fmt.Fprintf(std.Out, "export %s=%s\n", variable, url)
	case !command.WithKeys() && !d.ownFile:
		// The file may belong to the real database.
		fmt.Fprintf(std.Err, "With an account, %s would now be in %s. The fake has no Redis: name a file with -env to write it anyway.\n", variable, d.file)
	default:
		if err := setVariable(d.file, url); err != nil {
			return err
		}
		fmt.Fprintf(std.Err, "%s, with the password, is in %s, which only you can read. To load it into a shell:\n\nset -a; . %s; set +a\n", variable, d.file, sourced(d.file))
	}
	return nil
}
