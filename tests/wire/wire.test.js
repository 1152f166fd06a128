/** Every field that the packet view shows of a frame, beside what tshark reads in the same frame. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Lab, Input } from '../../web/runtime/lab.js';
import { FilterError, parseFilter } from '../../web/wire/filter.js';
import { decode } from '../../web/wire/frame.js';
import { Store } from '../../web/wire/store.js';
import { followStream } from '../../web/wire/stream.js';
import { collector } from '../runtime/lab.js';

/** @typedef {import('../../web/wire/store.js').Entry} Entry */

const build = (/** @type {string} */ path) => readFile(fileURLToPath(new URL(`../../build/${path}`, import.meta.url)));
const limit = { timeout: 120_000 };
const tsharkOptions = ['tcp.desegment_tcp_streams:FALSE', 'ip.defragment:FALSE', 'ipv6.defragment:FALSE', 'tcp.relative_sequence_numbers:TRUE'];

/** A lab whose frames go into a store. */
async function recordedLab(/** @type {import('../../web/runtime/lab.js').Options} */ options = {}) {
  const lab = await Lab.boot({ ...options, onFailure: (message) => console.error(message) });
  const store = new Store();
  await lab.record();
  const run = async (/** @type {string} */ path, /** @type {string[]} */ args, host = 'alice', input = '') => {
    const out = collector(), stdin = new Input();
    await lab.install(`/tmp/${path}`, await build(`tests/${path}.wasm`));
    const process = await lab.spawn({ path: `/tmp/${path}`, argv: [path, ...args], host, stdin, stdout: out, stderr: out });
    stdin.write(new TextEncoder().encode(input));
    stdin.end();
    return { ...process, out };
  };
  const read = async () => {
    const { chunks, lost } = await lab.frames();
    for (const chunk of chunks) store.add(chunk);
    assert.equal(lost, 0);
    return store.entries;
  };
  return { lab, store, run, read };
}

/** Frames of every sort that the lab's programs make. */
async function everySort() {
  const { lab, store, run, read } = await recordedLab({ servers: ['dns', 'http', 'smtp', 'pop3', 'echo'] });
  for (const host of ['bob', 'carol']) await (await run('net/hosts', ['agent'], host)).slept;
  await (await run('net/hosts', [])).exited;
  await read();
  await (await run('lab/lookup', ['http.lab', 'smtp.lab', 'nobody.lab', '10.0.0.1'])).exited;
  await (await run('lab/talk', ['http', '80'], 'alice', 'GET / HTTP/1.0\r\n\r\n')).exited;
  await (await run('lab/talk', ['smtp', '25'], 'bob', 'HELO bob\r\nQUIT\r\n')).exited;
  await (await run('lab/talk', ['echo', '7'], 'echo', 'hello, myself\n')).exited;
  await (await run('lab/talk', ['10.0.0.3', '1'], 'alice', '')).exited;
  await read();
  await lab.link('alice', { cut: true });
  const { exited } = await run('lab/talk', ['fd00:6c61:62::c', '80'], 'alice', 'GET /nowhere HTTP/1.0\r\n\r\n');
  while (!(await read()).some(({ lost, segment }) => lost && segment)); // its SYN
  await lab.link('alice', { delay: 2 });
  await exited;
  await read();
  lab.shutdown();
  return store;
}

/** @param {Uint8Array[]} parts @param {(path: string) => Promise<void>} use */
async function asFile(parts, use) {
  const folder = await mkdtemp(join(tmpdir(), 'portside-'));
  try {
    await writeFile(join(folder, 'frames.pcapng'), Buffer.concat(parts));
    await use(join(folder, 'frames.pcapng'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @param {string} path @param {string[]} args */
async function tshark(path, ...args) {
  const options = tsharkOptions.flatMap((option) => ['-o', option]);
  return (await promisify(execFile)('tshark', ['-r', path, ...options, ...args], { maxBuffer: 1 << 28 })).stdout;
}

/** All values by their keys, in order, however deep they are. @param {any} json @param {Map<string, string[]>} to */
function collect(json, to = new Map()) {
  for (const [key, value] of Object.entries(json)) {
    const values = Array.isArray(value) ? value : [value];
    for (const one of values) {
      if (typeof one === 'object') collect(one, to);
      else to.set(key, [...(to.get(key) ?? []), String(one)]);
    }
  }
  return to;
}

/** @param {string | number | boolean} value */
function plain(value) {
  const text = String(value).toLowerCase();
  if (text === 'true' || text === 'false') return text === 'true' ? 1 : 0;
  return text !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** What we show of a frame, as tshark's keys and values. @param {Entry} entry */
function shown({ frame, segment }) {
  /** @type {Map<string, (string | number)[]>} */
  const values = new Map();
  for (const { fields } of decode(frame, segment).layers) {
    for (const { key, value } of fields) if (key) values.set(key, [...(values.get(key) ?? []), plain(value)]);
  }
  return values;
}

/** Fields against tshark's. @param {Entry[]} entries @param {string} path */
async function compareFields(entries, path) {
  const theirs = JSON.parse(await tshark(path, '-T', 'json', '--no-duplicate-keys'));
  assert.equal(theirs.length, entries.length);
  let compared = 0;
  for (const [i, entry] of entries.entries()) {
    const { layers } = theirs[i]._source;
    const values = collect(layers), quotes = values.get('frame.protocols')?.[0].match(/icmp.*:ip/);
    for (const [key, mine] of shown(entry)) {
      const other = (values.get(key) ?? []).map(plain);
      const expected = quotes ? other.slice(0, mine.length) : other; // an error quotes a packet behind its own fields
      assert.deepEqual(mine.sort(), expected.sort(), `frame ${i + 1}: ${key}`); // tshark's JSON puts the same names together
      compared += mine.length;
    }
  }
  assert.ok(compared > 20 * entries.length, `${compared} fields of ${entries.length} frames`);
}

/** The numbers of the frames that tshark picks. @param {string} path @param {string} filter */
async function picked(path, filter) {
  return (await tshark(path, '-Y', filter, '-T', 'fields', '-e', 'frame.number')).split('\n').filter(Boolean).map(Number);
}

/** Our filters, and tshark's for the same frames. */
const FILTERS = [
  ['host 10.0.0.2 and not arp', 'ip.addr == 10.0.0.2 && !icmp.type == 3 || ip.addr == 10.0.0.2 && icmp'],
  ['tcp (syn or fin) not port 25', 'tcp && (tcp.flags.syn == 1 || tcp.flags.fin == 1) && !(tcp.port == 25)'],
  ['dns', 'dns'],
  ['"HELO"', 'frame contains "HELO"'],
  ['lost', 'frame.comment contains "lost"'],
  ['again', 'tcp.analysis.retransmission || tcp.analysis.fast_retransmission || tcp.analysis.spurious_retransmission || tcp.analysis.out_of_order'],
];

/** @param {Entry[]} entries @param {string} path */
async function compareFilters(entries, path) {
  await Promise.all(FILTERS.map(async ([ours, theirs]) => {
    const numbers = entries.filter(parseFilter(ours)).map(({ frame }) => frame.number);
    assert.deepEqual(numbers, await picked(path, theirs), ours);
    assert.ok(numbers.length > 0, `no frame passes ${ours}`);
  }));
}

/** @param {Entry[]} entries @param {string} path */
async function compareStreams(entries, path) {
  const connections = [...new Set(entries.flatMap(({ segment }) => (segment ? [segment.connection.number] : [])))];
  const [, ...parts] = (await tshark(path, '-q', ...connections.flatMap((number) => ['-z', `follow,tcp,raw,${number}`]))).split('Follow: tcp,raw');
  assert.equal(parts.length, connections.length);
  for (const part of parts) {
    const number = Number(/Filter: tcp.stream eq (\d+)/.exec(part)?.[1]);
    const said = ['', ''];
    for (const [, indent, bytes] of part.matchAll(/^(\t?)([0-9a-f]+)$/gm)) said[indent ? 1 : 0] += bytes;
    const mine = ['', ''];
    for (const { side, bytes, missing } of followStream(entries.filter(({ segment }) => segment?.connection.number === number))) {
      assert.equal(missing, 0);
      mine[side] += Buffer.from(bytes).toString('hex');
    }
    assert.deepEqual(mine, said, `connection ${number}`);
  }
}

test('fields, filters and streams are what tshark makes of the same frames', limit, async () => {
  const store = await everySort();
  const { entries } = store;
  const sorts = new Set(entries.map(({ glance }) => glance.protocol));
  for (const sort of ['ARP', 'ICMP', 'ICMPv6', 'IGMP', 'TCP', 'UDP', 'fragment']) assert.ok(sorts.has(sort), `no frame of the sort ${sort}`);
  await asFile(store.file(entries), async (path) => {
    await compareFields(entries, path);
    await compareFilters(entries, path);
    await compareStreams(entries, path);
  });
});

test('what is wrong with a filter is told', () => {
  for (const [text, word] of [['tpc', 'tpc'], ['port', 'port'], ['port x', 'port x'], ['(tcp', '('], ['tcp )', ')'], ['not', '']])
    assert.throws(() => parseFilter(text), (error) => error instanceof FilterError && error.word === word, text);
  assert.equal(parseFilter('')(/** @type {any} */ ({})), true);
});
