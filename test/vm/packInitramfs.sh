#!/usr/bin/env bash
# packInitramfs.sh OUT: everything a guest needs, as an uncompressed cpio archive.
#
#   /bin       busybox and its applets        /app       the built package with its dependencies
#   /usr/bin   node and the libraries it uses  /guest     compiled test programs (.cache/vm/build)
#   /init      test/vm/guest/init              /workloads compiled test/vm/workloads/*.c
#   /modules   kernel modules by kernel: brd, a disk of memory to swap to
set -euo pipefail
cd "$(dirname "$0")/../.."

out=$1
build=.cache/vm/build
kernels=${DAMON_KERNELS_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/damon-kernels}/k
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

fail() {
  echo "packInitramfs: $*" >&2
  exit 1
}

for tool in busybox cpio gcc node ldd; do
  command -v $tool >/dev/null || fail "$tool: not found; install busybox-static cpio gcc libc6-dev"
done
ldd "$(command -v busybox)" >/dev/null 2>&1 && fail "busybox is not static; install busybox-static"
[ -f dist/cli/main.js ] || fail "dist/cli/main.js: not found; run npm run build"
[ -d $build ] || fail "$build: not found; run npm run test:kernel, which compiles it"

# mktemp makes it 0700, which would keep everybody but root out of the guest's /.
chmod 755 "$root"
mkdir -p "$root"/{bin,proc,sys,dev,tmp,run,etc,root,usr/bin,app,guest,workloads,var/lib}

cp "$(command -v busybox)" "$root/bin/busybox"
for applet in $(busybox --list); do
  [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done

node_binary=$(readlink -f "$(command -v node)")
cp "$node_binary" "$root/usr/bin/node"
for library in $(ldd "$node_binary" | grep -o '/[^ )]*'); do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done

cp -r dist package.json "$root/app/"
node -e '
  const { packages } = JSON.parse(require("node:fs").readFileSync("package-lock.json", "utf8"));
  for (const [path, { dev }] of Object.entries(packages)) if (path !== "" && !dev) console.log(path);
' | while read -r path; do
  [ -d "$path" ] || continue # optional dependencies of other platforms
  mkdir -p "$root/app/$(dirname "$path")"
  cp -r "$path" "$root/app/$path"
done

cp -r $build/. "$root/guest/"
echo '{ "type": "module" }' >"$root/guest/package.json"
for source in test/vm/workloads/*.c; do
  gcc -O1 -Wall -Wextra -Werror -static -o "$root/workloads/$(basename "$source" .c)" "$source"
done
echo 'root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/sh' >"$root/etc/passwd"
install -m 755 test/vm/guest/init "$root/init"
for module in "$kernels"/*/brd.ko; do
  install -D -m 644 "$module" "$root/modules/$(basename "$(dirname "$module")")/brd.ko"
done

mkdir -p "$(dirname "$out")"
(cd "$root" && find . | cpio -o -H newc --quiet) >"$out.tmp"
mv "$out.tmp" "$out"
