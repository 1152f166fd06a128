import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const top = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** @param {number} [port] */
async function listenOn(port = 0) {
  const server = createServer().listen(port);
  await once(server, 'listening');
  return { port: /** @type {import('node:net').AddressInfo} */ (server.address()).port, close: () => server.close() };
}

async function freePort() {
  const { port, close } = await listenOn();
  close();
  return port;
}

/** @param {import('node:test').TestContext} t @param {string[]} args for make */
function make(t, ...args) {
  const command = ['--no-print-directory', 'serve', ...args];
  const child = spawn('make', command, { cwd: top, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-Number(child.pid), 'SIGKILL');
  });
  return child;
}

/** @param {import('node:stream').Readable} stream */
async function textOf(stream) {
  let text = '';
  for await (const piece of stream) text += piece;
  return text;
}

test('make serve makes nothing when all is built; Ctrl-C stops all of it', { timeout: 60_000 }, async (t) => {
  const port = await freePort();
  const child = make(t, `PORT=${port}`, `BRIDGE_PORT=${await freePort()}`);
  const exited = once(child, 'exit');
  const complaints = textOf(child.stderr);
  let serves = false;
  let bridge = '';
  for await (const line of createInterface({ input: child.stdout })) {
    assert.doesNotMatch(line, /^ {2}build\//);
    if (line.includes(`http://127.0.0.1:${port}/`)) serves = true;
    if (line.startsWith('bridge: ws://')) bridge = line;
    if (serves && bridge) break;
  }
  if (!serves) assert.fail(`it did not start: ${await complaints}`);
  const page = await (await fetch(`http://127.0.0.1:${port}/`)).text();
  assert.match(page, /<html/);
  const client = spawn(`${top}/build/native/lessons/tcp/simple/client`, ['127.0.0.1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  assert.equal(await textOf(client.stdout), 'thank you\r\n');

  process.kill(-Number(child.pid), 'SIGINT');
  await exited;
  for (const again of [port, 9999]) (await listenOn(again)).close();
});

test('a port that is in use is named, with what to do', { timeout: 60_000 }, async (t) => {
  const { port, close } = await listenOn();
  const child = make(t, `PORT=${port}`, `BRIDGE_PORT=${await freePort()}`);
  const [message, [status]] = await Promise.all([textOf(child.stderr), once(child, 'exit')]);
  close();
  assert.match(message, new RegExp(`port ${port}, for the site, is in use.*make serve PORT=`));
  assert.notEqual(status, 0);
});
