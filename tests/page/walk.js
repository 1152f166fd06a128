/** The way of a learner through a lesson, the same in every browser. */
import assert from 'node:assert/strict';
import { TerminalPane, edit, lessonPath } from './page.js';

const slow = { timeout: 120_000 };

/**
 * First visit, run, edit, error, fix, check, pass, next.
 * @param {import('playwright-core').Page} page
 * @param {string} site
 */
export async function walk(page, site) {
  /** @type {string[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error.stack)));
  await page.goto(site + lessonPath);
  const server = new TerminalPane(page, 'server.c'), client = new TerminalPane(page, 'client.c');
  await server.run.click(slow);
  await server.shows(/waiting on port 9999/);
  await client.run.click();
  await client.shows(/thank you/);

  await edit(page, 'client.c', '#include <unistd.h>', '#include <unistd.h>\nint broken = nothing;');
  await page.locator('.cm-lintRange-error', { hasText: 'nothing' }).waitFor(slow); // as one types, without a Run
  await edit(page, 'client.c', 'int broken = nothing;', 'static const int mended = 1;');
  await client.run.click();
  await client.shows(/unused variable 'mended'[^]*thank you/, slow.timeout);

  await page.locator('#numbers').getByRole('button', { name: 'Start' }).click();
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('menuitem', { name: 'Put the solution here' }).click();
  await page.keyboard.press('Control+Enter');
  await page.locator('.results .state', { hasText: /^passed$/ }).waitFor(slow);
  await page.locator('#numbers .done').waitFor();
  const next = page.locator('.neighbours [rel=next]');
  const title = ((await next.textContent()) ?? '').replace(/^Next /, '');
  await next.click();
  await page.locator('article h1', { hasText: title }).waitFor();
  assert.deepEqual(errors, []);
}
