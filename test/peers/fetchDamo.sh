#!/usr/bin/env bash
# Downloads Debian's damo, the tool whose files and reports ours are compared with, from trixie and
# sid.
#
#   $DAMON_PEERS_DIR/damo-trixie/usr/lib/python3/dist-packages/damo   2.8.x
#   $DAMON_PEERS_DIR/damo-sid/usr/lib/python3/dist-packages/damo      3.x
#   …/version                                                         of the Debian package
#
# What is there is kept. Nothing is installed. By hand: unpack the packages there (dpkg-deb -x) and
# this script does nothing. test/peers/damo.ts runs what is here. Prints the directory.
set -euo pipefail
# shellcheck source=debianPackages.sh
. "$(dirname "$0")/debianPackages.sh"

for suite in trixie sid; do
  [ -s "$store/damo-$suite/usr/lib/python3/dist-packages/damo/damo.py" ] ||
    fetch_package $suite damo damo-$suite ./usr/lib/python3/dist-packages
done
echo "$store"
