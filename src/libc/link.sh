#!/bin/sh
# link.sh WASM-LD @FLAGS [ARGUMENT]... -o PROGRAM: links a program; with FLAGS.threads one that makes
# threads, or has variables of a thread's own (of which LLVM 14 has the wrong address without shared
# memory); and makes one that can fork ready for it.
set -e
ld=$1 flags=$2
shift 2
for program; do
  case $program in *.[oa]) grep -Eq 'pthread_create|thrd_create|\.tdata|\.tbss' "$program" && flags=$flags.threads && break ;; esac
done
"$ld" "$flags" "$@"
for program; do :; done
if grep -q __syscall_fork "$program"; then
  node web/build/asyncify.js "$program"
fi
