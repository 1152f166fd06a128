/** ss in the lab, and natively beside Linux's for the same sockets. */
import assert from 'node:assert/strict';
import { createServer, connect } from 'node:net';
import { once } from 'node:events';
import { test } from 'node:test';
import { linux, nativeCommand, startLab } from './lab.js';

const timeout = 60_000;

test('on Linux: the table that ss prints', { timeout }, async (t) => {
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const client = connect(port, '127.0.0.1');
  t.after(() => (client.destroy(), server.close()));
  await Promise.all([once(client, 'connect'), once(server, 'connection')]);
  /** A listener's backlog is nowhere in Linux's /proc. @param {string} text */
  const plain = (text) => text.split('\n').map((line) => line.replace(/^(LISTEN +\d+ +)\d+ +/, '$1')).sort();
  const both = createServer(() => {}).listen(0, '::');
  await once(both, 'listening');
  t.after(() => both.close());
  const other = /** @type {import('node:net').AddressInfo} */ (both.address()).port;
  for (const [of, ...args] of [[port, '-tln'], [port, '-tanp'], [port, '-tn', 'state', 'established'], [other, '-tln']]) {
    const filter = [...args, ...(args.includes('state') ? [] : ['state', 'all']), 'sport', '=', `:${of}`].map(String);
    assert.deepEqual(plain(linux(nativeCommand('ss'), filter).out), plain(linux('ss', filter).out), filter.join(' '));
  }
});

test('in the lab: states, owners, queues and timers', { timeout }, async (t) => {
  const { start, run } = await startLab(t, { commands: ['ss', 'dns'], programs: ['serve', 'ask'] });
  const serve = await start(['serve'], { host: 'bob' });
  await serve.slept;
  const dns = await start(['dns'], { host: 'bob' });
  await dns.slept;
  const ss = async (/** @type {string[]} */ ...args) => (await run(['ss', ...args], { host: 'bob' })).out;
  assert.equal(await ss('-tlnp'),
    'State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess                      \n' +
    `LISTEN 0      5            0.0.0.0:7000      0.0.0.0:*    users:(("serve",pid=${serve.pid},fd=3))\n` +
    `LISTEN 0      16                 *:53              *:*    users:(("dns",pid=${dns.pid},fd=4))  \n`);
  assert.match(await ss('-uln'), /^State +.*\nUNCONN 0 +0 +\*:53 +\*:\* +\n$/);
  assert.equal(await ss('-Htn'), '');
  await run(['ask']);
  const waits = (await run(['ss', '-tano'])).out;
  assert.match(waits, /\nTIME-WAIT 0 +0 +10\.0\.0\.1:\d+ +10\.0\.0\.2:7000 timer:\(timewait,(59sec|1min),0\)\n/);
  assert.match((await run(['ss', '-i', 'state', 'bogus'])).err, /^ss: wrong state name: bogus\n$/);
});
