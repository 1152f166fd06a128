#!/bin/sh
# source-of.sh PACKAGE DIR VARIABLE <SUMS: as source.sh, one program into DIR itself. VARIABLE is
# make's, for a source tree of one's own.
set -eu
"$(dirname "$0")/source.sh" "$2.source" "$1" || {
  echo "To use a source tree of your own: make $3=DIRECTORY" >&2
  exit 1
}
mkdir -p "$2"
mv "$2.source/$1"/* "$2"
rm -rf "$2.source"
