/** Processes in a lab, under Node: the same Workers and the same kernel as in a page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Input } from '../../web/runtime/lab.js';
import { collector, startLab } from './lab.js';

const limit = { timeout: 240_000 };

const SERVER = `
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
int main(void) {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(7000)};
  if (bind(s, (struct sockaddr *)&a, sizeof a) || listen(s, 5)) { perror("listen"); return 1; }
  for (;;) {
    char byte;
    int c = accept(s, NULL, NULL);
    while (read(c, &byte, 1) == 1) write(c, &byte, 1);
    close(c);
  }
}`;
const CLIENT = `
#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv) {
  int s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(7000)};
  char text[6] = {0};
  inet_pton(AF_INET, argv[1], &a.sin_addr);
  if (connect(s, (struct sockaddr *)&a, sizeof a)) { perror("connect"); return 1; }
  write(s, "hello", 5);
  recv(s, text, 5, MSG_WAITALL);
  puts(text);
  return argc - 2;
}`;

test('a socket hears its own host, and the others only through their addresses', limit, async (t) => {
  const { install, start } = await startLab(t);
  await install('server', SERVER);
  await install('client', CLIENT);
  await (await start(['server'], { host: 'bob' })).slept;
  const ask = async (/** @type {string} */ host, /** @type {string} */ address) => {
    const client = await start(['client', address], { host });
    const { code } = await client.exited;
    return code ? client.err.text : client.out.text;
  };
  assert.equal(await ask('bob', '127.0.0.1'), 'hello\n');
  assert.equal(await ask('bob', '10.0.0.2'), 'hello\n');
  assert.equal(await ask('alice', '10.0.0.2'), 'hello\n');
  assert.equal(await ask('carol', '10.0.0.2'), 'hello\n');
  assert.equal(await ask('alice', '127.0.0.1'), 'connect: Connection refused\n');
  assert.equal(await ask('alice', '10.0.0.1'), 'connect: Connection refused\n');
  const own = await start(['server'], { host: 'alice' });
  await own.slept;
  assert.equal(own.err.text, '', 'the same port, on another host, is another port');
  assert.equal(await ask('alice', '127.0.0.1'), 'hello\n');
});

test('standard input reaches the program, and its end too', limit, async (t) => {
  const { install, start } = await startLab(t);
  await install('cat', `
#include <stdio.h>
int main(void) {
  long n = 0;
  for (int c; (c = getchar()) != EOF; n++) putchar(c);
  fprintf(stderr, "%ld\\n", n);
}`);
  const stdin = new Input();
  const cat = await start(['cat'], { stdin });
  const text = 'line\n'.repeat(100_000); // more than any buffer on the way
  stdin.write(new TextEncoder().encode(text));
  stdin.end();
  assert.deepEqual(await cat.exited, { code: 0, signal: null });
  assert.equal(cat.out.text, text);
  assert.equal(cat.err.text, '500000\n');
});

const BLOCKED = `
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
int main(int argc, char **argv) {
  const char *how = argv[argc - 1];
  int s = socket(AF_INET, SOCK_STREAM, 0), c = socket(AF_INET, SOCK_STREAM, 0), p[2];
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(8000)}, silent = a;
  inet_pton(AF_INET, "10.0.0.77", &silent.sin_addr);
  static char bytes[1 << 20];
  struct timespec long_time = {.tv_sec = 1000000};
  pipe(p);
  bind(s, (struct sockaddr *)&a, sizeof a);
  listen(s, 1);
  if (strcmp(how, "connect") && strcmp(how, "accept")) connect(c, (struct sockaddr *)&a, sizeof a);
  if (!strcmp(how, "accept")) accept(s, NULL, NULL);
  if (!strcmp(how, "connect")) connect(c, (struct sockaddr *)&silent, sizeof silent);
  if (!strcmp(how, "recv")) recv(c, bytes, 1, 0);
  if (!strcmp(how, "send")) for (;;) send(c, bytes, sizeof bytes, 0);
  if (!strcmp(how, "read")) read(p[0], bytes, 1);
  if (!strcmp(how, "write")) for (;;) write(p[1], bytes, sizeof bytes);
  if (!strcmp(how, "terminal")) read(0, bytes, 1);
  if (!strcmp(how, "poll")) poll(&(struct pollfd){.fd = c, .events = POLLIN}, 1, -1);
  if (!strcmp(how, "select")) { fd_set set; FD_ZERO(&set); FD_SET(c, &set); select(c + 1, &set, NULL, NULL, NULL); }
  if (!strcmp(how, "nanosleep")) nanosleep(&long_time, NULL);
  if (!strcmp(how, "pause")) pause();
  if (!strcmp(how, "sigsuspend")) { sigset_t none; sigemptyset(&none); sigsuspend(&none); }
  _exit(3);
}`;

for (const how of ['accept', 'connect', 'recv', 'send', 'read', 'write', 'terminal', 'poll', 'select', 'nanosleep', 'pause', 'sigsuspend']) {
  test(`a kill ends ${how}`, limit, async (t) => {
    const { lab, install, start } = await startLab(t);
    await install('blocked', BLOCKED);
    for (const signal of /** @type {const} */ (['SIGKILL', 'SIGTERM'])) {
      const stdin = await lab.terminal({ shell: false, onOutput: (_, done) => done() });
      const process = await start(['blocked', how], { stdin });
      await process.slept;
      process.kill(signal);
      assert.deepEqual(await process.exited, { code: signal === 'SIGKILL' ? 137 : 143, signal: signal === 'SIGKILL' ? 9 : 15 });
    }
    const after = await start(['blocked', 'nothing']); // the port is free, and the lab goes on
    assert.equal((await after.exited).code, 3);
  });
}

test('a kill ends a program that computes', limit, async (t) => {
  const { install, start } = await startLab(t);
  await install('loop', '#include <unistd.h>\nint main(void) { write(1, "!", 1); for (volatile int i = 0;; i++); }');
  const loop = await start(['loop']);
  await loop.out.until(/!/);
  loop.kill('SIGTERM');
  assert.deepEqual(await loop.exited, { code: 143, signal: 15 });
});

test('a program that prints without end waits for who reads it, and can be ended', limit, async (t) => {
  const { install, start } = await startLab(t);
  await install('flood', '#include <stdio.h>\nint main(void) { for (;;) puts("all work and no play"); }');
  let taken = 0, held = true;
  /** @type {(() => void)[]} */
  const dones = [];
  const stdout = { onData: (/** @type {Uint8Array} */ bytes, /** @type {() => void} */ done) => {
    taken += bytes.length;
    if (held) dones.push(done);
    else done();
  } };
  const flood = await start(['flood'], { stdout });
  await flood.slept; // nobody says that it has done with the bytes
  assert.ok(taken <= 512 * 1024, `${taken} bytes were handed over`);
  flood.kill('SIGKILL');
  held = false;
  for (const done of dones) done();
  assert.equal((await flood.exited).signal, 9);
});

test('a call that the kernel does not have answers ENOSYS and is logged by name', limit, async (t) => {
  const { install, start, log } = await startLab(t);
  await install('calls', `
#include <errno.h>
#include <stdio.h>
#include <unistd.h>
int main(void) {
  long r = acct("/tmp/x");
  printf("%ld %d\\n", r, errno == ENOSYS);
}`);
  const calls = await start(['calls']);
  await calls.exited;
  assert.equal(calls.out.text, '-1 1\n');
  assert.match(log.join('\n'), /__syscall_acct/);
});

const TRAPS = `
#include <stdlib.h>
#include <string.h>
struct pair { int a, b; };
static int follow(struct pair *p) {
  return p->b;
}
static int deeper(int n) {
  char frame[256];
  memset(frame, n, sizeof frame);
  return deeper(n + 1) + frame[n % 256];
}
static int divide(volatile int *by) {
  return 6 / *by;
}
int main(int argc, char **argv) {
  volatile int zero = 0;
  struct pair *far = (struct pair *)(0xf0000000u + (unsigned)zero);
  switch (argv[argc - 1][0]) {
  case 'n': return follow(getenv("NOTHING") ? far : NULL);
  case 'f': return follow(far);
  case 's': return deeper(zero);
  case 'd': return divide(&zero);
  case 'k': { int known = 0; return 1 / known; }
  case 'a': abort();
  }
}`;
for (const [what, code, line] of /** @type {[string, number, string][]} */ ([
  ['null', 139, 'Segmentation fault in follow at traps.c:6\n'],
  ['far', 139, 'Segmentation fault in follow at traps.c:6\n'],
  ['stack', 139, 'Segmentation fault in deeper at traps.c:10\n'],
  ['division', 136, 'Floating point exception in divide at traps.c:14\n'],
  ['known division', 136, 'Floating point exception in main at traps.c:24\n'],
  ['abort', 134, ''],
])) {
  test(`a trap is one line that says where: ${what}`, limit, async (t) => {
    const { install, start } = await startLab(t);
    await install('traps', TRAPS);
    const traps = await start(['traps', what]);
    assert.equal((await traps.exited).code, code);
    assert.equal(traps.err.text, line);
    assert.equal((await (await start(['traps', 'x'])).exited).code, 0, 'the lab goes on');
  });
}

test('a terminal edits lines, and its keys end programs', limit, async (t) => {
  const { lab, install, orFailure } = await startLab(t);
  await install('cat', `
#include <stdio.h>
int main(void) { char line[100]; puts("begin"); while (fgets(line, sizeof line, stdin)) printf("<%s>", line); puts("end"); return 0; }`);
  const screen = collector();
  const terminal = await lab.terminal({ onOutput: screen.onData });
  const expect = (/** @type {RegExp} */ pattern) => orFailure(screen.until(pattern));
  await expect(/alice:~\$ $/);
  terminal.input('nothing\r');
  await expect(/sh: nothing: not found\r\n.*\$ $/);
  terminal.input('./cat\r');
  await expect(/begin\r\n$/); // the shell reads without the terminal's editing
  terminal.input('onx\x7fe two\x17\r'); // erase a character, erase a word
  await expect(/<one \r\n>/);
  terminal.input('gr\u00fc\x7f!\r'); // a character of two bytes
  await expect(/<gr!\r\n>/);
  terminal.input('\x04');
  await expect(/end\r\n.*\$ $/);
  terminal.input('./cat\r');
  await expect(/begin\r\n$/);
  terminal.input('half\x03');
  await expect(/half\^C\r\n.*\$ $/);
  terminal.input('exit\r');
  await expect(/\$ $/); // another shell takes its place
});

test('it is told when a program that a shell started sleeps first', limit, async (t) => {
  let group = 0;
  /** @type {Set<number>} */
  const slept = new Set();
  let look = () => {};
  const { lab, install, orFailure } = await startLab(t, { onSlept: (pid) => { slept.add(pid); look(); } });
  await install('server', SERVER);
  const screen = collector();
  const terminal = await lab.terminal({ onOutput: screen.onData, onForeground: (now) => { group = now; look(); } });
  await orFailure(screen.until(/alice:~\$ $/));
  const sleeps = new Promise((resolve) => {
    look = () => { if (group !== terminal.shell && slept.has(group)) resolve(true); };
  });
  terminal.input('./server\r');
  await orFailure(sleeps);
});
