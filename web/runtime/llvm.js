/**
 * clang, wasm-ld and the symbolizer, as WebAssembly: the files that web/build/sysroot.js packs,
 * fetched, kept across visits, and run in this thread. The same in a Worker and in Node.
 */
import { Archives, words } from './archive.js';
import { asyncify, forks } from './asyncify.js';
import { isNode } from './platform.js';

/**
 * One file of the compiler, gzipped; its key changes when it does.
 * @typedef {{ name: string, path: string, size: number, key: string }} Packed
 *
 * @typedef {object} Manifest
 * @property {{ path: string, key: string }} script    runs LLVM
 * @property {{ path: string, key: string }} binaryen  for programs that fork
 * @property {Packed[]} files   LLVM's modules, and the sysroot
 * @property {string} sysroot   which of them that is
 * @property {string[]} compile clang's flags
 * @property {string[]} link    wasm-ld's
 * @property {string[]} linkThreads  for a program that makes threads
 *
 * @typedef {{ [name: string]: Uint8Array | Tree }} Tree
 * @typedef {{ ok: boolean, root: Directory, output: string }} Outcome
 * @typedef {(progress: { loaded: number, total: number }) => void} OnProgress
 *
 * @typedef {{ file: string, line: number, column: number, severity: string, message: string }} Diagnostic
 * @typedef {{ ok: boolean, wasm?: Uint8Array<ArrayBuffer>, output: string, plain: string, diagnostics: Diagnostic[] }} Built
 * @typedef {{ files: Record<string, string>, main: string, args?: string[] }} Source
 * @typedef {{ function: string, file: string, line: number }} Place
 */

const CACHE = 'portside-toolchain';
const LIB = '/usr/lib/', ARCHIVE = /\.a$/, START = '_start'; // where a program begins
const COLOURS = /\x1b\[[0-9;]*[A-Za-z]/g;

/** What the compiler does first takes ten times as long; this is what lessons begin with. */
const WARM_UP = `
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
int main(int argc, char **argv) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
  if (argc < 2 || getaddrinfo(argv[0], argv[1], &hints, &list)) return 1;
  char text[64];
  for (struct addrinfo *a = list; a; a = a->ai_next) {
    int s = socket(a->ai_family, a->ai_socktype, a->ai_protocol);
    if (s < 0 || connect(s, a->ai_addr, a->ai_addrlen)) perror("connect");
    ssize_t n = recv(s, text, sizeof text, 0);
    printf("%zd %.*s\\n", n, (int)n, text);
    close(s);
  }
  return 0;
}
`;

/** @param {URL} url @returns {Promise<Response>} */
async function get(url) {
  if (isNode && url.protocol === 'file:') {
    const { readFile } = await import('node:fs/promises');
    return new Response(new Uint8Array(await readFile(url)));
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  return response;
}

/** The browser's store for the compiler's files, if this page may have one. */
async function store() {
  try {
    return isNode ? null : await caches.open(CACHE);
  } catch {
    return null;
  }
}

/**
 * From the store, else from the network and into the store.
 * @param {URL} url @param {Cache | null} cache
 */
async function getKept(url, cache) {
  const kept = await cache?.match(url);
  if (kept?.body) return kept;
  const response = await get(url);
  cache?.put(url, response.clone()).catch(() => {}); // no room: it is fetched again next time
  return response;
}

/**
 * Empties the store of this site's files, but for some.
 * @param {Cache | null} cache @param {URL} base @param {string[]} current
 */
async function forget(cache, base, current) {
  for (const { url } of (await cache?.keys()) ?? [])
    if (url.startsWith(base.href) && !current.includes(url)) await cache?.delete(url);
}

/**
 * The bytes of a gzipped body. Some servers unpack .gz themselves, so look at what came.
 * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body @param {(bytes: number) => void} count
 * @returns {Promise<ReadableStream<Uint8Array<ArrayBuffer>>>}
 */
async function unpacked(body, count) {
  const reader = body.getReader();
  const first = await reader.read();
  /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */
  const whole = new ReadableStream({
    start(controller) {
      if (first.value) controller.enqueue(first.value);
      count(first.value?.length ?? 0);
    },
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      count(value.length);
      return controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
  const packed = first.value?.[0] === 0x1f && first.value[1] === 0x8b;
  return packed ? whole.pipeThrough(new DecompressionStream('gzip')) : whole;
}

/** @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream */
function compileModule(stream) {
  const response = new Response(stream, { headers: { 'content-type': 'application/wasm' } });
  if (!isNode) return WebAssembly.compileStreaming(response);
  return response.arrayBuffer().then((bytes) => WebAssembly.compile(bytes));
}

/** Node compiles all 75 MB of LLVM at once, unless it is told to wait until a function is called. */
async function compileLazily() {
  if (!isNode) return;
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--wasm-lazy-compilation');
  setFlagsFromString('--wasm-lazy-validation');
}

/** The sysroot: the length of an index, the index, the files. @param {Uint8Array} bytes */
function unpackTree(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  /** @type {Record<string, [number, number]>} */
  const index = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  /** @type {Tree} */
  const tree = {};
  for (const [path, [at, size]] of Object.entries(index))
    put(tree, path, bytes.subarray(4 + length + at, 4 + length + at + size));
  return tree;
}

/** @param {Tree} tree @param {string} path @param {Uint8Array} bytes */
function put(tree, path, bytes) {
  const folders = path.split('/');
  const name = /** @type {string} */ (folders.pop());
  for (const folder of folders) tree = /** @type {Tree} */ (tree[folder] ??= {});
  tree[name] = bytes;
}

/** Whether a program of this object can have more than one thread, or variables of one's own. @param {Uint8Array} object */
const makesThreads = (object) => /pthread_create|thrd_create|\.tdata|\.tbss/.test(new TextDecoder('latin1').decode(object));

/** Where a module's code begins: DWARF counts from there. @param {Uint8Array} wasm */
function codeOffset(wasm) {
  for (let at = 8; at < wasm.length;) {
    const id = wasm[at++];
    let size = 0;
    for (let shift = 0, byte = 0x80; byte & 0x80; shift += 7) {
      byte = wasm[at++];
      size += (byte & 0x7f) * 2 ** shift;
    }
    if (id === 10) return at;
    at += size;
  }
  return 0;
}

/** clang's `file:line:column: severity: message`. @param {string} output @returns {Diagnostic[]} */
function compilerDiagnostics(output) {
  const form = /^([^:\s][^:]*):(\d+):(\d+): (fatal error|error|warning|note|remark): (.*)$/gm;
  return [...output.matchAll(form)].map(([, file, line, column, severity, message]) => ({
    file, line: Number(line), column: Number(column), severity, message,
  }));
}

/**
 * wasm-ld names symbols, not lines: the line is where the program first has that name.
 * @param {string} output @param {string} main @param {string} text @returns {Diagnostic[]}
 */
function linkerDiagnostics(output, main, text) {
  const lines = text.split('\n');
  return [...output.matchAll(/^wasm-ld: (error|warning): (?:\S+?\.[oa](?:\(\S+\))?: )?(.*)$/gm)].map(([, severity, message]) => {
    const symbol = /(?:undefined|duplicate) symbol: (\w+)/.exec(message)?.[1];
    const line = symbol ? lines.findIndex((source) => new RegExp(`\\b${symbol}\\b`).test(source)) : -1;
    const column = line < 0 ? 1 : lines[line].search(new RegExp(`\\b${symbol}\\b`)) + 1;
    return { file: main, line: Math.max(line, 0) + 1, column, severity, message };
  });
}

/** The words of the command that clang -### prints. @param {string} output */
function commandIn(output) {
  const line = output.split('\n').find((text) => / "-cc1" /.test(text));
  if (!line) return null;
  const words = [...line.matchAll(/ "((?:[^"\\]|\\.)*)"/g)].map(([, word]) => word.replace(/\\(.)/g, '$1'));
  return words.slice(words.indexOf('-cc1'));
}

/**
 * What the script of @yowasp/clang gives us, as far as we use it.
 * @typedef {{ files: Record<string, any> }} Directory
 * @typedef {{ args: string[], root: Directory, stdin: null, stdout: Print, stderr: Print, exports: object }} Environment
 * @typedef {(bytes: Uint8Array | null) => void} Print
 * @typedef {{ run: { run: () => void } }} Command
 *
 * @typedef {object} Script
 * @property {new () => Environment} Environment
 * @property {new () => { code: number }} Exit
 * @property {(tree: Tree) => Directory} directoryFromTree
 * @property {(module: (name: string) => WebAssembly.Module, imports: object, create: (module: WebAssembly.Module, imports: any) => WebAssembly.Instance) => Command} instantiate
 */

export class Llvm {
  #script;
  #modules;
  #usr;
  #manifest;
  #archives;
  /** Instances that have not run; each runs once. @type {{ environment: Environment, command: Command }[]} */
  #prepared = [];
  /** What clang's driver makes of arguments, by their JSON. @type {Map<string, string[]>} */
  #commands = new Map();

  #binaryen;

  /** @param {Script} script @param {Record<string, WebAssembly.Module>} modules @param {Tree} usr @param {Manifest} manifest @param {string} binaryen */
  constructor(script, modules, usr, manifest, binaryen) {
    this.#binaryen = binaryen;
    this.#script = script;
    this.#modules = modules;
    this.#usr = script.directoryFromTree(usr);
    this.#manifest = manifest;
    const files = Object.entries(/** @type {Record<string, Uint8Array>} */ (usr.lib)).filter(([name]) => ARCHIVE.test(name));
    this.#archives = new Archives(Object.fromEntries(files));
  }

  /**
   * @param {URL} base the folder that sysroot.js made
   * @param {OnProgress} [onProgress]
   */
  static async load(base, onProgress) {
    /** @type {Manifest} */
    const manifest = await (await get(new URL(`manifest.json?${Date.now()}`, base))).json();
    const cache = await store();
    const address = (/** @type {{ path: string, key: string }} */ { path, key }) => new URL(`${path}?${key}`, base);
    const total = manifest.files.reduce((sum, { size }) => sum + size, 0);
    let loaded = 0;
    const count = (/** @type {number} */ bytes) => onProgress?.({ loaded: Math.min((loaded += bytes), total), total });
    const open = async (/** @type {Packed} */ file) => {
      const { body } = await getKept(address(file), cache);
      return unpacked(/** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */ (body), count);
    };
    await compileLazily();
    const modules = manifest.files.filter(({ name }) => name !== manifest.sysroot);
    const sysroot = manifest.files.filter(({ name }) => name === manifest.sysroot);
    try {
      const [script, [packed], ...compiled] = await Promise.all([
        import(address(manifest.script).href),
        Promise.all(sysroot.map(async (file) => new Uint8Array(await new Response(await open(file)).arrayBuffer()))),
        ...modules.map(async (file) => compileModule(await open(file))),
      ]);
      void forget(cache, base, manifest.files.map((file) => address(file).href));
      const core = Object.fromEntries(modules.map(({ name }, i) => [name, compiled[i]]));
      return new Llvm(script, core, unpackTree(packed), manifest, address(manifest.binaryen).href);
    } catch (error) {
      await forget(cache, base, []); // if what was kept is broken, do not keep it
      throw error;
    }
  }

  #instantiate() {
    const environment = new this.#script.Environment();
    const command = this.#script.instantiate(
      (name) => this.#modules[name],
      { runtime: environment.exports },
      (module, imports) => new WebAssembly.Instance(module, imports),
    );
    return { environment, command };
  }

  /** Does ahead of time what takes as long as compiling a small program. */
  prepare() {
    while (this.#prepared.length < 2) this.#prepared.push(this.#instantiate());
  }

  /**
   * Runs one of LLVM's programs, each time from its beginning. Throws when LLVM itself breaks.
   * @param {string[]} args @param {Tree} files
   * @returns {Outcome}
   */
  #run(args, files) {
    const { environment, command } = this.#prepared.pop() ?? this.#instantiate();
    let output = '';
    const decoder = new TextDecoder();
    const print = (/** @type {Uint8Array | null} */ bytes) => void (bytes && (output += decoder.decode(bytes, { stream: true })));
    const root = this.#script.directoryFromTree(files);
    root.files.usr = this.#usr;
    Object.assign(environment, { args: ['llvm', ...args], root, stdin: null, stdout: print, stderr: print });
    let code = 0;
    try {
      command.run.run();
    } catch (error) {
      if (!(error instanceof this.#script.Exit)) throw new Error(`${args[0]} itself failed: ${error}\n${output}`);
      code = error.code;
    }
    return { ok: code === 0, root, output };
  }

  /**
   * The compiler's own arguments; its driver, which finds them, takes as long as a small program.
   * @param {string[]} args
   */
  #command(args) {
    const key = JSON.stringify(args);
    const known = this.#commands.get(key);
    if (known) return known;
    const { output } = this.#run(['clang', '-###', ...this.#manifest.compile, ...args, '-c', '@.c', '-o', '@.o'], { '@.c': new Uint8Array() });
    const command = commandIn(output);
    if (!command) throw new Error(output.replace(/^clang version [^]*/m, '').trimEnd());
    this.#commands.set(key, command);
    return command;
  }

  /**
   * @param {string} main @param {Tree} tree @param {string[]} args
   * @returns {{ output: string, object?: Uint8Array }}
   */
  #compile(main, tree, args) {
    const object = 'made.o';
    const words = this.#command(args).map((word) => (word === '@.c' ? main : word === '@.o' ? object : word));
    const { ok, output, root } = this.#run(['clang', ...words], tree);
    return ok ? { output, object: root.files[object].data } : { output };
  }

  /**
   * @param {Record<string, Uint8Array>} objects
   * @returns {Promise<{ output: string, wasm?: Uint8Array<ArrayBuffer> }>}
   */
  async #link(objects) {
    const { link, linkThreads } = this.#manifest, program = 'program';
    const flags = (Object.values(objects).some(makesThreads) ? linkThreads : link).map((flag) => (ARCHIVE.test(flag) ? flag.slice(LIB.length) : flag));
    const symbols = [START, ...words(flags.join(' ').replaceAll('--wrap=', '__wrap_')), ...Object.values(objects).flatMap(words)];
    const archives = this.#archives.needed(flags.filter((flag) => ARCHIVE.test(flag)), symbols);
    const { ok, output, root } = this.#run(['wasm-ld', ...flags, ...Object.keys(objects), '-o', program], { ...archives, ...objects });
    if (!ok) return { output };
    const wasm = /** @type {Uint8Array<ArrayBuffer>} */ (root.files[program].data);
    return { output, wasm: forks(wasm) ? await asyncify(wasm, this.#binaryen) : wasm };
  }

  /**
   * What cc's arguments ask for (src/bin/cc.c): made is a program or, after -c, an object; none: output says why.
   * @param {string[]} words
   * @param {Record<string, Uint8Array>} files  by their paths
   * @returns {Promise<{ output: string, made?: Uint8Array }>}
   */
  async make(words, files) {
    const own = (/** @type {string} */ word) => word === '-c' || /^[^-].*\.[co]$/.test(word);
    const args = words.filter((word) => !own(word)), inputs = words.filter((word) => own(word) && word !== '-c');
    /** @type {Tree} */
    const tree = {};
    for (const [path, bytes] of Object.entries(files)) put(tree, path.split('/').filter((part) => !/^\.{0,2}$/.test(part)).join('/'), bytes); // it passes over .., too
    let output = '';
    /** @type {Record<string, Uint8Array>} */
    const objects = {};
    try {
      for (const [i, path] of inputs.entries()) {
        const done = path.endsWith('.o') ? { output: '', object: files[path] } : this.#compile(path, tree, args);
        output += done.output;
        if (!done.object) return { output };
        objects[`${i}-${path.replace(/^.*\/|\.[co]$/g, '')}.o`] = done.object;
      }
      if (words.includes('-c')) return { output, made: Object.values(objects)[0] };
      const linked = await this.#link(objects);
      return { output: output + linked.output, made: linked.wasm };
    } catch (error) {
      return { output: `${output}cc: ${error instanceof Error ? error.message : error}\n` };
    }
  }

  /**
   * @param {Source} source
   * @returns {Promise<Built>}
   */
  async compile({ files, main, args = [] }) {
    /** @type {Built} */
    const built = { ok: false, output: '', plain: '', diagnostics: [] };
    const add = (/** @type {string} */ output) => {
      built.output += output;
      built.plain = built.output.replace(COLOURS, '');
    };
    /** @type {Tree} */
    const tree = {};
    for (const [name, text] of Object.entries(files)) put(tree, name, new TextEncoder().encode(text));
    try {
      const compiled = this.#compile(main, tree, args);
      add(compiled.output);
      built.diagnostics = compilerDiagnostics(built.plain);
      if (!compiled.object) return built;
      const linked = await this.#link({ [`${main.replace(/^.*\/|\.c$/g, '')}.o`]: compiled.object });
      add(linked.output);
      built.diagnostics.push(...linkerDiagnostics(linked.output, main, files[main] ?? ''));
      built.wasm = linked.wasm;
      built.ok = linked.wasm !== undefined;
    } catch (error) {
      add(`${error instanceof Error ? error.message : error}\n`);
    }
    return built;
  }

  /**
   * What the compiler says of a file, without making anything of it.
   * @param {Source} source
   * @returns {Diagnostic[]}
   */
  check({ files, main }) {
    /** @type {Tree} */
    const tree = {};
    for (const [name, text] of Object.entries(files)) put(tree, name, new TextEncoder().encode(text));
    const words = this.#command(['-fsyntax-only']).map((word) => (word === '@.c' ? main : word));
    return compilerDiagnostics(this.#run(['clang', ...words], tree).output.replace(COLOURS, ''));
  }

  async warmUp() {
    await this.compile({ files: { 'warm.c': WARM_UP }, main: 'warm.c' });
    this.prepare();
  }

  /**
   * Where in the source a program's code is; null where it has no source, as in libc.
   * @param {Uint8Array} wasm
   * @param {number[]} offsets in the module, as a stack trace has them
   * @returns {(Place | null)[]}
   */
  symbolize(wasm, offsets) {
    if (offsets.length === 0) return [];
    const code = codeOffset(wasm);
    // Lines are found by the distance from the code's beginning, names of functions by the offset.
    const addresses = [...offsets.map((offset) => Math.max(offset - code, 0)), ...offsets].map(String);
    const { ok, output } = this.#run(['symbolizer', '--output-style=JSON', '--basenames', '-e', 'program', ...addresses], { program: wasm });
    if (!ok) throw new Error(output);
    /** @type {{ FunctionName: string, FileName: string, Line: number }[][]} */
    const found = output.split('\n').filter(Boolean).flatMap((line) => JSON.parse(line)).map(({ Symbol }) => Symbol ?? []);
    return offsets.map((_, i) => {
      const inlined = found[i], [outermost] = found[offsets.length + i];
      const place = inlined.find(({ Line }) => Line > 0);
      if (!place) return null;
      const name = place === inlined[inlined.length - 1] ? outermost?.FunctionName : place.FunctionName;
      return { function: name ?? '', file: place.FileName, line: place.Line };
    });
  }
}
