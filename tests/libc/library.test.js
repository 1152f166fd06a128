/** Programs that need little of a kernel print the same on Linux and out of our libc. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { run } from './host.js';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');
/** @type {Record<string, string>} */
const files = {};
for (const path of ['/etc/hosts', '/etc/services', '/etc/passwd', '/etc/group'])
  if (existsSync(path)) files[path] = readFileSync(path, 'utf8');

/** @param {string} name @param {{ args?: string[], input?: string }} [options] */
function both(name, { args = [], input = '' } = {}) {
  const env = ['PORT=9999', 'TZ=UTC0'];
  const linux = spawnSync(join(top, 'build/native/tests/libc', name), args, {
    encoding: 'utf8', input, env: Object.fromEntries(env.map((line) => line.split('='))),
  });
  const lab = run(join(top, `build/tests/libc/${name}.wasm`), { args: [name, ...args], env, files, input });
  return { linux, lab };
}

/** @param {ReturnType<typeof both>} outcome */
function same({ linux, lab }) {
  assert.equal(lab.trap, null);
  assert.deepEqual(lab.stdout.split('\n'), linux.stdout.split('\n'));
  assert.equal(lab.stderr, linux.stderr);
  assert.equal(lab.status, linux.status);
}

test('the library', () => same(both('library', { args: ['a', 'b c'], input: 'first\nsecond\n' })));

test('names, addresses and messages', () => same(both('names')));
