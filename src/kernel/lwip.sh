#!/bin/sh
# lwip.sh DIR: fetches lwIP's source into DIR. It comes from Debian's source package, by apt, from
# the machine's own mirrors; the system's configuration is read and not touched.
set -eu

# What Debian 12 and 13 have. Debian's own patches are left out: they change the parts of lwIP
# that the kernel does not use (sockets API, threads, PPP, SNMP).
known='
0a8276d09fc4e97bbba2f953d74af2388fc2195ea156be9d7589e297a68fde24  lwip_2.1.3+dfsg1.orig.tar.xz
83729c274c499d3348e9fbbe043a3113f3fa8953e7efddc7c21c7fcbb1f2b7b1  lwip_2.2.1+dfsg1.orig.tar.xz
'

fail() {
  echo "lwIP: $*" >&2
  echo 'To use a source tree of your own: make LWIP=DIRECTORY' >&2
  exit 1
}

mkdir -p "$1"
dir=$(cd "$1" && pwd)
work=$dir.apt
rm -rf "$work"
mkdir -p "$work/parts" "$work/lists/partial" "$work/cache/archives/partial"
command -v apt-get >/dev/null || fail 'there is no apt here to fetch it with.'

# the machine's sources, in either format, as sources of source packages
cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
  sed -n 's/^ *deb\(-src\)\{0,1\}[[:space:]]/deb-src /p' | sort -u >"$work/sources.list"
for file in /etc/apt/sources.list.d/*.sources; do
  [ -e "$file" ] || continue
  sed 's/^Types:.*/Types: deb-src/' "$file" >"$work/parts/${file##*/}"
done

cat >"$work/apt.conf" <<END
Dir::Etc::SourceList "$work/sources.list";
Dir::Etc::SourceParts "$work/parts";
Dir::State::Lists "$work/lists";
Dir::Cache "$work/cache";
Acquire::Languages "none";
APT::Sandbox::User "$(id -un)";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
END

cd "$work"
echo "lwIP: fetching Debian's source package"
apt-get --config-file apt.conf update >log 2>&1 || { cat log; fail "apt-get update failed."; }
apt-get --config-file apt.conf source --tar-only --download-only lwip >log 2>&1 ||
  { cat log; fail "apt-get source failed."; }

for tar in lwip_*.tar.*; do :; done
echo "$known" | grep -F "  $tar" >sums || fail "$tar is not a version that Portside knows."
sha256sum --check --quiet sums || fail "$tar is not what it was."
tar -xf "$tar" -C "$dir" --strip-components=1
rm -rf "$work"
