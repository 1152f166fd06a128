/** The NNTP server: what RFC 3977 asks of it, and what it must bear. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startInLab, startServer } from './session.js';
import { testUnkindClients } from './unkind.js';

const server = await startServer({ after }, 'nntp');
const limit = { timeout: 120_000 };

/** @typedef {import('./session.js').Session} Session */

/** The reply's line, which must have the code. @param {Session} session @param {string} command @param {number} code */
async function say(session, command, code) {
  session.send(`${command}\r\n`);
  const reply = await session.expect(/^.*\r\n/);
  assert.equal(Number(reply.slice(0, 3)), code, `${command}: ${reply}`);
  return reply.slice(0, -2);
}

/** The lines after that, without the dots. @param {Session} session @param {string} command @param {number} code */
async function ask(session, command, code) {
  await say(session, command, code);
  const text = await session.expect(/^([^.\r].*\r\n|\..+\r\n|\r\n)*\.\r\n/);
  return text.slice(0, -3).replace(/^\./gm, '').split('\r\n').slice(0, -1);
}

/** @param {typeof server} [own] @param {string} [group] */
async function read(own = server, group) {
  const session = await own.dial();
  await session.expect(/^200 .*\r\n/);
  if (group) await say(session, `GROUP ${group}`, 211);
  return session;
}

/** @param {Session} session @param {string[]} lines @param {number} code */
async function post(session, lines, code) {
  await say(session, 'POST', 340);
  return say(session, [...lines, '.'].join('\r\n'), code);
}

const DRAFT = ['From: Me <me@x.lab>', 'Newsgroups: lab.test', 'Subject: Hello', '', 'text'];

test('what there is', async () => {
  const session = await read();
  const can = await ask(session, 'CAPABILITIES', 101);
  for (const line of ['VERSION 2', 'READER', 'POST', 'OVER MSGID']) assert.ok(can.includes(line), line);
  await say(session, 'MODE READER', 200);
  await say(session, 'mode stream', 501);
  assert.match(await say(session, 'DATE', 111), /^111 20\d{12}$/);
  assert.ok((await ask(session, 'HELP', 100)).includes('  NEWNEWS'));
  assert.deepEqual((await ask(session, 'LIST', 215)).map((line) => line.split(' ')[0]), ['lab.harbour', 'lab.sockets', 'lab.stories', 'lab.test']);
  assert.deepEqual(await ask(session, 'LIST ACTIVE lab.s*,!*stories', 215), ['lab.sockets 5 1 y']);
  assert.match((await ask(session, 'LIST NEWSGROUPS ???.test', 215))[0], /^lab\.test\tPost here/);
  assert.deepEqual(await ask(session, 'LIST OVERVIEW.FMT', 215), ['Subject:', 'From:', 'Date:', 'Message-ID:', 'References:', 'Bytes:', 'Lines:']);
  await say(session, 'LIST NOTHING', 501);
  await say(session, 'NONSENSE', 500);
  assert.equal((await ask(session, 'NEWGROUPS 20260301 000000 GMT', 231)).length, 4);
  assert.deepEqual(await ask(session, 'NEWGROUPS 260302 000000', 231), []);
  await say(session, 'NEWGROUPS 2026 0', 501);
  assert.deepEqual(await ask(session, 'NEWNEWS lab.sockets,lab.stories 20260304 083000', 230), ['<partial2@news.lab>', '<generals2@news.lab>', '<generals3@news.lab>']);
  assert.equal((await ask(session, 'NEWNEWS * 20260301 000000', 230)).filter((id) => id === '<test@news.lab>').length, 1, 'once, though in two groups');
  await say(session, 'NEWNEWS *', 501);
  await say(session, 'QUIT', 205);
  assert.equal(await session.end(), '');
});

test('groups and articles', async () => {
  const session = await read();
  for (const command of ['ARTICLE', 'ARTICLE 1', 'NEXT', 'LAST', 'OVER', 'LISTGROUP', 'HDR Subject 1']) await say(session, command, 412);
  await say(session, 'GROUP lab.nowhere', 411);
  await say(session, 'GROUP', 501);
  assert.equal(await say(session, 'GROUP lab.sockets', 211), '211 5 1 5 lab.sockets');
  assert.deepEqual(await ask(session, 'LISTGROUP', 211), ['1', '2', '3', '4', '5']);
  assert.deepEqual(await ask(session, 'LISTGROUP lab.stories 2-', 211), ['2', '3']);
  await say(session, 'GROUP lab.sockets', 211);
  assert.equal(await say(session, 'STAT', 223), '223 1 <accept@news.lab>');
  await say(session, 'LAST', 422);
  assert.equal(await say(session, 'NEXT', 223), '223 2 <accept2@news.lab>');
  const head = await ask(session, 'HEAD', 221), body = await ask(session, 'BODY', 222);
  assert.deepEqual(await ask(session, 'ARTICLE', 220), [...head, '', ...body]);
  for (const line of ['From: Carol <carol@portside.lab>', 'Newsgroups: lab.sockets', 'References: <accept@news.lab>', 'Message-ID: <accept2@news.lab>', 'Date: Sun, 01 Mar 2026 19:05:00 +0000', 'Path: news.lab!not-for-mail', 'Xref: news.lab lab.sockets:2']) assert.ok(head.includes(line), line);
  assert.equal(await say(session, 'STAT 5', 223), '223 5 <partial2@news.lab>');
  await say(session, 'NEXT', 421);
  assert.equal(await say(session, 'STAT', 223), '223 5 <partial2@news.lab>');
  assert.equal(await say(session, 'STAT <generals@news.lab>', 223), '223 0 <generals@news.lab>');
  assert.equal(await say(session, 'LAST', 223), '223 4 <partial@news.lab>', 'an id does not move it');
  for (const command of ['STAT 0', 'ARTICLE 6', 'HEAD 1-2']) await say(session, command, 423);
  await say(session, 'BODY <nothing@x>', 430);
  for (const command of ['ARTICLE x', 'ARTICLE -1', 'ARTICLE 99999999999', 'OVER 1-x']) await say(session, command, 501);
  assert.deepEqual((await ask(session, 'BODY <test@news.lab>', 222)).slice(-2), ['.', '.. Lines that begin with dots come through too.']);
});

test('overviews', async () => {
  const session = await read(server, 'lab.stories');
  const lines = await ask(session, 'OVER 1-', 224);
  assert.equal(lines.length, 3);
  const [number, subject, from, date, id, references, bytes, count] = lines[2].split('\t');
  assert.deepEqual([number, subject, from, date, id, references], ['3', 'Re: The two generals', 'The lighthouse <lighthouse@portside.lab>', 'Wed, 04 Mar 2026 21:45:00 +0000', '<generals3@news.lab>', '<generals@news.lab> <generals2@news.lab>']);
  const article = await ask(session, 'ARTICLE 3', 220);
  assert.equal(Number(bytes), article.join('\r\n').length + 2);
  assert.equal(Number(count), article.length - article.indexOf('') - 1);
  assert.deepEqual(await ask(session, 'XOVER 2', 224), [lines[1]]);
  assert.deepEqual(await ask(session, 'OVER <generals3@news.lab>', 224), [lines[2].replace(/^3/, '0')]);
  assert.deepEqual(await ask(session, 'HDR subject 1-2', 225), ['1 The two generals', '2 Re: The two generals']);
  assert.deepEqual(await ask(session, 'HDR References 1', 225), ['1 ']);
  assert.deepEqual(await ask(session, 'XHDR :lines <generals3@news.lab>', 221), [`0 ${count}`]);
  await say(session, 'OVER 7-9', 423);
  await say(session, 'OVER 3-1', 423);
  await say(session, 'HDR', 501);
});

test('posting', limit, async (t) => {
  const own = await startServer(t, 'nntp');
  const session = await read(own, 'lab.test');
  await post(session, ['Path: forged', 'From: Me <me@x.lab>', 'Newsgroups: lab.test,alt.other,lab.harbour', 'Subject: a long', '\tone', 'Xref: forged', ' twice', '', '..', '...two', 'end'], 240);
  await own.logged(/has posted an article/);
  assert.equal(await say(session, 'GROUP lab.test', 211), '211 2 1 2 lab.test');
  const head = await ask(session, 'HEAD 2', 221);
  assert.ok(head.includes('Xref: news.lab lab.harbour:5 lab.test:2'), head.join('\n'));
  assert.ok(!head.join('\n').includes('forged') && !head.includes(' twice'));
  assert.deepEqual(await ask(session, 'BODY 2', 222), ['.', '..two', 'end']);
  assert.equal((await ask(session, 'OVER 2', 224))[0].split('\t')[1], 'a long one');
  const id = (await say(session, 'STAT 2', 223)).split(' ')[2];
  await say(session, `STAT ${id}`, 223);
  await post(session, [...DRAFT.slice(0, 3), 'Message-ID: <mine@x.lab>', 'Date: Mon, 02 Mar 2026 10:00:00 +0000', ...DRAFT.slice(3)], 240);
  assert.ok((await ask(session, 'HEAD <mine@x.lab>', 221)).includes('Date: Mon, 02 Mar 2026 10:00:00 +0000'));
  for (const [what, lines] of Object.entries({
    'the same again': ['Message-ID: <mine@x.lab>', ...DRAFT], 'a bad id': ['Message-ID: mine', ...DRAFT], 'no From': DRAFT.slice(1), 'no groups': [DRAFT[0], ...DRAFT.slice(2)], 'no subject': [DRAFT[0], DRAFT[1], '', 'text'],
    'other groups': [DRAFT[0], 'Newsgroups: alt.other', ...DRAFT.slice(2)], 'no body': DRAFT.slice(0, 3), nothing: [], 'no field': ['nonsense', ...DRAFT], 'a long header': [`X: ${'x'.repeat(1500)}`, `Y: ${'x'.repeat(1900)}`, ...DRAFT], 'a long line': [...DRAFT, 'x'.repeat(3000)], 'a long text': [...DRAFT, ...Array(80).fill('x'.repeat(1000))],
    'a line that continues nothing': [' x', ...DRAFT],
  })) assert.ok((await post(session, lines, 441)).length > 8, what);
  session.send('POST\r\nFrom: half');
  session.reset();
  await own.logged(/closed/);
  const other = await read(own, 'lab.test');
  await say(other, 'STAT 4', 423);
  let posted = 0;
  for (let full = false; !full; posted++) {
    other.send(`POST\r\n${DRAFT.join('\r\n')}\r\n.\r\n`);
    full = (await other.expect(/^340 .*\r\n(240|441) .*\r\n/)).includes('\r\n441 There is no room');
  }
  assert.ok(posted > 150 && posted < 200, `${posted} posted`);
});

testUnkindClients(server, { greeting: /^200 .*\r\n/, command: 'MODE READER', reply: /200 Read.*\r\n/, tooLong: /^501 .*long\r\n/, large: 'ARTICLE <generals@news.lab>\r\nHELP\r\n' });

test('in the lab', limit, async (t) => {
  const { talk, logged } = await startInLab(t, 'nntp', '119');
  const session = await talk();
  await session.expect(/^200 .*\r\n/);
  session.send('GROUP lab.test\r\nPOST\r\nFrom: a@lab\r\nNewsgroups: lab.test\r\nSubject: hi\r\n\r\nhi\r\n.\r\nOVER 1-\r\nNEWNEWS lab.test 20260302 000000\r\nDATE\r\nQUIT\r\n');
  await session.expect(/211 1 1 1 lab\.test\r\n340 .*\r\n240 .*\r\n224 .*\r\n1\tTesting, one two\t.*\r\n2\thi\t.*\r\n\.\r\n230 .*\r\n<.*>\r\n\.\r\n111 \d+\r\n205 .*\r\n/);
  session.finish();
  assert.equal((await session.exited).code, 0);
  await logged(/has posted an article\n/);
});
