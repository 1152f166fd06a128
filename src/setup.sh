#!/bin/sh
# src/setup.sh FILE: sees that the system has what Portside needs, installs what is missing (Debian),
# and writes what the Makefile must know of it to FILE.
# src/setup.sh --peers: the same for the clients and servers that tests/peers has sessions with.
set -eu

# Debian's package, and what shows that it is there: a command or a file
needed='
gcc                 gcc
libc6-dev           /usr/include/stdio.h
emscripten          emcc
nodejs              node
npm                 npm
libclang-rt-dev     /usr/lib/llvm-*/lib/clang/*/lib/linux
websockify          websockify
python3-numpy       /usr/lib/python3/dist-packages/numpy
chromium            chromium
firefox-esr         firefox-esr
fonts-dejavu-core   /usr/share/fonts/truetype/dejavu
tshark              tshark
strace              strace
tcpdump             tcpdump
netbase             /etc/services
ca-certificates     /etc/ssl/certs/ca-certificates.crt
xz-utils            xz
bzip2               bzip2
'
peers='
curl                curl
swaks               swaks
lynx                lynx
tnftp               tnftp
slrn                slrn
inetutils-telnet    inetutils-telnet
socat               socat
nginx               /usr/sbin/nginx
exim4-daemon-light  /usr/sbin/exim4
dovecot-imapd       /usr/lib/dovecot/imap
dovecot-pop3d       /usr/lib/dovecot/pop3
vsftpd              /usr/sbin/vsftpd
leafnode            /usr/sbin/leafnode
inetutils-telnetd   /usr/sbin/telnetd
gophernicus         /usr/sbin/gophernicus
'
[ "$1" != --peers ] || needed=$peers

missing() {
  echo "$needed" | while read -r package sign; do
    case $sign in
      '') ;;
      /*) set -- $sign && [ -e "$1" ] || echo "$package" ;;
      *) command -v "$sign" >/dev/null || echo "$package" ;;
    esac
  done
}

list=$(missing | tr '\n' ' ')
if [ -n "$list" ]; then
  install="apt-get install --no-install-recommends $list"
  [ "$1" != --peers ] || install="sh tests/peers/install.sh $list"
  echo "Portside needs these Debian packages, which are missing: $list"
  if ! command -v apt-get >/dev/null; then
    echo 'This system has no apt: install them, or what they are called here, and try again.'
    exit 1
  fi
  as_root='env DEBIAN_FRONTEND=noninteractive'
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
      printf 'There is no sudo to install them with. As root, run\n  %s\n' "$install"
      exit 1
    fi
    as_root="sudo $as_root"
  fi
  echo 'Installing them.'
  $as_root apt-get update --quiet
  $as_root $install --quiet --yes
  list=$(missing | tr '\n' ' ')
  [ -z "$list" ] || { echo "Still missing: $list"; exit 1; }
fi
[ "$1" != --peers ] || exit 0

node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' ||
  { echo "Portside needs Node 18 or later; this is $(node --version)."; exit 1; }

llvm=$(em-config LLVM_ROOT)
version=$(em-config LLVM_ADD_VERSION 2>/dev/null) || version=
tool() { echo "$llvm/$1${version:+-$version}"; }
mkdir -p "$(dirname "$1")"
cat >"$1" <<END
WASM_LD := $(tool wasm-ld)
WASM_AR := $(tool llvm-ar)
WASM_CLANG := $(tool clang)
EM_SYSROOT := $(em-config CACHE)/sysroot
EM_VERSION := $(emcc -dumpversion)
EM_CFLAGS := $(emcc -sSUPPORT_LONGJMP=wasm --cflags)
EM_KERNEL_CFLAGS := $(emcc -pthread --cflags)
END
