/**
 * node tests/bench/lighthouse.js [PAGE]: what Lighthouse says of a page of the built site, a lesson's
 * unless told, served as make serve does. Fails below 95 in performance, accessibility or best practices.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serveStatic } from '../../web/build/static.js';

const LEAST = 95;
const PINNED = 'lighthouse@13.5.0';
const top = new URL('../../', import.meta.url).pathname;
const [page = 'lessons/tcp/simple/index.html'] = process.argv.slice(2);

const site = await serveStatic({ root: join(top, 'build/site') });
const folder = mkdtempSync(join(tmpdir(), 'portside-lighthouse-'));
const report = join(folder, 'report.json');
try {
  await promisify(execFile)('npx', ['--yes', PINNED, site.url + page, '--quiet', '--preset=desktop', '--output=json', `--output-path=${report}`,
    '--only-categories=performance,accessibility,best-practices', '--chrome-flags=--headless=new --no-sandbox --disable-gpu'], {
    env: { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? '/usr/bin/chromium' },
  });
  const { categories, audits } = JSON.parse(readFileSync(report, 'utf8'));
  for (const { title, score, auditRefs } of Object.values(categories)) {
    console.log(`${String(Math.round(score * 100)).padStart(4)}  ${title}`);
    for (const { id, weight } of auditRefs) {
      const { score: part, title: what, displayValue = '' } = audits[id];
      if (weight > 0 && part !== null && part < 1) console.log(`        ${part.toFixed(2)}  ${what} ${displayValue}`);
    }
    if (score * 100 < LEAST) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
  await site.close();
}
