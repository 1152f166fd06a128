/** From a program in the page to a real server, by way of the bridge. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort, startBridge, tcpServer, until } from '../proxy/helper.js';
import { launch, openLesson, serveSite, top } from './page.js';

/** @typedef {import('node:test').TestContext} TestContext */

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serveSite>>} */
let site;

before(async () => {
  browser = await launch();
  site = await serveSite({ isolated: true });
});
after(async () => {
  await browser?.close();
  await site?.close();
});

/**
 * The lesson's server, built by gcc, on this machine.
 * @param {TestContext} t
 */
async function nativeServer(t) {
  const child = spawn(join(top, 'build/native/lessons/tcp/simple/server'), { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const server = { output: '' };
  child.stdout.on('data', (data) => { server.output += data; });
  await until(() => server.output !== '' || child.exitCode !== null);
  assert.equal(server.output, 'waiting on port 9999\n');
  return server;
}

test("the lesson's client reaches the lesson's server outside the lab", async (t) => {
  const native = await nativeServer(t);
  const bridge = await startBridge(t, '198.51.100.1:9999: 127.0.0.1:9999\n');
  const { client, close } = await openLesson(browser, site.url, { proxy: bridge.url });
  await client.type('./client server.outside 9999');
  await client.shows(/^thank you\nalice:~\$$/m);
  await until(() => /^connected 127\.0\.0\.1:\d+$/m.test(native.output));
  await client.type('./client 198.51.100.1 9999');
  await client.shows(/(thank you\n.*){2}alice:~\$$/s);
  await close();
});

test('outside, a connection fails as it would on Linux, and the terminal says what to do', async (t) => {
  const bridge = await startBridge(t, `198.51.100.1:9999: 127.0.0.1:${await freePort()}\n`);
  const { client, close } = await openLesson(browser, site.url, { proxy: bridge.url });
  await client.type('./client server.outside 9999');
  await client.shows(/^connect: Connection refused$/m);
  await client.type('./client server.outside 25');
  await client.shows(/198\.51\.100\.1:25[^]*^connect: Permission denied$/m);
  await bridge.kill();
  await client.type('./client server.outside 9999');
  await client.shows(/^connect: Network is unreachable$/m);
  await close();
});

test('without a bridge the network is unreachable, and the terminal says how to start one', async () => {
  const { client, close } = await openLesson(browser, site.url, { proxy: null });
  await client.type('./client server.outside 9999');
  await client.shows(/no bridge to the outside[^]*^connect: Network is unreachable$/m);
  await close();
});

test('a bridge that goes away in mid-stream: every byte that came is printed, then the error', async (t) => {
  const { port } = await tcpServer(t, (socket) => socket.write('the first half, '));
  const bridge = await startBridge(t, `198.51.100.1:9999: 127.0.0.1:${port}\n`);
  // Between the page and the bridge, to see what has come out of the bridge.
  let passed = '';
  const relay = await tcpServer(t, (fromPage) => {
    const toBridge = connect(Number(new URL(bridge.url).port), '127.0.0.1');
    toBridge.on('data', (bytes) => { passed += bytes.toString('latin1'); });
    toBridge.on('error', () => {});
    fromPage.pipe(toBridge).pipe(fromPage);
  });
  const { client, close } = await openLesson(browser, site.url, { proxy: `ws://127.0.0.1:${relay.port}` });
  await client.type('./client server.outside 9999');
  await until(() => passed.includes('the first half, '));
  await bridge.kill();
  const text = await client.shows(/^recv: Connection reset by peer$/m);
  assert.match(text, /the first half, /); // after the error: it ends no line, and stderr does not wait
  await close();
});
