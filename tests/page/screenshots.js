/**
 * node tests/page/screenshots.js [DIR]: takes the README's pictures anew, of the built site, and with a
 * folder those of all views, in light, dark and high contrast, to look at.
 */
import { join } from 'node:path';
import { launch, openLesson, serveSite, top } from './page.js';

const [folder] = process.argv.slice(2);
const size = { width: 1400, height: 940 };
/** @type {{ name: string, colorScheme: 'light' | 'dark', forcedColors?: 'active' }[]} */
const themes = [
  { name: 'light', colorScheme: 'light' },
  { name: 'dark', colorScheme: 'dark' },
  ...(folder ? [{ name: 'contrast', colorScheme: /** @type {const} */ ('dark'), forcedColors: /** @type {const} */ ('active') }] : []),
];
const rows = { calls: '.call', sockets: '.socket-list tbody tr', network: '.picture .host', packets: '.packet-rows .packet-row.data' };

const browser = await launch();
const site = await serveSite({ isolated: true });
for (const { name, ...theme } of themes) {
  const { page, server, client, close } = await openLesson(browser, site.url, { proxy: null }, { viewport: size, ...theme });
  await client.shows(/\$$/);
  await page.locator('#tab-calls').click();
  await page.locator('.calls').waitFor();
  await server.run.click();
  await server.shows(/waiting on port/);
  await client.run.click();
  await client.shows(/thank you\n[^]*\$$/);
  const compiler = page.locator('#compiler');
  await compiler.waitFor();
  await compiler.waitFor({ state: 'hidden' });
  for (const [view, row] of Object.entries(rows)) {
    if ((await page.locator(`#tab-${view}`).getAttribute('aria-selected')) !== 'true') await page.locator(`#tab-${view}`).click();
    await page.locator(row).first().click();
    if (folder) await page.screenshot({ path: join(folder, `${view}-${name}.png`) });
  }
  if (!folder) await page.screenshot({ path: join(top, `web/app/screenshots/workbench-${name}.png`) });
  await close();
}
await browser.close();
await site.close();
