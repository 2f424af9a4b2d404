#!/usr/bin/env bash
# Downloads Debian's damo, the tool whose files and reports ours are compared with, from trixie and
# sid.
#
#   $DAMON_PEERS_DIR/damo-trixie/usr/lib/python3/dist-packages/damo   2.8.x
#   $DAMON_PEERS_DIR/damo-sid/usr/lib/python3/dist-packages/damo      3.x
#   …/version                                                         of the Debian package
#
# What is there is kept. Nothing is installed: apt gets lists and a cache of its own below the same
# directory. By hand: unpack the packages there (dpkg-deb -x) and this script does nothing.
# test/peers/damo.ts runs what is here. Prints the directory.
set -euo pipefail

store=${DAMON_PEERS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/damon-peers}

fail() {
  echo "fetchDamo: $*" >&2
  exit 1
}

is_complete() { [ -s "$store/damo-$1/usr/lib/python3/dist-packages/damo/damo.py" ]; }

# The mirror this machine uses itself.
find_mirror() {
  grep -rhEo 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list* 2>/dev/null | head -1 | tr -d ' ' || true
}

# fetch_suite SUITE: one suite at a time, so that apt has one candidate only.
fetch_suite() {
  local suite=$1 keyring=/usr/share/keyrings/debian-archive-keyring.gpg state=$work/$1 mirror options
  for tool in apt-get dpkg-deb; do
    command -v $tool >/dev/null || fail "$tool: not found; damo comes from a Debian package"
  done
  [ -r $keyring ] || fail "$keyring: not found; install debian-archive-keyring"
  mirror=$(find_mirror)
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs"
  echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $suite main" >"$state/sources.list"
  options=(-q -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root
    -o Dpkg::Use-Pty=0)
  apt-get "${options[@]}" update >"$store/apt.log" 2>&1 ||
    fail "apt-get update failed, see $store/apt.log"
  (cd "$state/debs" && apt-get "${options[@]}" download damo >>"$store/apt.log" 2>&1) ||
    fail "download of damo from $suite failed, see $store/apt.log"
  dpkg-deb -x "$state"/debs/damo_*.deb "$state/tree"
  dpkg-deb -f "$state"/debs/damo_*.deb Version >"$state/tree/version"
  # mktemp made the way here private; damo is run as an unprivileged user.
  chmod -R a+rX "$state/tree"
  rm -rf "$store/damo-$suite"
  mv "$state/tree" "$store/damo-$suite"
}

if ! is_complete trixie || ! is_complete sid; then
  mkdir -p "$store"
  work=$(mktemp -d "$store/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  for suite in trixie sid; do
    is_complete "$suite" || fetch_suite "$suite"
  done
fi
echo "$store"
