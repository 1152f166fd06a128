#!/bin/sh
# tests/peers/install.sh ARGUMENT...: as root, apt-get install for packages in which there are servers:
# lets none of them start, neither now nor later, as the tests start their own; takes no package away.
set -eu

policy=/usr/sbin/policy-rc.d # what packages ask before they start a service
units='nginx.service exim4.service exim4-base.timer dovecot.service dovecot.socket vsftpd.service
  leafnode.socket gophernicus.socket inetutils-inetd.service'

new=
for unit in $units; do
  systemctl cat "$unit" >/dev/null 2>&1 || new="$new $unit"
done
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  trap 'exit 1' HUP INT TERM
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod 755 $policy
fi

apt-get install --no-install-recommends --no-remove "$@"

for unit in $new; do
  systemctl disable --quiet "$unit" 2>/dev/null || : # it is not there, or systemd is not
done
