#!/usr/bin/env bash
# Downloads the stock Debian kernels the guests boot: 6.12 from trixie, the newest 7.x from sid.
#
#   $DAMON_KERNELS_DIR/k/6.12/{vmlinuz,brd.ko,package}
#   $DAMON_KERNELS_DIR/k/7.2/{vmlinuz,brd.ko,package}
#
# What is there is kept. Nothing is installed: apt gets lists and a cache of its own below the same
# directory. Packages in sid are renamed with the kernel, so the newest is looked for by pattern and
# the one that holds `vmlinuz` is taken. By hand: put the files there and this script does nothing.
set -euo pipefail

store=${DAMON_KERNELS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/damon-kernels}
apt_options=()

fail() {
  echo "fetchKernels: $*" >&2
  exit 1
}

is_complete() { [ -s "$store/k/$1/vmlinuz" ] && [ -s "$store/k/$1/brd.ko" ]; }

# The mirror this machine uses itself.
find_mirror() {
  grep -rhEo 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list* 2>/dev/null | head -1 | tr -d ' ' || true
}

prepare_apt() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror suite
  for tool in apt-get apt-cache dpkg-deb; do
    command -v $tool >/dev/null || fail "$tool: not found; kernels come from Debian packages"
  done
  [ -r $keyring ] || fail "$keyring: not found; install debian-archive-keyring"
  mirror=$(find_mirror)
  mkdir -p "$store/lists/partial" "$store/cache/archives/partial"
  for suite in trixie sid; do
    echo "deb [arch=amd64 signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $suite main"
  done >"$store/sources.list"
  apt_options=(-q -o "Dir::Etc::sourcelist=$store/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::Lists=$store/lists" -o "Dir::Cache=$store/cache" -o APT::Sandbox::User=root
    -o Dpkg::Use-Pty=0)
  apt-get "${apt_options[@]}" update >"$store/apt.log" 2>&1 ||
    fail "apt-get update failed, see $store/apt.log"
}

# Package names that match, newest first.
find_packages() {
  apt-cache "${apt_options[@]}" search --names-only "$1" | cut -d ' ' -f 1 | sort -t - -k 3 -rV
}

# unpack PACKAGE DIR
unpack() {
  local debs=$work/debs
  mkdir -p "$debs" "$2"
  (cd "$debs" && apt-get "${apt_options[@]}" download "$1" >>"$store/apt.log" 2>&1) ||
    fail "download of $1 failed, see $store/apt.log"
  dpkg-deb -x "$debs"/*.deb "$2"
  rm -rf "$debs"
}

# fetch_kernel NAME PATTERN-OF-VERSIONS
fetch_kernel() {
  local tree=$work/tree package image module version
  mkdir -p "$store/k/$1"
  # Debian moved the image from linux-image-* to linux-binary-*; the former may hold nothing now.
  for package in $(find_packages "^linux-(image|binary)-$2-cloud-amd64\$"); do
    rm -rf "$tree"
    unpack "$package" "$tree"
    image=$(find "$tree" -type f -name 'vmlinuz*' -print -quit)
    [ -z "$image" ] || break
  done
  [ -n "${image:-}" ] || fail "kernel $1: no package linux-*-$2-cloud-amd64 holds a vmlinuz"
  version=${package#linux-*-}
  module=$(find "$tree" -name 'brd.ko*' -print -quit)
  if [ -z "$module" ]; then
    unpack "linux-modules-$version" "$tree"
    module=$(find "$tree" -name 'brd.ko*' -print -quit)
  fi
  case $module in
    *.ko.xz) xz -dc "$module" >"$store/k/$1/brd.ko" ;;
    *.ko.zst) zstd -qdc "$module" >"$store/k/$1/brd.ko" ;;
    *.ko) cp "$module" "$store/k/$1/brd.ko" ;;
    *) fail "kernel $1: no brd.ko in $package or linux-modules-$version" ;;
  esac
  cp "$image" "$store/k/$1/vmlinuz"
  echo "$package" >"$store/k/$1/package"
  rm -rf "$tree"
}

if ! is_complete 6.12 || ! is_complete 7.2; then
  mkdir -p "$store"
  work=$(mktemp -d "$store/work.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  prepare_apt
  is_complete 6.12 || fetch_kernel 6.12 '6\.12\.[0-9]+.*'
  is_complete 7.2 || fetch_kernel 7.2 '7\.[0-9]+\.[0-9]+.*'
fi
echo "$store/k"
