#!/usr/bin/env bash
# Applies demo/main.tf with a real terraform or tofu against a fake of Redis Cloud, and destroys it again. Needs Go and one of the two.
set -euo pipefail
cd "$(dirname "$0")"
program=$(command -v terraform || command -v tofu) || { echo "neither terraform nor tofu is on the PATH" >&2; exit 1; }
work=$(mktemp -d)
fake=
trap '[ -z "$fake" ] || kill "$fake"; rm -rf "$work"' EXIT

echo "building the provider and the fake (up to a minute the first time)"
go build -o "$work/bin/terraform-provider-rediscloud" .
(cd ../.. && go build -o "$work/rediscloudtest" ./cmd/rediscloudtest)
"$work/rediscloudtest" -addr 127.0.0.1:0 >"$work/env" &
fake=$!
until [ "$(grep -c export "$work/env")" = 3 ]; do sleep 0.1; done
# shellcheck disable=SC1091
. "$work/env"

cat >"$work/cli.tfrc" <<EOF
provider_installation {
  dev_overrides {
    "registry.terraform.io/rediscloud-go/rediscloud" = "$work/bin"
    "registry.opentofu.org/rediscloud-go/rediscloud" = "$work/bin"
  }
  direct {}
}
EOF
export TF_CLI_CONFIG_FILE="$work/cli.tfrc" CHECKPOINT_DISABLE=1
cp demo/main.tf "$work"
cd "$work" # no init: an overridden provider needs none
"$program" apply -auto-approve
"$program" plan -detailed-exitcode
"$program" destroy -auto-approve
