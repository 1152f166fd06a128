/** The Gopher server. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { startInLab, startServer } from './session.js';

const server = await startServer({ after }, 'gopher');
const limit = { timeout: 120_000 };

/** What comes for a selector, up to the server's end. @param {string} selector */
async function ask(selector) {
  const session = await server.dial();
  session.send(`${selector}\r\n`);
  return session.end();
}

/** A menu's items. @param {string} menu */
function items(menu) {
  assert.ok(menu.endsWith('\r\n.\r\n'), menu);
  return menu.slice(0, -5).split('\r\n').map((line) => {
    const fields = line.slice(1).split('\t');
    assert.equal(fields.length, 4, line);
    return { type: line[0], title: fields[0], selector: fields[1], host: fields[2], port: fields[3] };
  });
}

test('every item of every menu is there', async () => {
  const seen = new Set(), left = [''];
  for (let selector; (selector = left.pop()) !== undefined;) {
    for (const item of items(await ask(selector))) {
      if (item.type === 'i' || seen.has(item.selector)) continue;
      seen.add(item.selector);
      assert.deepEqual([item.host, item.port], ['127.0.0.1', String(server.port)]);
      if (item.type === '1') left.push(item.selector);
      else if (item.type === '0') assert.match(await ask(item.selector), /^[^]+\r\n\.\r\n$/);
      else assert.deepEqual([item.type, item.selector], ['7', '/search']);
    }
  }
  assert.ok(seen.size >= 9);
});

test('a line that begins with a dot is sent with two', async () => {
  const text = await ask('/dots');
  assert.match(text, /is\r\n\.\.\r\nand/);
  assert.match(text, /\r\n\.\.\.hidden\r\n/);
  assert.equal(text.indexOf('\r\n.\r\n'), text.length - 5, 'the end alone has one');
});

test('the search', async () => {
  const titles = async (/** @type {string} */ words) => items(await ask(`/search\t${words}`)).map(({ type, title }) => type + title);
  assert.deepEqual(await titles('HTONS number'), ['0Which end of the number first']);
  assert.deepEqual(await titles('the'), ['0The harbour at a glance', '0On dots', '0A letter cut to pieces', '0Which end of the number first', '0Sailing in fog']);
  assert.deepEqual(await titles('htons lighthouse'), ['iNo text has all of these words.']);
  assert.deepEqual(await titles('x'.repeat(300)), ['iNo text has all of these words.']);
  assert.deepEqual(await titles('  '), ['3Search for what?']);
  assert.deepEqual(items(await ask('/search'))[0].type, '3');
  assert.deepEqual(await titles('fog\t+'), ['0Sailing in fog']);
});

test('what is not there, and what is no selector', async () => {
  for (const selector of ['/nothing', '../../etc/passwd', '\0', 'x'.repeat(600), 'a\rb', '\xff\xfe'])
    assert.deepEqual(items(await ask(selector)).map(({ type }) => type), ['3'], JSON.stringify(selector));
});

test('a byte at a time, LF alone, several requests at once (the first counts), half a request', async () => {
  const whole = await ask('/fog');
  const session = await server.dial();
  await session.sendSlowly('/fog\n');
  assert.equal(await session.end(), whole);
  assert.equal(await ask('/fog\r\n/dots\r\n/packets'), whole);
  const half = await server.dial();
  half.send('/fo');
  half.finish();
  assert.equal(await half.end(), '');
});

test('50 at once, one stuck, some gone', async () => {
  const many = await Promise.all(Array.from({ length: 50 }, () => server.dial()));
  many[0].stick();
  for (const session of many.slice(0, 25)) session.send('/ha');
  for (const session of many.slice(1, 10)) session.reset();
  const whole = await ask('/harbour');
  for (const session of many.slice(10, 25)) session.send('rbour\r\n');
  for (const session of many.slice(25)) session.send('/harbour\r\n');
  for (const session of many.slice(10)) assert.equal(await session.end(), whole);
  many[0].reset();
});

test('in the lab', limit, async (t) => {
  const { talk, logged } = await startInLab(t, 'gopher', '70');
  const client = await talk();
  client.send('\r\n');
  const menu = await client.expect(/^[^]*\r\n\.\r\n$/);
  client.finish();
  await client.exited;
  const search = items(menu).find(({ type }) => type === '7');
  assert.equal(search?.port, '70');
  const again = await talk();
  again.send(`${search?.selector}\tpoem\r\n`);
  await again.expect(/^0A letter cut to pieces\t\/packets\t\S+\t70\r\n\.\r\n$/);
  again.finish();
  await again.exited;
  await logged(/asks for '\/search\?poem'/);
});
