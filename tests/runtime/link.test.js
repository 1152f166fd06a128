/** The links between hosts, and the capture of what goes over them, as tshark reads it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startLab } from './lab.js';

const limit = { timeout: 120_000 };

/** Echoes one connection until its end; or sends `bytes` and counts what comes back. */
const SERVER = `
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9999)};
  static char bytes[65536];
  bind(s, (struct sockaddr *)&a, sizeof a);
  listen(s, 5);
  for (;;) {
    int c = accept(s, NULL, NULL);
    for (ssize_t n; (n = read(c, bytes, sizeof bytes)) > 0;) write(c, bytes, (size_t)n);
    close(c);
  }
}`;
const CLIENT = `
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6; }
int main(int argc, char **argv) {
  int s = socket(AF_INET, SOCK_STREAM, 0), size = atoi(argv[2]);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9999)};
  char *out = malloc((size_t)size), *in = malloc((size_t)size), byte = 0;
  inet_pton(AF_INET, argv[1], &a.sin_addr);
  if (connect(s, (struct sockaddr *)&a, sizeof a)) { perror("connect"); return 1; }
  double t = now();
  write(s, &byte, 1);
  read(s, &byte, 1);
  t = now() - t;
  int wrong = 0;
  for (int i = 0; i < size; i++) out[i] = (char)(i * 7 + i / 255);
  for (int done = 0; done < size;) { /* a part at a time, so that neither side waits for the other */
    int n = size - done < 32768 ? size - done : 32768;
    send(s, out + done, (size_t)n, 0);
    if (recv(s, in + done, (size_t)n, MSG_WAITALL) != n) { perror("recv"); return 1; }
    done += n;
  }
  for (int i = 0; i < size; i++) wrong += in[i] != out[i];
  printf("%.3f ms, %d wrong\\n", t, wrong);
  close(s);
  return wrong != 0;
}`;

/** @param {import('node:test').TestContext} t */
async function twoHosts(t) {
  const parts = await startLab(t);
  await parts.install('server', SERVER);
  await parts.install('client', CLIENT);
  await (await parts.start(['server'], { host: 'bob' })).slept;
  return {
    ...parts,
    /** The round trip in ms. @param {string} to @param {number} size */
    async exchange(to, size, host = 'alice') {
      const client = await parts.start(['client', to, String(size)], { host });
      const { code } = await client.exited;
      assert.equal(code, 0, client.err.text);
      assert.match(client.out.text, / 0 wrong/);
      return parseFloat(client.out.text);
    },
  };
}

test('delay is added to what each side sends, and can be changed', limit, async (t) => {
  const { lab, exchange } = await twoHosts(t);
  for (const host of ['alice', 'bob']) await lab.link(host, { delay: 40 });
  const slow = await exchange('10.0.0.2', 0);
  assert.ok(slow >= 80, `${slow} ms is less than the delays of both ways`);
  for (const host of ['alice', 'bob']) await lab.link(host, {});
  const fast = await exchange('10.0.0.2', 0);
  assert.ok(fast < slow, `${fast} ms after the delay was taken away, ${slow} ms with it`);
});

test('nothing is lost or changed over links that lose, duplicate, delay and reorder', limit, async (t) => {
  const { lab, exchange } = await twoHosts(t);
  for (const host of ['alice', 'bob']) {
    await lab.link(host, { delay: 2, jitter: 2, loss: 0.03, duplicate: 0.03, reorder: 0.05 });
  }
  await exchange('10.0.0.2', 200_000);
});

test('a rate makes bytes wait for those before them', limit, async (t) => {
  const { lab, exchange } = await twoHosts(t);
  await lab.link('alice', { rate: 2_000_000 });
  const started = performance.now();
  await exchange('10.0.0.2', 250_000); // two million bits
  assert.ok(performance.now() - started >= 1000, 'less than a second for a second of bits');
});

test('a cut cable stops everything until it is mended', limit, async (t) => {
  const { lab, start, exchange } = await twoHosts(t);
  await exchange('10.0.0.2', 10);
  await lab.link('bob', { cut: true });
  const client = await start(['client', '10.0.0.2', '10']);
  await client.slept;
  await lab.link('bob', {});
  assert.deepEqual(await client.exited, { code: 0, signal: null }, client.err.text);
});

test('a host that is not there is named', limit, async (t) => {
  const { lab } = await startLab(t);
  await assert.rejects(lab.link('nobody', {}), /no host 'nobody'/);
});

test('tshark reads every captured frame, and sees a clean conversation', limit, async (t) => {
  const { lab, exchange } = await twoHosts(t);
  const folder = await mkdtemp(join(tmpdir(), 'portside-'));
  t.after(() => rm(folder, { recursive: true }));
  /** @type {Uint8Array[]} */
  const chunks = [];
  const end = await lab.capture((bytes, done) => {
    chunks.push(bytes);
    done();
  });
  await exchange('10.0.0.2', 3_000_000);
  await exchange('127.0.0.1', 1_000_000, 'bob');
  assert.equal(await end(), 0, 'frames were dropped');
  const path = join(folder, 'frames.pcapng');
  await writeFile(path, Buffer.concat(chunks));
  const tshark = async (/** @type {string[]} */ ...args) => {
    const { stdout } = await promisify(execFile)('tshark', ['-r', path, ...args], { maxBuffer: 1 << 28 });
    return stdout.split('\n').filter(Boolean);
  };
  const frames = await tshark('-T', 'fields', '-e', 'frame.interface_name', '-e', 'tcp.flags.fin', '-e', 'frame.len');
  const interfaces = new Set(frames.map((line) => line.split('\t')[0]));
  assert.deepEqual([...interfaces].sort(), ['alice eth0', 'bob eth0', 'bob lo']);
  assert.ok(frames.length > 3_000_000 / 1460, `${frames.length} frames`);
  const suspicious = '_ws.malformed || tcp.analysis.retransmission || tcp.analysis.out_of_order || ' +
    'tcp.analysis.lost_segment || tcp.analysis.zero_window || tcp.analysis.duplicate_ack';
  assert.deepEqual(await tshark('-Y', suspicious), []);
  const checks = ['-o', 'tcp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
  assert.deepEqual(await tshark(...checks, '-Y', 'eth && (tcp.checksum.status == 0 || ip.checksum.status == 0)'), []);
});
