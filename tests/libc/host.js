/**
 * The least that a program needs to run: the calls of stdio, the clock and exit, over files given
 * as text. Every call made is noted; one that is not here answers ENOSYS.
 */
import { readFileSync } from 'node:fs';

const ENOENT = 44, ENOSYS = 52, ENOTTY = 59, EBADF = 8;

class Exit {
  /** @param {number} status */
  constructor(status) {
    this.status = status;
  }
}

/**
 * @param {Uint8Array | string} program  bytes, or the name of a file
 * @param {{ args?: string[], env?: string[], files?: Record<string, string>, input?: string }} [options]
 */
export function run(program, { args = ['program'], env = [], files = {}, input = '' } = {}) {
  const bytes = typeof program === 'string' ? readFileSync(program) : program;
  const module = new WebAssembly.Module(/** @type {Uint8Array<ArrayBuffer>} */ (bytes));
  /** @type {Set<string>} */
  const calls = new Set();
  const output = { 1: '', 2: '' };
  /** @type {Map<number, { data: Uint8Array, at: number }>} */
  const open = new Map([[0, { data: new TextEncoder().encode(input), at: 0 }]]);
  /** @type {WebAssembly.Memory} */
  let memory;
  const view = () => new DataView(memory.buffer);
  const u8 = () => new Uint8Array(memory.buffer);
  /** @param {number} at */
  const text = (at) => {
    const all = u8();
    return new TextDecoder().decode(all.slice(at, all.indexOf(0, at)));
  };
  /** @param {number} at @param {number} n */
  const pieces = (at, n) =>
    Array.from({ length: n }, (_, i) => u8().subarray(view().getUint32(at + 8 * i, true)).subarray(0, view().getUint32(at + 8 * i + 4, true)));

  /** @param {string[]} list */
  const strings = (list) => {
    const encoded = list.map((string) => new TextEncoder().encode(`${string}\0`));
    return {
      /** @param {number} count @param {number} size */
      sizes(count, size) {
        view().setUint32(count, list.length, true);
        view().setUint32(size, encoded.reduce((sum, { length }) => sum + length, 0), true);
        return 0;
      },
      /** @param {number} vector @param {number} at */
      get(vector, at) {
        encoded.forEach((string, i) => {
          view().setUint32(vector + 4 * i, at, true);
          u8().set(string, at);
          at += string.length;
        });
        return 0;
      },
    };
  };
  /** @param {number} path */
  function openFile(path) {
    const file = files[text(path)];
    if (file === undefined) return -ENOENT;
    const fd = 3 + Math.max(0, ...[...open.keys()].map((fd) => fd - 2));
    open.set(fd, { data: new TextEncoder().encode(file), at: 0 });
    return fd;
  }
  const now = () => BigInt(Math.round(performance.now() * 1e6));

  /** @type {Record<string, (...args: any[]) => number>} */
  const known = {
    args_sizes_get: strings(args).sizes,
    args_get: strings(args).get,
    environ_sizes_get: strings(env).sizes,
    environ_get: strings(env).get,
    fd_write(fd, iov, n, written) {
      if (fd !== 1 && fd !== 2) return EBADF;
      const list = pieces(iov, n);
      output[/** @type {1 | 2} */ (fd)] += list.map((piece) => Buffer.from(piece).toString()).join('');
      view().setUint32(written, list.reduce((sum, { length }) => sum + length, 0), true);
      return 0;
    },
    fd_read(fd, iov, n, got) {
      const file = open.get(fd);
      if (!file) return EBADF;
      let count = 0;
      for (const piece of pieces(iov, n)) {
        const part = file.data.subarray(file.at, file.at + piece.length);
        piece.set(part);
        file.at += part.length;
        count += part.length;
      }
      view().setUint32(got, count, true);
      return 0;
    },
    fd_close: (fd) => (open.delete(fd) ? 0 : EBADF),
    fd_seek(fd, offset, whence, to) {
      const file = open.get(fd);
      if (!file) return EBADF;
      file.at = Number(offset) + [0, file.at, file.data.length][whence];
      view().setBigInt64(to, BigInt(file.at), true);
      return 0;
    },
    clock_time_get(_clock, _precision, to) {
      view().setBigUint64(to, now(), true);
      return 0;
    },
    proc_exit(status) {
      throw new Exit(status);
    },
    __syscall_open: openFile,
    __syscall_openat: (_folder, path) => openFile(path),
    __syscall_fcntl64: () => 0,
    __syscall_ioctl: () => -ENOTTY,
    __syscall_getpid: () => 7,
  };
  /** @type {Record<string, Record<string, Function>>} */
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = (/** @type {any[]} */ ...given) => {
      calls.add(name);
      if (name in known) return known[name](...given);
      return from === 'env' ? -ENOSYS : ENOSYS;
    };
  }
  const { exports } = new WebAssembly.Instance(module, /** @type {any} */ (imports));
  memory = /** @type {WebAssembly.Memory} */ (exports.memory);
  let status = 0;
  /** @type {Error | null} */
  let trap = null;
  try {
    /** @type {() => void} */ (exports._start)();
  } catch (error) {
    if (error instanceof Exit) status = error.status;
    else if (error instanceof Error) trap = error;
    else throw error;
  }
  return { status, trap, stdout: output[1], stderr: output[2], calls };
}
