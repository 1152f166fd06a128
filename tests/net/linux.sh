#!/bin/sh
# linux.sh PROGRAM: what hosts.c prints on Linux, by three network namespaces on a bridge, set up as
# the lab's hosts are. For root; leaves nothing behind.
set -eu

program=$1
name=portside$$
agents=
clean() {
  [ -z "$agents" ] || kill $agents 2>/dev/null || true
  for host in alice bob carol switch; do ip netns del "$name-$host" 2>/dev/null || true; done
}
trap clean EXIT
trap 'exit 1' INT TERM

ip netns add "$name-switch"
ip -n "$name-switch" link add br0 type bridge mcast_snooping 0
ip -n "$name-switch" link set br0 up
n=0
for host in alice bob carol; do
  n=$((n + 1))
  ip netns add "$name-$host"
  ip -n "$name-$host" link add eth0 address "02:00:00:00:00:0$n" type veth peer name "port$n" netns "$name-switch"
  ip netns exec "$name-$host" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
    net.ipv6.conf.eth0.accept_dad=0 net.ipv4.ping_group_range='0 2147483647'
  ip -n "$name-$host" addr add "10.0.0.$n/24" brd + dev eth0
  ip -n "$name-$host" addr add "fd00:6c61:62::$n/64" dev eth0 nodad
  ip -n "$name-$host" link set lo up
  ip -n "$name-$host" link set eth0 up
  ip -n "$name-$host" route add 224.0.0.0/4 dev eth0 # as the lab's hosts have it
  ip -n "$name-switch" link set "port$n" master br0 up
done

for host in bob carol; do
  ip netns exec "$name-$host" "$program" agent &
  agents="$agents $!"
done
ip netns exec "$name-alice" "$program"
