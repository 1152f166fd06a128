/** Debian's programs as the tests run them: to their end, or on a terminal, or as a server for a while. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inTime } from '../lab/session.js';
import { collector } from '../runtime/lab.js';

/** What a test, or node:test's own `after` in an object, gives. @typedef {{ after: (end: () => unknown) => void }} Scope */

/** The same in every place and year, and nothing of the user's own settings. */
export const environment = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C.UTF-8',
  TERM: 'vt100',
  TZ: 'UTC',
};

export function newFolder() {
  return mkdtempSync(join(tmpdir(), 'peers-'));
}

/** A folder that is there as long as the test. @param {Scope} t */
export function temporaryFolder(t) {
  const folder = newFolder();
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Runs a program to its end, which is to be a good one, and gives what it printed.
 * @param {string[]} command
 * @param {{ input?: string, cwd?: string, status?: number }} [options] cwd: also its HOME; status: what it is to end with
 * @returns {Promise<string>} standard output and standard error, in the order they came
 */
export async function run([program, ...args], { input = '', cwd = '/', status = 0 } = {}) {
  const child = spawn(program, args, { cwd, env: { ...environment, HOME: cwd }, stdio: 'pipe' });
  const out = collector();
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => out.onData(bytes, () => {}));
  child.stdin.on('error', () => {}); // it may end before it has read all
  child.stdin.end(input);
  const said = () => `${program} ${args.join(' ')} has printed: ${out.text}`;
  try {
    const [code, signal] = await inTime(once(child, 'close'), () => `It does not end: ${said()}`);
    assert.equal(code ?? signal, status, said());
  } finally {
    child.kill('SIGKILL');
  }
  return out.text.replaceAll('\r\n', '\n');
}

/**
 * A program on a terminal of 80 columns and 24 rows, which script(1) makes.
 * @param {Scope} t
 * @param {string[]} command without characters that mean something to a shell
 * @param {string} cwd also its HOME
 */
export function onTerminal(t, command, cwd) {
  const inside = `stty cols 80 rows 24; exec ${command.join(' ')}`;
  const child = spawn('script', ['--quiet', '--return', '--command', inside, '/dev/null'], {
    cwd, env: { ...environment, HOME: cwd, SHELL: '/bin/sh' }, stdio: 'pipe',
  });
  t.after(() => child.kill('SIGKILL'));
  const out = collector();
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => out.onData(bytes, () => {}));
  const closed = once(child, 'close');
  return {
    /** Waits for it, and takes what is there up to its end. @param {RegExp} pattern */
    expect: (pattern) => inTime(out.until(pattern), () => `${command[0]} does not show ${pattern}, but ${JSON.stringify(out.text)}`),
    /** @param {string} keys */
    type: (keys) => child.stdin.write(keys),
    async ended() {
      const [code] = await inTime(closed, () => `${command[0]} does not end: ${JSON.stringify(out.text)}`);
      assert.equal(code, 0, out.text);
      return out.text;
    },
  };
}
