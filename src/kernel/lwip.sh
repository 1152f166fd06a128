#!/bin/sh
# lwip.sh DIR: fetches lwIP's source into DIR, as Debian 12 and 13 have it. Debian's patches, which are
# left out, change the parts of lwIP that the kernel does not use (sockets API, threads, PPP, SNMP).
exec sh "$(dirname "$0")/../source-of.sh" lwip "$1" LWIP <<END
0a8276d09fc4e97bbba2f953d74af2388fc2195ea156be9d7589e297a68fde24  lwip_2.1.3+dfsg1.orig.tar.xz
83729c274c499d3348e9fbbe043a3113f3fa8953e7efddc7c21c7fcbb1f2b7b1  lwip_2.2.1+dfsg1.orig.tar.xz
END
