#!/usr/bin/env bash
# Downloads VictoriaMetrics, a server that takes OTLP, from Debian sid:
#
#   $DAMON_PEERS_DIR/victoria-metrics/usr/bin/victoria-metrics
#   $DAMON_PEERS_DIR/victoria-metrics/version
#
# What is there is kept. Nothing is installed. By hand: put the program there and this script does
# nothing. test/e2e/otlp.test.ts runs it. Prints the path of the program.
set -euo pipefail
# shellcheck source=debianPackages.sh
. "$(dirname "$0")/debianPackages.sh"

program=$store/victoria-metrics/usr/bin/victoria-metrics
[ -x "$program" ] || fetch_package sid victoria-metrics victoria-metrics ./usr/bin/victoria-metrics
echo "$program"
