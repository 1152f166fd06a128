/** The Telnet server: its options, and the quay behind them. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startInLab, startServer } from './session.js';

const server = await startServer({ after }, 'telnet');
const limit = { timeout: 120_000 };
const IAC = '\xff', WILL = '\xfb', WONT = '\xfc', DO = '\xfd', DONT = '\xfe', SB = '\xfa', SE = '\xf0', AYT = '\xf6', EC = '\xf7', EL = '\xf8', IP = '\xf4';
const ECHO = '\x01', SGA = '\x03', TERMINAL = '\x18', NAWS = '\x1f', LINEMODE = '\x22';
const OFFER = IAC + WILL + ECHO + IAC + WILL + SGA + IAC + DO + NAWS + IAC + DO + TERMINAL;

/** A client that has read up to the prompt. */
async function arrive() {
  const session = await server.dial();
  await session.expect(OFFER);
  await session.expect('sailor? ');
  return session;
}

let sailors = 0;
/** One with a name, which speaks no Telnet. */
async function enter(name = `s${++sailors}`) {
  const session = await arrive();
  session.send(`${name}\r\n`);
  await session.expect(`Welcome, ${name}`);
  await session.expect('> ');
  return { session, name };
}

test('options: a confirmation is not confirmed, what is not known is refused, once each', async () => {
  const session = await arrive();
  session.send(IAC + DO + ECHO + IAC + DO + SGA + IAC + WILL + NAWS + IAC + DO + ECHO + IAC + WILL + SGA + IAC + WILL + LINEMODE + IAC + DO + NAWS + IAC + WONT + LINEMODE + IAC + DONT + LINEMODE + IAC + AYT);
  assert.equal(await session.expect('[Yes'), IAC + DO + SGA + IAC + DONT + LINEMODE + IAC + WONT + NAWS + '\r\n[Yes');
  session.send(IAC + DONT + ECHO + IAC + DONT + ECHO + IAC + AYT);
  assert.match(await session.expect('[Yes'), new RegExp(`${IAC}${WONT}${ECHO}\r\n\\[Yes$`));
  session.send(IAC + DO + ECHO + IAC + AYT);
  assert.match(await session.expect('[Yes'), new RegExp(`quay\\]\r\n${IAC}${WILL}${ECHO}\r\n\\[Yes$`));
  session.reset();
});

test('the window and the terminal, a byte at a time, with a 255 in them', async () => {
  const session = await arrive();
  await session.sendSlowly(IAC + WILL + TERMINAL + IAC + WILL + NAWS);
  await session.expect(IAC + SB + TERMINAL + '\x01' + IAC + SE);
  await session.sendSlowly(IAC + SB + TERMINAL + '\0XTERM-\x1b' + IAC + SE + IAC + SB + NAWS + '\0' + IAC + IAC + '\x01\x02' + IAC + SE + 'windowed\r\0');
  await session.expect('Your window has 255 columns and 258 rows.\r\nYour terminal is called XTERM-?.\r\n');
  session.send(IAC + SB + NAWS + '\0\x1e\0\x14' + IAC + SE + 'look\r\n');
  const lines = (await session.expect('(lighthouse)')).split('> ')[1].split('\r\n');
  assert.ok(lines.length > 8 && lines.every((line) => line.length <= 29), JSON.stringify(lines));
  session.reset();
});

test('parameters that are no such, too long, or never end', async () => {
  const session = await arrive();
  session.send(IAC + WILL + NAWS + IAC + SB + NAWS + '\0\x50' + IAC + SE + IAC + SB + NAWS + '\0'.repeat(5000) + IAC + SE + IAC + SB + IAC + SE + IAC + SB + TERMINAL + '\0' + 'x'.repeat(60) + IAC + SE);
  session.send('parameters\rwindow\n');
  await session.expect('Welcome, parameters');
  await session.expect('has not told the size');
  await session.expect(`called ${'x'.repeat(40)}.`);
  session.send(IAC + SB + NAWS + '\x01'.repeat(100_000));
  session.finish();
  await session.end();
});

test('what is typed is echoed, and can be mended', async () => {
  const session = await arrive();
  session.send(IAC + DO + ECHO);
  await session.sendSlowly(`wrong\x15edx\x7fit\x01${IAC}${EC}${IAC}${EC}or\r\n`);
  assert.equal(await session.expect('Welcome, edor.'), `wrong${'\b \b'.repeat(5)}edx\b \bit\b \b\b \bor\r\nWelcome, edor.`);
  await session.expect('> ');
  session.send(`say \xc3\xa9\bx${IAC}${IP}say nothing${IAC}${EL}say ${'y'.repeat(300)}\r\n`);
  await session.expect(`say \xc3\xa9\b \bx^C\r\n> say nothing${'\b \b'.repeat(11)}say ${'y'.repeat(196)}${'\x07'.repeat(104)}\r\nYou say: ${'y'.repeat(196)}\r\n> `);
  session.send('\x04');
  assert.equal(await session.end(), 'Fair winds!\r\n');
});

test('a chat: all hear it, in the middle of what they type', async () => {
  const anna = await enter('anna'), bert = await enter('bert');
  await anna.session.expect('bert comes up the quay.');
  bert.session.send(IAC + DO + ECHO + 'say he');
  await bert.session.expect('say he');
  anna.session.send('say ahoy there\r\nwho\r\n');
  await anna.session.expect('You say: ahoy there\r\n> ');
  const who = await anna.session.expect('(you)');
  assert.match(who, /bert +127\.0\.0\.1:\d+\r\n/);
  assert.equal(await bert.session.expect('say he'), `\r${' '.repeat(8)}\ranna says: ahoy there\r\n> say he`);
  bert.session.send('llo\r\n');
  await anna.session.expect('bert says: hello');
  const third = await arrive();
  for (const [name, answer] of [['ANNA', 'is here already'], ['a b', 'letters and digits'], ['', 'letters and digits'], ['x'.repeat(17), 'letters and digits']]) {
    third.send(`${name}\r\n`);
    await third.expect(answer);
  }
  bert.session.reset();
  await anna.session.expect('bert has left.');
  third.send('bert\r\n');
  await third.expect('Welcome, bert');
  assert.ok(!third.text.includes('ahoy'));
  third.send('quit\r\n');
  await anna.session.expect('bert has left.');
  anna.session.send('nonsense\r\nsay\r\nHELP\r\nquit\r\n');
  assert.match(await anna.session.end(), /Nobody on the quay[^]*Say what[^]*notice board[^]*Fair winds!\r\n$/);
});

test('notes stay, the oldest go', async () => {
  const { session, name } = await enter();
  for (let i = 0; i < 9; i++) session.send(`pin note number ${i}\r\n`);
  for (let i = 0; i < 9; i++) await session.expect('It hangs.');
  session.send('look\r\n');
  const board = await session.expect(`* note number 8 (${name})`);
  assert.ok(board.includes('number 1') && !board.includes('number 0'));
  session.reset();
});

test('50 at once, one of them stuck, and one that floods', limit, async () => {
  const many = await Promise.all(Array.from({ length: 50 }, () => enter()));
  const [stuck, flooder, ...others] = many.map(({ session }) => session);
  stuck.stick();
  for (let i = 0; i < 300; i++) stuck.send('look\n'.repeat(500));
  flooder.send('say all aboard\r\n'.repeat(50) + 'say last word\r\n');
  for (const other of others) await other.expect('says: last word');
  flooder.send(Buffer.alloc(100_000, 0xff));
  for (const session of [stuck, flooder]) session.reset();
  for (const other of others) {
    other.send('quit\r\n');
    await other.expect('Fair winds!');
  }
});

test('noise does not stop it', async () => {
  let seed = 7;
  const random = () => (seed = (seed * 48271) % 2147483647);
  for (let i = 0; i < 40; i++) {
    const session = await server.dial();
    session.send(Buffer.from(Array.from({ length: 3000 }, () => (random() % 3 ? 240 + random() % 16 : random() % 256))));
    session.finish();
    await session.end();
  }
  const { session } = await enter();
  session.reset();
});

test('in the lab', limit, async (t) => {
  const { talk, logged } = await startInLab(t, 'telnet', '23');
  const one = await talk(), two = await talk();
  one.send('one\r\n');
  await one.expect(/Welcome, one/);
  two.send('two\r\nsay hello\r\n');
  await two.expect(/You say: hello/);
  await one.expect(/two comes up the quay[^]*two says: hello\r\n/);
  one.send('quit\r\n');
  await one.expect(/Fair winds!\r\n$/);
  await two.expect(/one has left/);
  two.finish();
  one.finish();
  assert.equal((await one.exited).code, 0);
  assert.equal((await two.exited).code, 0);
  await logged(/is two\n/);
});
