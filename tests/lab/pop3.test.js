/** The POP3 server: what RFC 1939 and RFC 2449 ask of it, and what it must bear. */
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startInLab, startServer } from './session.js';
import { testUnkindClients } from './unkind.js';

const server = await startServer({ after }, 'pop3');
const limit = { timeout: 120_000 };

/** @typedef {import('./session.js').Session} Session */

/** The reply's first line. @param {Session} session @param {string} command @param {'+OK' | '-ERR'} [status] */
async function say(session, command, status = '+OK') {
  session.send(`${command}\r\n`);
  const reply = await session.expect(/^.*\r\n/);
  assert.ok(reply.startsWith(status), `${command}: ${reply}`);
  return reply.slice(0, -2);
}

/** The lines after that, without the dots. @param {Session} session @param {string} command */
async function ask(session, command) {
  await say(session, command);
  const text = await session.expect(/^([^.\r].*\r\n|\..+\r\n|\r\n)*\.\r\n/);
  return text.slice(0, -3).replace(/^\./gm, '');
}

/** @param {typeof server} own @param {string} user */
async function login(own, user) {
  const session = await own.dial();
  await session.expect(/^\+OK .*\r\n/);
  await say(session, `USER ${user}`);
  await say(session, 'PASS harbour');
  return session;
}

/** @param {Session} session */
async function quit(session) {
  await say(session, 'QUIT');
  assert.equal(await session.end(), '');
}

test('logging in', async () => {
  const session = await server.dial();
  await session.expect(/^\+OK pop3\.lab/);
  await session.expect('\r\n');
  assert.deepEqual((await ask(session, 'CAPA')).split('\r\n').slice(0, 5), ['TOP', 'UIDL', 'USER', 'RESP-CODES', 'PIPELINING']);
  await say(session, 'STAT', '-ERR');
  await say(session, 'PASS harbour', '-ERR');
  await say(session, 'USER alice');
  await say(session, 'PASS port', '-ERR');
  await say(session, 'USER mallory');
  await say(session, 'PASS harbour', '-ERR');
  await say(session, 'USER', '-ERR');
  await say(session, 'user Alice');
  assert.match(await say(session, 'pass harbour'), /Alice has 4 messages of \d+ bytes/);
  await say(session, 'USER bob', '-ERR');
  await quit(session);
});

test('five wrong passwords are enough', async () => {
  const session = await server.dial();
  session.send('USER alice\r\nPASS x\r\n'.repeat(9));
  assert.equal((await session.end()).split('-ERR').length - 1, 5);
});

test('reading', async () => {
  const session = await login(server, 'alice');
  const [, count, total] = (await say(session, 'STAT')).split(' ').map(Number);
  const sizes = (await ask(session, 'LIST')).trimEnd().split('\r\n').map((line) => line.split(' ').map(Number));
  assert.deepEqual(sizes.map(([number]) => number), [1, 2, 3, 4]);
  assert.equal(count, 4);
  assert.equal(sizes.reduce((sum, [, size]) => sum + size, 0), total);
  for (const [number, size] of sizes) {
    assert.equal(await say(session, `LIST ${number}`), `+OK ${number} ${size}`);
    assert.equal((await ask(session, `RETR ${number}`)).length, size, 'octets, without the dots that are stuffed');
  }
  const dots = await ask(session, 'RETR 3');
  assert.match(dots, /\r\n\r\n\.\r\n\.\.\r\n\.\.\.three dots, and a word\r\n\. a dot and a space\r\n/);
  const head = await ask(session, 'TOP 3 0');
  assert.match(head, /^Date: Wed, 04 Mar 2026 09:12:00 \+0000\r\nFrom: Bob <bob@portside\.lab>\r\n/);
  assert.equal(head, dots.slice(0, dots.indexOf('\r\n\r\n') + 4));
  assert.equal(await ask(session, 'TOP 3 2'), dots.split('\r\n').slice(0, head.split('\r\n').length + 1).join('\r\n') + '\r\n');
  assert.equal(await ask(session, 'TOP 3 1000'), dots);
  const uids = (await ask(session, 'UIDL')).trimEnd().split('\r\n');
  assert.equal(new Set(uids.map((line) => line.split(' ')[1])).size, 4);
  assert.equal(await say(session, 'UIDL 2'), `+OK ${uids[1]}`);
  for (const bad of ['RETR', 'RETR 0', 'RETR 5', 'RETR x', 'RETR -1', 'RETR 1x', 'LIST 9', 'UIDL 9', 'TOP 1', 'TOP 1 x', 'TOP 9 1', 'DELE 99999999999999999999', 'NONSENSE']) await say(session, bad, '-ERR');
  await quit(session);
});

test('deleting: at QUIT, and at QUIT alone', limit, async (t) => {
  const own = await startServer(t, 'pop3');
  let session = await login(own, 'bob');
  const uids = await ask(session, 'UIDL');
  await say(session, 'DELE 1');
  await say(session, 'DELE 1', '-ERR');
  await say(session, 'RETR 1', '-ERR');
  assert.match(await say(session, 'STAT'), /^\+OK 1 /);
  assert.match(await ask(session, 'LIST'), /^2 \d+\r\n$/);
  await say(session, 'RSET');
  assert.match(await say(session, 'STAT'), /^\+OK 2 /);
  await say(session, 'DELE 1');
  session.reset();
  await own.logged(/closed /);
  session = await login(own, 'bob');
  assert.equal(await ask(session, 'UIDL'), uids, 'a lost connection deletes nothing');
  await say(session, 'DELE 1');
  await quit(session);
  session = await login(own, 'bob');
  assert.equal(await ask(session, 'UIDL'), uids.split('\r\n')[1].replace(/^2/, '1') + '\r\n');
  await quit(session);
});

test('one session at a time for a mailbox', async () => {
  const first = await login(server, 'carol');
  const second = await server.dial();
  await second.expect(/^.*\r\n/);
  await say(second, 'USER carol');
  assert.match(await say(second, 'PASS harbour', '-ERR'), /\[IN-USE\]/);
  await quit(first);
  await say(second, 'USER carol');
  await say(second, 'PASS harbour');
  await quit(second);
});

test('what smtp has put into a spool folder', limit, async (t) => {
  const spool = mkdtempSync(join(tmpdir(), 'pop3-'));
  t.after(() => rmSync(spool, { recursive: true }));
  const smtp = await startServer(t, 'smtp', spool), own = await startServer(t, 'pop3', spool);
  const sender = await smtp.dial();
  sender.send('HELO me.lab\r\nMAIL FROM:<me@lab>\r\nRCPT TO:<alice@lab>\r\nDATA\r\nSubject: hi\r\n\r\n..dot\r\n.\r\nQUIT\r\n');
  await sender.end();
  mkdirSync(join(spool, 'alice'), { recursive: true });
  writeFileSync(join(spool, 'alice/7'), 'Subject: by hand\n\nno CR\n');
  writeFileSync(join(spool, 'alice/.half-8'), 'not yet');
  const session = await login(own, 'alice');
  assert.equal(await ask(session, 'RETR 1'), 'Subject: by hand\r\n\r\nno CR\r\n');
  assert.match(await ask(session, 'RETR 2'), /^Return-Path: <me@lab>\r\n(.*\r\n)*Subject: hi\r\n\r\n\.dot\r\n$/);
  assert.match(await ask(session, 'UIDL'), /^1 1\.7\r\n2 1\.\d+\r\n$/);
  await say(session, 'DELE 1');
  await quit(session);
  assert.equal(readdirSync(join(spool, 'alice')).filter((name) => /^\d/.test(name)).length, 1);
});

testUnkindClients(server, { greeting: /^\+OK .*\r\n/, command: 'USER alice', reply: /\+OK And the password\?\r\n/, tooLong: /^-ERR .*long\r\n/, large: 'CAPA\r\n' });

test('in the lab', limit, async (t) => {
  const { talk, logged } = await startInLab(t, 'pop3', '110');
  const session = await talk();
  await session.expect(/^\+OK .*\r\n/);
  session.send('USER bob\r\nPASS harbour\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n');
  await session.expect(/Re: Half a letter\r\n[^]*\r\n\.\r\n\+OK .*\r\n\+OK .*\r\n/);
  session.finish();
  assert.equal((await session.exited).code, 0);
  await logged(/logged in as bob\n.*deleted 1 messages/);
});
