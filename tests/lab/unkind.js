/** What every server that talks in lines has to bear: clients that are slow, rude, stuck, or gone. */
import { test } from 'node:test';

/** @typedef {Awaited<ReturnType<typeof import('./session.js').startServer>>} Server */

/**
 * Tests that end with the server as well as before.
 * @param {Server} server
 * @param {object} talk
 * @param {RegExp} talk.greeting
 * @param {string} talk.command  one that needs no other before it, without its end
 * @param {RegExp} talk.reply  to that
 * @param {RegExp} talk.tooLong  to a line that is too long
 * @param {string} talk.large  a command with a long answer, or many, to be sent again and again
 */
export function testUnkindClients(server, { greeting, command, reply, tooLong, large }) {
  const greeted = async () => {
    const session = await server.dial();
    await session.expect(greeting);
    return session;
  };

  test('a byte at a time', async () => {
    const session = await greeted();
    await session.sendSlowly(`${command}\r\n`);
    await session.expect(reply);
    session.finish();
    await session.end();
  });

  test('several commands in one segment, and the end', async () => {
    const session = await greeted();
    session.send(`${command}\r\n`.repeat(3));
    session.finish();
    for (let i = 0; i < 3; i++) await session.expect(reply);
    await session.end();
  });

  test('lines that are too long, and ones that are none', async () => {
    const session = await greeted();
    session.send(`${'x'.repeat(200_000)}\r\n`);
    await session.expect(tooLong);
    session.send(`${command}\r\n`);
    await session.expect(reply);
    session.send(`\0\0\r\n\r\n \r\n\xff\xfe\x80 %s%n\r\n${command}\r\n`);
    await session.expect(reply);
    session.finish();
    await session.end();
  });

  test('noise, and ends in the middle of a command', async () => {
    let seed = 1;
    const random = () => (seed = (seed * 48271) % 2147483647);
    for (let i = 0; i < 40; i++) {
      const session = await server.dial();
      const noise = Buffer.from(`${command}\r\n`.repeat(20));
      for (let n = 0; n < i; n++) noise[random() % noise.length] = random();
      session.send(noise.subarray(0, random() % noise.length));
      i % 2 ? session.reset() : session.finish();
      if (!(i % 2)) await session.end();
    }
    await (await greeted()).reset();
  });

  test('50 clients at once, while one asks and asks and does not read', async () => {
    const stuck = await greeted();
    stuck.stick();
    let asked = 0;
    const requests = large.repeat(Math.ceil(65536 / large.length));
    const pump = () => { while (!stuck.socket.destroyed && asked < 32 << 20 && stuck.socket.write(requests, 'latin1')) asked += requests.length; };
    stuck.socket.on('drain', pump);
    pump();
    const others = await Promise.all(Array.from({ length: 50 }, greeted));
    for (let round = 0; round < 3; round++) {
      for (const other of others) other.send(`${command}\r\n`);
      await Promise.all(others.map((other) => other.expect(reply)));
    }
    for (const other of others) other.finish();
    for (const other of others) await other.end();
    stuck.reset();
  });
}
