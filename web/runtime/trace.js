/** What `Lab.trace` hands over, as objects: build/decode.wasm (src/trace/) knows what it means. */
import { readAsset } from './platform.js';

/**
 * @typedef {object} TracedSocket
 * @property {number} inode
 * @property {string} family  AF_INET ...
 * @property {string} type    SOCK_STREAM ...
 * @property {string} local   ADDRESS:PORT, [ADDRESS]:PORT; '' if it has none
 * @property {string} peer
 *
 * What a process did. Times are milliseconds since 1970.
 * @typedef {object} Traced
 * @property {'call' | 'waits' | 'gone' | 'start' | 'signal' | 'exit' | 'lost'} kind  waits: a call that
 *   has not returned yet, and will once more as 'call'; gone: one that never will; lost: there was no room
 * @property {string} line      as strace prints it
 * @property {string} host
 * @property {number} pid
 * @property {number} tid
 * @property {number} image     for Lab.places
 * @property {number} entered
 * @property {number} left
 * @property {number} blocked   how long it slept in between
 * @property {number} result    of 'exit': the status, as wait() gives it; of 'lost': how many records
 * @property {number} [parent]       of 'start': the process that forked, or 0
 * @property {string} [name]         of calls, as all that follows
 * @property {string} [class]        network, desc, file, process, signal, other, hidden
 * @property {string[]} [arguments]
 * @property {string | null} [error]  ECONNREFUSED ...
 * @property {TracedSocket | null} [socket]  that it was made on
 * @property {TracedSocket | null} [given]   that it gave
 * @property {number[]} [offsets]     of the callers, innermost first, for Lab.places
 */

export class TraceDecoder {
  #exports;
  #text = new TextDecoder();

  /** @param {WebAssembly.Module} module */
  constructor(module) {
    const env = { __syscall_getpid: () => 0 };
    this.#exports = /** @type {any} */ (new WebAssembly.Instance(module, { env }).exports);
  }

  /** @param {URL | string} [assets]  the folder that has decode.wasm */
  static async load(assets = new URL('../../build/', import.meta.url)) {
    return new TraceDecoder(await WebAssembly.compile(await readAsset(new URL('decode.wasm', assets))));
  }

  /**
   * Takes the next bytes, and gives the records that are whole now.
   * @param {Uint8Array} bytes
   * @param {number} [most]  bytes of a string that are shown
   * @returns {Traced[]}
   */
  decode(bytes, most = 32) {
    const { decode_input, decode_next, memory } = this.#exports;
    const at = decode_input(bytes.length);
    if (!at) throw new Error('no memory for the trace');
    new Uint8Array(memory.buffer).set(bytes, at);
    /** @type {Traced[]} */
    const records = [];
    for (let json; (json = decode_next(most)); ) {
      const all = new Uint8Array(memory.buffer);
      records.push(JSON.parse(this.#text.decode(all.subarray(json, all.indexOf(0, json)))));
    }
    return records;
  }
}
