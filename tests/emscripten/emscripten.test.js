/**
 * The socket programs that come with Emscripten, unmodified, in the lab: client against server, on
 * one host. rules.mk builds them. Left out: those that want a name of the outside world
 * (getaddrinfo, gethostbyname, getnameinfo), ENet's, whose library the package does not have, those
 * for a browser's own interfaces (webrtc, send_while_connecting, sdl2), and two that hold what no
 * Linux does: getprotobyname (there are two protocols in the world) and
 * select_server_closes_connection (a select without a time limit does not wait).
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Lab } from '../../web/runtime/lab.js';

/** @param {string} name */
const program = (name) => fileURLToPath(new URL(`../../build/tests/emscripten/${name}.wasm`, import.meta.url));

/**
 * Starts one of the programs; what it prints, on either output, is its `text()`.
 * @param {Lab} lab @param {string} name @param {string[]} args
 */
async function start(lab, name, ...args) {
  const path = `/tmp/${name}`;
  let text = '';
  const out = { onData: (/** @type {Uint8Array} */ bytes, /** @type {() => void} */ done) => ((text += Buffer.from(bytes)), done()) };
  await lab.install(path, readFileSync(program(name)));
  const process = await lab.spawn({ path, argv: [path, ...args], stdout: out, stderr: out });
  return { ...process, text: () => text };
}

/** @typedef {Awaited<ReturnType<typeof start>>} Started */

/**
 * Runs a client, against a server if there is one.
 * @param {string} client
 * @param {string} [server]
 * @param {(server: Started, lab: Lab) => Promise<unknown>} [ready]  when the client may begin
 */
async function run(client, server, ready = ({ slept }) => slept) {
  const lab = await Lab.boot({ onFailure: (message) => assert.fail(message) });
  try {
    const serving = server ? await start(lab, server) : undefined;
    if (serving) await ready(serving, lab);
    const asking = await start(lab, client);
    const { code, signal } = await asking.exited;
    serving?.kill('SIGKILL');
    await serving?.exited;
    return { code, signal, text: asking.text() };
  } finally {
    lab.shutdown();
  }
}

const echoed = ['do_msg_write: wrote 14 bytes 14', 'do_msg_read: allocating 14 bytes for message', 'do_msg_read: read 14 bytes'];

for (const server of ['echo_server', 'echo_accept_server', 'echo_closing_server'])
  test(`an echo client against ${server}`, async () => {
    const { code, text } = await run('echo_client', server);
    for (const line of echoed) assert.ok(text.includes(line), text);
    assert.match(text, /got \(expected\) socket: 127\.0\.0\.1:\d+ \(0\.0\.0\.0:0\)/);
    assert.equal(code, 0);
  });

test('an echo client that asserts that it has no address of its own finds, as on Linux, that it has', async () => {
  const { signal, text } = await run('echo_asserting_client', 'echo_server');
  assert.match(text, /Assertion .*strlen\(buffer\) == strlen\(correct\)/);
  assert.equal(signal, 6);
});

test('a datagram echo client against its server, which never waits', async () => {
  const bound = async (/** @type {Started} */ _, /** @type {Lab} */ lab) => (await start(lab, 'bound', '49161')).exited;
  const { code, text } = await run('echo_dgram_client', 'echo_dgram_server', bound);
  for (const line of echoed) assert.ok(text.includes(line), text);
  assert.equal(code, 0);
});

test('a client that reads what a server sent in nine pieces', async () => {
  const { code, text } = await run('partial_client', 'partial_server');
  assert.equal(text.match(/^got /gm)?.length, 9);
  assert.equal(code, 165, text);
});

test('select, when the server is down, and runs in circles', async () => {
  const { code, text } = await run('down_client', 'down_server', async () => {});
  assert.match(text, /failed as expected/);
  assert.equal(code, 266 & 255);
});

for (const name of ['getsockname_addrlen', 'sin_zero', 'create_socket'])
  test(name, { skip: !existsSync(program(name)) && 'this version of Emscripten does not have it' }, async () => {
    const { code, text } = await run(name);
    assert.match(text, /success/);
    assert.equal(code, 0);
  });
