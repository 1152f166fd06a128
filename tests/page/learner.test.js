/** What a learner has besides running programs: sharing, leaving and coming back, keys, a phone, another language. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { find } from '../../web/app/find.js';
import { Home } from '../../web/app/home.js';
import { makefile, zip } from '../../web/app/zip.js';
import { serveStatic } from '../../web/build/static.js';
import { Lab } from '../../web/runtime/lab.js';
import { TerminalPane, code, edit, launch, lessonPath, newPage, openLesson, serveSite, top } from './page.js';
import { walk } from './walk.js';

/** @type {import('playwright-core').Browser} */
let browser;
/** @type {Awaited<ReturnType<typeof serveSite>>} */
let site;

before(async () => {
  browser = await launch();
  site = await serveSite({ isolated: true });
});
after(async () => {
  await browser?.close();
  await site?.close();
});


test('Chromium: run, edit, error, fix, check, pass, next', { timeout: 240_000 }, async () => {
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  await walk(page, site.url);
  await page.close();
});

describe('a link that carries files', () => {
  /** @type {Awaited<ReturnType<typeof serveStatic>>} */
  let sources;
  /** @type {import('playwright-core').Page} a place for share.js: not every Node has 'deflate-raw' */
  let place;
  before(async () => {
    sources = await serveStatic({ root: join(top, 'web') });
    place = await browser.newPage();
    await place.goto(`${sources.url}app/share.js`);
  });
  after(async () => {
    await place?.close();
    await sources?.close();
  });
  const toFragment = (/** @type {any} */ shared) =>
    place.evaluate(async ([at, argument]) => (await import(at)).toFragment(argument), [place.url(), shared]);
  const fromFragment = (/** @type {string} */ fragment) =>
    place.evaluate(async ([at, argument]) => (await import(at)).fromFragment(argument), [place.url(), fragment]);

  test('is opened in a fresh profile: shown, not run, not saved; then kept', async () => {
    const { page, close } = await openLesson(browser, site.url);
    await edit(page, 'server.c', 'thank you', 'merci');
    await page.getByRole('button', { name: 'More' }).click();
    await page.getByRole('menuitem', { name: 'Share a link' }).click();
    const link = await page.getByLabel('Link', { exact: true }).inputValue();
    await close();

    const fresh = await newPage(browser, { viewport: { width: 1600, height: 1000 } });
    await fresh.goto(link);
    await fresh.locator('.cm-line', { hasText: 'merci' }).waitFor();
    await fresh.getByRole('alert').filter({ hasText: 'came with the link' }).waitFor();
    const server = new TerminalPane(fresh, 'server.c');
    assert.equal(await server.shows(/\$$/), 'alice:~$');
    const saved = () => fresh.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('server.c@')).length);
    assert.equal(await saved(), 0);
    assert.equal(new URL(fresh.url()).hash, '');
    await fresh.getByRole('button', { name: 'Keep them' }).click();
    assert.equal(await saved(), 1);
    await fresh.close();
  });

  test('broken or hostile: nothing is opened, and it says so', async () => {
    const page = await newPage(browser);
    const foreign = await toFragment({ bench: 'tcp/simple', files: { 'other.c': 'int x;' } });
    for (const hash of ['#files=AAAA', foreign]) {
      await page.goto('about:blank');
      await page.goto(site.url + lessonPath + hash);
      await page.getByRole('alert').filter({ hasText: 'This link cannot be opened' }).waitFor();
      assert.match((await code(page).textContent()) ?? '', /Thanks everyone/);
    }
    await page.close();
  });

  test('is read only if it is whole, small, and names C files', async () => {
    const whole = { bench: 'playground', files: { 'a.c': 'int main(void) { return 0; } // é', 'wire.h': '' } };
    const link = await toFragment(whole);
    assert.deepEqual(await fromFragment(link), whole);
    assert.equal(await fromFragment('#why-it-works'), undefined);
    assert.equal(await fromFragment(link.slice(0, -4)), null);
    assert.equal(await fromFragment(`#files=${'A'.repeat(100_000)}`), null);
    const bad = (/** @type {any} */ files) => toFragment({ bench: 'playground', files }).then(fromFragment);
    for (const files of [{}, { '../a.c': '' }, { 'a.sh': '' }, { '__proto__.c': 1 }, { 'a.c': 'x\0' }]) assert.equal(await bad(files), null);
    assert.equal(await bad(Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}.c`, '']))), null);
    const bomb = deflateRawSync(JSON.stringify({ bench: 'x', files: { 'a.c': 'x'.repeat(4e6) } }));
    assert.equal(await fromFragment(`#files=${bomb.toString('base64url')}`), null);
  });
});

test('the zip builds with gcc on Linux', () => {
  const folder = mkdtempSync(join(tmpdir(), 'portside-zip-'));
  try {
    const read = (/** @type {string} */ name) => readFileSync(join(top, 'web/lessons/tcp/simple', name), 'utf8');
    const files = { 'server.c': read('server.c'), 'client.c': read('client.c') };
    writeFileSync(join(folder, 'a.zip'), Buffer.concat(zip({ ...files, Makefile: makefile(Object.keys(files)) })));
    execFileSync('python3', ['-m', 'zipfile', '-t', 'a.zip'], { cwd: folder });
    execFileSync('python3', ['-m', 'zipfile', '-e', 'a.zip', '.'], { cwd: folder });
    execFileSync('make', ['-s', 'MAKEFLAGS='], { cwd: folder, env: { PATH: process.env.PATH } });
    assert.throws(() => execFileSync('./client', ['localhost', '1'], { cwd: folder, stdio: 'pipe' }), /Connection refused/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('files of the home directory are there in the next lab', async () => {
  /** @type {Map<string, string>} */
  const values = new Map();
  const store = {
    getItem: (/** @type {string} */ key) => values.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void values.set(key, value),
    removeItem: (/** @type {string} */ key) => void values.delete(key),
  };
  const home = new Home('tcp/one', store, () => ['a.c']);
  const files = { 'a.c': 'the editor has it', 'notes/é.txt': 'née', data: '\xff\0', program: '\0asm', long: 'x'.repeat(70_000) };
  const first = await Lab.boot();
  for (const [path, text] of Object.entries(files)) await first.install(`/home/learner/${path}`, Buffer.from(text, path === 'data' ? 'latin1' : 'utf8'), 0o640);
  await home.save(first);
  first.shutdown();
  const second = await Lab.boot();
  await home.restore(second);
  const found = await second.files('/home/learner', 1e6);
  assert.deepEqual(found.map(({ path, mode, bytes }) => [path, mode, Buffer.from(bytes).toString('latin1')]).sort(),
    [['data', 0o640, '\xff\0'], ['notes/é.txt', 0o640, Buffer.from('née').toString('latin1')]]);
  second.shutdown();
});

test('progress goes to another browser as a file; another file changes nothing', async () => {
  const { page, close } = await openLesson(browser, site.url);
  await edit(page, 'server.c', 'thank you', 'merci');
  await page.getByRole('button', { name: 'Settings' }).click();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save it in a file' }).click();
  const path = await (await download).path();
  const other = await openLesson(browser, site.url);
  const load = async (/** @type {string | { name: string, mimeType: string, buffer: Buffer }} */ file) => {
    const chooser = other.page.waitForEvent('filechooser');
    await other.page.getByRole('button', { name: 'Load it from a file' }).click();
    await (await chooser).setFiles(file);
  };
  await other.page.getByRole('button', { name: 'Settings' }).click();
  await load({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"portside":1,"entries":{"other":"x"}}') });
  await other.page.getByText('no file of progress').waitFor();
  await load(path);
  await other.page.locator('.cm-line', { hasText: 'merci' }).waitFor();
  await other.close();
  await close();
});

test('a full storage: the session goes on, and the export is offered', async () => {
  const page = await newPage(browser);
  await page.addInitScript(() => {
    Storage.prototype.setItem = () => {
      throw new DOMException('full', 'QuotaExceededError');
    };
  });
  await page.goto(site.url + lessonPath);
  await edit(page, 'server.c', 'thank you', 'merci');
  await page.getByRole('alert').filter({ hasText: 'no room left' }).waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('alert').getByRole('button', { name: 'Save it in a file' }).click();
  assert.match(readFileSync(await (await download).path(), 'utf8'), /merci/);
  await page.close();
});

test('offline: after the first visit the lesson is loaded and runs', { timeout: 120_000 }, async () => {
  const own = await serveSite({ isolated: true });
  const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
  await page.goto(own.url + lessonPath);
  await page.evaluate(async () => {
    const kept = new Promise((resolve) => navigator.serviceWorker.addEventListener('message', resolve));
    (await navigator.serviceWorker.ready).active?.postMessage('keep');
    navigator.serviceWorker.startMessages();
    await kept;
  });
  await own.close();
  await page.reload();
  const server = new TerminalPane(page, 'server.c');
  await server.run.click();
  await server.shows(/waiting on port 9999/);
  await page.locator('.neighbours [rel=next]').click();
  await page.locator('article h1').waitFor();
  await page.close();
});

test('keys alone: help, editor, run, terminal, dividers', async () => {
  const { page, client, close } = await openLesson(browser, site.url);
  await client.shows(/\$$/);
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keyboard and help' }).waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Alt+2');
  await page.keyboard.press('Control+s');
  await page.getByText('saved in this browser already').waitFor();
  await page.keyboard.press('Shift+Enter');
  await new TerminalPane(page, 'server.c').shows(/waiting on port 9999/);
  await page.keyboard.press('Alt+3');
  await page.keyboard.press('Alt+3');
  await page.keyboard.type('./client\n');
  await client.shows(/thank you/);
  const width = () => page.locator('.text').evaluate((element) => element.getBoundingClientRect().width);
  const before = await width();
  await page.locator('.split > .divider').focus();
  await page.keyboard.press('ArrowRight');
  assert.ok((await width()) > before + 20);
  await page.reload();
  await page.locator('.split > .divider').waitFor();
  assert.ok((await width()) > before + 20, 'it is remembered');
  await close();
});

test('a phone: one pane at a time, and the back button goes back', async () => {
  const page = await newPage(browser, { viewport: { width: 390, height: 780 }, hasTouch: true });
  await page.goto(site.url + lessonPath);
  const visible = async () => [await page.locator('.text').isVisible(), await page.locator('.source').isVisible(), await page.locator('.terminals').isVisible()];
  await page.locator('.tab').first().waitFor({ state: 'attached' });
  assert.deepEqual(await visible(), [true, false, false]);
  await page.getByRole('button', { name: 'Code' }).tap();
  assert.deepEqual(await visible(), [false, true, false]);
  await code(page).tap();
  await page.locator('.cm-focused').waitFor();
  await page.keyboard.press('Shift+Enter');
  assert.deepEqual(await visible(), [false, false, true]);
  const server = new TerminalPane(page, 'server.c');
  await server.run.tap();
  await server.shows(/waiting on port 9999/);
  await page.goBack();
  assert.deepEqual(await visible(), [false, true, false]);
  await page.goBack();
  assert.deepEqual(await visible(), [true, false, false]);
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await page.close();
});

test('in German, where the browser speaks it', async () => {
  const page = await newPage(browser, { locale: 'de-DE' });
  await page.goto(site.url + lessonPath);
  await page.getByRole('button', { name: 'Mehr' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  assert.equal(await page.locator('article').getAttribute('lang'), 'en');
  await page.getByRole('button', { name: 'Einstellungen' }).click();
  await page.getByLabel('Sprache').selectOption('en');
  await page.getByRole('button', { name: 'Settings' }).waitFor();
  await page.close();
});

test('search finds words in titles first', async () => {
  const page = await newPage(browser);
  await page.goto(site.url);
  await page.keyboard.press('/');
  await page.getByRole('searchbox').fill('backlog');
  await page.locator('.found a').first().click();
  await page.locator('article', { hasText: 'backlog' }).waitFor();
  await page.close();
  const sections = [{ path: 'a', lesson: 'One', title: '', text: 'the backlog' }, { path: 'b', lesson: 'Two', title: 'Backlog', text: '' }];
  assert.deepEqual(find(sections, 'BACK').map(({ section }) => section.path), ['b', 'a']);
  assert.deepEqual(find(sections, 'log'), []);
});

test('embedded: the bench alone; where isolation is missing, a plain message', async () => {
  const page = await newPage(browser);
  await page.goto(`${site.url}${lessonPath}?embed`);
  await code(page).waitFor();
  assert.equal(await page.locator('.text').isVisible(), false);
  await page.close();
  const poor = await newPage(browser);
  const plain = await serveSite({ isolated: false });
  await poor.addInitScript(() => Object.defineProperty(navigator, 'serviceWorker', { value: undefined }));
  await poor.goto(`${plain.url}${lessonPath}?embed`);
  await poor.getByRole('alert').filter({ hasText: 'cannot run programs inside another' }).waitFor();
  assert.equal(await poor.getByRole('link', { name: 'Open it there' }).getAttribute('href'), `/courses/sockets/${lessonPath}`);
  await poor.close();
  await plain.close();
});
