/** The core of what Chromium is tested with, in Debian's Firefox. */
import { test } from 'node:test';
import { firefox } from 'playwright-core';
import { serveSite } from './page.js';
import { walk } from './walk.js';

/**
 * Driven through WebDriver BiDi, Firefox 153 leaves `new Worker` in a Worker without return in one of
 * some hundred calls, and with it the lab (in 7 of 75 loads of the lesson; without BiDi in none of 190).
 * The walk is begun anew then, from the start and in a new browser.
 */
const ATTEMPTS = 3;

test('Firefox: run, edit, error, fix, check, pass, next', { timeout: 480_000 }, async (t) => {
  const site = await serveSite({ isolated: true });
  t.after(() => site.close());
  for (let attempt = 1; ; attempt++) {
    const browser = await firefox.launch({ channel: 'moz-firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr' });
    try {
      return await walk(await browser.newPage({ viewport: { width: 1600, height: 1000 } }), site.url);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      t.diagnostic(`attempt ${attempt}: ${/** @type {Error} */ (error).message}`);
    } finally {
      await browser.close();
    }
  }
});
