/**
 * node tests/bench/lighthouse.js [PAGE]: what Lighthouse says of a page of the built site, a lesson's
 * unless told, served as make serve does: the median of some runs, since one varies with what else the
 * machine does. Fails below 95 in performance, accessibility or best practices.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { serveStatic } from '../../web/build/static.js';

const LEAST = 95;
const RUNS = 5;
const PINNED = 'lighthouse@13.5.0';
const top = new URL('../../', import.meta.url).pathname;
const [page = 'lessons/tcp/simple/index.html'] = process.argv.slice(2);

const site = await serveStatic({ root: join(top, 'build/site') });
const folder = mkdtempSync(join(tmpdir(), 'portside-lighthouse-'));

/** One run's report. @returns {Promise<any>} */
async function report() {
  const path = join(folder, 'report.json');
  await promisify(execFile)('npx', ['--yes', PINNED, site.url + page, '--quiet', '--preset=desktop', '--output=json', `--output-path=${path}`,
    '--only-categories=performance,accessibility,best-practices', '--chrome-flags=--headless=new --no-sandbox --disable-gpu'], {
    env: { ...process.env, CHROME_PATH: process.env.CHROMIUM ?? '/usr/bin/chromium' },
  });
  return JSON.parse(readFileSync(path, 'utf8'));
}

try {
  const reports = [];
  for (let run = 0; run < RUNS; run++) reports.push(await report());
  for (const category of Object.keys(reports[0].categories)) {
    const score = (/** @type {any} */ { categories }) => Math.round(categories[category].score * 100);
    reports.sort((a, b) => score(a) - score(b));
    const { categories, audits } = reports[RUNS >> 1];
    console.log(`${String(score({ categories })).padStart(4)}  ${categories[category].title} (${reports.map(score).join(', ')})`);
    for (const { id, weight } of categories[category].auditRefs) {
      const { score: part, title: what, displayValue = '' } = audits[id];
      if (weight > 0 && part !== null && part < 1) console.log(`        ${part.toFixed(2)}  ${what} ${displayValue}`);
    }
    if (score({ categories }) < LEAST) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
  await site.close();
}
