#!/usr/bin/env bash
# Downloads Prometheus' exporter of the machine from Debian bookworm:
#
#   $DAMON_PEERS_DIR/node-exporter/usr/bin/prometheus-node-exporter
#   $DAMON_PEERS_DIR/node-exporter/version
#
# What is there is kept. Nothing is installed. `npm run bench -- scrape` runs it. Prints the path of
# the program.
set -euo pipefail
# shellcheck source=debianPackages.sh
. "$(dirname "$0")/debianPackages.sh"

program=$store/node-exporter/usr/bin/prometheus-node-exporter
[ -x "$program" ] ||
  fetch_package bookworm prometheus-node-exporter node-exporter ./usr/bin/prometheus-node-exporter
echo "$program"
