// Command terraform-provider-rediscloud is an example of a Terraform provider
// built on package rediscloud.
package main

import (
	"context"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/rediscloud-go/rediscloud/examples/terraform-provider/internal/provider"
)

func main() {
	err := providerserver.Serve(context.Background(), provider.New("dev"), providerserver.ServeOpts{Address: provider.Address})
	if err != nil {
		log.Fatal(err)
	}
}
