/** The Discard, Daytime and Character Generator servers. */
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { startInLab, startServer } from './session.js';

const discard = await startServer({ after }, 'discard');
const daytime = await startServer({ after }, 'daytime');
const chargen = await startServer({ after }, 'chargen');
const limit = { timeout: 120_000 };
const CHARACTERS = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');
const TIME = /^(\w+day), (\w+) (\d\d), (\d{4}) (\d\d:\d\d:\d\d)-UTC\r\n$/;

/** The answers to so many datagrams. @param {number} port @param {number} count */
async function ask(port, count) {
  const socket = createSocket('udp4');
  const answers = [];
  for (let i = 0; i < count; i++) {
    socket.send('?', port, '127.0.0.1');
    answers.push(String((await once(socket, 'message'))[0]));
  }
  socket.close();
  return answers;
}

/** @param {number} number */
const line = (number) => (CHARACTERS + CHARACTERS).slice(number % 95).slice(0, 72) + '\r\n';

/** @param {string} text */
function checkTime(text) {
  const parts = TIME.exec(text);
  assert.ok(parts, text);
  const [, day, month, date, year, time] = parts;
  const said = new Date(`${month} ${date} ${year} ${time} UTC`);
  assert.ok(Math.abs(Date.now() - +said) < 60_000, text);
  assert.equal(said.toLocaleDateString('en', { weekday: 'long', timeZone: 'UTC' }), day);
}

test('discard takes all that comes, says nothing, and counts', async () => {
  const session = await discard.dial();
  session.send(Buffer.alloc(20 << 20));
  session.finish();
  assert.equal(await session.end(), '');
  await discard.logged(/sent 20971520 bytes\n/);
});

test('discard answers no datagram, and lives on', limit, async () => {
  const socket = createSocket('udp4');
  let answers = 0;
  socket.on('message', () => answers++);
  for (let i = 0; i < 100; i++) await new Promise((sent) => socket.send('x'.repeat(i * 50), discard.port, '127.0.0.1', sent));
  const session = await discard.dial();
  session.finish();
  assert.equal(await session.end(), '');
  assert.equal(answers, 0);
  socket.close();
});

test('daytime tells the time, and closes', limit, async () => {
  const sessions = await Promise.all(Array.from({ length: 50 }, () => daytime.dial()));
  for (const session of sessions) {
    session.send('what nobody asked for');
    checkTime(await session.end());
  }
  checkTime((await ask(daytime.port, 1))[0]);
});

test('chargen makes lines, until nobody listens', async () => {
  const session = await chargen.dial();
  for (let number = 0; number < 200; number++) await session.expect(line(number));
  session.reset();
  await chargen.logged(/closed/);
});

test('chargen stops for who stops reading, goes on for the others and, later, for that one', limit, async () => {
  const stuck = await chargen.dial();
  await stuck.expect(line(0));
  stuck.stick();
  const others = await Promise.all(Array.from({ length: 20 }, () => chargen.dial()));
  for (const other of others) await other.expect(line(3000));
  for (const other of others) other.reset();
  const size = stuck.socket.bytesRead;
  stuck.socket.resume();
  while (stuck.socket.bytesRead < size + (8 << 20)) await once(stuck.socket, 'data');
  stuck.socket.pause();
  const lines = stuck.text.split('\r\n').slice(0, -1);
  lines.forEach((text, i) => assert.equal(text + '\r\n', line(i + 1)));
  stuck.reset();
});

test('chargen answers each datagram with a line', limit, async () => {
  assert.deepEqual(await ask(chargen.port, 3), [0, 1, 2].map(line));
});

test('in the lab', limit, async (t) => {
  const day = await (await startInLab(t, 'daytime', '13')).talk();
  const text = await day.expect(/\r\n/);
  checkTime(text);
  day.finish();
  await day.exited;

  const generator = await (await startInLab(t, 'chargen', '19')).talk();
  const lines = (await generator.expect(/(.{72}\r\n){500}/)).split('\r\n').slice(0, -1);
  lines.forEach((text, i) => assert.equal(text + '\r\n', line(i)));

  const { talk, logged } = await startInLab(t, 'discard', '9');
  const heap = await talk();
  heap.send('x'.repeat(100_000));
  heap.finish();
  await heap.exited;
  await logged(/sent 100000 bytes/);
});
