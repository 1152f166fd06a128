/**
 * No system call may be answered inside a program: every one must reach the kernel, under a name and
 * a type that the kernel knows.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { functions } from './wasm.js';

const top = join(dirname(fileURLToPath(import.meta.url)), '../..');
const settings = readFileSync(join(top, 'build/config.mk'), 'utf8').matchAll(/^(\w+) := (.*)$/gm);
const config = Object.fromEntries([...settings].map(([, name, value]) => [name, value]));
const emscripten = join(config.EM_SYSROOT, 'lib/wasm32-emscripten');
const ldflags = readFileSync(join(top, 'build/sysroot/ldflags'), 'utf8').split(/\s+/).filter(Boolean);
const archives = ldflags.filter((word) => word.endsWith('.a'));
const options = ldflags.filter((word) => !word.endsWith('.a'));
const folder = mkdtempSync(join(tmpdir(), 'portside-'));
after(() => rmSync(folder, { recursive: true }));

/** Defined in an archive though it looks like a system call, and why that is no harm. */
const ALLOWED = new Map([
  ['__syscall_ret', 'turns -errno into -1 and errno'],
  ['__syscall_getpid', 'weak, and called by nobody: our getpid imports it under another name'],
  ['__wasi_syscall_ret', 'turns errno into -1 and errno'],
  ['__wasi_fd_is_valid', 'asks fd_fdstat_get'],
]);

const WASI = new Set([
  'args_get', 'args_sizes_get', 'environ_get', 'environ_sizes_get', 'fd_write', 'fd_read', 'fd_close', 'fd_seek', 'fd_pread',
  'fd_pwrite', 'fd_sync', 'fd_fdstat_get', 'clock_time_get', 'clock_res_get', 'proc_exit', 'random_get',
]);

/** @param {string[]} args */
function link(args) {
  const out = join(folder, 'out.wasm');
  const { status, stderr } = spawnSync(config.WASM_LD, [...args, '-o', out], { cwd: top, encoding: 'utf8' });
  return { status, stderr, wasm: status === 0 ? readFileSync(out) : new Uint8Array() };
}

/** @param {string} text @returns {string} the object's path */
function compile(text) {
  const source = join(folder, 'x.c'), object = join(folder, 'x.o');
  writeFileSync(source, text);
  execFileSync('emcc', ['-sSUPPORT_LONGJMP=wasm', '@build/sysroot/cflags', '-c', source, '-o', object], { cwd: top });
  return object;
}

/** A program with everything that the archives define. */
function everything() {
  // by no compiler's special name for main, because the archives have those names as well
  const object = compile('int entry(int argc, char **argv) __asm__("main");\nint entry(int argc, char **argv) { return 0; }\n');
  const { stderr, wasm } = link([...options, '--no-gc-sections', object, '--whole-archive', ...archives]);
  assert.equal(stderr, '');
  return wasm;
}

/** What an archive defines, for other files to see. @param {string} archive @returns {string[]} */
function defined(archive) {
  const nm = config.WASM_AR.replace('llvm-ar', 'llvm-nm');
  const output = execFileSync(nm, ['--defined-only', '--extern-only', archive], { cwd: top, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  return [...output.matchAll(/^[0-9a-f]+ [A-Z] (\S+)$/gm)].map(([, name]) => name);
}

/** @param {string} name with or without what it begins with */
const short = (name) => name.replace(/^__syscall_/, '');

test('no archive answers a system call', () => {
  const answered = archives.flatMap(defined).filter((name) => /^(__syscall_|__wasi_|imported__wasi_)/.test(name) && !ALLOWED.has(name));
  assert.deepEqual(answered, []);
});

test('what Emscripten stubs is stubbed nowhere', () => {
  const stubs = new Set(['libstubs.a', 'libstandalonewasm.a'].flatMap((name) => defined(join(emscripten, name))));
  // libstandalonewasm.a has the calendar and exit too, which stay
  for (const name of defined(archives.find((name) => name.endsWith('libstandalonewasm.a')) ?? '')) stubs.delete(name);
  const ours = new Set(defined(archives.find((name) => name.endsWith('libportside.a')) ?? ''));
  const theirs = archives.filter((name) => !name.endsWith('libportside.a')).flatMap(defined);
  assert.deepEqual(theirs.filter((name) => stubs.has(name) && !ours.has(name) && !ALLOWED.has(name)), []);
  for (const name of ['fork', 'execve', 'getpwnam', 'times', 'waitid', 'flock', 'popen', 'clock_getres', 'abort'])
    assert.ok(ours.has(name), name);
});

test('all that the archives define links, and imports nothing but system calls', () => {
  const wasm = everything();
  const { imports, exports } = functions(wasm);
  for (const { module, name } of imports) {
    if (module === 'wasi_snapshot_preview1') assert.ok(WASI.has(name), name);
    else assert.match(`${module}.${name}`, /^env\.__syscall_/);
  }
  assert.ok(exports.has('_start'));
  const all = WebAssembly.Module.exports(new WebAssembly.Module(wasm)).map(({ name }) => name);
  assert.deepEqual(all.sort(), ['__indirect_function_table', '__stack_pointer', '_start', 'memory']);
});

test('the kernel has the calls by the same types', { skip: !existsSync(join(top, 'build/kernel.wasm')) }, () => {
  const { imports } = functions(everything());
  const kernel = functions(readFileSync(join(top, 'build/kernel.wasm'))).exports;
  const different = imports.filter(({ name, type }) => kernel.has(name) && kernel.get(name) !== type);
  assert.deepEqual(different.map(({ name, type }) => `${name}: the program's is ${type}, the kernel's ${kernel.get(name)}`), []);
  for (const name of ['socket', 'sendto', 'recvfrom', 'poll', 'kill', 'rt_sigaction', 'fcntl64'])
    assert.ok(kernel.has(`__syscall_${name}`), name);
});

test('each function reaches its system call', () => {
  const source = readFileSync(join(top, 'tests/libc/calls.c'), 'utf8');
  const object = 'build/wasm/tests/libc/calls.o';
  const rows = [...source.matchAll(/^REACHES\((\w+), "([^"]+)"/gm)];
  assert.ok(rows.length > 140, `${rows.length} functions`);
  const wrong = [];
  for (const [, name, calls] of rows) {
    const { stderr, wasm } = link([...ldflags, `--entry=call_${name}`, object]);
    const imported = new Set(stderr ? [] : functions(wasm).imports.map(({ name }) => short(name)));
    const missing = calls.split(' ').filter((call) => !call.split('|').some((one) => imported.has(one)));
    if (stderr || missing.length > 0) wrong.push(`${name}: ${stderr || `no ${missing}, but ${[...imported]}`}`);
  }
  assert.deepEqual(wrong, []);
});

test('a misspelt function is a link error', () => {
  for (const name of ['recvform', '__syscall_recvform', '__wasi_fd_raed']) {
    const { status, stderr } = link([...ldflags, compile(`int ${name}(void);\nint main(void) { return ${name}(); }\n`)]);
    assert.notEqual(status, 0);
    assert.match(stderr, new RegExp(`undefined symbol: ${name}\n`));
  }
});
