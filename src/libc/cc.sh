#!/bin/bash
# A compiler of programs for the lab that takes what gcc takes, so that a program's own ./configure and
# make can use it. build/cc, which make writes, runs it and says what COMPILE, LD, LDFLAGS and TOP, this
# repository, are.
set -e

for argument; do
  case $argument in # no program comes of these
  -c | -S | -E | -M | -MM | -fsyntax-only | -v | -V | -### | --version | -dump* | -print-* | -qversion)
    exec $COMPILE "$@"
    ;;
  esac
done

out=a.out compile=() sources=() link=()
while [ $# -gt 0 ]; do
  case $1 in
  -o) out=$2 && shift ;;
  -o*) out=${1#-o} ;;
  # all that is in Linux's other libraries is in libc
  -lc | -lm | -ldl | -lrt | -lpthread | -pthread | -lresolv | -lutil | -lcrypt) ;;
  -Wl,* | -static | -s | -rdynamic | -pie | -no-pie) ;;
  -L | -l) link+=("$1$2") && shift ;;
  -L* | -l*) link+=("$1") ;;
  -[IDUx] | -include | -isystem) compile+=("$1" "$2") && shift ;;
  -*) compile+=("$1") ;;
  *.c) sources+=("$1") ;;
  *) link+=("$1") ;;
  esac
  shift
done

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
objects=()
for source in "${sources[@]}"; do
  objects+=("$made/${#objects[@]}.o")
  $COMPILE "${compile[@]}" -c "$source" -o "${objects[-1]}"
done
$LD "${objects[@]}" "${link[@]}" $LDFLAGS -o "$out"
if grep -q __syscall_fork "$out"; then
  node "$TOP/web/build/asyncify.js" "$out"
fi
