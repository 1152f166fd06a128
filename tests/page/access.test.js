/** What axe-core says of every kind of page, in light and dark. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { TerminalPane, launch, lessonPath, newPage, openEditor, serveSite } from './page.js';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

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

/** @typedef {import('playwright-core').Page} Page */

/** @type {[string, string, { width: number, height: number }, (page: Page) => Promise<void>][]} */
const pages = [
  ['the contents', 'index.html', { width: 1200, height: 800 }, async () => {}],
  ['a lesson', lessonPath, { width: 1600, height: 1000 }, async (page) => page.locator('.run:enabled').first().waitFor()],
  ['a lesson, edited', lessonPath, { width: 1600, height: 1000 }, openEditor],
  ['an exercise, with a view and the menu', lessonPath, { width: 1600, height: 1000 }, async (page) => {
    await page.locator('#numbers').getByRole('button', { name: 'Start' }).click();
    await page.locator('.views [role=tab]').first().click();
    await page.locator('.view > *').first().waitFor();
    await page.getByRole('button', { name: 'More' }).click();
  }],
  ['the settings', lessonPath, { width: 1600, height: 1000 }, async (page) => page.getByRole('button', { name: 'Settings' }).click()],
  ['the help, in the playground', 'playground/index.html', { width: 1200, height: 800 }, async (page) => page.getByRole('button', { name: 'Keyboard and help' }).click()],
  ['a lesson on a phone', lessonPath, { width: 390, height: 780 }, async (page) => page.getByRole('button', { name: 'Code' }).click()],
];
/** @param {Page} page */
async function hasNoViolation(page) {
  await page.addScriptTag({ path: axe });
  const violations = await page.evaluate(async () => {
    const { violations: found } = await /** @type {any} */ (globalThis).axe.run();
    return found.flatMap((/** @type {any} */ { id, nodes }) => nodes.map((/** @type {any} */ node) => `${id}: ${node.target}: ${node.failureSummary}`));
  });
  assert.deepEqual(violations, []);
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  for (const [what, path, viewport, prepare] of pages) {
    test(`${what}, ${colorScheme}`, async () => {
      const page = await newPage(browser, { viewport, colorScheme });
      await page.goto(site.url + path);
      await prepare(page);
      await hasNoViolation(page);
      await page.close();
    });
  }

  test(`the views, ${colorScheme}`, async () => {
    const page = await newPage(browser, { viewport: { width: 1600, height: 1200 }, colorScheme });
    await page.goto(site.url + lessonPath);
    await page.locator('#tab-calls').click();
    const [server, client] = ['server.c', 'client.c'].map((file) => new TerminalPane(page, file));
    await server.run.click();
    await server.shows(/waiting on port/);
    await client.run.click();
    await client.shows(/thank you\n[^]*\$$/);
    for (const [view, row] of [['calls', '.call'], ['packets', '.packet-rows .packet-row'], ['sockets', '.socket-list tbody tr'], ['network', '.views svg']]) {
      if ((await page.locator(`#tab-${view}`).getAttribute('aria-selected')) !== 'true') await page.locator(`#tab-${view}`).click();
      await page.locator(row).first().waitFor();
      if (view !== 'network') await page.locator(row).first().click();
      await hasNoViolation(page);
    }
    await page.close();
  });
}
