/** An exercise's check on this machine, with what gcc built. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tap } from '../runtime/tap.js';

const LIMIT = 60_000; // a busy machine

/**
 * @param {object} check
 * @param {Record<string, string>} check.programs   paths, by the name that the checker knows
 * @param {string} check.checker
 * @param {number} [check.patience]
 * @returns {Promise<import('../runtime/check.js').Outcome>}
 */
export async function runNatively({ programs, checker, patience }) {
  const folder = mkdtempSync(join(tmpdir(), 'portside-'));
  for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(folder, name));
  const tap = new Tap();
  let problem = '', complaints = '';
  const env = { ...process.env, ...(patience ? { CHECK_PATIENCE: String(patience) } : {}) };
  // in a group of its own: when time is over, what it started ends with it
  const child = spawn(checker, Object.keys(programs).map((name) => `./${name}`), { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (bytes) => tap.write(bytes));
  child.stderr.on('data', (bytes) => { complaints += bytes; });
  const timer = setTimeout(() => {
    problem = `the check took longer than ${LIMIT / 1000} s`;
    process.kill(-Number(child.pid), 'SIGKILL');
  }, LIMIT);
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  rmSync(folder, { recursive: true });
  tap.end();
  if (!problem && code !== (tap.results.every(({ ok }) => ok) ? 0 : 1)) problem = `the checker itself ended with ${signal ?? `status ${code}`}`;
  return { passed: problem === '' && tap.passed, results: tap.results, problem, complaints };
}
