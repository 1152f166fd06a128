/** The lab's DNS server as a program for Linux, asked by Node's resolver and by hand. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { before, after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const path = join(dirname(fileURLToPath(import.meta.url)), '../../build/native/bin/dns');
const [A, PTR, AAAA, AXFR] = [1, 12, 28, 252];
const [FORMERR, NXDOMAIN, NOTIMP, REFUSED] = [1, 3, 4, 5];

/** @type {import('node:child_process').ChildProcess} */
let server;
let port = 0;

/** A port that is free for both, as far as one can tell. */
async function freePort() {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

/** A TCP connection, once the server listens. @returns {Promise<import('node:net').Socket>} */
async function dial() {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const connected = await once(socket, 'connect').then(() => true, () => false);
    if (connected) return socket;
    assert.equal(server.exitCode, null, 'the server has ended');
  }
}

before(async () => {
  port = await freePort();
  server = spawn(path, [String(port)], { stdio: 'inherit' });
  (await dial()).destroy();
});
after(() => server.kill());

/** @param {string} name */
const wire = (name) => Buffer.concat([...name.split('.').map((label) => Buffer.from(`${String.fromCharCode(label.length)}${label}`)), Buffer.of(0)]);

/** @param {string} name @param {number} type @param {{ flags?: number, class?: number }} [more] */
function query(name, type, { flags = 0x0100, class: of = 1 } = {}) {
  const head = Buffer.alloc(12), tail = Buffer.alloc(4);
  head.writeUInt16BE(0x1234, 0);
  head.writeUInt16BE(flags, 2);
  head.writeUInt16BE(1, 4);
  tail.writeUInt16BE(type, 0);
  tail.writeUInt16BE(of, 2);
  return Buffer.concat([head, wire(name), tail]);
}

/** Sends what gets no answer, then a question; the first answer. @param {Buffer[]} packets @returns {Promise<Buffer>} */
async function ask(...packets) {
  const socket = createSocket('udp4');
  for (const packet of packets) socket.send(packet, port, '127.0.0.1');
  const [answer] = await once(socket, 'message');
  socket.close();
  return answer;
}

/** @param {Buffer} answer */
const head = (answer) => ({ id: answer.readUInt16BE(0), code: answer[3] & 15, authoritative: !!(answer[2] & 4), answers: answer.readUInt16BE(6), authority: answer.readUInt16BE(8) });

test("Node's resolver gets what /etc/hosts has", async () => {
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${port}`]);
  const lines = readFileSync('/etc/hosts', 'utf8').split('\n').map((line) => line.replace(/#.*/, '').split(/\s+/).filter(Boolean));
  const all = lines.filter(([address, name]) => name && !address.includes(':'));
  assert.ok(all.length > 0);
  for (const [address, ...names] of all) {
    for (const name of names) assert.ok((await resolver.resolve4(name)).includes(address), name);
    // not reverse(), for which some versions of Node read the file themselves
    const reversed = address.split('.').reverse().join('.');
    assert.ok((await resolver.resolvePtr(`${reversed}.in-addr.arpa`)).includes(names[0]), address);
  }
  await assert.rejects(resolver.resolve4('no.such.name'), { code: 'ENOTFOUND' });
  await assert.rejects(resolver.resolveMx('localhost'), { code: 'ENODATA' });
});

test('no such name, and names that have something else', async () => {
  const yes = { id: 0x1234, code: 0, authoritative: true, answers: 1, authority: 0 };
  const no = { ...yes, answers: 0, authority: 1 };
  for (const question of [query('LocalHost', A), query('1.0.0.127.in-addr.arpa', PTR)]) {
    const { answers, ...rest } = head(await ask(question));
    assert.ok(answers >= 1);
    assert.deepEqual({ ...rest, answers: 1 }, yes);
  }
  assert.deepEqual(head(await ask(query('in-addr.arpa', A))), no, 'something is below it');
  assert.deepEqual(head(await ask(query('nosuch', AAAA))), { ...no, code: NXDOMAIN });
});

test('what it does not do', async () => {
  assert.equal(head(await ask(query('localhost', A, { flags: 0x1000 }))).code, NOTIMP);
  assert.equal(head(await ask(query('localhost', A, { class: 3 }))).code, REFUSED);
  assert.equal(head(await ask(query('localhost', AXFR))).code, REFUSED);
});

test('malformed questions', async () => {
  const good = query('localhost', A);
  const cut = (/** @type {number} */ n) => good.subarray(0, n);
  const changed = (/** @type {number} */ at, /** @type {number} */ byte) => {
    const bytes = Buffer.from(good);
    bytes[at] = byte;
    return bytes;
  };
  for (const [what, packet] of Object.entries({
    'no question': cut(12), 'half a name': cut(16), 'no type': cut(23), 'half a class': cut(26), 'no questions': changed(5, 0),
    'two questions': changed(5, 2), 'a pointer to itself': changed(12, 0xc0), 'a label of a reserved kind': changed(12, 0x80),
    'a label of 64': changed(12, 64), 'a label over the end': changed(12, 63),
    'a name of 256': query(Array(51).fill('abcd').join('.'), A),
  })) assert.equal(head(await ask(packet)).code, FORMERR, what);
  const silent = [Buffer.alloc(0), cut(11), changed(2, 0x81)]; // an answer gets none
  assert.equal(head(await ask(...silent, good)).code, 0);
});

test('noise does not stop it', async () => {
  let seed = 1;
  const random = () => (seed = (seed * 48271) % 2147483647);
  const socket = createSocket('udp4');
  for (let i = 0; i < 2000; i++) {
    const noise = i % 2 ? query('localhost', A) : Buffer.alloc(random() % 80);
    for (let n = 0; n < (i % 2 ? 2 : noise.length); n++) noise[random() % noise.length] = random();
    await new Promise((sent) => socket.send(noise, port, '127.0.0.1', sent));
  }
  socket.close();
  assert.ok(head(await ask(query('localhost', A))).answers >= 1);
});

test('TCP: two questions a byte at a time, then one too short', async () => {
  const socket = await dial();
  socket.setNoDelay(true);
  const packet = query('localhost', A);
  const message = Buffer.concat([Buffer.of(0, packet.length), packet]);
  for (const byte of Buffer.concat([message, message])) await new Promise((sent) => socket.write(Buffer.of(byte), sent));
  const udp = await ask(packet);
  const want = Buffer.concat([Buffer.of(0, udp.length), udp]);
  let got = Buffer.alloc(0);
  socket.on('data', (bytes) => {
    got = Buffer.concat([got, bytes]);
    if (got.length === 2 * want.length) socket.write(Buffer.of(0, 3));
  });
  await once(socket, 'close');
  assert.deepEqual(got, Buffer.concat([want, want]));
});
