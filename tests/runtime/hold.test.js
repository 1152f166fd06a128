/** The network held: frames wait, TCP's clocks stand, and programs go on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Input } from '../../web/runtime/lab.js';
import { readSockets } from '../../web/wire/sockets.js';
import { Store } from '../../web/wire/store.js';
import { startLab } from './lab.js';

const limit = { timeout: 120_000 };

/** Says what it hears; and says something, and waits for 0.3 s, then for ever, to hear it. */
const SERVER = `
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9999)};
  char bytes[64];
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
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(9999)};
  struct timeval limit = {.tv_usec = 300000};
  char bytes[64];
  inet_pton(AF_INET, argv[1], &a.sin_addr);
  if (connect(s, (struct sockaddr *)&a, sizeof a)) return 1;
  printf("connected\\n"), fflush(stdout);
  read(0, bytes, 1);
  write(s, "hello", 5);
  setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ssize_t n = recv(s, bytes, sizeof bytes, 0);
  if (n < 0) {
    perror("recv");
    memset(&limit, 0, sizeof limit);
    setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    n = recv(s, bytes, sizeof bytes, 0);
  }
  printf("%zd\\n", n);
}`;

/** @param {import('node:test').TestContext} t */
async function heldLab(t) {
  const parts = await startLab(t);
  const { lab } = parts;
  const store = new Store();
  await lab.record();
  await parts.install('server', SERVER);
  await parts.install('client', CLIENT);
  await (await parts.start(['server'], { host: 'bob' })).slept;
  return {
    ...parts, store,
    /** Waits until the frames say so. @param {(onWay: number) => boolean} condition */
    async until(condition) {
      for (;;) {
        const { chunks, onWay } = await lab.frames();
        for (const chunk of chunks) store.add(chunk);
        if (condition(onWay)) return;
      }
    },
  };
}

const said = (/** @type {Store} */ store) => store.entries.map(({ glance }) => glance.length).filter(Boolean);

for (const [where, address] of [['between hosts', '10.0.0.2'], ['on one host', '127.0.0.1']]) {
  test(`packet by packet ${where}, and nothing is sent again`, limit, async (t) => {
    const { lab, store, start, until } = await heldLab(t);
    const stdin = new Input();
    const client = await start(['client', address], { host: address === '127.0.0.1' ? 'bob' : 'alice', stdin });
    await client.out.until(/connected\n/);
    await until((onWay) => onWay === 0);
    await lab.hold(true);
    stdin.write(new Uint8Array(1));
    await until((onWay) => onWay > 0);
    assert.deepEqual(said(store), [5]);
    await client.err.until(/recv: Resource temporarily unavailable\n/); // the program's own clock goes on
    await new Promise((resolve) => setTimeout(resolve, 1200)); // more than TCP's, which would send again
    await until((onWay) => onWay === 1);
    await lab.step();
    await until(() => said(store).length === 2);
    assert.equal(client.out.text, '');
    while (client.out.text === '') {
      await lab.step();
      await until(() => true);
    }
    assert.equal(client.out.text, '5\n');
    await lab.hold(false);
    assert.equal((await client.exited).code, 0);
    await until((onWay) => onWay === 0);
    assert.ok(store.entries.every(({ segment }) => !segment?.again), 'something was sent again');
  });
}

test('the list of sockets has both ends, their states and owners, and the one that waits', limit, async (t) => {
  const { lab, start } = await heldLab(t);
  const stdin = new Input();
  await lab.link('alice', { delay: 20 });
  const client = await start(['client', '10.0.0.2'], { stdin });
  await client.out.until(/connected\n/);
  const list = async () => readSockets(await lab.sockets()).map((s) => [s.host, s.program, s.kind, s.state, s.local.replace(/\d{5}$/, 'P'), s.peer.replace(/\d{5}$/, 'P')]);
  let sockets = await list();
  while (sockets.filter((s) => s[1] === 'server' && s[3] === 'ESTABLISHED').length === 0) sockets = await list(); // the delay
  assert.deepEqual(sockets.sort(), [
    ['alice', 'client', 'tcp', 'ESTABLISHED', '10.0.0.1:P', '10.0.0.2:9999'],
    ['bob', 'server', 'tcp', 'ESTABLISHED', '10.0.0.2:9999', '10.0.0.1:P'],
    ['bob', 'server', 'tcp', 'LISTEN', '*:9999', '*:*'],
  ]);
  stdin.write(new Uint8Array(1));
  await client.out.until(/5\n/);
  const { code } = await client.exited;
  assert.equal(code, 0);
  while (!sockets.some((s) => s[3] === 'TIME-WAIT')) sockets = await list();
  assert.deepEqual(sockets.find((s) => s[3] === 'TIME-WAIT'), ['alice', '', 'tcp', 'TIME-WAIT', '10.0.0.1:P', '10.0.0.2:9999']);
});
