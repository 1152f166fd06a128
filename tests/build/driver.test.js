import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

/** A folder laid out like the repository, with the driver in it. @type {string} */
let top;

/** @param {string} path @param {string} text */
function write(path, text) {
  mkdirSync(dirname(join(top, path)), { recursive: true });
  writeFileSync(join(top, path), text);
  chmodSync(join(top, path), 0o755);
}

/** @param {string[]} suites */
function drive(...suites) {
  return driveWith('', ...suites);
}

/** @param {string} PEERS what the environment says @param {string[]} suites */
function driveWith(PEERS, ...suites) {
  const args = [join(top, 'tests/run.js'), ...suites];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...process.env, PEERS } });
  return { status, lines: stdout.trimEnd().split('\n') };
}

const tap = (/** @type {string} */ script) => write('build/native/tests/kernel/x_test', `#!/bin/sh\n${script}`);

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'portside-'));
  write('package.json', '{ "type": "module" }');
  mkdirSync(join(top, 'tests/empty'), { recursive: true });
  copyFileSync(new URL('../run.js', import.meta.url), join(top, 'tests/run.js'));
});
afterEach(() => rmSync(top, { recursive: true }));

test('the last line totals C programs and files of tests', () => {
  tap('echo "ok 1 - a"; echo "ok 2 - b # SKIP"; echo "not ok 3 - c"; exit 1');
  write('tests/page/x.test.js', `import { test } from 'node:test'; test('d', () => {}); test('e', () => {});`);
  const { status, lines } = drive('kernel', 'page');
  assert.equal(lines.at(-1), '3 passed, 1 failed');
  assert.equal(status, 1);
});

test('all passed is a success', () => {
  tap('echo "ok 1 - a"');
  const { status, lines } = drive('kernel');
  assert.equal(lines.at(-1), '1 passed, 0 failed');
  assert.equal(status, 0);
  assert.deepEqual(drive().lines.at(-1)?.slice(-8), '1 failed'); // all suites: there is nothing to lint here
});

test('a program that dies after its last "ok" has failed', () => {
  tap('echo "ok 1 - a"; kill -SEGV $$');
  const { status, lines } = drive('kernel');
  assert.equal(lines.at(-1), '1 passed, 1 failed');
  assert.equal(status, 1);
});

test('what leaves a process behind still ends', () => {
  tap('echo "ok 1 - a"; sleep 600 &');
  assert.equal(drive('kernel').lines.at(-1), '1 passed, 0 failed');
});

test('no tests at all is a failure', () => {
  assert.equal(drive('kernel').status, 1);
  tap('true');
  assert.equal(drive('kernel').lines.at(-1), '0 passed, 1 failed');
});

test('the suite peers runs if it is asked for', () => {
  write('tests/peers/x.test.js', `import { test } from 'node:test'; test('a session', () => {});`);
  const passed = (/** @type {string[]} */ lines) => lines.at(-1)?.split(' ')[0];
  assert.equal(passed(drive().lines), '0');
  assert.equal(passed(driveWith('1').lines), '1');
  assert.equal(passed(drive('peers').lines), '1');
});
