/** The views of the network, as a learner uses them, and what they show beside what tshark reads. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { launch, openLesson, serveSite } from './page.js';

/** @typedef {import('playwright-core').Page} Page */

const limit = { timeout: 120_000 };
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serveSite>>} */
let site;
/** @type {Awaited<ReturnType<typeof openLesson>>} */
let lesson;

before(async () => {
  [browser, site] = await Promise.all([launch(), serveSite({ isolated: true })]);
  lesson = await openLesson(browser, site.url, { proxy: null });
  await open(lesson.page, 'packets');
  await lesson.server.run.click();
  await lesson.server.shows(/waiting on port/);
}, limit);
after(async () => {
  await lesson?.close();
  await browser?.close();
  await site?.close();
});

/** @param {Page} page @param {string} view */
async function open(page, view) {
  const tab = page.locator(`#tab-${view}`);
  if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
}

/** @param {Page} page */
const rows = (page) => page.locator('.packet-rows .packet-row');

/** What a row's cells say. @param {Page} page @param {string} part */
const column = (page, part) => page.locator(`.packet-rows .${part}`).allTextContents();

test('the packets of a session are those of the file that is downloaded', limit, async () => {
  const { page, client } = lesson;
  await client.run.click();
  await client.shows(/thank you\n[^]*\$$/);
  await rows(page).filter({ hasText: 'ack 2' }).first().waitFor();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
  const path = await download.path();
  const fields = ['frame.number', 'tcp.srcport', 'tcp.dstport', 'tcp.seq', 'tcp.ack', 'tcp.len', 'tcp.flags.syn', 'tcp.flags.fin'];
  const { stdout } = await promisify(execFile)('tshark', ['-r', path, '-T', 'fields', ...fields.flatMap((field) => ['-e', field])]);
  const theirs = stdout.trim().split('\n').map((line) => line.split('\t'));
  const numbers = await column(page, 'number'), infos = await column(page, 'info');
  assert.deepEqual(numbers, theirs.map(([number]) => number));
  for (const [i, [, from, to, seq, ack, length, syn, fin]] of theirs.entries()) {
    assert.ok(infos[i].startsWith(`${from} → ${to} `), infos[i]);
    assert.ok(infos[i].includes(` seq ${seq}`), infos[i]);
    assert.equal(infos[i].includes('SYN'), syn === '1', infos[i]);
    assert.equal(infos[i].includes('FIN'), fin === '1', infos[i]);
    if (ack !== '0') assert.ok(infos[i].includes(` ack ${ack}`), infos[i]);
    if (length !== '0') assert.ok(infos[i].includes(`, ${length} bytes`), infos[i]);
  }
});

test('arrow keys choose a packet; a field marks its bytes, and a byte its field', limit, async () => {
  const { page } = lesson;
  await page.getByRole('grid', { name: /^Packets/ }).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.locator('.packet-row[aria-selected=true] .number').textContent(), '2');
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  const value = page.getByRole('treeitem', { name: /^Source port/ });
  await value.hover();
  assert.deepEqual(await page.locator('.hex .pointed').allTextContents().then((bytes) => bytes.slice(0, 2)), ['27', '0f']); // 9999
  await page.locator('.hex [data-at="7"]').first().hover();
  assert.match((await page.locator('.item.pointed > .line').textContent()) ?? '', /^Hop limit/);
});

test('a filter picks, says what it does not understand, and a stream is followed', limit, async () => {
  const { page } = lesson;
  const filter = page.getByRole('searchbox', { name: 'Filter' });
  await filter.fill('syn and not ack');
  assert.deepEqual(await column(page, 'number'), ['1', '3']); // localhost is ::1, where nobody listens, then 127.0.0.1
  await filter.fill('syn nad');
  await page.getByText('not understood from here on: nad').waitFor();
  await filter.fill('"thank"');
  assert.equal(await rows(page).count(), 1);
  await rows(page).click();
  await page.getByRole('button', { name: 'Follow stream' }).click();
  assert.match((await page.locator('.stream pre').textContent()) ?? '', /^thank you\s*$/);
  await page.getByRole('button', { name: 'Follow stream' }).click();
  await filter.fill('');
});

test('a held network lets packets arrive one by one, and goes on', limit, async () => {
  const { page, client } = lesson;
  await page.getByRole('searchbox', { name: 'Filter' }).fill('');
  await page.getByRole('button', { name: 'Clear' }).click();
  await page.getByRole('button', { name: 'Pause network' }).click();
  await client.type('./client 127.0.0.1');
  await page.getByText('held: 1 packet on its way').waitFor();
  assert.deepEqual(await page.locator('.packet-row.waiting .info').allTextContents().then((infos) => infos.map((info) => /SYN/.test(info))), [true]);
  await page.getByRole('button', { name: 'One packet' }).click();
  await rows(page).nth(1).waitFor();
  assert.match((await column(page, 'info'))[1], /SYN ACK/);
  await page.getByRole('button', { name: 'Go on' }).click();
  await client.shows(/thank you\n[^]*\$$/);
  assert.ok(!(await column(page, 'info')).some((info) => /sent again/.test(info)));
});

test('the state diagram shows how the connection came to TIME-WAIT', limit, async () => {
  const { page } = lesson;
  await open(page, 'sockets');
  await page.getByRole('row', { name: /TIME-WAIT/ }).last().click();
  await page.getByRole('img', { name: 'The states of TCP: TIME-WAIT' }).waitFor();
  await page.getByText('LISTEN → SYN-RECEIVED → ESTABLISHED → FIN-WAIT-1 → FIN-WAIT-2 → TIME-WAIT.').waitFor();
});

test('a slider changes the delay, and a cut cable stops what a host sends', limit, async () => {
  const { page, client } = lesson;
  await open(page, 'network');
  await page.getByRole('button', { name: 'alice, 10.0.0.1' }).press('Enter');
  const delay = page.getByRole('slider', { name: 'Delay' });
  await delay.focus();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  assert.equal(await delay.getAttribute('aria-valuetext'), '5 ms');
  await open(page, 'packets');
  await page.getByRole('button', { name: 'Clear' }).click();
  await client.type('./client 10.0.0.2');
  await client.shows(/client 10\.0\.0\.2\n.+\n[^]*\$$/);
  const arp = rows(page).filter({ hasText: 'Who has 10.0.0.2' }).first();
  await arp.locator('.info').waitFor();
  assert.match((await arp.locator('.info').getAttribute('title')) ?? '', /arrives 5\.\d+ ms later/);
  await open(page, 'network');
  await page.getByRole('button', { name: 'Cut the cable' }).click();
  await page.getByRole('button', { name: 'alice, 10.0.0.1, cable cut' }).waitFor();
  await page.getByRole('button', { name: 'Perfect cable' }).click();
  await page.getByRole('button', { name: 'alice, 10.0.0.1', exact: true }).waitFor();
});

test('calls are told as strace tells them, with their line; a packet leads to its calls, and back', limit, async () => {
  const { page, client } = lesson;
  await open(page, 'calls');
  await client.type('./client 127.0.0.1');
  await client.shows(/10\.0\.0\.2\n[^]*127\.0\.0\.1\nthank you\n[^]*\$$/);
  const call = page.getByRole('option', { name: /alice client connect\(3, .*sin_port=htons\(9999\), sin_addr=inet_addr\("127.0.0.1"\)}, 16\) = 0/ });
  const shells = page.getByRole('option', { name: /alice sh read/ }); // it reads each key
  const filter = page.locator('.filter:visible'), too = page.getByRole('button', { name: 'Shell’s' });
  await filter.fill('alice sh ');
  assert.equal(await shells.count(), 0);
  await too.click();
  await shells.first().waitFor();
  await too.click();
  await filter.fill('connect(');
  await call.first().click();
  await page.getByRole('button', { name: 'Its packets' }).click();
  await rows(page).first().waitFor();
  assert.match((await column(page, 'info'))[0], /SYN seq 0/);
  await rows(page).first().click();
  await page.getByRole('button', { name: 'Its calls' }).click();
  await call.first().waitFor();
  await page.getByRole('option', { name: /server send/ }).first().waitFor();
  assert.equal(await page.getByRole('option', { name: /execve/ }).count(), 0);
});
