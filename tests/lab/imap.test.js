/** The IMAP server: what RFC 3501 and RFC 2177 ask of it, and what it must bear. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { startInLab, startServer } from './session.js';
import { testUnkindClients } from './unkind.js';

const server = await startServer({ after }, 'imap');
const limit = { timeout: 120_000 };

/** @typedef {import('./session.js').Session} Session */

/** What comes before the answer to a command, which must be as wanted. @param {Session} session @param {string} command @param {'OK' | 'NO' | 'BAD'} [how] */
async function say(session, command, how = 'OK') {
  session.send(`t1 ${command}\r\n`);
  const text = await session.expect(/^([^t].*\r\n|t[^1].*\r\n|\r\n)*t1 .*\r\n/);
  const answer = text.slice(text.lastIndexOf('t1 '));
  assert.ok(answer.startsWith(`t1 ${how} `), `${command.slice(0, 80)}: ${answer}`);
  return text;
}

/** @param {typeof server} own @param {string} user @param {string} [folder] */
async function open(own, user, folder) {
  const session = await own.dial();
  await session.expect(/^\* OK .*\r\n/);
  await say(session, `LOGIN ${user} harbour`);
  if (folder) await say(session, `SELECT ${folder}`);
  return session;
}

/** @param {string} text */
const base64 = (text) => Buffer.from(text, 'latin1').toString('base64');

test('logging in', async () => {
  const session = await server.dial();
  await session.expect(/^\* OK \[CAPABILITY IMAP4rev1 .*\] .*\r\n/);
  assert.match(await say(session, 'CAPABILITY'), /^\* CAPABILITY IMAP4rev1 AUTH=PLAIN .*LITERAL\+.*IDLE/);
  await say(session, 'SELECT INBOX', 'BAD');
  await say(session, 'LOGIN alice port', 'NO');
  await say(session, 'LOGIN mallory harbour', 'NO');
  await say(session, 'LOGIN alice', 'BAD');
  session.send('t1 LOGIN {5}\r\n');
  await session.expect('+ Go on\r\n');
  session.send('Alice {7+}\r\nharbour\r\n');
  await session.expect(/^t1 OK .*\r\n/);
  await say(session, 'LOGIN alice harbour', 'BAD');
  await say(session, 'FETCH 1 FLAGS', 'BAD');
  assert.match(await say(session, 'LOGOUT'), /^\* BYE .*\r\nt1 OK/);
  assert.equal(await session.end(), '');
});

test('AUTHENTICATE PLAIN, in two steps and in one', async () => {
  const session = await server.dial();
  await session.expect(/^\* OK .*\r\n/);
  for (const [text, how] of [['\0alice\0wrong', 'NO'], ['alice', 'BAD'], ['bob\0alice\0harbour', 'NO'], ['alice\0alice\0harbour', 'OK']]) {
    session.send('t1 AUTHENTICATE PLAIN\r\n');
    await session.expect(/^\+ \r\n/);
    session.send(`${base64(text)}\r\n`);
    assert.equal((await session.expect(/^t1 .*\r\n/)).split(' ')[1], how, JSON.stringify(text));
  }
  const other = await server.dial();
  await other.expect(/^\* OK .*\r\n/);
  await say(other, 'AUTHENTICATE CRAM-MD5', 'NO');
  await say(other, 'AUTHENTICATE PLAIN ===', 'BAD');
  await say(other, `AUTHENTICATE PLAIN ${base64('\0alice\0harbour')}`);
  await say(other, 'LOGOUT');
});

test('folders', async () => {
  const session = await open(server, 'alice');
  const names = (/** @type {string} */ text) => [...text.matchAll(/"\/" (.*)\r\n/g)].map((match) => match[1]);
  assert.deepEqual(names(await say(session, 'LIST "" *')), ['INBOX', 'Archive', 'Drafts', 'Sent']);
  assert.deepEqual(names(await say(session, 'LIST "" "%r%"')), ['Archive', 'Drafts']);
  assert.deepEqual(names(await say(session, 'LIST "" inbox')), ['INBOX']);
  assert.deepEqual(names(await say(session, 'LIST "" ""')), ['""']);
  assert.deepEqual(names(await say(session, 'LSUB "Se" "%"')), ['Sent']);
  assert.match(await say(session, 'STATUS inbox (MESSAGES UIDNEXT UIDVALIDITY)'), /^\* STATUS INBOX \(MESSAGES 4 UIDNEXT 5 UIDVALIDITY \d+\)/);
  await say(session, 'STATUS INBOX (SIZE)', 'BAD');
  await say(session, 'STATUS Nowhere (MESSAGES)', 'NO');
  await say(session, 'CREATE New', 'NO');
  await say(session, 'SELECT Nowhere', 'NO');
  const text = await say(session, 'EXAMINE INBOX');
  for (const line of ['* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)', '* 4 EXISTS', '* 0 RECENT', '* OK [UIDNEXT 5]', 't1 OK [READ-ONLY]']) assert.ok(text.includes(`${line}`), line);
  await say(session, 'STORE 1 +FLAGS (\\Deleted)', 'NO');
  await say(session, 'EXPUNGE', 'NO');
});

test('FETCH', async () => {
  const session = await open(server, 'alice');
  await say(session, 'EXAMINE INBOX');
  assert.equal((await say(session, 'FETCH 3 (UID FLAGS RFC822.SIZE INTERNALDATE)')).split('\r\n')[0], '* 3 FETCH (UID 3 FLAGS () RFC822.SIZE 579 INTERNALDATE "04-Mar-2026 09:12:00 +0000")');
  assert.match(await say(session, 'FETCH 1 ALL'), /ENVELOPE \("Mon, 02 Mar 2026 07:40:00 \+0000" "Welcome to Portside" \(\("Carol \(harbour office\)" NIL "carol" "portside\.lab"\)\) .* NIL NIL NIL "<welcome@portside\.lab>"\)\)/);
  const all = await say(session, 'FETCH 3 BODY[]');
  const message = all.slice(all.indexOf('\r\n') + 2, all.lastIndexOf(')\r\n'));
  assert.equal(message.length, 579);
  assert.match(message, /\r\n\r\n\.\r\n\.\.\r\n/, 'no dots are stuffed here');
  const body = message.slice(message.indexOf('\r\n\r\n') + 4), header = message.slice(0, -body.length);
  for (const [item, want] of Object.entries({
    'BODY[HEADER]': header, 'BODY[TEXT]': body, 'BODY[1]': body, 'BODY[TEXT]<5.10>': body.slice(5, 15), 'BODY[]<570.100>': message.slice(570), 'BODY[]<9999.1>': '',
    'BODY[HEADER.FIELDS (subject "FROM")]': 'From: Bob <bob@portside.lab>\r\nSubject: But what about dots?\r\n\r\n', 'RFC822': message, 'RFC822.TEXT': body,
    'BODY[HEADER.FIELDS.NOT (date from to message-id in-reply-to mime-version content-type content-transfer-encoding)]': 'Subject: But what about dots?\r\n\r\n',
  })) assert.equal((await say(session, `FETCH 3 ${item.replace('BODY', 'BODY.PEEK')}`)).split('t1 OK')[0], `* 3 FETCH (${item.replace(/<(\d+).*>/, '<$1>')} {${want.length}}\r\n${want})\r\n`, item);
  assert.match(await say(session, 'FETCH 3 BODYSTRUCTURE'), new RegExp(`\\(BODYSTRUCTURE \\("text" "plain" \\("charset" "utf-8"\\) NIL NIL "8bit" ${body.length} ${body.split('\n').length - 1} NIL NIL NIL NIL\\)\\)`));
  const numbers = async (/** @type {string} */ command) => [...(await say(session, command)).matchAll(/\* (\d+) FETCH/g)].map((match) => Number(match[1]));
  assert.deepEqual(await numbers('FETCH 4,1:2 UID'), [1, 2, 4]);
  assert.deepEqual(await numbers('FETCH *:3 UID'), [3, 4]);
  assert.deepEqual(await numbers('UID FETCH 3:99,500 FLAGS'), [3, 4]);
  for (const bad of ['FETCH', 'FETCH 1', 'FETCH 5 UID', 'FETCH 0 UID', 'FETCH 1:x UID', 'FETCH 1 ()', 'FETCH 1 (UID', 'FETCH 1 UID FLAGS', 'FETCH 1 BODY[', 'FETCH 1 BODY[TEXTS]', 'FETCH 1 BODY[]<1>', 'FETCH 1 BODY[HEADER.FIELDS]', 'FETCH 1 NOTHING', `FETCH 1 (${'UID '.repeat(40)}UID)`, 'UID EXPUNGE 1'])
    await say(session, bad, 'BAD');
});

test('SEARCH', async () => {
  const session = await open(server, 'alice');
  await say(session, 'EXAMINE INBOX');
  for (const [keys, found] of Object.entries({
    'ALL': ' 1 2 3 4', 'SEEN': ' 1 2', 'UNSEEN': ' 3 4', 'FLAGGED': ' 4', 'FROM bob': ' 2 3', 'FROM BOB UNSEEN': ' 3', 'SUBJECT "half a"': ' 2', 'TEXT "recv()"': ' 2', 'BODY subject': '', 'TEXT subject': ' 1 2 3 4',
    'SINCE 4-Mar-2026': ' 3 4', 'BEFORE 3-Mar-2026': ' 1', 'ON 03-Mar-2026': ' 2', 'SENTON 3-Mar-2026': ' 2', 'NOT FROM bob': ' 1 4', 'OR FROM carol FLAGGED': ' 1 4', '(OR (SEEN FROM bob) FLAGGED) NOT 4': ' 2',
    '2:3': ' 2 3', 'UID 4:*': ' 4', 'LARGER 650': ' 1 4', 'SMALLER 650': ' 2 3', 'SMALLER 580 3': ' 3', 'SMALLER 579 3': '', 'HEADER In-Reply-To half': ' 3', 'CHARSET UTF-8 SUBJECT dots': ' 3', 'SUBJECT {4+}\r\nDOTS': ' 3',
  })) assert.match(await say(session, `SEARCH ${keys}`), new RegExp(`^\\* SEARCH${found}\r\nt1 OK`), keys);
  for (const bad of ['FROM', 'NONSENSE', '(SEEN', 'NOT', 'OR SEEN', 'SINCE yesterday', 'SINCE 1-Mar-2026x', '5 ', `${'NOT '.repeat(30)}SEEN`, '('.repeat(1000), 'TEXT x '.repeat(60).trim()]) await say(session, `SEARCH ${bad}`, 'BAD');
  await say(session, 'SEARCH CHARSET KOI8-R FROM x', 'NO');
});

test('flags, copies, and two sessions', limit, async (t) => {
  const own = await startServer(t, 'imap');
  const one = await open(own, 'alice', 'INBOX'), two = await open(own, 'alice', 'INBOX');
  assert.match(await say(one, 'STORE 3 +FLAGS (\\Flagged \\Recent nothing)'), /^\* 3 FETCH \(FLAGS \(\\Flagged\)\)\r\nt1/);
  assert.match(await say(two, 'NOOP'), /^\* 3 FETCH \(FLAGS \(\\Flagged\)\)\r\nt1/);
  assert.match(await say(one, 'STORE 3 -FLAGS.SILENT \\Flagged'), /^t1/);
  assert.match(await say(one, 'UID STORE 3 FLAGS (\\Deleted)'), /^\* 3 FETCH \(UID 3 FLAGS \(\\Deleted\)\)\r\nt1/);
  assert.match(await say(one, 'FETCH 4 BODY[TEXT]'), /\* 4 FETCH \(FLAGS \(\\Seen \\Flagged\)\)\r\nt1 OK/, 'seen now');
  await say(one, 'COPY 1:3 Archive');
  await say(one, 'COPY 1 Nowhere', 'NO');
  assert.match(await say(one, 'EXPUNGE'), /^\* 3 EXPUNGE\r\nt1/);
  assert.match(await say(two, 'FETCH 3:4 UID'), /^\* 3 FETCH \(UID 3\)\r\n\* 4 FETCH \(UID 4\)\r\n/, 'numbers do not change in FETCH');
  assert.match(await say(two, 'NOOP'), /^\* 3 EXPUNGE\r\n/);
  assert.match(await say(two, 'FETCH 3 UID'), /^\* 3 FETCH \(UID 4\)\r\n/);
  await say(two, 'SELECT Archive');
  assert.match(await say(two, 'SEARCH DELETED'), /^\* SEARCH 3\r\n/);
  await say(two, 'CLOSE');
  await say(two, 'SEARCH DELETED', 'BAD');
  assert.match(await say(two, 'STATUS Archive (MESSAGES UIDNEXT)'), /\(MESSAGES 2 UIDNEXT 4\)/);
});

test('APPEND and IDLE', limit, async (t) => {
  const own = await startServer(t, 'imap');
  const writer = await open(own, 'bob'), reader = await open(own, 'bob', 'Drafts');
  reader.send('i1 IDLE\r\n');
  await reader.expect(/^\+ .*\r\n/);
  const text = 'Subject: {9}\r\n\r\nhello }\r\n';
  writer.send(`a1 APPEND Drafts (\\Draft \\Seen) " 2-Mar-2026 08:00:00 +0100" {${text.length}}\r\n`);
  await writer.expect('+ Go on\r\n');
  await writer.sendSlowly(`${text}\r\n`);
  await writer.expect(/^a1 OK .*\r\n/);
  await reader.expect(/^\* 1 EXISTS\r\n\* 1 RECENT\r\n/);
  await say(writer, `APPEND Drafts {5+}\r\nSmall`);
  await reader.expect(/^\* 2 EXISTS\r\n\* 2 RECENT\r\n/);
  reader.send('DONE\r\n');
  await reader.expect(/^i1 OK .*\r\n/);
  assert.equal((await say(reader, 'FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[])')).split('t1 OK')[0], `* 1 FETCH (FLAGS (\\Seen \\Draft \\Recent) INTERNALDATE "02-Mar-2026 07:00:00 +0000" BODY[] {${text.length}}\r\n${text})\r\n`);
  await say(writer, 'APPEND Nowhere {1+}\r\nx', 'NO');
  await say(writer, 'APPEND Drafts {0+}\r\n', 'NO');
  await say(writer, 'APPEND Drafts "soon" {1+}\r\nx', 'BAD');
  await say(writer, 'APPEND Drafts {500000}', 'NO');
  writer.send(`t1 APPEND Drafts {500000+}\r\n${'x'.repeat(500_000)}\r\n`);
  await writer.expect(/^t1 NO .*\r\n/);
  const large = `Subject: large\r\n\r\n${'x'.repeat(250_000)}`;
  for (let i = 0; i < 8; i++) await say(writer, `APPEND Drafts {${large.length}+}\r\n${large}`);
  await say(writer, `APPEND Drafts {${large.length}+}\r\n${large}`, 'NO');
  const stuck = await open(own, 'bob', 'Drafts');
  stuck.stick();
  for (let i = 0; i < 20; i++) stuck.send('f1 FETCH 1:* (BODY.PEEK[] BODY.PEEK[] BODY.PEEK[] BODY.PEEK[])\r\n');
  await say(writer, 'NOOP');
  await say(reader, 'NOOP');
  const fetched = await say(reader, 'FETCH 1:* (BODY.PEEK[] BODY.PEEK[TEXT])');
  assert.equal(fetched.split('x'.repeat(250_000)).length, 17);
  stuck.reset();
});

test('before it knows who asks, it takes little', async () => {
  const session = await server.dial();
  await session.expect(/^\* OK .*\r\n/);
  await say(session, 'LOGIN {100000}', 'NO');
  await say(session, 'NOOP');
  for (let i = 0; i < 4; i++) await say(session, 'LOGIN alice wrong', 'NO');
  session.send('t1 LOGIN alice wrong\r\nt1 NOOP\r\n');
  assert.match(await session.end(), /^t1 NO .*\r\n$/);
});

test('what smtp puts into a spool folder', limit, async (t) => {
  const spool = mkdtempSync(join(tmpdir(), 'imap-'));
  t.after(() => rmSync(spool, { recursive: true }));
  const smtp = await startServer(t, 'smtp', spool), own = await startServer(t, 'imap', spool);
  const session = await open(own, 'alice', 'INBOX');
  const sender = await smtp.dial();
  sender.send('HELO me.lab\r\nMAIL FROM:<me@lab>\r\nRCPT TO:<alice@lab>\r\nDATA\r\nSubject: hi\r\n\r\n..dot\r\n.\r\nQUIT\r\n');
  await sender.end();
  assert.match(await say(session, 'NOOP'), /^\* 1 EXISTS\r\n\* 1 RECENT\r\n/);
  assert.match(await say(session, 'FETCH 1 BODY[TEXT]'), /\{6\}\r\n\.dot\r\n\)/);
  await say(session, 'STORE 1 +FLAGS (\\Deleted)');
  await say(session, 'EXPUNGE');
  assert.deepEqual(readdirSync(join(spool, 'alice')), []);
});

testUnkindClients(server, { greeting: /^\* OK .*\r\n/, command: 'a1 NOOP', reply: /a1 OK .*\r\n/, tooLong: /^\* BAD .*long\r\n/, large: 'a1 CAPABILITY\r\n' });

test('in the lab', limit, async (t) => {
  const { talk, logged } = await startInLab(t, 'imap', '143');
  const session = await talk();
  await session.expect(/^\* OK .*\r\n/);
  session.send('a1 LOGIN bob {7}\r\n');
  await session.expect(/^\+ .*\r\n/);
  session.send('harbour\r\na2 SELECT INBOX\r\na3 FETCH 1:* (ENVELOPE BODY[TEXT])\r\na4 SEARCH SINCE 4-Mar-2026\r\na5 APPEND Sent "02-Mar-2026 08:00:00 +0000" {1+}\r\nx\r\na6 LOGOUT\r\n');
  await session.expect(/a2 OK [^]*a3 OK .*\r\n\* SEARCH 2\r\na4 OK .*\r\na5 OK .*\r\n\* BYE .*\r\na6 OK .*\r\n/);
  session.finish();
  assert.equal((await session.exited).code, 0);
  await logged(/logged in as bob\n/);
});
