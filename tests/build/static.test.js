import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { serveStatic } from '../../web/build/static.js';

/** @type {string} */
let folder;
/** @type {Awaited<ReturnType<typeof serveStatic>>} */
let server;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portside-'));
  await mkdir(join(folder, 'site/part'), { recursive: true });
  await writeFile(join(folder, 'site/index.html'), 'home');
  await writeFile(join(folder, 'site/part/index.html'), 'part');
  await writeFile(join(folder, 'site/kernel.wasm'), 'wasm');
  await writeFile(join(folder, 'secret'), 'secret');
  server = await serveStatic({ root: join(folder, 'site') });
});

after(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

/** Asks for a path exactly as it is written. @param {string} path @param {string} [method] */
async function ask(path, method = 'GET') {
  const { hostname, port } = new URL(server.url);
  /** @type {import('node:http').IncomingMessage} */
  const response = await new Promise((done, failed) =>
    request({ hostname, port, path, method }, done).on('error', failed).end(),
  );
  let body = '';
  for await (const piece of response) body += piece;
  return { status: response.statusCode, headers: response.headers, body };
}

test('a file comes with its type and the headers for shared memory', async () => {
  const { status, headers, body } = await ask('/kernel.wasm');
  assert.equal(status, 200);
  assert.equal(body, 'wasm');
  assert.equal(headers['content-type'], 'application/wasm');
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
  assert.equal(headers['cross-origin-embedder-policy'], 'require-corp');
});

test('without isolation those headers are missing', async () => {
  const plain = await serveStatic({ root: join(folder, 'site'), isolated: false });
  const { headers } = await fetch(plain.url);
  assert.equal(headers.get('cross-origin-opener-policy'), null);
  await plain.close();
});

test('a folder is its index.html, and its address ends with a slash', async () => {
  assert.equal((await ask('/')).body, 'home');
  const { status, headers } = await ask('/part?x=1');
  assert.deepEqual([status, headers.location], [301, './part/?x=1']);
  assert.equal((await ask('/part/')).body, 'part');
});

test('a file that has not changed is not sent again', async () => {
  const first = await fetch(server.url);
  const headers = { 'If-None-Match': first.headers.get('etag') ?? '' };
  assert.equal((await fetch(server.url, { headers })).status, 304);
  await writeFile(join(folder, 'site/index.html'), 'new home');
  assert.equal(await (await fetch(server.url, { headers })).text(), 'new home');
});

test('nothing outside the folder is served', async () => {
  for (const path of ['/../secret', '/%2e%2e/secret', '/part/../../secret', '/..%2fsecret', '/%00', '/%zz'])
    assert.equal((await ask(path)).status, 404, path);
});

test('only GET and HEAD', async () => {
  assert.equal((await ask('/', 'POST')).status, 405);
  const { status, headers, body } = await ask('/kernel.wasm', 'HEAD');
  assert.deepEqual([status, headers['content-length'], body], [200, '4', '']);
});
