/**
 * make bench: what the lab costs, beside Linux in the same run. Prints a table and writes
 * build/bench.json. node tests/bench/run.js [--quick] [--only lab|views|sockets|processes|bridge|visit|edit] [--out FILE]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBrowser } from './browser.js';
import { bootLab, PROGRAMS } from './lab.js';
import { compileAndRun, run, startBridge, startServer } from './native.js';

const top = new URL('../../', import.meta.url).pathname;
const { values: options } = parseArgs({ options: {
  quick: { type: 'boolean', default: false }, // to see whether it works: the figures mean nothing
  only: { type: 'string', default: '' },
  out: { type: 'string', default: join(top, 'build/bench.json') },
} });
const ROUNDS = options.quick ? 1 : 7;
const part = options.quick ? 0.01 : 1;
const STREAM = 2e9 * part; // bytes
const WATCHED = 5 * STREAM; // seconds, in which the view looks several times
const PINGS = 20_000 * part;
const BRIDGE_STREAM = 256e6 * part;
const BRIDGE_PINGS = 3000 * part;
const TOGETHER = 64;  // processes
const SECOND = 1000;  // ms
const OPTIMIZED = options.quick ? 0 : 20; // edits after which the browser has optimized the compiler
const FRESH = options.quick ? 1 : 3; // browsers that have never seen the site

/** @typedef {{ name: string, value: number, unit: string, reference: string, reference_value: number, ratio: number }} Row */
/** @type {Row[]} */
const rows = [];

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/**
 * The ratio says how many times as good as the reference: above 1 is better, for times too.
 * @param {string} name
 * @param {string} unit
 * @param {number[]} values
 * @param {string} reference
 * @param {number[]} references
 */
function add(name, unit, values, reference, references) {
  const [value, other] = [median(values), median(references)];
  const round = (/** @type {number} */ x) => Number(x.toPrecision(4));
  const ratio = round(unit.endsWith('/s') ? value / other : other / value);
  rows.push({ name, value: round(value), unit, reference, reference_value: round(other), ratio });
}

/**
 * Measures several things in turn, round after round, so that each sees the same machine.
 * @template {string} Name
 * @param {Record<Name, () => Promise<number>>} things
 * @returns {Promise<Record<Name, number[]>>}
 */
async function inTurn(things) {
  /** @type {any} */
  const values = {};
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, measure] of /** @type {[Name, () => Promise<number>][]} */ (Object.entries(things))) {
      (values[name] ??= []).push(await measure());
      process.stderr.write('.');
    }
  }
  process.stderr.write('\n');
  return values;
}

const bootNode = () => bootLab(Object.fromEntries(
  PROGRAMS.map((name) => [name, new Uint8Array(readFileSync(join(top, `build/tests/bench/${name}.wasm`)))])));

/** @typedef {Awaited<ReturnType<typeof startBrowser>>} Browser */
/** @typedef {Awaited<ReturnType<typeof startServer>>} Server */

/** The two programs in the lab and on Linux. @param {Server} linux @param {Browser} chromium */
async function inTheLab(linux, chromium) {
  console.error('two programs in the lab, and on Linux');
  const node = await bootNode();
  for (const [what, n, unit] of /** @type {[string, number, string][]} */ ([['up', STREAM, 'MB/s'], ['ping', PINGS, 'µs']])) {
    const got = await inTurn({
      linux: () => linux.client(what, n),
      'Node, one host': () => node.client('alice', null, '', what, n),
      'Node, two hosts': () => node.client('bob', null, '', what, n),
      'Chromium, one host': () => chromium.ask('client', 'alice', null, '', what, n),
      'Chromium, two hosts': () => chromium.ask('client', 'bob', null, '', what, n),
    });
    const label = what === 'up' ? 'stream' : 'round trip';
    for (const place of /** @type {(keyof typeof got)[]} */ (Object.keys(got)))
      if (place !== 'linux') add(`${label}, ${place}`, unit, got[place], 'Linux loopback', got.linux);
  }
  node.shutdown();
}

/** Streams with the view of packets on, and off. @param {Browser} chromium */
async function withViews(chromium) {
  console.error('with the view of packets, and without');
  for (const [host, label] of [['alice', 'one host'], ['bob', 'two hosts']]) {
    const got = await inTurn({
      off: () => chromium.ask('client', host, null, '', 'up', WATCHED),
      on: () => chromium.ask('viewed', host, null, '', 'up', WATCHED),
    });
    add(`stream, packets shown, ${label}, Chromium`, 'MB/s', got.on, 'not shown', got.off);
  }
}

/** Many sockets, in the lab and on Linux. @param {Server} linux @param {Browser} chromium */
async function manySockets(linux, chromium) {
  console.error('many sockets, in the lab and on Linux');
  const node = await bootNode();
  const times = (/** @type {number} */ n) => String(Math.ceil(n * part));
  for (const [label, unit, ...args] of [
    ['stream, 10 connections', 'MB/s', 'streams', 'sink', '10', times(2e9)],
    ['stream, 100 connections', 'MB/s', 'streams', 'sink', '100', times(2e9)],
    ['connect, accept, close', '/s', 'connects', 'closer', times(20_000)],
    ['datagrams of 1,000 bytes', '/s', 'datagrams', 'sink', times(100_000)],
    ['poll, 1,000 sockets', '/s', 'poll', '1000', times(5000)],
    ['epoll, 1,000 sockets', '/s', 'epoll', '1000', times(100_000)],
    ['memory of an idle socket, of 10,000', 'bytes', 'idle', '10000'],
  ]) {
    const got = await inTurn({
      linux: () => linux.many(...args),
      Node: () => node.many(...args),
      Chromium: () => chromium.ask('many', ...args),
    });
    for (const place of /** @type {const} */ (['Node', 'Chromium']))
      add(`${label}, ${place}`, unit, got[place], 'Linux loopback', got.linux);
  }
  node.shutdown();
}

/** What processes and threads cost, in the lab and on Linux. @param {Browser} chromium */
async function processes(chromium) {
  console.error('processes, in the lab and on Linux');
  const node = await bootNode();
  const times = (/** @type {number} */ n) => String(Math.ceil(n * part));
  for (const [label, name, ...args] of [
    ['fork, wait', 'processes', 'fork', times(200)],
    ['posix_spawn, wait', 'processes', 'spawn', times(200)],
    ['pthread_create, join', 'threads', times(200)],
    ['signals, between two processes', 'processes', 'signal', times(20_000)],
    ['switches through pipes, of two processes', 'processes', 'switch', times(20_000)],
  ]) {
    const got = await inTurn({
      linux: () => run(name, ...args),
      Node: () => node.run(name, ...args),
      Chromium: () => chromium.ask('run', name, ...args),
    });
    for (const place of /** @type {const} */ (['Node', 'Chromium'])) add(`${label}, ${place}`, '/s', got[place], 'Linux', got.linux);
  }
  /** @type {Record<string, number[]>} */
  const memory = { Node: [], Chromium: [] };
  for (let round = 0; round < ROUNDS; round++) {
    const before = { Node: process.memoryUsage().rss, Chromium: chromium.memory() };
    const { end } = await node.together(TOGETHER);
    memory.Node.push((process.memoryUsage().rss - before.Node) / TOGETHER / 1e6);
    await end();
    await chromium.ask('together', TOGETHER);
    memory.Chromium.push((chromium.memory() - before.Chromium) / TOGETHER / 1e6);
    await chromium.ask('apart');
  }
  for (const place of ['Node', 'Chromium']) add(`memory of a process, of ${TOGETHER}, ${place}`, 'MB', memory[place], 'the goal', [4]);
  node.shutdown();
}

/** A program in the lab and a bare WebSocket. @param {Server} linux @param {Browser} chromium @param {string} bridge */
async function throughTheBridge(linux, chromium, bridge) {
  console.error('through the bridge');
  const url = `${bridge}/?token=198.51.100.1:${linux.port}`;
  for (const [what, n, unit] of /** @type {[string, number, string][]} */ (
    [['up', BRIDGE_STREAM, 'MB/s'], ['down', BRIDGE_STREAM, 'MB/s'], ['ping', BRIDGE_PINGS, 'µs']])) {
    const got = await inTurn({
      bare: () => chromium.ask('bare', url, what, n),
      program: () => chromium.ask('client', 'alice', '198.51.100.1', linux.port, what, n),
    });
    const label = what === 'ping' ? 'round trip' : `stream ${what}`;
    add(`${label}, bridge, Chromium`, unit, got.program, 'bare WebSocket', got.bare);
  }
}

/** A first visit, by browsers that have never seen the site. */
async function firstVisit() {
  console.error('a first visit');
  /** @type {{ text: number, output: number, scripts: number }[]} */
  const visits = [];
  for (let i = 0; i < ROUNDS; i++) {
    const chromium = await startBrowser();
    visits.push(await chromium.ask('visit'));
    await chromium.end();
    process.stderr.write('.');
  }
  process.stderr.write('\n');
  add('first visit: text is there', 'ms', visits.map(({ text }) => text), 'the goal', [1000]);
  add('first visit: output of the first Run', 'ms', visits.map(({ output }) => output), 'the goal', [2000]);
  add('first visit: JavaScript and CSS, compressed', 'kB', visits.map(({ scripts }) => scripts / 1000), 'the goal', [400]);
}

/** Run after an edit, in the lesson's page and on Linux. */
async function afterAnEdit() {
  console.error('from Run to the first output');
  const [, clang] = /^WASM_CLANG := (.*)$/m.exec(readFileSync(join(top, 'build/config.mk'), 'utf8')) ?? [];
  const source = join(top, 'web/lessons/tcp/simple/server.c');
  const native = [], cold = [], warm = [], later = [];
  for (let i = 0; i < FRESH; i++) {
    const chromium = await startBrowser();
    await chromium.ask('visit');
    cold.push(await chromium.ask('editAndRun', '/* first */ '));
    await chromium.ask('kept');
    for (let round = 0; round < OPTIMIZED; round++) await chromium.ask('editAndRun', `/* ${round} */ `);
    for (let round = 0; round < ROUNDS; round++) {
      warm.push(await chromium.ask('editAndRun', `/* ${round} */ `));
      later.push(await chromium.ask('editAndRun', `/* ${round} */ `, SECOND));
      native.push(await compileAndRun(clang, source));
      process.stderr.write('.');
    }
    await chromium.end();
  }
  process.stderr.write('\n');
  const reference = 'native clang -O1, run';
  add('Run after an edit, cold', 'ms', cold, reference, native);
  add('Run after an edit, warm', 'ms', warm, reference, native);
  add('Run a second after it, warm', 'ms', later, reference, native);
}

function print() {
  const cells = rows.map((r) => [r.name, `${r.value} ${r.unit}`, `${r.reference_value} ${r.unit}`, r.ratio.toFixed(2), r.reference]);
  cells.unshift(['', 'Portside', 'reference', 'ratio', '']);
  const widths = cells[0].map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  for (const row of cells)
    console.log(row.map((cell, i) => (i === 0 || i === 4 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ').trimEnd());
  console.log('ratio: how many times as good as the reference; medians');
}

/** @param {string} name */
const wanted = (name) => options.only === '' || options.only === name;

async function inOneBrowser() {
  const linux = await startServer();
  const bridge = await startBridge(linux.port);
  const chromium = await startBrowser();
  try {
    await chromium.ask('boot', bridge.url);
    if (wanted('lab')) await inTheLab(linux, chromium);
    if (wanted('views')) await withViews(chromium);
    if (wanted('sockets')) await manySockets(linux, chromium);
    if (wanted('processes')) await processes(chromium);
    if (wanted('bridge')) await throughTheBridge(linux, chromium, bridge.url);
  } finally {
    await chromium.end();
    bridge.end();
    linux.end();
  }
}

async function measure() {
  if (!['visit', 'edit'].includes(options.only)) await inOneBrowser();
  if (wanted('visit')) await firstVisit();
  if (wanted('edit')) await afterAnEdit();
}

await measure();
print();
writeFileSync(options.out, `${JSON.stringify(rows, null, 2)}\n`);
process.exit(0);
