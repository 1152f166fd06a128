#!/bin/sh
# fetch.sh DIR: fetches BusyBox's source into DIR, as Debian 12 has it.
exec sh "$(dirname "$0")/../source-of.sh" busybox "$1" BUSYBOX <<END
faeeb244c35a348a334f4a59e44626ee870fb07b6884d68c10ae8bc19f83a694  busybox_1.35.0.orig.tar.bz2
END
