terraform {
  required_providers {
    rediscloud = { source = "rediscloud-go/rediscloud" }
  }
}

# The keys and the URL are taken from the environment.
provider "rediscloud" {}

resource "rediscloud_subscription" "main" {
  name            = "demo"
  region          = "us-east-1"
  deployment_cidr = "10.0.0.0/24"

  creation_plan = {
    dataset_size_in_gb = 1
    quantity           = 2
  }
}

# Terraform creates them at once, and the provider one after the other.
resource "rediscloud_database" "cache" {
  for_each = toset(["sessions", "pages"])

  subscription_id    = rediscloud_subscription.main.id
  name               = each.key
  dataset_size_in_gb = 1
  data_persistence   = "aof-every-1-second"
  alerts             = { "dataset-size" = 80 }

  timeouts = { create = "20m" }
}

output "endpoints" {
  value = { for name, db in rediscloud_database.cache : name => db.public_endpoint }
}
