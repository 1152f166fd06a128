/**
 * Packs the page's compiler into build/site/toolchain/: LLVM's modules out of @yowasp/clang, our
 * sysroot, Binaryen, and a manifest that says what belongs together. node web/build/sysroot.js [--out DIR]
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

const top = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const MODULES = ['llvm.core.wasm', 'llvm.core2.wasm', 'llvm.core3.wasm', 'llvm.core4.wasm'];
const SYSROOT = 'sysroot';

/** clang's own headers that C programs have use for; the others are for processors. */
const BUILTIN = /^(__std(arg|def)\w*|float|inttypes|iso646|limits|std(align|arg|atomic|bool|ckdint|def|int|noreturn)|tgmath|varargs)\.h$/;

/** @typedef {Record<string, Uint8Array>} Files by path */
/** @typedef {import('../runtime/llvm.js').Packed} Packed */

/** @param {Uint8Array} tar @returns {Files} */
function readTar(tar) {
  /** @type {Files} */
  const files = {};
  const text = (/** @type {number} */ at, /** @type {number} */ n) => Buffer.from(tar.subarray(at, at + n)).toString('latin1').replace(/\0[^]*/, '');
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    const size = parseInt(text(at + 124, 12), 8) || 0;
    files[text(at, 100)] = tar.subarray(at + 512, at + 512 + size);
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

/** @param {string} folder @param {string} prefix @param {Files} into */
function addFolder(folder, prefix, into) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) addFolder(join(folder, entry.name), `${prefix}${entry.name}/`, into);
    else into[`${prefix}${entry.name}`] = readFileSync(join(folder, entry.name));
  }
}

/** What is at /usr when the compiler runs. @param {string} sysroot @param {string} gen the package's files */
function usr(sysroot, gen) {
  /** @type {Files} */
  const files = {};
  for (const [path, bytes] of Object.entries(readTar(readFileSync(join(gen, 'llvm-resources.tar')))))
    if (/^include\/[^/]+$/.test(path) && BUILTIN.test(path.slice(8))) files[`lib/clang/${path}`] = bytes;
  addFolder(join(sysroot, 'include'), 'include/', files);
  addFolder(join(sysroot, 'lib'), 'lib/', files);
  files['lib/syscalls.txt'] = readFileSync(join(sysroot, 'syscalls.txt'));
  return files;
}

/** The length of an index of paths, the index, the files. @param {Files} files */
function packTree(files) {
  /** @type {Record<string, [number, number]>} */
  const index = {};
  let at = 0;
  for (const path of Object.keys(files).sort()) {
    index[path] = [at, files[path].length];
    at += files[path].length;
  }
  const head = Buffer.from(JSON.stringify(index));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, ...Object.keys(index).map((path) => files[path])]);
}

/** @param {string | Uint8Array} bytes */
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** @param {string} file of build/sysroot: arguments, a line each, blanks between words */
const words = (file) => readFileSync(file, 'utf8').split(/\s+/).filter(Boolean);

/** LLVM's script, with the parts exported that its package keeps to itself. @param {string} gen */
function llvmScript(gen) {
  const text = readFileSync(join(gen, 'bundle.js'), 'utf8');
  for (const part of ['var Environment = class', 'function directoryFromTree(', 'function instantiate('])
    if (!text.includes(part)) throw new Error(`@yowasp/clang has no '${part}' any more`);
  return `${text}\nexport { Environment, directoryFromTree, instantiate };\n`;
}

/** Another folder's file of the same name is never seen half written. @param {string} path @param {string | Uint8Array} bytes */
function write(path, bytes) {
  writeFileSync(`${path}.new`, bytes);
  renameSync(`${path}.new`, path);
}

/** What was made before, if anything. @param {string} out @returns {Packed[]} */
function packedBefore(out) {
  try {
    return JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')).files;
  } catch {
    return [];
  }
}

/**
 * @param {object} [options]
 * @param {string} [options.sysroot]
 * @param {string} [options.out]
 */
export async function packToolchain({ sysroot = join(top, 'build/sysroot'), out = join(top, 'build/site/toolchain') } = {}) {
  const gen = dirname(createRequire(import.meta.url).resolve('@yowasp/clang'));
  const { version } = JSON.parse(readFileSync(join(gen, '../package.json'), 'utf8'));
  const before = packedBefore(out);
  mkdirSync(out, { recursive: true });
  /** @param {string} name @param {string} key @param {() => Uint8Array} read @returns {Promise<Packed>} */
  const pack = async (name, key, read) => {
    const path = `${name}.gz`;
    const same = before.find((file) => file.name === name && file.key === key);
    if (same && existsSync(join(out, path))) return same;
    const bytes = read();
    const packed = await promisify(gzip)(bytes, { level: 9 });
    if ((await promisify(gunzip)(packed)).length !== bytes.length) throw new Error(`${name} did not pack`);
    write(join(out, path), packed);
    return { name, path, size: packed.length, key };
  };
  const tree = packTree(usr(sysroot, gen));
  const script = llvmScript(gen);
  const files = await Promise.all([
    ...MODULES.map((name) => pack(name, version, () => readFileSync(join(gen, name)))),
    pack(SYSROOT, hash(tree), () => tree),
  ]);
  write(join(out, 'llvm.js'), script);
  const binaryen = readFileSync(createRequire(import.meta.url).resolve('binaryen'));
  write(join(out, 'binaryen.js'), binaryen);
  /** @type {import('../runtime/llvm.js').Manifest} */
  const manifest = {
    script: { path: 'llvm.js', key: hash(script) },
    binaryen: { path: 'binaryen.js', key: hash(binaryen) },
    files,
    sysroot: SYSROOT,
    compile: words(join(sysroot, 'cflags.page')),
    link: words(join(sysroot, 'ldflags.page')),
    linkThreads: words(join(sysroot, 'ldflags.threads.page')),
  };
  write(join(out, 'manifest.json'), JSON.stringify(manifest));
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { out: { type: 'string' } } });
  await packToolchain(values);
}
