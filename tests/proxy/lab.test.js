// C programs in a lab, by way of the bridge, to real servers: what Linux would answer.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { HOME, Lab } from '../../web/runtime/lab.js';
import { collector, compile } from '../runtime/lab.js';
import { freePort, silentPort, startBridge, tcpServer, until } from './helper.js';

/** @typedef {import('node:test').TestContext} TestContext */

const START = `
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
static char block[65536];
static int dial(int port, int type) {
  struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, "198.51.100.1", &there.sin_addr);
  int s = socket(AF_INET, SOCK_STREAM | type, 0);
  if (connect(s, (struct sockaddr *)&there, sizeof there) == -1 && errno != EINPROGRESS) {
    printf("connect: %s\\n", strerror(errno));
    exit(0);
  }
  return s;
}
static void drain(int s) {
  ssize_t n;
  while ((n = recv(s, block, sizeof block, 0)) > 0) fwrite(block, 1, n, stdout);
  printf(n == 0 ? "[end]\\n" : "[%s]\\n", strerror(errno));
  fflush(stdout);
}
`;

/**
 * Runs a program in a lab whose bridge leads 198.51.100.1:1 to the server.
 * @param {TestContext} t
 * @param {string} main  the body of main()
 * @param {{ port?: number, proxy?: string | null, args?: string[] }} options
 */
async function start(t, main, { port = 0, proxy, args = [] }) {
  const bridge = proxy === undefined ? await startBridge(t, `198.51.100.1:1: 127.0.0.1:${port}\n`, args) : null;
  const lab = await Lab.boot({ proxy: proxy ?? bridge?.url ?? null });
  t.after(() => lab.shutdown());
  await lab.install(`${HOME}/program`, await compile(`${START}int main(void) {${main}\nreturn 0; }`));
  const out = collector();
  const err = collector();
  const program = await lab.spawn({ path: `${HOME}/program`, stdout: out, stderr: err });
  return { bridge, out, err, ...program };
}

test('half-close, and end of file both ways', async (t) => {
  const { port } = await tcpServer(t, (socket) => {
    let question = '';
    socket.on('data', (data) => { question += data; });
    socket.on('end', () => socket.end(`you said ${question}`));
  });
  const { out, exited } = await start(t, `
    int s = dial(1, 0);
    send(s, "hello", 5, 0);
    shutdown(s, SHUT_WR);
    drain(s);
    printf("send: %zd %s\\n", send(s, "x", 1, MSG_NOSIGNAL), strerror(errno));`, { port });
  assert.equal((await exited).code, 0);
  assert.equal(out.text, 'you said hello[end]\nsend: -1 Broken pipe\n');
});

test('question and answer, of all sizes, many times', async (t) => {
  const { port } = await tcpServer(t, (socket) => socket.pipe(socket));
  const { out, err, exited } = await start(t, `
    static const int sizes[] = {1, 7, 65536, 1, 65537, 200000, 262145, 3, 1000000};
    static char question[1000000], answer[1000000];
    int s = dial(1, 0), wrong = 0;
    for (int round = 0; round < 90; round++) {
      int size = sizes[round % 9];
      for (int i = 0; i < size; i++) question[i] = (char)(i * 31 + i / 1000 + round);
      for (int n, sent = 0; sent < size; sent += n)
        if ((n = send(s, question + sent, size - sent, 0)) <= 0) return 1;
      for (int n, got = 0; got < size; got += n)
        if ((n = recv(s, answer + got, size - got, 0)) <= 0) return 2;
      wrong += memcmp(question, answer, size) != 0;
    }
    shutdown(s, SHUT_WR);
    printf("%d wrong, then %zd", wrong, recv(s, answer, sizeof answer, 0));`, { port });
  assert.equal((await exited).code, 0, err.text);
  assert.equal(out.text, '0 wrong, then 0');
});

test('the target ends, then resets: end of file, then EPIPE and SIGPIPE', async (t) => {
  const { port } = await tcpServer(t, (socket) => socket.write('enough', () => socket.destroy()));
  const { out, exited } = await start(t, `
    int s = dial(1, 0);
    drain(s);
    while (send(s, block, sizeof block, MSG_NOSIGNAL) > 0) {}
    printf("send: %s\\n", strerror(errno));
    drain(s);
    send(s, block, 1, 0);
    puts("still here");`, { port });
  const { signal } = await exited;
  assert.equal(out.text, 'enough[end]\nsend: Broken pipe\n[end]\n');
  assert.equal(signal, 13);
});

test('the target resets: bytes, then ECONNRESET once', async (t) => {
  const { port } = await tcpServer(t, (socket) => {
    socket.write('so far');
    socket.once('data', () => socket.resetAndDestroy());
  });
  const { out, exited } = await start(t, `
    int s = dial(1, 0);
    struct pollfd p = {.fd = s, .events = POLLIN};
    poll(&p, 1, -1);
    send(s, "x", 1, 0);
    while (!(p.revents & POLLERR)) poll(&p, 1, -1);
    drain(s);
    drain(s);`, { port });
  await exited;
  assert.equal(out.text, 'so far[Connection reset by peer]\n[end]\n');
});

test('connect() fails, and SO_ERROR says why when it does not wait', async (t) => {
  const nonblocking = `
    int s = dial(1, SOCK_NONBLOCK), error;
    socklen_t size = sizeof error;
    struct pollfd p = {.fd = s, .events = POLLOUT};
    poll(&p, 1, -1);
    getsockopt(s, SOL_SOCKET, SO_ERROR, &error, &size);
    printf("later: %s\\n", strerror(error));`;
  /** @type {[string, string, Parameters<typeof start>[2], RegExp][]} */
  const cases = [
    ['dial(1, 0);', 'connect: Connection refused\n', { port: await freePort() }, /^$/],
    [nonblocking, 'later: Connection refused\n', { port: await freePort() }, /^$/],
    ['dial(1, 0);', 'connect: Connection timed out\n',
      { port: await silentPort(t), args: ['--dial-timeout', '0.3'] }, /^$/],
    ['dial(2, 0);', 'connect: Permission denied\n', { port: await freePort() }, /^portside: .*does not allow 198/],
    ['dial(1, 0);', 'connect: Network is unreachable\n', { proxy: null }, /^portside: .*"make serve" starts one/],
    [nonblocking, 'later: Network is unreachable\n', { proxy: `ws://127.0.0.1:${await freePort()}` },
      /^portside: no answer from the bridge/],
  ];
  for (const [main, said, options, line] of cases) {
    const { out, err, exited } = await start(t, main, options);
    await exited;
    assert.equal(out.text, said);
    assert.match(err.text, line);
  }
});

test('32 MiB each way at once by poll()', async (t) => {
  const down = randomBytes(32 << 20);
  const hash = createHash('sha256');
  let arrived = 0;
  const { port } = await tcpServer(t, (socket) => {
    socket.on('data', (data) => {
      hash.update(data);
      arrived += data.length;
    });
    socket.end(down);
  });
  const { out, exited } = await start(t, `
    int s = dial(1, SOCK_NONBLOCK);
    long long sum = 0, got = 0, sent = 0;
    struct pollfd p = {.fd = s, .events = POLLIN | POLLOUT};
    for (size_t i = 0; i < sizeof block; i++) block[i] = (char)i;
    while (p.events) {
      static unsigned char in[50000];
      poll(&p, 1, -1);
      if (p.revents & POLLOUT && p.events & POLLOUT) {
        size_t left = 33554432 - sent, n = sizeof block - sent % sizeof block;
        ssize_t done = send(s, block + sent % sizeof block, left < n ? left : n, 0);
        if (done > 0 && (sent += done) == 33554432) p.events &= ~POLLOUT, shutdown(s, SHUT_WR);
      }
      if (p.revents & POLLIN) {
        ssize_t n = recv(s, in, sizeof in, 0);
        for (ssize_t i = 0; i < n; i++) sum += in[i] * (got++ % 251 + 1);
        if (n == 0) p.events &= ~POLLIN;
      }
    }
    printf("%lld %lld %lld\\n", sent, got, sum);`, { port });
  await exited;
  let sum = 0;
  for (let i = 0; i < down.length; i++) sum += down[i] * ((i % 251) + 1);
  assert.equal(out.text, `33554432 ${down.length} ${sum}\n`);
  await until(() => arrived === 33554432);
  const block = Buffer.from(Array.from({ length: 65536 }, (_, i) => i & 255));
  const expected = createHash('sha256');
  for (let i = 0; i < 512; i++) expected.update(block);
  assert.equal(hash.digest('hex'), expected.digest('hex'));
});

test('the bridge is killed in mid-stream: every byte that came is read, then ECONNRESET', async (t) => {
  const block = randomBytes(1 << 20);
  const { port } = await tcpServer(t, (socket) => {
    const more = () => { while (!socket.destroyed && socket.write(block)); };
    socket.on('drain', more);
    more();
  });
  const { bridge, out, err, exited } = await start(t, `
    int s = dial(1, 0);
    long long got = 0;
    ssize_t n;
    while ((n = recv(s, block, sizeof block, 0)) > 0) {
      if (got / 1048576 != (got + n) / 1048576) puts("a MiB"), fflush(stdout);
      got += n;
    }
    printf("then %s\\n", n == 0 ? "end" : strerror(errno));`, { port });
  await out.until(/a MiB/);
  await bridge?.kill();
  await exited;
  assert.match(out.text, /then Connection reset by peer\n$/);
  assert.match(err.text, /^portside: the bridge at ws:.* went away/);
});
