/** The SMTP server: what RFC 5321 asks of it, and what it must bear. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startInLab, startServer } from './session.js';
import { testUnkindClients } from './unkind.js';

const server = await startServer({ after }, 'smtp');
const limit = { timeout: 120_000 };

/** @typedef {import('./session.js').Session} Session */

/** Sends a command; its reply must have the code. @param {Session} session @param {string} command @param {number} code */
async function say(session, command, code) {
  session.send(`${command}\r\n`);
  const reply = await session.expect(/^(\d{3}-.*\r\n)*\d{3} .*\r\n/);
  assert.equal(Number(reply.slice(0, 3)), code, `${command}: ${reply}`);
  return reply;
}

async function greeted() {
  const session = await server.dial();
  await session.expect(/^220 .*\r\n/);
  await say(session, 'EHLO client.lab', 250);
  return session;
}

/** @param {Session} session @param {string[]} to */
async function addressed(session, ...to) {
  await say(session, 'MAIL FROM:<someone@far.example>', 250);
  for (const user of to) await say(session, `RCPT TO:<${user}@portside.lab>`, 250);
  await say(session, 'DATA', 354);
}

/** @param {import('node:test').TestContext} t */
async function startSpool(t) {
  const spool = mkdtempSync(join(tmpdir(), 'smtp-'));
  t.after(() => rmSync(spool, { recursive: true }));
  const own = await startServer(t, 'smtp', spool);
  const mails = (/** @type {string} */ user) =>
    readdirSync(join(spool, user)).sort().map((name) => readFileSync(join(spool, user, name), 'latin1'));
  return { own, mails };
}

test('what it can do', async () => {
  const session = await server.dial();
  await session.expect(/^220 smtp\.lab ESMTP.*\r\n/);
  const reply = await say(session, 'EHLO client.lab', 250);
  for (const can of ['PIPELINING', 'SIZE 261120', '8BITMIME', 'HELP']) assert.match(reply, new RegExp(`250[- ]${can}\r\n`));
  assert.equal((await say(session, 'HELO client.lab', 250)).split('\r\n').length, 2);
  assert.match(await say(session, 'HELP', 214), /MAIL FROM/);
  await say(session, 'NOOP whatever', 250);
  assert.match(await say(session, 'VRFY alice', 250), /Alice <alice@portside\.lab>/);
  await say(session, 'VRFY mallory', 550);
  await say(session, 'VRFY a@far.example', 252);
  await say(session, 'QUIT', 221);
  assert.equal(await session.end(), '');
});

test('a message, with its dots', limit, async (t) => {
  const { own, mails } = await startSpool(t);
  const session = await own.dial();
  await session.expect(/^220 .*\r\n/);
  await say(session, 'EHLO client.lab', 250);
  await addressed(session, 'alice', 'Bob', 'alice');
  await say(session, 'Subject: dots\r\n\r\n..\r\n...two\r\nfine\r\n.', 250);
  await own.logged(/delivered from <someone@far\.example> to <alice>/);
  await own.logged(/delivered from <someone@far\.example> to <bob>/);
  const [mail, ...rest] = mails('alice');
  assert.equal(rest.length, 0, 'one copy, though named twice');
  assert.match(mail, /^Return-Path: <someone@far\.example>\r\nReceived: from client\.lab \(127\.0\.0\.1:\d+\)\r\n\tby smtp\.lab with ESMTP; .*\r\nSubject: dots\r\n\r\n\.\r\n\.\.two\r\nfine\r\n$/);
  assert.deepEqual(mails('bob'), [mail]);
  await addressed(session, 'carol');
  await session.sendSlowly('Subject: two\r\n\r\nslow\r\n.\r');
  session.send('\nNOOP\r\n');
  await session.expect(/^250 .*\r\n250 .*\r\n/);
  assert.match(mails('carol')[0], /slow\r\n$/);
});

test('all in one segment', async () => {
  const session = await greeted();
  session.send('MAIL FROM:<>\r\nRCPT TO:<nobody@portside.lab>\r\nRCPT TO:<carol@lab>\r\nDATA\r\nhello\r\n.\r\nQUIT\r\n');
  await session.expect(/^250 .*\r\n550 .*\r\n250 .*\r\n354 .*\r\n250 .*\r\n221 .*\r\n/);
  assert.equal(await session.end(), '');
  await server.logged(/delivered from <> to <carol>/);
});

test('commands out of order', async () => {
  const session = await server.dial();
  await session.expect(/^220 .*\r\n/);
  await say(session, 'MAIL FROM:<a@b.lab>', 503);
  await say(session, 'RCPT TO:<alice@portside.lab>', 503);
  await say(session, 'DATA', 503);
  await say(session, 'EHLO', 501);
  await say(session, 'EHLO client.lab', 250);
  await say(session, 'RCPT TO:<alice@portside.lab>', 503);
  await say(session, 'MAIL FROM:<a@b.lab>', 250);
  await say(session, 'MAIL FROM:<a@b.lab>', 503);
  await say(session, 'DATA', 554);
  await say(session, 'RCPT TO:<alice@portside.lab>', 250);
  await say(session, 'RSET', 250);
  await say(session, 'DATA', 503);
  await say(session, 'MAIL FROM:<a@b.lab>', 250);
  await say(session, 'EHLO client.lab', 250);
  await say(session, 'RCPT TO:<alice@portside.lab>', 503);
});

test('paths', async () => {
  const session = await greeted();
  for (const bad of ['MAIL', 'MAIL FROM', 'MAIL FROM:a@b.lab', 'MAIL FROM:<a@b.lab', 'MAIL FROM:<a b@c.lab>', 'MAIL FROM:<a@b.lab>x', `MAIL FROM:<${'a'.repeat(300)}@b.lab>`]) await say(session, bad, 501);
  await say(session, 'mail from: <"a > b"@c.lab> BODY=8BITMIME SIZE=1000', 250);
  for (const [path, code] of Object.entries({ '<>': 501, 'alice': 501, '<mallory@portside.lab>': 550, '<alice@far.example>': 550, '<alice>': 550, '<@relay.lab:alice@x.lab>': 250, '<postmaster>': 250, '<POSTMASTER@lab>': 250, '<alice@lab> X=1': 555 }))
    await say(session, `RCPT TO:${path}`, code);
});

test('limits', limit, async () => {
  const session = await greeted();
  await say(session, 'MAIL FROM:<a@b.lab> SIZE=300000', 552);
  await say(session, 'MAIL FROM:<a@b.lab> SIZE=x', 501);
  await say(session, 'MAIL FROM:<a@b.lab> ODD=1', 555);
  await addressed(session, ...Array(100).fill('alice'));
  await say(session, `${`${'x'.repeat(998)}\r\n`.repeat(300)}.`, 552);
  await addressed(session, 'alice');
  await say(session, `short\r\n${'x'.repeat(5000)}\r\nshort\r\n.`, 500);
  await say(session, 'MAIL FROM:<a@b.lab>', 250);
  for (let i = 0; i < 100; i++) await say(session, 'RCPT TO:<bob@lab>', 250);
  await say(session, 'RCPT TO:<bob@lab>', 452);
  await say(session, 'RSET', 250);
  const large = `${'x'.repeat(998)}\r\n`.repeat(250);
  for (let i = 0; i < 8; i++) {
    await addressed(session, 'bob');
    await say(session, `${large}.`, 250);
  }
  await say(session, 'MAIL FROM:<a@b.lab>', 250);
  await say(session, 'RCPT TO:<bob@lab>', 452);
  await say(session, 'RCPT TO:<carol@lab>', 250);
});

test('a client that is lost in the middle of its text delivers nothing', limit, async (t) => {
  const { own, mails } = await startSpool(t);
  const session = await own.dial();
  await say(session, 'EHLO client.lab', 220);
  await session.expect(/250 HELP\r\n/);
  await addressed(session, 'alice');
  session.send('half a mess');
  session.reset();
  await own.logged(/closed 127/);
  assert.deepEqual(mails('alice'), []);
});

test('one that only makes mistakes is sent away', async () => {
  const session = await greeted();
  session.send('NONSENSE\r\n'.repeat(100));
  const text = await session.end();
  assert.match(text, /^(500 .*\r\n){20}421 .*\r\n$/);
});

testUnkindClients(server, { greeting: /^220 .*\r\n/, command: 'NOOP', reply: /250 Nothing done\r\n/, tooLong: /^500 .*long\r\n/, large: 'HELP\r\n' });

test('in the lab', limit, async (t) => {
  const { talk, logged } = await startInLab(t, 'smtp', '25', '/tmp/spool');
  const session = await talk();
  await session.expect(/^220 .*\r\n/);
  session.send('EHLO alice\r\nMAIL FROM:<alice@lab>\r\nRCPT TO:<bob@lab>\r\nDATA\r\nSubject: hi\r\n\r\nhi\r\n.\r\nQUIT\r\n');
  await session.expect(/354 .*\r\n250 .*\r\n221 .*\r\n/);
  session.finish();
  assert.equal((await session.exited).code, 0);
  await logged(/delivered from <alice@lab> to <bob>/);
});
