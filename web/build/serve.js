/**
 * make serve: the site, the bridge and the lab's servers on this machine, until Ctrl-C.
 *     PORT (8000) and BRIDGE_PORT (8001) in the environment choose other ports.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serveStatic } from './static.js';

const top = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const host = '127.0.0.1';

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(`serve: ${message}`);
  process.exit(1);
}

/** @param {string} name @param {number} otherwise */
function portFrom(name, otherwise) {
  const port = Number(process.env[name] || otherwise);
  return Number.isInteger(port) && port > 0 && port < 65536
    ? port
    : fail(`${name}=${process.env[name]} is not a port: give a number from 1 to 65535`);
}

/**
 * Ends with a message that says what to do, unless somebody can listen on this port.
 * @param {number} port @param {string} what @param {string} remedy
 */
async function mustBeFree(port, what, remedy) {
  const probe = createServer();
  const error = await new Promise((done) => {
    probe.once('error', done);
    probe.listen(port, () => done(null));
  });
  if (error?.code === 'EADDRINUSE')
    fail(`port ${port}, for ${what}, is in use. Stop the program that has it${remedy}.`);
  if (error) fail(`cannot listen on port ${port}, for ${what}: ${error.message}`);
  await new Promise((closed) => probe.close(closed));
}

/** @type {import('node:child_process').ChildProcess[]} */
const children = [];
let stopping = false;

/** @param {number} status */
function stop(status) {
  stopping = true;
  for (const child of children) child.kill();
  process.exit(status);
}

/**
 * Starts a program that is to run as long as this one.
 * @param {string} name @param {string[]} command
 */
function start(name, [program, ...args]) {
  const child = spawn(program, args, { cwd: top, stdio: ['ignore', 'inherit', 'inherit'] });
  children.push(child);
  const ended = (/** @type {unknown} */ why) => {
    if (stopping) return;
    console.error(`serve: ${name} ended (${why}); stopping the rest`);
    stop(1);
  };
  child.on('error', (error) => ended(error.message));
  child.on('exit', (code, signal) => ended(signal ?? `status ${code}`));
}

const port = portFrom('PORT', 8000);
const bridgePort = portFrom('BRIDGE_PORT', 8001);
const labServers = [{ name: 'server', program: 'build/native/lessons/tcp/simple/server', port: 9999 }]
  .filter(({ program }) => existsSync(resolve(top, program))); // not of another course

await mustBeFree(port, 'the site', ', or choose another one: make serve PORT=8080');
await mustBeFree(bridgePort, 'the bridge', ', or choose another one: make serve BRIDGE_PORT=8081');
for (const { name, port: itsPort } of labServers)
  await mustBeFree(itsPort, `the lab's ${name}`, '');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0));
for (const { name, program } of labServers) start(name, [program]);
start('the bridge', [
  '/usr/bin/python3',
  'proxy/bridge.py',
  '--listen',
  `${host}:${bridgePort}`,
  '--targets',
  'proxy/targets',
]);
const config = { proxy: `:${bridgePort}` };
const { url } = await serveStatic({ root: resolve(top, 'build/site'), port, host, config });
console.log(`Portside is at ${url}   (Ctrl-C stops it)`);
