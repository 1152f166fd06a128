// The bridge's command line, and what it answers to clients that are not ours.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { allowList, BRIDGE, PYTHON, runBridge, startBridge, tcpServer } from './helper.js';

/**
 * Opens a WebSocket and waits for its end.
 * @param {string} url
 * @param {{ origin?: string }} [options]
 * @param {(ws: WebSocket) => void} [onFirst]  called at the first message
 */
async function visit(url, options = {}, onFirst = () => {}) {
  const ws = new WebSocket(url, ['binary'], options);
  /** @type {Buffer[]} */
  const messages = [];
  ws.on('message', (/** @type {Buffer} */ data) => {
    if (messages.push(data) === 1) onFirst(ws);
  });
  const [code, reason] = await once(ws, 'close');
  return { code, reason: String(reason), messages };
}

test('a command line or allow-list that is wrong: one message that says what to do', async (t) => {
  const good = allowList(t, '198.51.100.1:9999: 127.0.0.1:9999\n');
  const busy = net.createServer().listen(0, '127.0.0.1');
  await once(busy, 'listening');
  t.after(() => busy.close());
  const { port } = /** @type {net.AddressInfo} */ (busy.address());
  /** @param {string} text */
  const withTargets = (text) => ['--listen', '127.0.0.1:0', '--targets', allowList(t, text)];
  /** @type {[string[], RegExp][]} */
  const cases = [
    [['--nonsense'], /unrecognized arguments: --nonsense/],
    [['--listen', '8001'], /--listen 8001: give ADDRESS:PORT, as in 127\.0\.0\.1:8001/],
    [['--listen', '127.0.0.1:99999'], /give ADDRESS:PORT/],
    [['--dial-timeout', '-1'], /give a number of seconds above 0/],
    [['--targets', '/nowhere', '--listen', '127.0.0.1:0'], /cannot read the allow-list \/nowhere/],
    [['--targets', good, '--listen', `127.0.0.1:${port}`], /in use: stop the program .* or give another port/],
    [['--targets', good, '--listen', '203.0.113.77:8001'], /cannot listen on 203\.0\.113\.77:8001/],
    [withTargets('# fine\n198.51.100.1:9999 127.0.0.1:9999'), /:2: "198.*" is not HOST:PORT: HOST:PORT/],
    [withTargets('198.51.100.1:9999: 127.0.0.1'), /:1: .* is not/],
    [withTargets('198.51.100.1:9999: 127.0.0.1:0'), /:1: .* is not/],
    [withTargets('server:9999: 127.0.0.1:9999\nSERVER:9999'), /:2: server:9999 is listed twice/],
    [withTargets('198.51.100.1:9999: a b:9999'), /:1: .* is not/],
    [withTargets('www.example.org'), /:1: .* and not HOST:PORT, as in/],
    [withTargets('198.51.100.1:9: a:9\n198.51.100.1:9: b:9'), /:2: 198\.51\.100\.1:9 is listed twice/],
    [withTargets('\xff\x00\n'), /:1: .* is not/],
  ];
  for (const [args, message] of cases) {
    const { code, output } = await runBridge(args);
    assert.notEqual(code, 0, args.join(' '));
    assert.match(output, message);
    assert.doesNotMatch(output, /Traceback/);
  }
});

test('numpy is used, and a Python without it or without websockify is told so', (t) => {
  const folder = allowList(t, '').replace(/targets$/, '');
  /** @param {string} name */
  const hide = (name) => writeFileSync(`${folder}${name}.py`, 'raise ImportError("hidden by the test")');
  const run = () => spawnSync(PYTHON, [BRIDGE, '--listen', '127.0.0.1:0', '--targets', '/nowhere'],
    { encoding: 'utf8', env: { ...process.env, PYTHONPATH: folder } });
  assert.match(run().stderr, /cannot read the allow-list/); // so it got past the check for numpy
  hide('numpy');
  assert.match(run().stderr, /no numpy, .*apt install websockify python3-numpy/);
  hide('websockify');
  assert.match(run().stderr, /no websockify: .*apt install websockify python3-numpy/);
});

test('the allow-list that ships holds the lab servers, on this machine only', () => {
  const lines = readFileSync(new URL('../../proxy/targets', import.meta.url), 'utf8').split('\n');
  for (const line of lines.filter((text) => text && !text.startsWith('#'))) {
    assert.match(line, /^198\.51\.100\.1:\d+: 127\.0\.0\.1:\d+$/);
  }
});

test('nothing that is not allowed is dialled', async (t) => {
  const server = await tcpServer(t, (socket) => socket.end('secret'));
  const bridge = await startBridge(t, `198.51.100.1:9999: 127.0.0.1:${server.port}\n`);
  const here = encodeURIComponent(`127.0.0.1:${server.port}`);
  for (const query of ['', '/', '/?token=', `/?token=${here}`, `/?target=${here}`, '/?token=198.51.100.1',
    '/?token=198.51.100.1:9999%0A', '/?token=198.51.100.1:9999%20', '/?token=198.51.100.2:9999']) {
    const { code, reason, messages } = await visit(bridge.url + query);
    assert.deepEqual([query, code, reason, messages.length], [query, 4000, 'EACCES', 0]);
  }
  assert.equal(server.connections, 0);
  const allowed = await visit(`${bridge.url}/?token=198.51.100.1:9999`, {}, (ws) => ws.send(new Uint8Array(0)));
  assert.equal(String(Buffer.concat(allowed.messages)), 'secret');
  assert.equal(allowed.code, 1000);
  assert.equal(server.connections, 1);
});

test('an edit of the allow-list counts at once, and a bad one shuts everybody out', async (t) => {
  const server = await tcpServer(t, (socket) => socket.end('hello'));
  const bridge = await startBridge(t, '# nothing yet\n');
  const url = `${bridge.url}/?token=198.51.100.7:80`;
  const ask = () => visit(url, {}, (ws) => ws.send(new Uint8Array(0)));
  assert.equal((await ask()).reason, 'EACCES');
  writeFileSync(bridge.path, `198.51.100.7:80: 127.0.0.1:${server.port}\n`);
  assert.equal((await ask()).code, 1000);
  writeFileSync(bridge.path, `198.51.100.7:80: 127.0.0.1:${server.port}\nnonsense\n`);
  assert.match((await ask()).reason, /^EACCES its allow-list has a mistake/);
  assert.match(bridge.log, /:2: "nonsense" is not HOST:PORT: HOST:PORT/);
});

test('pages of other sites may not use the bridge unless they are named', async (t) => {
  const server = await tcpServer(t, (socket) => socket.end('hello'));
  const bridge = await startBridge(t, `198.51.100.1:9999: 127.0.0.1:${server.port}\n`,
    ['--origin', 'https://course.example']);
  const url = `${bridge.url}/?token=198.51.100.1:9999`;
  /** @param {string} origin */
  const ask = (origin) => visit(url, { origin }, (ws) => ws.send(new Uint8Array(0)));
  for (const origin of ['http://localhost:8000', 'http://127.0.0.1', 'http://[::1]:8000', 'https://course.example']) {
    assert.equal((await ask(origin)).code, 1000, origin);
  }
  const before = server.connections;
  for (const origin of ['https://other.example', 'https://course.example.other.example', 'null', 'http://[::1',
    'http://localhost.other.example', 'http://course.example', 'https://course.example:444',
    `https://${'x'.repeat(200)}.example`, 'https://\xe9\xe9\xe9']) {
    const { code, reason } = await ask(origin);
    assert.deepEqual([origin, code], [origin, 4000]);
    assert.match(reason, /^EACCES it does not know this page: start it with --origin /);
  }
  assert.equal(server.connections, before);
});

test('plain HTTP and nonsense do no harm', async (t) => {
  const server = await tcpServer(t, (socket) => socket.end('hello'));
  const bridge = await startBridge(t, `198.51.100.1:9999: 127.0.0.1:${server.port}\n`);
  const { port } = new URL(bridge.url);
  const [response] = await once(http.get(`${bridge.url.replace('ws:', 'http:')}/etc/passwd`), 'response');
  assert.equal(response.statusCode, 405);
  response.resume();
  for (const bytes of ['\x16\x03\x01 hello', 'GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n', '\r\n\r\n', '\0\0\0\0']) {
    const socket = net.connect(Number(port), '127.0.0.1').on('error', () => {});
    socket.end(bytes, 'latin1');
    socket.resume();
    await new Promise((resolve) => socket.on('close', resolve));
  }
  const { code, messages } = await visit(`${bridge.url}/?token=198.51.100.1:9999`, {},
    (ws) => ws.send(new Uint8Array(0)));
  assert.deepEqual([code, String(Buffer.concat(messages))], [1000, 'hello']);
  assert.doesNotMatch(bridge.log, /Traceback/);
});
