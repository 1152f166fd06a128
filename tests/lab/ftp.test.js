/** The FTP server: what RFC 959, RFC 2428 and RFC 3659 ask of it, and what it must bear. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { collector } from '../runtime/lab.js';
import { dial, startInLab, startServer } from './session.js';
import { testUnkindClients } from './unkind.js';

const server = await startServer({ after }, 'ftp');
const limit = { timeout: 120_000 };

/** @typedef {import('./session.js').Session} Session */

/** Sends a command; its reply must have the code. @param {Session} session @param {string} command @param {number} code */
async function say(session, command, code) {
  session.send(`${command}\r\n`);
  return hear(session, code, command);
}

/** @param {Session} session @param {number} code @param {string} [command] */
async function hear(session, code, command = '') {
  const reply = await session.expect(/^(\d{3}-[^]*?\r\n(?=\d{3} ))?\d{3} .*\r\n/);
  assert.equal(Number(reply.slice(0, 3)), code, `${command}: ${reply}`);
  return reply;
}

/** @param {typeof server} own @param {string} [user] */
async function login(own, user = 'anonymous') {
  const session = await own.dial();
  await hear(session, 220);
  await say(session, `USER ${user}`, 331);
  await say(session, 'PASS harbour', 230);
  return session;
}

/** @type {Session[]} data connections, of which some are left open */
const connections = [];
after(() => connections.forEach((data) => data.reset()));

/** A data connection by PASV or EPSV. @param {Session} session @param {string} [how] */
async function passive(session, how = 'PASV') {
  const reply = await say(session, how, how === 'PASV' ? 227 : 229);
  const numbers = /** @type {string[]} */ (reply.slice(4).match(/\d+/g)).map(Number);
  const data = await dial(how === 'PASV' ? numbers[4] * 256 + numbers[5] : numbers[0]);
  connections.push(data);
  return data;
}

/** What comes over a data connection. @param {Session} session @param {string} command @param {string} [how] */
async function get(session, command, how) {
  const data = await passive(session, how);
  await say(session, command, 150);
  const text = await data.end();
  await hear(session, 226);
  data.finish();
  return text;
}

/** @param {Session} session @param {string} command @param {string} text @param {number} [code] */
async function put(session, command, text, code = 226) {
  const data = await passive(session);
  await say(session, command, 150);
  data.send(text);
  data.finish();
  await hear(session, code);
}

/** A port that the server connects to. @param {Session} session @param {(port: number) => string} command */
async function active(session, command) {
  const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  await say(session, command(/** @type {import('node:net').AddressInfo} */ (listener.address()).port), 200);
  return listener;
}

const GIVES = /** @param {number} port */ (port) => `PORT 127,0,0,1,${port >> 8},${port & 255}`;

test('logging in, and what there is', async () => {
  const session = await server.dial();
  await hear(session, 220);
  for (const command of ['PWD', 'LIST', 'RETR welcome.txt', 'STAT']) await say(session, command, 530);
  await say(session, 'PASS harbour', 530);
  await say(session, 'USER alice', 331);
  await say(session, 'PASS wrong', 530);
  assert.match(await say(session, 'FEAT', 211), /\r\n EPSV\r\n[^]* REST STREAM\r\n SIZE\r\n/);
  assert.match(await say(session, 'SYST', 215), /UNIX Type: L8/);
  assert.match(await say(session, 'HELP', 214), /RNTO/);
  await say(session, 'user anonymous', 331);
  await say(session, 'pass me@', 230);
  for (const [command, code] of /** @type {[string, number][]} */ ([['TYPE I', 200], ['TYPE A', 200], ['TYPE E', 504], ['STRU F', 200], ['STRU R', 504], ['MODE S', 200], ['MODE B', 504], ['OPTS UTF8 ON', 200], ['OPTS X', 501], ['NOOP', 200], ['STAT', 211], ['NONSENSE', 500], ['RETR', 425]]))
    await say(session, command, code);
  await say(session, 'QUIT', 221);
  assert.equal(await session.end(), '');
});

test('walking about', async () => {
  const session = await login(server);
  const where = async () => (await say(session, 'PWD', 257)).split('"')[1];
  await say(session, 'CWD harbour', 250);
  assert.equal(await where(), '/harbour');
  await say(session, 'CWD ../stories/.//', 250);
  assert.equal(await where(), '/stories');
  await say(session, 'CDUP', 250);
  await say(session, 'CWD ../../..', 250);
  assert.equal(await where(), '/');
  await say(session, 'CWD nowhere', 550);
  await say(session, 'CWD welcome.txt', 550);
  await say(session, `CWD ${'x'.repeat(600)}`, 553);
  await say(session, 'SIZE harbour/signals.txt', 550);
  await say(session, 'TYPE I', 200);
  assert.equal(await say(session, 'SIZE harbour/signals.txt', 213), '213 303\r\n');
  assert.equal(await say(session, 'MDTM /harbour/signals.txt', 213), '213 20260302090000\r\n');
  assert.match(await say(session, 'MLST harbour/signals.txt', 250), /^250-.*\r\n type=file;size=303;modify=20260302090000;perm=r; \/harbour\/signals\.txt\r\n250/);
});

test('lists', async () => {
  const session = await login(server);
  for (const how of ['PASV', 'EPSV', 'EPSV 1']) assert.match(await get(session, 'LIST -al', how), /^drwxr-xr-x 1 portside portside +0 Mar +1 .* harbour\r\n[^]*-rw-r--r-- 1 portside portside +\d+ .* welcome\.txt\r\n/);
  assert.equal(await get(session, 'NLST harbour'), 'berths.txt\r\nsignals.txt\r\n');
  assert.equal(await get(session, 'NLST stories/s*'), 'slow-crane.txt\r\n');
  assert.match(await get(session, 'LIST welcome.txt'), /^-.* welcome\.txt\r\n$/);
  assert.match(await get(session, 'MLSD'), /^type=dir;modify=20260301080000;perm=el; harbour\r\n/);
  await say(session, 'PASV', 227);
  await say(session, 'LIST nowhere', 550);
});

test('reading: lines, bytes, and from the middle', async () => {
  const session = await login(server);
  const lines = await get(session, 'RETR stories/slow-crane.txt');
  assert.match(lines, /^The slow crane\r\n\r\nThere was/);
  await say(session, 'REST 4', 504);
  await say(session, 'TYPE I', 200);
  const bytes = await get(session, 'RETR stories/slow-crane.txt');
  assert.equal(bytes, lines.replaceAll('\r\n', '\n'));
  await say(session, 'REST 9', 350);
  assert.equal(await get(session, 'RETR stories/slow-crane.txt', 'EPSV'), bytes.slice(9));
  assert.equal(await get(session, 'RETR stories/slow-crane.txt'), bytes, 'REST holds once');
  await say(session, 'REST 100000', 350);
  assert.equal(await get(session, 'RETR stories/slow-crane.txt'), '');
  await passive(session);
  await say(session, 'RETR nowhere', 550);
  await say(session, 'RETR stories', 550);
});

test('active connections', async () => {
  const session = await login(server);
  for (const command of [GIVES, /** @param {number} port */ (port) => `EPRT |1|127.0.0.1|${port}|`]) {
    const listener = await active(session, command);
    const connected = once(listener, 'connection');
    await say(session, 'NLST harbour', 150);
    const [socket] = await connected;
    let text = '';
    for await (const bytes of socket) text += bytes;
    assert.equal(text, 'berths.txt\r\nsignals.txt\r\n');
    await hear(session, 226);
    listener.close();
  }
  for (const bad of ['PORT 10,0,0,9,20,20', 'PORT 127,0,0,1,0,25', 'PORT 127,0,0,1,300,1', 'PORT 127,0,0,1', 'PORT', 'EPRT |1|10.0.0.9|5000|', 'EPRT |1|127.0.0.1|80|', 'EPRT', 'EPRT |1|127.0.0.1']) await say(session, bad, 501);
  for (const bad of ['EPRT |3|x|5000|', 'EPRT |1|x|5000|', 'EPSV 3']) await say(session, bad, 522);
  const closed = await active(session, GIVES);
  closed.close();
  await once(closed, 'close');
  session.send('LIST\r\n');
  await session.expect(/425 .*\r\n/);
  await say(session, 'EPSV ALL', 200);
  await say(session, 'PASV', 501);
  await say(session, 'PORT 127,0,0,1,100,0', 501);
});

test('writing, as anonymous and as alice', limit, async () => {
  const guest = await login(server), alice = await login(server, 'alice');
  await put(guest, 'STOR incoming/new.txt', 'one\r\ntwo\rthree\r\n\r');
  await say(guest, 'TYPE I', 200);
  assert.equal(await get(guest, 'RETR incoming/new.txt'), 'one\ntwo\rthree\n\r', 'lines end in LF here');
  await passive(guest);
  for (const bad of ['STOR incoming/new.txt', 'APPE incoming/new.txt', 'STOR welcome.txt', 'STOR incoming/../x', 'DELE incoming/new.txt', 'MKD x', 'RMD stories', 'RNFR welcome.txt']) await say(guest, bad, 550);
  await say(alice, 'TYPE I', 200);
  await put(alice, 'STOR incoming/new.txt', 'ABCDEF');
  await put(alice, 'APPE incoming/new.txt', 'GH');
  await say(alice, 'REST 2', 350);
  await put(alice, 'STOR incoming/new.txt', 'cd');
  assert.equal(await get(alice, 'RETR incoming/new.txt'), 'ABcdEFGH');
  await say(alice, 'MKD box', 257);
  await say(alice, 'MKD box', 550);
  await put(alice, 'STOR box/a', '1');
  await say(alice, 'RNTO box/b', 503);
  await say(alice, 'RNFR box', 350);
  await say(alice, 'RNTO box/inside', 550);
  await say(alice, 'RNFR box', 350);
  await say(alice, 'RNTO chest', 250);
  assert.equal(await get(alice, 'NLST chest'), 'a\r\n');
  await say(alice, 'RMD chest', 550);
  await say(alice, 'DELE chest', 550);
  await say(alice, 'DELE chest/a', 250);
  await say(alice, 'RMD chest', 250);
  await say(alice, 'CWD chest', 550);
  await put(alice, 'STOR large', 'x'.repeat(5 << 20), 552);
  await say(alice, 'DELE large', 250);
});

test('a large file, and one reader that is stuck', limit, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ftp-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'large'), Buffer.alloc(20 << 20, 'portside'));
  const own = await startServer(t, 'ftp', folder);
  const stuck = await login(own), session = await login(own, 'alice');
  const data = await passive(stuck);
  data.stick();
  await say(stuck, 'RETR large', 150);
  await say(session, 'TYPE I', 200);
  assert.ok(await get(session, 'RETR large') === 'portside'.repeat(20 << 17));
  await say(stuck, 'LIST', 450);
  await say(stuck, 'STAT', 211);
  stuck.send('\xff\xf4\xff\xf2ABOR\r\n');
  await hear(stuck, 426);
  await hear(stuck, 226);
  await say(stuck, 'ABOR', 226);
  await put(session, 'STOR small', 'on disk');
  assert.equal(readFileSync(join(folder, 'small'), 'latin1'), 'on disk');
  await say(session, 'RNFR small', 350);
  await say(session, 'RNTO small2', 250);
  await say(session, 'MKD a', 257);
  assert.equal(await get(session, 'NLST'), 'a\r\nlarge\r\nsmall2\r\n');
  await say(session, 'RMD a', 250);
  await say(session, 'DELE small2', 250);
  await say(session, 'SIZE ../../etc/passwd', 550);
});

test('data connections that end, or come, when they should not', limit, async () => {
  const session = await login(server, 'alice');
  await say(session, 'TYPE I', 200);
  await put(session, 'STOR big', 'x'.repeat(4 << 20));
  let data = await passive(session);
  data.stick();
  await say(session, 'RETR big', 150);
  data.reset();
  await hear(session, 426);
  data = await passive(session);
  await say(session, 'STOR half', 150);
  data.send('half');
  data.reset();
  await hear(session, 426);
  const other = await login(server);
  data = await passive(other);
  await say(other, 'RETR big', 150);
  other.send('QUIT\r\n');
  assert.equal((await data.end()).length, 4 << 20);
  await hear(other, 226);
  await hear(other, 221);
  const gone = await login(server);
  data = await passive(gone);
  data.stick();
  await say(gone, 'RETR big', 150);
  gone.reset();
  await server.logged(/closed .*\n/);
  await say(await login(server), 'NOOP', 200);
});

testUnkindClients(server, { greeting: /^220 .*\r\n/, command: 'SYST', reply: /215 .*\r\n/, tooLong: /^500 .*long\r\n/, large: 'HELP\r\n' });

test('in the lab', limit, async (t) => {
  const { lab, talk, logged } = await startInLab(t, 'ftp', '21');
  const session = await talk();
  await session.expect(/^220 .*\r\n/);
  session.send('USER anonymous\r\nPASS x\r\nEPSV\r\n');
  const reply = await session.expect(/229 .*\r\n/);
  const port = /** @type {string} */ (reply.match(/\|\|\|(\d+)\|/)?.[1]);
  const out = collector();
  const data = await lab.spawn({ path: '/tmp/talk', argv: ['talk', 'carol', port], stdout: out, stderr: out });
  session.send('RETR harbour/signals.txt\r\n');
  await session.expect(/150 .*\r\n226 .*\r\n/);
  session.send('QUIT\r\n');
  await session.expect(/221 .*\r\n/);
  session.finish();
  assert.equal((await session.exited).code, 0);
  assert.equal((await data.exited).code, 0);
  assert.match(out.text, /^Signals on the quay\r\n/);
  await logged(/reads \/harbour\/signals\.txt\n/);
});
