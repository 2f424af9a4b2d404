# To be sourced by the scripts beside it: unpacks packages of Debian without installing them. apt
# gets lists and a cache of its own.

store=${DAMON_PEERS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/damon-peers}

fail() {
  echo "$(basename "$0" .sh): $*" >&2
  exit 1
}

# The mirror this machine uses itself.
find_mirror() {
  grep -rhEo 'https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list* 2>/dev/null | head -1 | tr -d ' ' || true
}

# fetch_package SUITE PACKAGE DIR PATH: unpacks what the package has at PATH (such as ./usr/bin/x) to
# $store/DIR, beside a file `version`. One suite at a time, so that apt has one candidate only.
fetch_package() {
  local suite=$1 package=$2 dir=$3 path=$4 keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  local state mirror options
  for tool in apt-get dpkg-deb; do
    command -v $tool >/dev/null || fail "$tool: not found; $package comes from a Debian package"
  done
  [ -r $keyring ] || fail "$keyring: not found; install debian-archive-keyring"
  mkdir -p "$store"
  state=$(mktemp -d "$store/work.XXXXXX")
  # shellcheck disable=SC2064 # the directory of now
  trap "rm -rf '$state'" EXIT
  mirror=$(find_mirror)
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$state/debs" "$state/tree"
  echo "deb [signed-by=$keyring] ${mirror:-http://deb.debian.org/debian} $suite main" >"$state/sources.list"
  options=(-q -o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::Lists=$state/lists" -o "Dir::Cache=$state/cache" -o APT::Sandbox::User=root
    -o Dpkg::Use-Pty=0)
  apt-get "${options[@]}" update >"$store/apt.log" 2>&1 ||
    fail "apt-get update failed, see $store/apt.log"
  (cd "$state/debs" && apt-get "${options[@]}" download "$package" >>"$store/apt.log" 2>&1) ||
    fail "download of $package from $suite failed, see $store/apt.log"
  dpkg-deb --fsys-tarfile "$state/debs/$package"_*.deb | tar -xC "$state/tree" "$path"
  dpkg-deb -f "$state/debs/$package"_*.deb Version >"$state/tree/version"
  # mktemp made the way here private; some of this is run as an unprivileged user.
  chmod -R a+rX "$state/tree"
  rm -rf "${store:?}/$dir"
  mv "$state/tree" "$store/$dir"
  rm -rf "$state"
}
