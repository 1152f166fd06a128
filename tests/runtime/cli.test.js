/** `npx portside run`, as a teacher would use it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const top = fileURLToPath(new URL('../..', import.meta.url));
const lesson = join(top, 'web/lessons/tcp/simple');
const limit = { timeout: 240_000 };
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portside-'));
});
after(() => rm(folder, { recursive: true }));

/**
 * @param {string[]} words
 * @param {string} [input]
 * @returns {Promise<{ code: number | null, out: string, err: string }>}
 */
function portside(words, input = '') {
  const child = spawn('npx', ['--no', 'portside', ...words], { cwd: top });
  let out = '', err = '';
  child.stdout.on('data', (bytes) => (out += bytes));
  child.stderr.on('data', (bytes) => (err += bytes));
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, out, err: err.replace(/^npm warn .*\n/gm, '') })));
}

/** @param {string} name @param {string} text */
async function file(name, text) {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

test('the lesson: a server and a client', limit, async () => {
  const { code, out, err } = await portside(['run', `${lesson}/server.c`, '::', `${lesson}/client.c`]);
  assert.equal(out, 'thank you\r\n');
  assert.match(err, /^\[server\] .*\n\[server\] connected .*127\.0\.0\.1.*\n$/);
  assert.equal(code, 0);
});

test('the lesson from one host to another, with arguments', limit, async () => {
  const words = ['run', '@bob', `${lesson}/server.c`, '::', '@carol', `${lesson}/client.c`, 'bob', '9999'];
  const { code, out, err } = await portside(words);
  assert.equal(out, 'thank you\r\n');
  assert.match(err, /connected .*10\.0\.0\.3/);
  assert.equal(code, 0);
});

test('the last program has standard input and output, and gives the status', limit, async () => {
  const path = await file('count.c', `
#include <stdio.h>
int main(int argc, char **argv) { int n = 0; while (getchar() != EOF) n++; printf("%d %s\\n", n, argv[1]); return 7; }`);
  assert.deepEqual(await portside(['run', path, 'a b'], 'twelve bytes'), { code: 7, out: '12 a b\n', err: '' });
});

test('one that ends early does not keep the next waiting, nor loses its last line', limit, async () => {
  const first = await file('first.c', '#include <stdio.h>\nint main(void) { printf("no line end"); return 1; }');
  const second = await file('second.c', 'int main(void) { return 0; }');
  assert.deepEqual(await portside(['run', first, '::', second]), { code: 0, out: '', err: '[first] no line end\n' });
});

test('what does not compile is said as clang says it', limit, async () => {
  const path = await file('wrong.c', 'int main(void) { retrun 0; }\n');
  const { code, out, err } = await portside(['run', path]);
  assert.equal(code, 1);
  assert.equal(out, '');
  assert.match(err.replace(/\x1b\[[0-9;]*m/g, ''), /^wrong\.c:1:18: error: .*retrun/m);
});

test('a trap names the line, and gives the status of its signal', limit, async () => {
  const path = await file('trap.c', 'struct s { int n; };\nint main(int argc, char **argv) {\n  struct s *p = (void *)argv[argc];\n  return p->n;\n}\n');
  assert.deepEqual(await portside(['run', path]), { code: 139, out: '', err: 'Segmentation fault in main at trap.c:4\n' });
});

test('outside the lab there is nothing without a bridge, and it says so', limit, async () => {
  const { code, err } = await portside(['run', `${lesson}/client.c`, '198.51.100.1', '9999']);
  assert.match(err, /outside the lab.*make serve/);
  assert.match(err, /Network is unreachable/);
  assert.notEqual(code, 0);
});

for (const [what, words, says] of /** @type {[string, string[], RegExp][]} */ ([
  ['nothing', [], /say what to do/],
  ['an unknown command', ['walk'], /unknown command 'walk'/],
  ['an unknown option', ['run', '--fast', 'x.c'], /--fast/],
  ['no file', ['run'], /expected a C file/],
  ['a file of another kind', ['run', 'x.py'], /expected a C file, got 'x.py'/],
  ['nothing behind ::', ['run', 'x.c', '::'], /expected a C file, got nothing/],
])) {
  test(`usage is shown for ${what}`, limit, async () => {
    const { code, err } = await portside(words);
    assert.match(err, says);
    assert.match(err, /usage: portside run/);
    assert.equal(code, 2);
  });
}

test('a file that is not there is named', limit, async () => {
  const { code, err } = await portside(['run', 'nowhere.c']);
  assert.match(err, /nowhere\.c: .*no such file/i);
  assert.equal(code, 1);
});
