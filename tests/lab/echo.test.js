/** The Echo server, and with it what all servers share: src/lab/service.c. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { startInLab, startServer } from './session.js';

const server = await startServer({ after }, 'echo');
const limit = { timeout: 120_000 };

test('what comes goes back, and the end follows the last of it', async () => {
  const session = await server.dial();
  session.send('one\n');
  await session.expect('one\n');
  await session.sendSlowly('two\0\xff\r\n');
  await session.expect('two\0\xff\r\n');
  session.send('no line');
  session.finish();
  assert.equal(await session.end(), 'no line');
});

test('8 MB at once come back whole', async () => {
  const session = await server.dial();
  const bytes = Buffer.alloc(8 << 20);
  for (let i = 0; i < bytes.length; i += 4) bytes.writeUInt32LE(i * 2654435761 % 2 ** 32, i);
  session.send(bytes);
  session.finish();
  assert.ok(Buffer.from(await session.end(), 'latin1').equals(bytes));
});

test('one that sends without reading, and stuck so, keeps no other waiting', async () => {
  const stuck = await server.dial();
  stuck.stick();
  const flood = Buffer.alloc(64 << 10, 'x');
  let taken = 0;
  const pump = () => { while (!stuck.socket.destroyed && stuck.socket.write(flood, () => { taken += flood.length; })); };
  stuck.socket.on('drain', pump);
  pump();
  const others = await Promise.all(Array.from({ length: 50 }, () => server.dial()));
  for (const round of [1, 2, 3]) {
    others.forEach((other, i) => other.send(`round ${round} of ${i}\n`));
    await Promise.all(others.map((other, i) => other.expect(`round ${round} of ${i}\n`)));
  }
  for (const other of others) other.finish();
  for (const other of others) assert.equal(await other.end(), '');
  assert.ok(taken < 64 << 20, `it has taken ${taken} bytes`);
  stuck.reset();
});

test('disconnects in the middle', async () => {
  for (let i = 0; i < 20; i++) {
    const session = await server.dial();
    session.send(Buffer.alloc(200_000));
    session.reset();
  }
  const session = await server.dial();
  session.send('still there?');
  await session.expect('still there?');
  session.finish();
  await session.end();
});

test('more clients than it takes wait for a place', limit, async () => {
  const many = await Promise.all(Array.from({ length: 230 }, () => server.dial()));
  for (const session of many) session.send('me');
  const served = () => many.filter(({ text }) => text === 'me').length;
  while (served() < 200) await new Promise((resolve) => setTimeout(resolve, 5));
  const waiting = many.filter(({ text }) => !text);
  for (const session of many) session.finish();
  assert.equal(waiting.length, 30);
  for (const session of many) assert.equal(await session.end(), 'me');
});

test('over IPv6, by the same socket', limit, async () => {
  const socket = connect(server.port, '::1');
  socket.end('six');
  assert.equal(String((await once(socket, 'data'))[0]), 'six');
  await server.logged(/connected \[::1\]:\d+\n/);
});

test('datagrams, an empty one too', limit, async () => {
  const socket = createSocket('udp4');
  for (const text of ['one', '', 'x'.repeat(8000)]) {
    socket.send(text, server.port, '127.0.0.1');
    assert.equal(String((await once(socket, 'message'))[0]), text);
  }
  socket.close();
});

test('its log', async () => {
  const session = await server.dial();
  const { localPort } = session.socket;
  await server.logged(new RegExp(`connected 127\\.0\\.0\\.1:${localPort}\n`));
  session.finish();
  await server.logged(new RegExp(`closed 127\\.0\\.0\\.1:${localPort}\n`));
});

test('in the lab', limit, async (t) => {
  const { talk, logged } = await startInLab(t, 'echo', '7');
  const tcp = await talk(), udp = await talk('udp');
  tcp.send('hello\n');
  await tcp.expect(/^hello\n/);
  udp.send('datagram');
  await udp.expect(/^datagram/);
  udp.finish();
  tcp.send('x'.repeat(100_000) + 'end');
  await tcp.expect(/^x{100000}end/);
  tcp.finish();
  assert.equal((await tcp.exited).code, 0);
  await logged(/connected (\S+)\nclosed \1\n/);
});
