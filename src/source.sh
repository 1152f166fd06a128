#!/bin/sh
# source.sh DIR PACKAGE... <SUMS: unpacks what Debian's source packages have from their authors into
# DIR/PACKAGE. They come by apt, from the machine's own mirrors, whose configuration is read and not
# touched; without Debian's patches. SUMS is what sha256sum prints of archives: what it does not name is
# not taken.
set -eu
known=$(cat)

fail() {
  echo "$*" >&2
  exit 1
}

mkdir -p "$1"
dir=$(cd "$1" && pwd)
shift
work=$dir/.apt
rm -rf "$work"
mkdir -p "$work/parts" "$work/lists/partial" "$work/cache/archives/partial"
command -v apt-get >/dev/null || fail "There is no apt here to fetch $* with."

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
echo "fetching Debian's source of $*"
apt-get --config-file apt.conf update >log 2>&1 || { cat log >&2; fail 'apt-get update failed.'; }
apt-get --config-file apt.conf source --tar-only --download-only "$@" >log 2>&1 ||
  { cat log >&2; fail 'apt-get source failed.'; }

for package; do
  tar=$(echo "${package}"_*.tar.*)
  echo "$known" | grep -F "  $tar" >sum || fail "$tar is not a version that Portside knows."
  sha256sum --check --quiet sum || fail "$tar is not what it was."
  mkdir -p "$dir/$package"
  tar -xf "$tar" -C "$dir/$package" --strip-components=1
done
rm -rf "$work"
