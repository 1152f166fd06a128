/** The compiler as Node has it: the same code that the page runs in a Worker. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { commands } from '@yowasp/clang';
import { Toolchain } from '../../web/runtime/toolchain.js';
import { run } from '../libc/host.js';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** @type {Toolchain} */
let toolchain;
/** @type {{ loaded: number, total: number }[]} */
const progress = [];
before(async () => {
  toolchain = await Toolchain.load({ onProgress: (step) => progress.push(step) });
});

/** @param {string} text @param {string[]} [args] */
const compile = (text, args) => toolchain.compile({ files: { 'x.c': text }, main: 'x.c', args });

/** @param {string} text @param {string[]} [args] */
async function program(text, args) {
  const { ok, wasm, plain } = await compile(text, args);
  assert.ok(ok && wasm, plain);
  return wasm;
}

/** Lines and severities only. @param {string} text */
async function lines(text) {
  const { diagnostics } = await compile(text);
  return diagnostics.map(({ file, line, severity }) => `${file}:${line} ${severity}`);
}

test('progress goes up to the whole', () => {
  assert.ok(progress.length > 1);
  assert.ok(progress.every(({ loaded, total }, i) => loaded <= total && (i === 0 || loaded >= progress[i - 1].loaded)));
  assert.equal(progress[progress.length - 1].loaded, progress[0].total);
});

test('a folder without the compiler is an error that names the file', async () => {
  await assert.rejects(Toolchain.load({ base: pathToFileURL(join(top, 'build/nothing/')) }), /manifest\.json/);
});

test('a first lesson compiles without a warning, and stays small', async () => { // tests/lessons/ compiles all
  for (const name of ['server.c', 'client.c']) {
    const { ok, output, diagnostics, wasm } = await compile(readFileSync(join(top, 'web/lessons/tcp/simple', name), 'utf8'));
    assert.deepEqual({ ok, output, diagnostics }, { ok: true, output: '', diagnostics: [] }, name);
    assert.ok(wasm && wasm.length < 100_000, `${name}: ${wasm?.length} bytes`);
  }
});

test('what it makes runs as what emcc makes', async () => {
  const text = readFileSync(join(top, 'tests/libc/library.c'), 'utf8');
  const options = { args: ['library', 'a'], env: ['PORT=1', 'TZ=UTC0'], input: 'line\n', files: { '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n' } };
  const ours = run(await program(text), options), emcc = run(join(top, 'build/tests/libc/library.wasm'), options);
  assert.deepEqual([ours.status, ours.stdout, ours.stderr, ours.trap], [emcc.status, emcc.stdout, emcc.stderr, null]);
});

test('diagnostics have places, and the output has colours', async () => {
  const built = await compile('#include <stdio.h>\nint main(void) {\n  int x = "a";\n  prinf("hi");\n  return y;\n}\n');
  assert.equal(built.ok, false);
  assert.equal(built.wasm, undefined);
  assert.match(built.output, /\x1b\[/);
  assert.doesNotMatch(built.plain, /\x1b/);
  assert.match(built.plain, /^x\.c:5:10: error: use of undeclared identifier 'y'$/m);
  assert.match(built.plain, /did you mean 'printf'/);
  assert.match(built.plain, /^3 errors generated\.$/m);
  const own = built.diagnostics.filter(({ file, severity }) => file === 'x.c' && severity === 'error');
  assert.deepEqual(own.map(({ line, column }) => [line, column]), [[3, 7], [4, 3], [5, 10]]);
});

test('a warning does not stop it', async () => {
  const built = await compile('int main(void) {\n  int unused;\n  return 0;\n}\n');
  assert.ok(built.ok && built.wasm);
  assert.deepEqual(built.diagnostics.map(({ line, severity, message }) => [line, severity, message]), [[2, 'warning', "unused variable 'unused' [-Wunused-variable]"]]);
});

test('a header that is not there', async () => {
  assert.deepEqual(await lines('#include <stdio.h>\n#include "nothing.h"\nint main(void) { return 0; }\n'), ['x.c:2 fatal error']);
});

test('what is declared but not there is an error of the linker, on its line', async () => {
  const built = await compile('int nosuch(int);\nint main(void) {\n  return nosuch(1);\n}\n');
  assert.equal(built.ok, false);
  assert.match(built.plain, /^wasm-ld: error: x\.o: undefined symbol: nosuch$/m);
  assert.deepEqual(built.diagnostics, [{ file: 'x.c', line: 1, column: 5, severity: 'error', message: 'undefined symbol: nosuch' }]);
  const { plain, diagnostics } = await compile('int f(void) { return 1; }\n');
  assert.match(plain, /undefined symbol: main/);
  assert.equal(diagnostics[0].message, 'undefined symbol: main');
});

test('other files and arguments', async () => {
  const files = { 'x.c': '#include "lib/x.h"\nint main(void) { return ANSWER + MORE; }\n', 'lib/x.h': '#define ANSWER 40\n' };
  const { ok, wasm, plain } = await toolchain.compile({ files, main: 'x.c', args: ['-DMORE=2', '-O2'] });
  assert.ok(ok && wasm, plain);
  assert.equal(run(wasm).status, 42);
  const { ok: wrong, plain: message } = await compile('int main(void) { return 0; }\n', ['-fnonsense']);
  assert.equal(wrong, false);
  assert.equal(message, "clang: error: unknown argument: '-fnonsense'\n");
});

test('when the compiler itself breaks, that is said, and the next program compiles', async () => {
  const deep = `int main(void) { return ${'('.repeat(50_000)}1${')'.repeat(50_000)}; }\n`;
  const { ok, plain } = await compile(deep, ['-fbracket-depth=1000000']);
  assert.equal(ok, false);
  assert.match(plain, /clang itself failed/);
  assert.equal(run(await program('int main(void) { return 3; }\n')).status, 3);
});

test('text that is no C at all', async () => {
  for (const text of ['', '\0\0\0', '}}}}', '\xff\xfe', '#include __FILE__\n'.repeat(3), '"'.repeat(10_000), 'é'.repeat(1000)]) {
    const { ok, output, wasm } = await compile(text);
    assert.deepEqual([ok, wasm], [false, undefined], JSON.stringify(text.slice(0, 20)));
    assert.notEqual(output, '');
  }
});

const TRAPS = `#include <stdlib.h>
#include <string.h>
struct node { int value; struct node *next; };
static int sum(struct node *n) {
  int total = 0;
  while (n->value != 42)
    total += n->value, n = n->next;
  return total;
}
int divide(int a, int b) {
  return a / b;
}
static int fill(int depth) {
  volatile char room[4096];
  for (size_t i = 0; i < sizeof room; i++) room[i] = (char)depth;
  return fill(depth + 1) + room[depth % 4096];
}
int main(int argc, char **argv) {
  if (!strcmp(argv[1], "null")) return sum(NULL);
  if (!strcmp(argv[1], "divide")) return divide(4, argc - 2);
  if (!strcmp(argv[1], "write")) {
    int *p = argc > 5 ? &argc : NULL;
    *p = 5;
  }
  if (!strcmp(argv[1], "wild")) return *(int *)0xf0000000;
  if (!strcmp(argv[1], "libc")) return (int)strlen((char *)0xf0000000);
  if (!strcmp(argv[1], "stack")) return fill(1);
  if (!strcmp(argv[1], "call")) ((void (*)(void))(long)argc)();
  return 0;
}
`;

test('a trap is found in the source', async () => {
  const wasm = await program(TRAPS.replaceAll('\n\n', '\n'));
  const wanted = {
    null: 'sum x.c:6', divide: 'null divide x.c:11', write: 'main x.c:23', wild: 'main x.c:25', libc: 'null main x.c:26',
    stack: /^fill x\.c:1[356] fill x\.c:16 /, call: 'main x.c:28',
  };
  for (const [how, place] of Object.entries(wanted)) {
    const { trap } = run(wasm, { args: ['x', how] });
    assert.ok(trap, `${how} does not trap`);
    const offsets = [...String(trap.stack).matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)].map(([, offset]) => parseInt(offset, 16));
    const places = await toolchain.symbolize(wasm, offsets.slice(0, 3));
    const text = places.map((found) => (found ? `${found.function} ${found.file}:${found.line}` : 'null')).join(' ');
    if (place instanceof RegExp) assert.match(text, place, how);
    else assert.ok(text.startsWith(place), `${how}: ${text}`);
  }
});

const NULLS = `#include <stdio.h>
#include <stdlib.h>
#include <string.h>
struct pair { int a, b; };
static char room[64];
int main(int argc, char **argv) {
  int how = atoi(argv[1]);
  char *text = argc > 9 ? room : NULL;
  struct pair *pair = argc > 9 ? (void *)room : NULL;
  if (how == 1) *text = 'x';
  if (how == 2) return text[3];
  if (how == 3) pair->b = 1;
  if (how == 4) return (int)strlen(text);
  if (how == 5) strcpy(text, "text");
  if (how == 6) memcpy(text, room, (size_t)argc);
  if (how == 7) memset(text, 0, sizeof room * (size_t)argc);
  if (how == 8) return atoi(text);
  if (how == 9) sprintf(text, "%d", argc);
  if (how == 10) fclose((FILE *)(void *)text);
  if (how == 11) memcpy(text, NULL, 0);
  if (how == 12) free(text);
  if (how == 13) printf("%d %s\\n", argc, text);
  return 40;
}
`;

test('a use of NULL traps on its line, and only where it does on Linux', async () => {
  const wasm = await program(NULLS);
  for (let how = 1; how <= 13; how++) {
    const { trap, status } = run(wasm, { args: ['x', `${how}`] });
    if (how > 10) {
      assert.deepEqual([trap, status], [null, 40], `case ${how}`);
      continue;
    }
    const offsets = [...String(trap?.stack).matchAll(/wasm-function\[\d+\]:0x([0-9a-f]+)/g)].map(([, offset]) => parseInt(offset, 16));
    const place = (await toolchain.symbolize(wasm, offsets)).find(Boolean);
    assert.deepEqual(place, { function: 'main', file: 'x.c', line: how + 9 }, `case ${how}`);
  }
});

test('offsets that are nowhere have no place', async () => {
  const wasm = await program('int main(void) { return 0; }\n');
  assert.deepEqual(await toolchain.symbolize(wasm, [0, wasm.length, 1e9]), [null, null, null]);
  assert.deepEqual(await toolchain.symbolize(wasm, []), []);
});

test('a program made by emcc has its lines too', async () => {
  const wasm = readFileSync(join(top, 'build/tests/libc/library.wasm'));
  const offsets = Array.from({ length: 200 }, (_, i) => Math.floor((wasm.length * i) / 200));
  const places = await toolchain.symbolize(wasm, offsets);
  assert.ok(places.some((place) => place?.file === 'library.c' && place.line > 20 && place.function !== ''));
});

test('a program is linked as with whole archives, of which it is given a part', async () => {
  const sysroot = join(top, 'build/sysroot'), folder = join(sysroot, 'lib');
  const lib = Object.fromEntries(readdirSync(folder).map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]));
  lib['syscalls.txt'] = new Uint8Array(readFileSync(join(sysroot, 'syscalls.txt')));
  for (const [source, flags] of [['web/lessons/tcp/simple/server.c', 'ldflags'], ['tests/libc/library.c', 'ldflags'], ['tests/libc/names.c', 'ldflags'], ['tests/bench/threads.c', 'ldflags.threads']]) {
    const text = new Uint8Array(readFileSync(join(top, source)));
    const { made: object, output } = await toolchain.make(['-c', 'x.c'], { 'x.c': text });
    assert.ok(object, output);
    const { made } = await toolchain.make(['x.o'], { 'x.o': object });
    const args = readFileSync(join(sysroot, `${flags}.page`), 'utf8').replaceAll('/usr/lib/', 'lib/').split(/\s+/).filter(Boolean);
    const { program: whole } = await commands['wasm-ld']([...args, '0-x.o', '-o', 'program'], { lib, '0-x.o': object }) ?? {};
    assert.ok(whole instanceof Uint8Array && made && Buffer.from(whole).equals(made), source);
  }
});

test('no path of this machine is in a program', async () => {
  const wasm = await program('#include <stdio.h>\nint main(void) { puts(__FILE__); return 0; }\n');
  const made = [wasm, ...['library', 'names'].map((name) => readFileSync(join(top, `build/tests/libc/${name}.wasm`)))];
  for (const bytes of made) assert.ok(!Buffer.from(bytes).includes(top));
});
