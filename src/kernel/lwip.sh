#!/bin/sh
# lwip.sh DIR: fetches lwIP's source into DIR. It comes from Debian's source package.
set -eu

# What Debian 12 and 13 have. Debian's own patches are left out: they change the parts of lwIP
# that the kernel does not use (sockets API, threads, PPP, SNMP).
sums=$(mktemp)
trap 'rm -f "$sums"' EXIT
cat >"$sums" <<END
0a8276d09fc4e97bbba2f953d74af2388fc2195ea156be9d7589e297a68fde24  lwip_2.1.3+dfsg1.orig.tar.xz
83729c274c499d3348e9fbbe043a3113f3fa8953e7efddc7c21c7fcbb1f2b7b1  lwip_2.2.1+dfsg1.orig.tar.xz
END

"$(dirname "$0")/../source.sh" "$sums" "$1.source" lwip || {
  echo 'To use a source tree of your own: make LWIP=DIRECTORY' >&2
  exit 1
}
mkdir -p "$1"
mv "$1.source"/lwip/* "$1"
rm -rf "$1.source"
