terraform {
  required_providers {
    rediscloud = { source = "rediscloud-go/rediscloud" }
  }
}

# The keys and the URL come from the environment.
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

# Terraform creates them concurrently, and the provider one after the other.
resource "rediscloud_database" "cache" {
  for_each = toset(["sessions", "pages"])

  subscription_id    = rediscloud_subscription.main.id
  name               = each.key
  dataset_size_in_gb = 1
  data_persistence   = "aof-every-1-second"
  alerts             = { "dataset-size" = 80 }

  timeouts = { create = "20m" }
}

# Ends with a warning that describes the required action. A resource that accepts it depends on its aws_peering_id.
resource "rediscloud_vpc_peering" "shop" {
  subscription_id = rediscloud_subscription.main.id
  region          = "us-east-1"
  aws_account_id  = "123456789012"
  vpc_id          = "vpc-0123456789abcdef0"
  vpc_cidrs       = ["10.1.0.0/24"]
}

resource "rediscloud_active_active_subscription" "world" {
  name    = "demo-world"
  regions = { "us-east-1" = "10.2.0.0/24", "eu-west-1" = "10.3.0.0/24" }
}

resource "rediscloud_active_active_database" "world" {
  subscription_id            = rediscloud_active_active_subscription.world.id
  name                       = "carts"
  dataset_size_in_gb         = 1
  global_data_persistence    = "aof-every-1-second"
  read_operations_per_second = { "us-east-1" = 2000, "eu-west-1" = 1000 }
}

resource "rediscloud_acl_rule" "reads" {
  name = "reads"
  rule = "+@read ~*"
}

resource "rediscloud_acl_role" "reader" {
  name = "reader"
  rules = [{
    rule      = rediscloud_acl_rule.reads.name
    databases = [for db in rediscloud_database.cache : { subscription_id = db.subscription_id, id = db.id }]
  }]
}

resource "rediscloud_acl_user" "dashboard" {
  name     = "dashboard"
  role     = rediscloud_acl_role.reader.name
  password = "Only-4-the-demo"
}

output "endpoints" {
  value = { for name, db in rediscloud_database.cache : name => db.public_endpoint }
}
