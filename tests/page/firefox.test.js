/** The core of what Chromium is tested with, in Debian's Firefox. */
import { test } from 'node:test';
import { firefox } from 'playwright-core';
import { serveSite } from './page.js';
import { walk } from './walk.js';

test('Firefox: run, edit, error, fix, check, pass, next', { timeout: 240_000 }, async (t) => {
  const site = await serveSite({ isolated: true });
  t.after(() => site.close());
  const browser = await firefox.launch({ channel: 'moz-firefox', executablePath: process.env.FIREFOX ?? '/usr/bin/firefox-esr' });
  t.after(() => browser.close());
  await walk(await browser.newPage({ viewport: { width: 1600, height: 1000 } }), site.url);
});
