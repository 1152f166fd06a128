/** ip and host: in the lab, and ip natively beside Linux's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linux, nativeCommand, startLab } from './lab.js';

const timeout = 60_000;

test('on Linux: addresses and routes as ip prints them', { timeout }, () => {
  /** What only netlink tells. @param {string} text */
  const plain = (text) => text.replace(/ (qdisc|group|mode) \S+/g, '').replace(/ dynamic| noprefixroute| temporary| mngtmpaddr/g, '')
    .replace(/valid_lft \S+ preferred_lft \S+/g, '').replace(/ (proto|src|metric) \S+| scope link| linkdown/g, '').replace(/ +$/gm, '');
  for (const args of [['addr', 'show', 'lo'], ['-4', 'route']])
    assert.equal(plain(linux(nativeCommand('ip'), args).out), plain(linux('ip', args).out), args.join(' '));
  assert.match(linux(nativeCommand('ip'), ['link', 'show', 'nothing']).err, /^Device "nothing" does not exist\.\n$/);
});

test('in the lab: the host has its addresses, and learns its neighbours; names and addresses from DNS', { timeout }, async (t) => {
  const { lab, start, run } = await startLab(t, { commands: ['ip', 'host', 'dns'], programs: ['serve', 'ask'] });
  await lab.install('/etc/resolv.conf', new TextEncoder().encode('nameserver 10.0.0.2\nsearch lab\n'));
  for (const server of ['serve', 'dns']) await (await start([server], { host: 'bob' })).slept;
  const out = async (/** @type {string[]} */ ...argv) => (await run(argv)).out;
  const address = await out('ip', 'a', 'show', 'dev', 'eth0');
  assert.match(address, /^2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 state UP qlen 1000\n {4}link\/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff\n/);
  assert.match(address, /\n {4}inet 10\.0\.0\.1\/24 brd 10\.0\.0\.255 scope global eth0\n/);
  assert.match(address, /\n {4}inet6 fd00:6c61:62::1\/64 scope global \n/);
  assert.equal(await out('ip', 'route'), '10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.1 \n');
  assert.equal(await out('ip', 'neigh'), '');
  await run(['ask']);
  assert.equal(await out('ip', 'neigh'), '10.0.0.2 dev eth0 lladdr 02:00:00:00:00:02 REACHABLE \n');

  assert.equal(await out('host', 'bob'), 'bob.lab has address 10.0.0.2\nbob.lab has IPv6 address fd00:6c61:62::2\n');
  assert.match(await out('host', '10.0.0.2'), /^2\.0\.0\.10\.in-addr\.arpa domain name pointer bob\.(lab\.)?\n$/);
  assert.equal(await out('host', '-T', '-t', 'a', 'bob.lab'), 'bob.lab has address 10.0.0.2\n');
  const missing = await run(['host', 'nothing.lab']);
  assert.deepEqual([missing.out, missing.code], ['Host nothing.lab not found: 3(NXDOMAIN)\n', 1]);
  assert.equal((await run(['host', '-t', 'bogus', 'bob'])).err, 'host: invalid type: bogus\n');
});
