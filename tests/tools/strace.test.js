/** strace in the lab prints what Linux's strace prints of the same program, and what else it does. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Input } from '../../web/runtime/lab.js';
import { TraceDecoder } from '../../web/runtime/trace.js';
import { Toolchain } from '../../web/runtime/toolchain.js';
import { linux, native, startLab } from './lab.js';

const timeout = 60_000;

/**
 * Without what differs from one run to the next: ports, addresses in memory; and the sizes of control
 * messages, which have words of 4 and of 8 bytes.
 * @param {string} text
 */
const plain = (text) => text
  .replace(/htons\([3-6]\d{4}\)/g, 'htons(PORT)')
  .replace(/\b0x[0-9a-f]{5,}\b/g, 'ADDRESS')
  .replace(/(cmsg_len|msg_controllen)=[1-9]\d*/g, '$1=N')
  .split('\n').filter((line) => line && !line.startsWith('+++'));

for (const program of ['stream', 'messages']) {
  test(`the calls of ${program}.c`, { timeout }, async (t) => {
    const { run } = await startLab(t, { commands: ['strace'], programs: [program] });
    const ours = await run(['strace', '-e', 'trace=network', program]);
    const theirs = linux('strace', ['-e', 'trace=network', native(program)]);
    assert.equal(ours.code, theirs.status);
    assert.deepEqual(plain(ours.err), plain(theirs.err));
    assert.ok(plain(ours.err).length > 15);
  });
}


test('a call that waits is shown before it returns; exit status, times and a summary', { timeout }, async (t) => {
  const { start, run } = await startLab(t, { commands: ['strace'], programs: ['serve', 'ask'] });
  const traced = await start(['strace', '-T', 'serve'], { host: 'bob' });
  await traced.err.until(/listen\(3, 5\) +=.*\naccept\(3, $/);
  const { code, signal, err } = await run(['strace', '-tt', '-e', 'network,signal', 'ask', 'killed']);
  assert.equal(signal, 15);
  assert.equal(code, 143);
  assert.match(err, /^\d\d:\d\d:\d\d\.\d{6} socket\(AF_INET, SOCK_STREAM, IPPROTO_IP\) = 3$/m);
  assert.match(err, /--- SIGTERM \{si_signo=SIGTERM, si_code=SI_USER, si_pid=\d+, si_uid=\d+\} ---\n.* \+\+\+ killed by SIGTERM \+\+\+\n$/);
  assert.equal((await traced.exited).code, 3);
  assert.match(traced.err.text, /^NULL, NULL\) +=\ 4 <\d\.\d{6}>\nread\(4, "x", 1\) += 1 <\d\.\d{6}>\nwrite\(4, "x", 1\) += 1 <.*\nread\(4, "", 1\) += 0 <.*\nexit_group\(3\) += \?\n\+\+\+ exited with 3 \+\+\+\n$/);

  const counted = await run(['strace', '-c', 'sh'], {});
  assert.match(counted.err, /^% time +seconds +usecs\/call +calls +errors syscall\n[\s\S]*\d +1 +read\n[\s\S]*100\.00 .* total\n$/);
  assert.match((await run(['strace', 'nothing'])).err, /^strace: Cannot find executable 'nothing'\n$/);
  assert.match((await run(['strace', '-p', '9999'])).err, /^strace: attach: No such process\n$/);
});

test('strace -p sees a process that runs; -f also its children, each by its number', { timeout }, async (t) => {
  const { start } = await startLab(t, { commands: ['strace'], programs: ['forks'] });
  const stdin = new Input();
  const forks = await start(['forks'], { stdin });
  await forks.slept;
  const tracer = await start(['strace', '-f', '-p', String(forks.pid)]);
  await tracer.err.until(/Process \d+ attached\n/);
  await tracer.slept;
  stdin.write(new TextEncoder().encode('!'));
  const seen = await tracer.err.until(/\[pid +\d+\] \+\+\+ exited with 7 \+\+\+\n/);
  stdin.end();
  await tracer.exited;
  assert.match(seen + tracer.err.text, /--- SIGCHLD \{si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=\d+, si_uid=\d+, si_status=7, si_utime=0, si_stime=0\} ---\n/);
  assert.match(tracer.err.text, /\+\+\+ exited with 0 \+\+\+\n$/);
});

test('the page gets records of all processes, with their sockets and their lines', { timeout }, async (t) => {
  const toolchain = await Toolchain.load();
  const { lab, start, run } = await startLab(t, { programs: ['serve', 'ask'], symbolize: async (program, offsets) => toolchain.symbolize(program, offsets) });
  const decoder = await TraceDecoder.load();
  /** @type {import('../../web/runtime/trace.js').Traced[]} */
  const records = [];
  const stop = await lab.trace({
    stack: true,
    onRecords(bytes, done) {
      for (let at = 0; at < bytes.length; at += 100) records.push(...decoder.decode(bytes.subarray(at, at + 100)));
      done();
    },
  });
  const serving = await start(['serve'], { host: 'bob' });
  await serving.slept;
  await run(['ask']);
  await serving.exited;
  await stop();
  const call = (/** @type {string} */ name, kind = 'call') => records.find((r) => r.name === name && r.kind === kind);
  const connect = call('connect'), accept = call('accept');
  assert.ok(connect && accept && call('accept', 'waits'));
  assert.equal(connect.host, 'alice');
  assert.equal(accept.host, 'bob');
  assert.deepEqual(accept.arguments, ['3', 'NULL', 'NULL']);
  assert.equal(connect.socket?.peer, '10.0.0.2:7000');
  assert.equal(connect.socket?.local, accept.given?.peer);
  assert.equal(accept.given?.local, '10.0.0.2:7000');
  assert.ok(accept.blocked > 0 && accept.blocked <= accept.left - accept.entered);
  const places = await lab.places(connect.image, connect.offsets ?? []);
  const source = await readFile(new URL('ask.c', import.meta.url), 'utf8');
  const line = source.split('\n').findIndex((text) => text.includes('connect(')) + 1;
  assert.ok(places.some((place) => place?.file === 'ask.c' && place.line === line), JSON.stringify(places));
  assert.deepEqual(records.filter(({ kind }) => kind === 'exit').map(({ line: text }) => text),
    ['+++ exited with 0 +++', '+++ exited with 3 +++']);

  const before = records.length;
  await run(['ask']);
  assert.equal(records.length, before);
});
