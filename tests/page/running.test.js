/** The lesson's programs, run in the page: as they come, changed, broken, endless. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TerminalPane, code, edit, launch, lessonPath, newPage, openLesson, serveSite, top } from './page.js';

/** @typedef {import('playwright-core').Page} Page */

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

/** How long the page takes from one frame to the next, in milliseconds. @param {Page} page */
function frameTime(page) {
  return page.evaluate(async () => {
    const began = performance.now();
    for (let i = 0; i < 60; i++) await new Promise(requestAnimationFrame);
    return (performance.now() - began) / 60;
  });
}

test('both programs, unchanged, by clicking Run', async () => {
  const { server, client, close } = await openLesson(browser, site.url);
  await server.run.click();
  await server.shows(/^alice:~\$ \.\/server\nwaiting on port 9999$/);
  await client.run.click();
  await client.shows(/^alice:~\$ \.\/client\nthank you\nalice:~\$/);
  await server.shows(/^connected 127\.0\.0\.1:\d+$/m);
  await client.run.click();
  await client.shows(/(thank you\n.*){2}alice:~\$/s);
  await server.shows(/(connected .*\n?){2}/);
  await close();
});

test('Run again puts a new server in the place of the one that runs', async () => {
  const { server, client, close } = await openLesson(browser, site.url);
  await server.run.click();
  await server.shows(/waiting on port 9999/);
  await server.run.click();
  await server.shows(/(waiting on port 9999\n?.*){2}/s);
  await client.run.click();
  await client.shows(/thank you/);
  await server.stop.click();
  await server.shows(/alice:~\$$/);
  await client.run.click();
  await client.shows(/connect: Connection refused/);
  await close();
});

test('what is typed at the prompt', async () => {
  const { server, client, close } = await openLesson(browser, site.url);
  await server.run.click();
  await server.shows(/waiting/);
  await client.type('./client 127.0.0.1 9999');
  await client.shows(/^thank you$/m);
  await client.type('./client localhost 9998');
  await client.shows(/^connect: Connection refused$/m);
  await client.type('./client no.such.host');
  await client.shows(/^no\.such\.host: \S.*$/m);
  await client.page.keyboard.type('half a line');
  await client.shows(/half a line$/);
  await client.run.click();
  await client.shows(/\.\/client\nthank you\nalice:~\$$/);
  await close();
});

describe('the compiler in the page', () => {
  /** @type {Awaited<ReturnType<typeof openLesson>>} */
  let lesson;
  before(async () => {
    lesson = await openLesson(browser, site.url);
    await lesson.server.run.click();
    await lesson.server.shows(/waiting/);
  });
  after(() => lesson?.close());

  test('a changed program is compiled and runs', async () => {
    const { page, server, client } = lesson;
    await edit(page, 'server.c', 'thank you', 'much obliged');
    await server.run.click();
    await server.shows(/(waiting on port 9999\n?.*){2}/s, 120_000);
    await client.run.click();
    await client.shows(/^much obliged$/m);
  });

  test('cc, typed at the prompt, takes what the editor has', async () => {
    const { client } = lesson;
    await client.type('grep obliged server.c; cc client.c -o mine && ./mine');
    await client.shows(/message = .*obliged[^]*^much obliged$/m);
  });

  test('one that does not compile: the message, on its line too; the old program goes on', async () => {
    const { page, server, client } = lesson;
    await edit(page, 'server.c', 'close(connection);', 'close(conection);');
    await page.locator('.tab[data-file="client.c"]').click();
    await server.run.click();
    await server.shows(/^server\.c:\d+:\d+: error: use of undeclared identifier 'conection'/m);
    assert.equal(await page.locator('.tab[aria-selected="true"]').textContent(), 'server.c');
    assert.equal(await page.locator('.cm-lintRange-error').textContent(), 'conection');
    await client.run.click();
    await client.shows(/(much obliged\n.*){2}alice:~\$/s);
    await edit(page, 'server.c', 'close(conection);', 'close(connection);');
    await server.run.click();
    await server.shows(/1 error generated[^]*\nalice:~\$ \.\/server\nwaiting on port 9999$/);
    assert.equal(await page.locator('.cm-lintRange-error').count(), 0);
  });

  test('a warning is shown, and the program runs', async () => {
    const { page, client } = lesson;
    await edit(page, 'client.c', 'char reply[1024];', 'char reply[1024]; int unused;');
    await client.run.click();
    await client.shows(/^client\.c:\d+:\d+: warning: unused variable 'unused'[^]*much obliged\nalice:~\$$/m);
    await page.locator('.tab[data-file="client.c"]').click();
    await page.locator('.cm-lintRange-warning').waitFor();
    await page.locator('.reset').click();
  });

  const endless = [
    { what: 'computes', statement: 'for (volatile unsigned i = 0;; i++);' },
    { what: 'prints', statement: 'for (;;) printf("again and again\\n");' },
    { what: 'does not heed SIGINT', statement: 'signal(SIGINT, SIG_IGN); for (;;) sleep(1);' },
  ];
  for (const { what, statement } of endless) {
    test(`an endless loop that ${what}: the page lives, and Stop ends it within a second`, async () => {
      const { page, client } = lesson;
      await edit(page, 'client.c', '#include <unistd.h>', '#include <unistd.h>\n#include <signal.h>');
      await edit(page, 'client.c', 'int connection = connect_to(host, port);', `int connection = connect_to(host, port); ${statement}`);
      await client.run.click();
      await client.running(true);
      assert.ok(await frameTime(page) < 250);
      const began = performance.now();
      await client.stop.click();
      await client.running(false);
      const took = performance.now() - began;
      assert.ok(took < 1000, `it took ${Math.round(took)} ms`);
      await client.shows(/alice:~\$$/);
      await page.locator('.reset').click();
    });
  }
});

test('a program that traps: one line, as of a shell, with the place; the lab goes on', async () => {
  const { page, client, close } = await openLesson(browser, site.url);
  const mistakes = [
    ['int *p = NULL; *p = 1;', 'Segmentation fault'],
    ['volatile int zero = 0; return 7 / zero;', 'Floating point exception'],
    ['volatile char deep[4096] = {1}; return main(argc + 1, argv) + deep[0];', 'Segmentation fault'],
  ];
  const before = 'const char *host = argc > 1 ? argv[1] : "localhost";';
  const source = readFileSync(join(top, 'web/lessons/tcp/simple/client.c'), 'utf8').split('\n');
  const number = 1 + source.findIndex((line) => line.includes(before));
  for (const [statement, says] of mistakes) {
    await edit(page, 'client.c', before, `${before} ${statement}`);
    await client.run.click();
    await client.shows(new RegExp(`\\nin main at client\\.c:${number}( \\(stack overflow\\))?: ${says}\nalice:~\\$$`), 60_000);
    await page.locator('.reset').click();
  }
  await client.run.click();
  await client.shows(/connect: Connection refused\nalice:~\$$/);
  await close();
});

test('a lab that breaks down is started again, and the changes are kept', async () => {
  const { page, server, client, close } = await openLesson(browser, site.url);
  const notice = page.getByRole('alert');
  const breakLab = async () => {
    const kernels = page.workers().filter((worker) => worker.url().endsWith('kernel-worker.js'));
    await kernels.at(-1)?.evaluate(() => setTimeout(() => { throw new Error('broken by the test'); }));
  };
  await client.shows(/\$$/);
  await edit(page, 'server.c', 'thank you', 'merci');
  await breakLab();
  await notice.filter({ hasText: /started again.*broken by the test.*code is kept/ }).waitFor();
  await page.locator('.cm-line', { hasText: 'merci' }).waitFor();
  await page.locator('.reset').click();
  await server.run.click();
  await server.shows(/waiting on port 9999/);

  await breakLab(); // so soon that it is not started by itself
  await notice.filter({ hasText: 'broke down again' }).waitFor();
  assert.equal(await page.locator('.run:enabled').count(), 0);
  await notice.getByRole('button', { name: 'Start the lab again' }).click();
  await server.run.click();
  await server.shows(/waiting on port 9999/);
  assert.equal(await notice.isVisible(), false);
  await close();
});

test('a lab that cannot start says why', async () => {
  const page = await newPage(browser);
  await page.route('**/kernel.wasm', (route) => route.fulfill({ status: 404 }));
  await page.goto(site.url + lessonPath);
  await page.getByRole('alert').filter({ hasText: /could not be started.*kernel\.wasm: 404/ }).waitFor();
  await page.unroute('**/kernel.wasm');
  await page.getByRole('button', { name: 'Start the lab again' }).click();
  await new TerminalPane(page, 'client.c').shows(/alice:~\$$/);
  await page.close();
});

test('a compiler that cannot be loaded says so, and is tried again', async (t) => {
  const poor = await serveSite({ isolated: true, without: 'toolchain' });
  t.after(() => poor.close());
  const page = await newPage(browser);
  await page.goto(poor.url + lessonPath);
  await page.locator('#compiler').filter({ hasText: /could not be loaded.*manifest\.json/ }).waitFor();
  const client = new TerminalPane(page, 'client.c');
  await edit(page, 'client.c', 'Connects to', 'Talks to');
  await client.run.click();
  await client.shows(/^Not run: [^]*404[^]*\nalice:~\$$/);
  await poor.restore();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('#compiler').waitFor({ state: 'hidden', timeout: 120_000 });
  await client.run.click();
  await client.shows(/connect: Connection refused/);
  await page.close();
});

test('the code is a listing until somebody comes near; a click sets the cursor', async () => {
  const page = await newPage(browser);
  await page.route('**/code-editor-*.js', (route) => route.abort());
  await page.goto(site.url + lessonPath);
  const server = new TerminalPane(page, 'server.c');
  await page.getByRole('tab', { name: 'client.c' }).waitFor();
  await page.locator('.run:enabled').first().waitFor();
  await page.locator('.listing:visible pre').press('Shift+Enter'); // heeded all the same
  await server.shows(/waiting on port 9999/);
  await page.getByRole('alert').filter({ hasText: 'The editor could not be fetched' }).waitFor();
  await page.unroute('**/code-editor-*.js');
  await page.reload();
  await page.locator('.listing:visible code').getByText('9999', { exact: true }).click();
  await page.locator('.cm-activeLine', { hasText: '#define PORT 9999' }).waitFor();
  await page.keyboard.type('merci');
  await page.locator('.cm-line', { hasText: /9.*merci/ }).waitFor();
  await page.close();
});

/**
 * A page whose editor comes when it is let.
 * @returns {Promise<{ page: import('playwright-core').Page, come: () => void }>}
 */
async function withoutEditor() {
  const page = await newPage(browser);
  /** @type {(value: null) => void} */
  let go = () => {};
  const held = new Promise((resolve) => { go = resolve; });
  await page.route('**/code-editor-*.js', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(site.url + lessonPath);
  return { page, come: () => go(null) };
}

test('an editor that comes late does not take the focus from who has gone on', async () => {
  const { page, come } = await withoutEditor();
  const client = new TerminalPane(page, 'client.c');
  await client.shows(/\$$/);
  await page.keyboard.press('Alt+2');
  await page.locator('.listing:visible pre:focus').waitFor();
  await page.keyboard.press('Alt+3');
  await page.keyboard.press('Alt+3');
  await page.keyboard.type('echo on');
  come();
  await page.locator('.cm-content').waitFor();
  await page.keyboard.type('ward\n');
  await client.shows(/\nonward\nalice:~\$$/);
  await page.close();
});

test('an editor that comes late has what was typed meanwhile', async () => {
  const { page, come } = await withoutEditor();
  await page.waitForFunction(() => document.querySelector('.terminal .run:not([disabled])'));
  await page.keyboard.press('Alt+2');
  await page.keyboard.type('// mine! {x');
  await page.keyboard.press('Backspace');
  await page.keyboard.type('y}\n');
  come();
  await page.locator('.cm-content').waitFor();
  await page.keyboard.type('// on');
  const [first, second] = await page.locator('.cm-line').allInnerTexts();
  assert.match(`${first}\n${second}`, /^\/\/ mine! {y}\n\/\/ on/);
  await page.locator('.tab.modified').waitFor();
  await page.close();
});

test('changes are there after a reload, until Reset', async () => {
  const { page, close } = await openLesson(browser, site.url);
  await edit(page, 'server.c', 'thank you', 'merci');
  await page.locator('.tab.modified').waitFor();
  await page.reload();
  await page.locator('.cm-line', { hasText: 'merci' }).waitFor();
  await page.locator('.reset').click();
  await page.locator('.cm-line', { hasText: 'thank you' }).waitFor();
  await page.reload();
  await code(page).filter({ hasText: 'thank you' }).waitFor();
  assert.equal(await page.locator('.tab.modified').count(), 0);
  await close();
});

test('a host that sends no headers: the service worker stands in, and the programs run', async (t) => {
  const plain = await serveSite({ isolated: false });
  t.after(() => plain.close());
  const { server, client, close } = await openLesson(browser, plain.url, undefined, { serviceWorkers: 'allow' });
  await server.run.click();
  await server.shows(/waiting/);
  await client.run.click();
  await client.shows(/thank you/);
  await close();
});
