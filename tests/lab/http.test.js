/** The HTTP server: well-behaved clients, hostile ones, and Node's own. */
import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { dial, startInLab, startServer } from './session.js';

const server = await startServer({ after }, 'http');
const limit = { timeout: 120_000 };
const HOST = 'Host: x\r\n';

/**
 * The first answer on a connection: read as a client has to, by its length or its chunks.
 * @param {Awaited<ReturnType<typeof server.dial>>} session
 * @param {string} [method]
 */
async function read(session, method = 'GET') {
  const head = await session.expect('\r\n\r\n');
  const [first, ...fields] = head.trimEnd().split('\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3}) [A-Z]/.exec(first)?.[1]);
  /** @type {Record<string, string>} */
  const of = Object.fromEntries(fields.map((field) => [field.split(': ', 1)[0].toLowerCase(), field.slice(field.indexOf(': ') + 2)]));
  let body = '';
  if (method === 'HEAD' || status === 304 || status === 100) return { status, of, body };
  if (of['content-length']) body = await session.take(Number(of['content-length']));
  else if (of['transfer-encoding']) for (;;) {
    const size = parseInt(await session.expect('\r\n'), 16);
    body += await session.take(size);
    assert.equal(await session.take(2), '\r\n');
    if (!size) break;
  } else body = await session.end();
  return { status, of, body };
}

/** One request on a connection of its own, after which the server or we close. @param {string} text @param {number} [port] */
async function ask(text, port) {
  const session = await (port ? dial(port) : server.dial());
  session.send(text);
  const answer = await read(session, text.split(' ', 1)[0]);
  session.finish();
  assert.equal(await session.end(), '', 'nothing after the answer');
  return answer;
}

test('pages, and that the links of the index lead somewhere', async () => {
  const index = await ask(`GET / HTTP/1.1\r\n${HOST}\r\n`);
  assert.equal(index.status, 200);
  assert.match(index.of.date, /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  assert.match(index.of['content-type'], /^text\/html/);
  const links = [...index.body.matchAll(/href="([^"]+)"/g)].map(([, path]) => path);
  assert.ok(links.length >= 6);
  for (const path of links) assert.ok([200, 301].includes((await ask(`HEAD ${path} HTTP/1.1\r\n${HOST}\r\n`)).status), path);
});

test('HEAD says what GET would, without the content', async () => {
  const get = await ask(`GET /tide.html HTTP/1.1\r\n${HOST}\r\n`), head = await ask(`HEAD /tide.html HTTP/1.1\r\n${HOST}\r\n`);
  assert.deepEqual({ ...head.of, date: '' }, { ...get.of, date: '' });
  assert.equal(get.body.length, Number(get.of['content-length']));
});

test('many requests in one segment are answered in turn; then the last is asked for', async () => {
  const session = await server.dial();
  session.send(`GET /ports.html HTTP/1.1\r\n${HOST}\r\nPOST /echo HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhelloGET /chunked HTTP/1.1\nHost: x\n\n`
    + `\r\nHEAD /slow HTTP/1.1\r\n${HOST}\r\nGET /no HTTP/1.1\r\n${HOST}\r\nGET /old HTTP/1.1\r\n${HOST}Connection: foo, Close\r\n\r\nGET / HTTP/1.1\r\n${HOST}\r\n`);
  assert.match((await read(session)).body, /berth/);
  assert.equal((await read(session)).body, 'hello');
  const chunked = await read(session);
  assert.equal(chunked.of['transfer-encoding'], 'chunked');
  assert.match(chunked.body, /^A ship.*\n.*\n.*\n.*that was all\.\n$/);
  assert.equal((await read(session, 'HEAD')).of['transfer-encoding'], 'chunked');
  assert.equal((await read(session)).status, 404);
  const old = await read(session);
  assert.deepEqual([old.status, old.of.location, old.of.connection], [301, '/', 'close']);
  assert.equal(await session.end(), '');
});

test('a byte at a time, content in chunks with extensions and a trailer', async () => {
  const session = await server.dial();
  await session.sendSlowly(`POST /echo HTTP/1.1\r\n${HOST}Content-Type: text/x\r\nTransfer-Encoding: Chunked\r\n\r\n5;a="b"\r\nhello\r\n00a\r\n, 10 bytes\r\n0\r\nT: x\r\n\r\n`);
  const { status, of, body } = await read(session);
  assert.deepEqual([status, of['content-type'], body], [200, 'text/x', 'hello, 10 bytes']);
  await session.sendSlowly(`GET /style.css HTTP/1.1\r\n${HOST}\r\n`);
  assert.match((await read(session)).of['content-type'], /^text\/css/);
  session.reset();
});

test('what is wrong with a request', async () => {
  const long = 'x'.repeat(9000), get = 'GET / HTTP/1.1\r\n', post = `POST /echo HTTP/1.1\r\n${HOST}`;
  for (const [status, text] of /** @type {[number, string][]} */ ([
    [400, 'hello\r\n\r\n'], [400, 'GET /\r\n\r\n'], [400, `GET  / HTTP/1.1\r\n${HOST}\r\n`], [400, `GET / HTTP/1.1 \r\n${HOST}\r\n`], [400, `GET x HTTP/1.1\r\n${HOST}\r\n`],
    [400, `GET /%zz HTTP/1.1\r\n${HOST}\r\n`], [400, `GET /%00 HTTP/1.1\r\n${HOST}\r\n`], [400, `GET /\0 HTTP/1.1\r\n${HOST}\r\n`], [400, `G@T / HTTP/1.1\r\n${HOST}\r\n`],
    [400, `${get}\r\n`], [400, `${get}${HOST}${HOST}\r\n`], [400, `${get}${HOST}no colon\r\n\r\n`], [400, `${get}${HOST}Name : x\r\n\r\n`], [400, `${get}${HOST} folded\r\n\r\n`],
    [400, `${get}${HOST}A: \x01\r\n\r\n`], [400, `${post}Content-Length: +5\r\n\r\nhello`], [400, `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
    [400, `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nhello`], [400, `${post}Transfer-Encoding: chunked\r\n\r\nxyz\r\n`],
    [400, `${post}Transfer-Encoding: chunked\r\n\r\n-1\r\n`], [400, `${post}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n`], [400, `${post}Transfer-Encoding: chunked\r\n\r\n${long}`],
    [411, `${post}\r\n`], [413, `${post}Content-Length: 65537\r\n\r\n`], [413, `${post}Content-Length: 99999999999999999999999\r\n\r\n`],
    [413, `${post}Transfer-Encoding: chunked\r\n\r\n10001\r\n`], [400, `${post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n`],
    [414, `GET /${long}`], [414, `GET /${'x'.repeat(1100)} HTTP/1.1\r\n${HOST}\r\n`], [417, `${get}${HOST}Expect: cake\r\n\r\n`],
    [431, `${get}${HOST}X: ${long}`], [431, get + 'X: y\r\n'.repeat(200)], [431, `${post}Transfer-Encoding: chunked\r\n\r\n0\r\n${'X: y\r\n'.repeat(200)}`],
    [501, `BREW / HTTP/1.1\r\n${HOST}\r\n`], [501, `${post}Transfer-Encoding: gzip\r\n\r\n`], [505, `GET / HTTP/2.0\r\n${HOST}\r\n`],
  ])) {
    const session = await server.dial();
    session.send(text);
    const answer = await read(session);
    assert.deepEqual([answer.status, answer.of.connection], [status, 'close'], JSON.stringify(text.slice(0, 100)));
    assert.equal(await session.end(), '');
  }
});

test('what is not here, and what cannot be done with it, ends nothing', async () => {
  const session = await server.dial();
  for (const [line, status, allow] of [
    ['GET /nothing', 404], ['POST /nothing', 404], ['GET /../etc/passwd', 404], ['POST /', 405, 'GET, HEAD'], ['GET /echo', 405, 'POST'], ['DELETE /', 405, 'GET, HEAD'],
    ['OPTIONS *', 405, 'GET, HEAD'], ['GET /%69ndex.html?x=%zz', 200], ['GET http://x/ports.html', 200], ['GET http://x', 200],
  ]) {
    session.send(`${line} HTTP/1.1\r\n${HOST}Content-Length: 3\r\n\r\nabc`);
    const answer = await read(session);
    assert.deepEqual([answer.status, answer.of.allow], [status, allow], String(line));
  }
  session.reset();
});

test('HTTP/1.0: no chunks, no Host needed; stays if asked to', async () => {
  const chunked = await ask('GET /chunked HTTP/1.0\r\n\r\n');
  assert.deepEqual([chunked.of['transfer-encoding'], chunked.of.connection], [undefined, 'close']);
  assert.match(chunked.body, /^A ship[^]*that was all\.\n$/);
  const session = await server.dial();
  session.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /no HTTP/1.0\r\n\r\n');
  assert.equal((await read(session)).of.connection, 'keep-alive');
  assert.equal((await read(session)).status, 404);
  assert.equal(await session.end(), '');
});

test('conditional requests', async () => {
  const { of } = await ask(`GET / HTTP/1.1\r\n${HOST}\r\n`);
  const get = async (/** @type {string} */ fields) => (await ask(`GET / HTTP/1.1\r\n${HOST}${fields}\r\n\r\n`)).status;
  const time = +new Date(of['last-modified']), old = new Date(time - 1000).toUTCString();
  assert.equal(await get(`If-None-Match: ${of.etag}`), 304);
  assert.equal(await get(`If-None-Match: "x", W/${of.etag}`), 304);
  assert.equal(await get('If-None-Match: *'), 304);
  assert.equal(await get(`If-None-Match: "x"\r\nIf-Modified-Since: ${of['last-modified']}`), 200);
  assert.equal(await get(`If-Modified-Since: ${of['last-modified']}`), 304);
  assert.equal(await get(`If-Modified-Since: ${old}`), 200);
  for (const [date, status] of [['Sun Nov  6 08:49:37 2094', 304], ['Sunday, 06-Nov-44 08:49:37 GMT', 304], ['Sunday, 06-Nov-94 08:49:37 GMT', 200], ['tomorrow', 200]])
    assert.equal(await get(`If-Modified-Since: ${date}`), status, String(date));
  assert.equal((await ask(`GET /ports.html HTTP/1.1\r\n${HOST}If-None-Match: ${of.etag}\r\n\r\n`)).status, 200);
});

test('ranges', async () => {
  const { body: all, of } = await ask(`GET /tide.html HTTP/1.1\r\n${HOST}\r\n`);
  for (const [range, from, to] of /** @type {[string, number, number][]} */ ([
    ['0-0', 0, 1], ['5-9', 5, 10], ['10-', 10, all.length], ['-7', all.length - 7, all.length], ['3-999999', 3, all.length], ['-999999', 0, all.length],
  ])) {
    const part = await ask(`GET /tide.html HTTP/1.1\r\n${HOST}Range: bytes=${range}\r\n\r\n`);
    assert.deepEqual([part.status, part.of['content-range'], part.body], [206, `bytes ${from}-${to - 1}/${all.length}`, all.slice(from, to)], range);
  }
  for (const range of ['999999-', '-0', '999999-9999999']) {
    const none = await ask(`GET /tide.html HTTP/1.1\r\n${HOST}Range: bytes=${range}\r\n\r\n`);
    assert.deepEqual([none.status, none.of['content-range']], [416, `bytes */${all.length}`], range);
  }
  for (const field of ['Range: bytes=0-1,3-4', 'Range: lines=0-1', 'Range: bytes=5-4', 'Range: bytes=', 'Range: bytes=-', 'Range: bytes=0-1\r\nIf-Range: "x"'])
    assert.equal((await ask(`GET /tide.html HTTP/1.1\r\n${HOST}${field}\r\n\r\n`)).status, 200, field);
  assert.equal((await ask(`GET /tide.html HTTP/1.1\r\n${HOST}Range: bytes=0-1\r\nIf-Range: ${of.etag}\r\n\r\n`)).status, 206);
});

test('100 Continue before content, when it is waited for', async () => {
  const session = await server.dial();
  session.send(`POST /echo HTTP/1.1\r\n${HOST}Content-Length: 5\r\nExpect: 100-continue\r\n\r\n`);
  assert.equal((await read(session)).status, 100);
  session.send('hello');
  assert.equal((await read(session)).body, 'hello');
  session.reset();
});

test('50 slow ones at once, one stuck, some gone in the middle, and nobody waits for them', limit, async () => {
  const stuck = await server.dial();
  stuck.stick();
  for (let i = 0; i < 2000; i++) stuck.send(`GET /ports.html HTTP/1.1\r\n${HOST}\r\n`);
  const slow = await Promise.all(Array.from({ length: 50 }, () => server.dial()));
  for (const session of slow) session.send(`GET /slow HTTP/1.1\r\n${HOST}\r\nGET /no HTTP/1.1\r\n${HOST}\r\n`);
  for (const session of slow) await session.expect('(the light turns)');
  assert.equal((await ask(`GET / HTTP/1.1\r\n${HOST}\r\n`)).status, 200);
  slow.slice(0, 25).forEach((session) => session.reset());
  for (const half of ['GET / HT', `GET / HTTP/1.1\r\nHo`, `POST /echo HTTP/1.1\r\n${HOST}Content-Length: 9\r\n\r\nhalf`]) {
    const session = await server.dial();
    session.send(half);
    session.finish();
    assert.equal(await session.end(), '');
  }
  for (const session of slow.slice(25)) {
    await session.expect('0\r\n\r\n');
    assert.equal((await read(session)).status, 404);
    session.reset();
  }
  stuck.reset();
});

test("Node's client, over connections that it keeps", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 });
  const post = (/** @type {string} */ text) => new Promise((resolve, reject) => {
    const r = request({ port: server.port, host: '127.0.0.1', path: '/echo', method: 'POST', agent }, (answer) => {
      let all = '';
      answer.on('data', (bytes) => { all += bytes; }).on('end', () => resolve(all));
    });
    r.on('error', reject);
    r.write(text.slice(0, 10)); // so that it sends chunks
    r.end(text.slice(10));
  });
  const texts = Array.from({ length: 30 }, (_, i) => `${i} `.repeat(i * 100 + 20));
  assert.deepEqual(await Promise.all(texts.map(post)), texts);
  agent.destroy();
});

test('a folder', limit, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'http-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'a b'));
  const big = 'big '.repeat(1 << 20);
  for (const [name, text] of [['index.html', 'home'], ['a b/index.html', 'inner'], ['empty.txt', ''], ['big.bin', big], ['.secret', 'no']]) writeFileSync(join(folder, name), text);
  const { port } = await startServer(t, 'http', folder);
  const get = (/** @type {string} */ path, fields = '') => ask(`GET ${path} HTTP/1.1\r\n${HOST}${fields}\r\n`, port);
  assert.equal((await get('/')).body, 'home');
  assert.equal((await get('/a%20b')).of.location, '/a%20b/');
  assert.equal((await get('//a%20b')).of.location, '/a%20b/');
  assert.equal((await get('/a%20b/')).body, 'inner');
  assert.equal((await get('/empty.txt')).of['content-length'], '0');
  assert.ok((await get('/big.bin')).body === big);
  assert.equal((await get('/big.bin', 'Range: bytes=4194300-\r\n')).body, 'big ');
  for (const path of ['/.secret', '/../etc/passwd', '/a%20b/%2e%2e/%2e%2e/etc/passwd', '/none', '/empty.txt/', '/index.html/']) assert.equal((await get(path)).status, 404, path);
  assert.match((await get('/chunked')).body, /^A ship/);
  const stuck = await dial(port);
  stuck.stick();
  stuck.send(`GET /big.bin HTTP/1.1\r\n${HOST}\r\n`.repeat(20));
  assert.ok((await get('/big.bin')).body === big);
  stuck.reset();
});

test('in the lab', limit, async (t) => {
  const { talk, logged } = await startInLab(t, 'http', '80');
  const client = await talk();
  client.send(`GET / HTTP/1.1\r\n${HOST}\r\nPOST /echo HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`);
  await client.expect(/^HTTP\/1\.1 200 OK\r\n[^]*small harbour[^]*<\/html>\nHTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nhello$/);
  client.send(`GET /slow HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
  await client.expect(/2 \*\n/);
  client.send('more');
  await client.expect(/10 \*\n\r\n0\r\n\r\n$/);
  client.finish();
  assert.equal((await client.exited).code, 0);
  await logged(/POST \/echo 200\n[^]*GET \/slow 200/);
});
