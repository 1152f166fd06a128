#!/bin/sh
# link.sh WASM-LD [ARGUMENT]... -o PROGRAM: links a program, and makes one that can fork ready for it.
set -e
"$@"
for program; do :; done
if grep -q __syscall_fork "$program"; then
  node web/build/asyncify.js "$program"
fi
