/**
 * The compiler: C in, programs of the lab out. In a page it runs in a Worker of its own, under Node
 * in the caller's thread.
 *
 *     const toolchain = await Toolchain.load({ base, onProgress });
 *     const { ok, wasm, output } = await toolchain.compile({ files: { 'server.c': text }, main: 'server.c' });
 */
import { Llvm } from './llvm.js';
import { isNode, startWorker } from './platform.js';

/**
 * @typedef {import('./llvm.js').Diagnostic} Diagnostic
 * @typedef {import('./llvm.js').Source} Source
 * @typedef {import('./llvm.js').Built} Built  output is as clang prints it, in colour; plain is without
 * @typedef {import('./llvm.js').Place} Place
 * @typedef {{ resolve: (answer: any) => void, reject: (error: Error) => void }} Waiting
 */

export class Toolchain {
  #call;

  /** @param {(call: 'compile' | 'check' | 'make' | 'symbolize', args: any[]) => Promise<any>} call */
  constructor(call) {
    this.#call = call;
  }

  /**
   * Rejects when a file cannot be had; it may be tried again.
   * @param {object} options
   * @param {URL | string} [options.base] the folder toolchain/ of the site
   * @param {(progress: { loaded: number, total: number }) => void} [options.onProgress] bytes, over all files
   */
  static async load({ base = new URL('../../build/site/toolchain/', import.meta.url), onProgress } = {}) {
    if (!isNode) return Toolchain.#loadWorker(new URL(base), onProgress);
    const llvm = await Llvm.load(new URL(base), onProgress);
    return new Toolchain(async (call, args) => /** @type {any} */ (llvm)[call](...args));
  }

  /** @param {URL} base @param {((progress: { loaded: number, total: number }) => void) | undefined} onProgress */
  static async #loadWorker(base, onProgress) {
    const worker = await startWorker(new URL('../runtime/toolchain-worker.js', base));
    /** @type {Map<number, Waiting>} */
    const waiting = new Map();
    let last = 0;
    const ask = (/** @type {string} */ call, /** @type {any[]} */ args) =>
      new Promise((resolve, reject) => {
        waiting.set(++last, { resolve, reject });
        worker.post({ id: last, call, args });
      });
    worker.onError((message) => {
      for (const { reject } of waiting.values()) reject(new Error(message));
      waiting.clear();
    });
    worker.listen(({ id, progress, answer, error }) => {
      if (progress) return onProgress?.(progress);
      const asked = waiting.get(id);
      waiting.delete(id);
      return error === undefined ? asked?.resolve(answer) : asked?.reject(new Error(error));
    });
    try {
      await ask('load', [base.href]);
    } catch (error) {
      worker.end();
      throw error;
    }
    return new Toolchain(ask);
  }

  /**
   * Compiles and links one program. Bad C is not an error here: ok is false, and output says why.
   * @param {Source} source main names one of files; args are clang's
   * @returns {Promise<Built>}
   */
  compile(source) {
    return this.#call('compile', [source]);
  }

  /**
   * What the arguments of cc ask for.
   * @param {string[]} words
   * @param {Record<string, Uint8Array>} files  by their paths
   * @returns {Promise<{ output: string, made?: Uint8Array }>}  made: a program or, after -c, an object
   */
  make(words, files) {
    return this.#call('make', [words, files]);
  }

  /**
   * What the compiler says of one file, without making a program of it.
   * @param {Source} source
   * @returns {Promise<import('./llvm.js').Diagnostic[]>}
   */
  check(source) {
    return this.#call('check', [source]);
  }

  /**
   * Where in the source a program's code is: null where it has no source, as in libc.
   * @param {Uint8Array} wasm
   * @param {number[]} offsets in the module, as a stack trace has them: wasm-function[12]:0x1a3
   * @returns {Promise<(Place | null)[]>}
   */
  symbolize(wasm, offsets) {
    return this.#call('symbolize', [wasm, offsets]);
  }
}
