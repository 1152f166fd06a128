#!/bin/sh
# link.sh WASM-LD [ARGUMENT]... -o PROGRAM: links a program, and makes one that may fork ready for it
# (web/runtime/fork.js; the page does the same in web/runtime/llvm.js).
set -e
"$@"
for program; do :; done
if grep -q __syscall_fork "$program"; then
  wasm-opt -g -O1 --asyncify --pass-arg=asyncify-imports@env.__syscall_fork "$program" -o "$program"
fi
