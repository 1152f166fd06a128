/** Threads that come and go in Chromium, where a Worker that is terminated goes on for a while. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startBrowser } from '../bench/browser.js';

const TIMES = 200;

test('threads are created and joined, by one program after the other', { timeout: 120_000 }, async (t) => {
  const chromium = await startBrowser();
  t.after(() => chromium.end());
  await chromium.ask('boot', null);
  for (let program = 0; program < 6; program++) assert.ok(await chromium.ask('run', 'threads', String(TIMES)) > 0);
});
