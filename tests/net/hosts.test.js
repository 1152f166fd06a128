/**
 * Datagrams and IPv6 between hosts: what hosts.c prints in the lab is what it prints on Linux. That is in
 * hosts.txt, which linux.sh made, and makes anew where it can.
 */
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { collector, startLab } from '../runtime/lab.js';

const top = fileURLToPath(new URL('../..', import.meta.url));
const limit = { timeout: 120_000 };
const run = promisify(execFile);
const expected = () => readFile(join(top, 'tests/net/hosts.txt'), 'utf8');

/** @param {string} text @param {string} wanted */
function assertSame(text, wanted) {
  assert.deepEqual(text.split('\n'), wanted.split('\n'));
}

test('datagrams between hosts are as on Linux, and tshark reads their frames', limit, async (t) => {
  const { lab, orFailure } = await startLab(t);
  const folder = await mkdtemp(join(tmpdir(), 'portside-'));
  t.after(() => rm(folder, { recursive: true }));
  /** @type {Uint8Array[]} */
  const frames = [];
  const end = await lab.capture((bytes, done) => (frames.push(bytes), done()));
  const path = '/tmp/hosts';
  await lab.install(path, await readFile(join(top, 'build/tests/net/hosts.wasm')));
  for (const host of ['bob', 'carol']) {
    const agent = await lab.spawn({ path, argv: [path, 'agent'], host });
    await orFailure(agent.slept);
  }
  const out = collector();
  const alice = await lab.spawn({ path, argv: [path], host: 'alice', stdout: out, stderr: out });
  assert.deepEqual(await orFailure(alice.exited), { code: 0, signal: null });
  assertSame(out.text, await expected());

  assert.equal(await end(), 0, 'frames were dropped');
  const file = join(folder, 'frames.pcapng');
  await writeFile(file, Buffer.concat(frames));
  const tshark = async (/** @type {string[]} */ ...args) => (await run('tshark', ['-r', file, ...args], { maxBuffer: 1 << 28 })).stdout;
  assert.equal(await tshark('-Y', '_ws.malformed || icmp.checksum.status == "Bad" || icmpv6.checksum.status == "Bad"'), '');
  for (const sort of ['arp', 'icmpv6.type == 135', 'icmpv6.type == 136', 'igmp', 'ip.reassembled.length', 'ipv6.reassembled.length', 'icmp.type == 3'])
    assert.notEqual(await tshark('-Y', sort), '', `no frame of the sort ${sort}`);
});

test('a host whose cable is cut hinders no others in finding each other', limit, async (t) => {
  const { lab, install, start } = await startLab(t);
  await install('say', `
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
int main(int argc, char **argv) {
  int s = socket(AF_INET6, SOCK_DGRAM, 0);
  struct sockaddr_in6 a = {.sin6_family = AF_INET6, .sin6_port = htons(atoi(argv[1]))};
  char byte;
  if (argc > 2) inet_pton(AF_INET6, argv[2], &a.sin6_addr);
  if (argc > 2) return sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof a) != 1;
  if (bind(s, (struct sockaddr *)&a, sizeof a)) return 2;
  return recv(s, &byte, 1, 0) != 1;
}`);
  await lab.link('alice', { cut: true });
  const hearer = await start(['say', '5000'], { host: 'carol' });
  await hearer.slept;
  const to = ['say', '5000', 'fd00:6c61:62::3'];
  assert.equal((await (await start(to, { host: 'alice' })).exited).code, 0); // its request for the address is lost
  assert.equal((await (await start(to, { host: 'bob' })).exited).code, 0);
  assert.equal((await hearer.exited).code, 0);
});

const namespaces = spawnSync('unshare', ['-n', 'ip', 'link']).status === 0;
test('hosts.txt is what Linux does', { ...limit, skip: !namespaces && 'needs root, and ip' }, async () => {
  const { stdout } = await run(join(top, 'tests/net/linux.sh'), [join(top, 'build/native/tests/net/hosts')]);
  assertSame(stdout, await expected());
});
