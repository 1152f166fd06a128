// The gateway through a real bridge to real TCP servers: what a program would see.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { freePort, Lab, silentPort, startBridge, tcpServer, until } from './helper.js';

const TARGET = '198.51.100.1:9999';
const MiB = 1 << 20;

/** @param {Uint8Array} bytes */
const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** @param {net.Socket} socket */
async function readAll(socket) {
  /** @type {Buffer[]} */
  const all = [];
  socket.on('data', (bytes) => all.push(bytes)).resume();
  await once(socket, 'end');
  return Buffer.concat(all);
}

/**
 * A bridge to one server, and a lab that uses it.
 * @param {import('node:test').TestContext} t
 * @param {(socket: net.Socket) => void} serve
 * @param {Parameters<typeof Lab.start>[1]} [options]
 */
async function labWith(t, serve, options) {
  const server = await tcpServer(t, serve);
  const bridge = await startBridge(t, `${TARGET}: 127.0.0.1:${server.port}\n`);
  return { server, bridge, lab: await Lab.start(bridge.url, options) };
}

test('connect, bytes both ways, half-close both ways', async (t) => {
  const { lab } = await labWith(t, async (socket) => {
    const question = await readAll(socket); // until the program's shutdown()
    socket.write(`you said ${question}, `);
    socket.end('goodbye');
  });
  const program = lab.connect(TARGET);
  assert.equal(await program.connect(), 0);
  await program.send(Buffer.from('hello'));
  program.shutdown();
  assert.equal(String(await program.recvAll()), 'you said hello, goodbye');
  assert.equal(program.released, 1);
  assert.deepEqual(lab.lines, []);
});

test("the target's end of file comes first: the program can still send", async (t) => {
  /** @type {Promise<Buffer> | undefined} */
  let rest;
  const { lab } = await labWith(t, (socket) => {
    socket.end('that is all from me');
    rest = readAll(socket);
  });
  const program = lab.connect(TARGET);
  assert.equal(String(await program.recvAll()), 'that is all from me');
  assert.equal(program.released, 0);
  await program.send(Buffer.from('but not from me'));
  program.close();
  assert.equal(String(await rest), 'but not from me');
  assert.equal(program.released, 1);
});

test('connect() fails as it would on Linux', async (t) => {
  const silent = await silentPort(t);
  const bridge = await startBridge(t, `
198.51.100.1:1: 127.0.0.1:${await freePort()}
198.51.100.1:2: 127.0.0.1:${silent}
198.51.100.1:3: 255.255.255.255:9
198.51.100.1:4: no.such.host.invalid:9
`, ['--dial-timeout', '0.3']);
  const lab = await Lab.start(bridge.url);
  assert.equal(await lab.connect('198.51.100.1:1').connect(), 'ECONNREFUSED');
  assert.equal(await lab.connect('198.51.100.1:2').connect(), 'ETIMEDOUT');
  assert.equal(await lab.connect('198.51.100.1:3').connect(), 'ENETUNREACH');
  assert.equal(await lab.connect('198.51.100.1:4').connect(), 'EHOSTUNREACH');
  assert.deepEqual(lab.lines, []);
  const denied = lab.connect('198.51.100.1:5');
  assert.equal(await denied.connect(), 'EACCES');
  assert.equal(denied.released, 1);
  assert.equal(lab.lines.length, 1);
  assert.match(lab.lines[0], /^104: portside: .* does not allow 198\.51\.100\.1:5\. The file proxy\/targets/);
});

test('no bridge: ENETUNREACH and a line that says what to do', async (t) => {
  const nobody = `ws://127.0.0.1:${await freePort()}`;
  const mute = net.createServer().listen(0, '127.0.0.1'); // accepts, and never answers
  await once(mute, 'listening');
  t.after(() => mute.close());
  const { port } = /** @type {net.AddressInfo} */ (mute.address());
  mute.on('connection', (socket) => t.after(() => socket.destroy()));
  /** @type {[string | null, RegExp][]} */
  const cases = [
    [null, /no bridge to the outside is set\. "make serve" starts one/],
    [nobody, /no answer from the bridge at ws:.* "make serve" starts one/],
    [`ws://127.0.0.1:${port}`, /no answer from the bridge/],
    ['not an address', /the bridge's address cannot be used: not an address/],
    ['gopher://127.0.0.1', /the bridge's address cannot be used/],
  ];
  for (const [proxy, line] of cases) {
    const lab = await Lab.start(proxy, { limits: { patience: 300 } });
    const program = lab.connect(TARGET);
    assert.equal(await program.connect(), 'ENETUNREACH');
    assert.equal(lab.lines.length, 1);
    assert.match(lab.lines[0], line);
    assert.equal(program.released, 1);
  }
});

test('a bridge that opens but never dials: ETIMEDOUT', async (t) => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  t.after(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const { port } = /** @type {net.AddressInfo} */ (server.address());
  const lab = await Lab.start(`ws://127.0.0.1:${port}`, { limits: { patience: 200 } });
  assert.equal(await lab.connect(TARGET).connect(), 'ETIMEDOUT');
});

for (const size of [1, 1000, 65536]) {
  const bytes = size === 1 ? 20_000 : 32 * MiB;
  test(`${bytes} bytes each way at once, through buffers of ${size}`, async (t) => {
    const up = randomBytes(bytes);
    const down = randomBytes(bytes);
    /** @type {Promise<Buffer> | undefined} */
    let arrived;
    const { lab } = await labWith(t, (socket) => {
      arrived = readAll(socket);
      socket.end(down);
    }, { size });
    const program = lab.connect(TARGET);
    assert.equal(await program.connect(), 0);
    const sending = program.send(up).then(() => program.shutdown());
    assert.equal(digest(await program.recvAll()), digest(down));
    await sending;
    assert.equal(digest(/** @type {Buffer} */ (await arrived)), digest(up));
    await until(() => program.released);
  });
}

test('an echo server that blocks in send() does not lock up the two directions', async (t) => {
  const bytes = randomBytes(24 * MiB);
  const { lab } = await labWith(t, (socket) => socket.pipe(socket));
  const program = lab.connect(TARGET);
  const sending = program.send(bytes).then(() => program.shutdown());
  assert.equal(digest(await program.recvAll()), digest(bytes));
  await sending;
});

test('a target that does not read makes the program wait, and loses nothing', async (t) => {
  const bytes = randomBytes(48 * MiB);
  /** @type {net.Socket | undefined} */
  let target;
  const { lab } = await labWith(t, (socket) => {
    target = socket;
    socket.pause();
  });
  const program = lab.connect(TARGET);
  assert.equal(await program.connect(), 0);
  await until(() => target);
  let sent = false;
  program.send(bytes).then(() => {
    sent = true;
    program.close(); // at once: what was sent must arrive all the same
  });
  const limit = 4 * MiB;
  await until(() => lab.traffic.unsent >= limit);
  assert.equal(sent, false); // the program waits
  const arrived = await readAll(/** @type {net.Socket} */ (target));
  assert.equal(digest(arrived), digest(bytes));
  assert.ok(lab.traffic.unsent <= limit + 65536, `${lab.traffic.unsent}`);
});

test('a program that reads slowly gets everything, and then end of file', async (t) => {
  const bytes = randomBytes(8 * MiB);
  const { lab } = await labWith(t, (socket) => socket.end(bytes));
  const program = lab.connect(TARGET);
  const all = [];
  for (let piece; (piece = await program.recv(1000));) {
    all.push(piece);
    if (all.length % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(digest(Buffer.concat(all)), digest(bytes));
});

test('too much that is not read: what is held is read, then ECONNRESET, and a line', async (t) => {
  const bytes = randomBytes(8 * MiB);
  let reset = false;
  const { lab } = await labWith(t, (socket) => {
    socket.on('error', (/** @type {NodeJS.ErrnoException} */ error) => { reset = error.code === 'ECONNRESET'; });
    socket.write(bytes);
    socket.resume();
  }, { limits: { held: 2 * MiB } });
  const program = lab.connect(TARGET);
  await until(() => lab.lines.length > 0);
  assert.match(lab.lines[0], /^100: portside: .* with 2 MiB unread the connection is reset/);
  /** @type {Buffer[]} */
  const got = [];
  await assert.rejects(async () => {
    for (let piece; (piece = await program.recv());) got.push(piece);
  }, /ECONNRESET/);
  const all = Buffer.concat(got);
  assert.ok(all.length >= 2 * MiB - MiB / 4 && all.length < bytes.length, `${all.length}`);
  assert.equal(digest(all), digest(bytes.subarray(0, all.length)));
  await until(() => reset); // and the target sees it too
});

test('the target resets: delivered bytes first, then ECONNRESET, for the sender too', async (t) => {
  /** @type {net.Socket | undefined} */
  let target;
  const { lab } = await labWith(t, (socket) => {
    target = socket;
    socket.write('so far');
  });
  const program = lab.connect(TARGET);
  await until(() => program.inputSize === 6);
  /** @type {net.Socket} */ (target).resetAndDestroy();
  await until(() => program.failure);
  assert.equal(String(await program.recv()), 'so far');
  await assert.rejects(program.recv(), /ECONNRESET/);
  await assert.rejects(program.send(Buffer.from('x')), /ECONNRESET/);
  assert.equal(program.released, 1);
  assert.deepEqual(lab.lines, []);
});

test('the target closes, and the program goes on sending: end of file, then EPIPE', async (t) => {
  const { lab } = await labWith(t, (socket) => {
    socket.write('enough', () => socket.destroy());
  });
  const program = lab.connect(TARGET);
  assert.equal(String(await program.recvAll()), 'enough');
  await assert.rejects(async () => {
    for (;;) await program.send(Buffer.alloc(65536));
  }, /EPIPE/);
  assert.equal(program.released, 1);
  assert.deepEqual(lab.lines, []);
});

test('the target closes with bytes unread: an error for the sender', async (t) => {
  const { lab } = await labWith(t, (socket) => socket.once('data', () => socket.destroy()));
  const program = lab.connect(TARGET);
  assert.equal(await program.connect(), 0);
  await assert.rejects(async () => {
    for (;;) await program.send(Buffer.alloc(65536));
  }, /ECONNRESET|EPIPE/); // which, depends on what had arrived
  assert.deepEqual(lab.lines, []);
});

test('the bridge is killed in mid-stream: no byte that was delivered is lost', async (t) => {
  const block = randomBytes(MiB);
  const { lab, bridge } = await labWith(t, (socket) => {
    const more = () => { while (!socket.destroyed && socket.write(block)); };
    socket.on('drain', more);
    more();
  }, { size: 10_000 });
  const program = lab.connect(TARGET);
  assert.equal(await program.connect(), 0);
  const got = [];
  while (program.received < 4 * MiB) got.push(/** @type {Buffer} */ (await program.recv()));
  await until(() => program.inputSize === 10_000); // unread bytes on this side, for sure
  await bridge.kill();
  await assert.rejects(async () => {
    for (let piece; (piece = await program.recv());) got.push(piece);
  }, /ECONNRESET/);
  const all = Buffer.concat(got);
  assert.equal(all.length, lab.traffic.received);
  for (let at = 0; at < all.length; at += MiB) {
    const piece = all.subarray(at, at + MiB);
    assert.equal(Buffer.compare(piece, block.subarray(0, piece.length)), 0);
  }
  assert.equal(lab.lines.length, 1);
  assert.match(lab.lines[0], /^100: portside: the bridge at ws:.* went away/);
  assert.equal(program.released, 1);
});

test('the program closes: what it sent arrives, and then the target sees it', async (t) => {
  /** @type {string[]} */
  const seen = [];
  const { lab } = await labWith(t, async (socket) => {
    const chatter = setInterval(() => socket.write('are you there?'), 1);
    socket.on('error', (/** @type {NodeJS.ErrnoException} */ error) => seen.push(String(error.code)));
    socket.on('data', (data) => seen.push(String(data)));
    socket.on('close', () => {
      clearInterval(chatter);
      seen.push('closed');
    });
  });
  const program = lab.connect(TARGET);
  assert.equal(await program.connect(), 0);
  await program.send(Buffer.from('last words'));
  program.close();
  await until(() => seen.includes('closed')); // by a reset, as the target goes on sending
  assert.equal(seen[0], 'last words');
  assert.match(seen[1], /ECONNRESET|EPIPE/);
});

test('the program is killed with bytes unread: the target sees a reset', async (t) => {
  /** @type {string[]} */
  const seen = [];
  const { lab } = await labWith(t, (socket) => {
    socket.on('error', (/** @type {NodeJS.ErrnoException} */ error) => seen.push(String(error.code)));
    socket.write('unread');
    socket.resume();
  });
  const program = lab.connect(TARGET);
  await until(() => program.inputSize > 0);
  program.close(true);
  await until(() => seen.length);
  assert.deepEqual(seen, ['ECONNRESET']);
  assert.equal(program.released, 1);
});

test('killed while it connects: the descriptor is let go, and the number can be used again', async (t) => {
  const silent = await silentPort(t);
  const bridge = await startBridge(t, `${TARGET}: 127.0.0.1:${silent}\n`, ['--dial-timeout', '0.3']);
  const lab = await Lab.start(bridge.url);
  const program = lab.connect(TARGET);
  program.close();
  assert.equal(program.released, 1);
  lab.programs.length = 0;
  assert.equal(await lab.connect(TARGET).connect(), 'ETIMEDOUT');
  assert.deepEqual(lab.lines, []);
});

test('a target that takes nothing, and whose client has gone, is given up', async (t) => {
  for (const vanish of ['end', 'reset']) {
    const server = await tcpServer(t, (socket) => socket.pause());
    const bridge = await startBridge(t, `${TARGET}: 127.0.0.1:${server.port}\n`, [],
      { STALL: 0.3, HEARTBEAT: 0.5 });
    const ws = new WebSocket(`${bridge.url}/?token=${TARGET}`, ['binary']);
    ws.on('error', () => {});
    await once(ws, 'message');
    for (let i = 0; i < 256; i++) {
      ws.send(Buffer.alloc(MiB / 4));
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let quiet = 0, before = Infinity; quiet < 3; quiet++) { // until nothing moves any more
      await once(ws, 'ping');
      if (ws.bufferedAmount < before) quiet = 0;
      before = ws.bufferedAmount;
    }
    assert.ok(ws.bufferedAmount > 0);
    if (vanish === 'end') ws.terminate(); // its FIN waits behind bytes that the bridge does not read
    else /** @type {any} */ (ws)._socket.resetAndDestroy();
    await until(() => bridge.log.includes('gave up'));
  }
});

test('a silent connection is pinged, so that no proxy between cuts it', async (t) => {
  const server = await tcpServer(t, () => {});
  const bridge = await startBridge(t, `${TARGET}: 127.0.0.1:${server.port}\n`, [], { HEARTBEAT: 0.05 });
  const ws = new WebSocket(`${bridge.url}/?token=${TARGET}`, ['binary']);
  for (let i = 0; i < 3; i++) await once(ws, 'ping');
  ws.close(1000);
  await once(ws, 'close');
});

test('20 connections at once do not mix', async (t) => {
  const { lab, server } = await labWith(t, (socket) => socket.pipe(socket));
  await Promise.all(Array.from({ length: 20 }, async () => {
    const bytes = randomBytes(300_000);
    const program = lab.connect(TARGET);
    const sending = program.send(bytes).then(() => program.shutdown());
    assert.equal(digest(await program.recvAll()), digest(bytes));
    await sending;
  }));
  assert.equal(server.connections, 20);
});
