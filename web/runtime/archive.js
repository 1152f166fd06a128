/**
 * Archives of object files, as ar makes them, and what of them a program may need. The linker reads
 * all that it is given, which for a whole libc takes longer than the rest of its work.
 */

const MAGIC = '!<arch>\n', HEAD = 60; // bytes before each member
const SYMBOLS = '/', LONG_NAMES = '//'; // members that say something of the others
const latin1 = new TextDecoder('latin1');

/** Every name in an object file, and some that are none. @param {Uint8Array | string} object @returns {string[]} */
export const words = (object) => (typeof object === 'string' ? object : latin1.decode(object)).match(/[A-Za-z_]\w*/g) ?? [];

class Archive {
  /** Where the member is that defines a symbol. @type {Map<string, number>} */
  #defines = new Map();
  /** By where they are, in order. @type {Map<number, Uint8Array>} */
  #members = new Map();
  /** @type {Map<number, string[]>} */
  #words = new Map();
  #longNames = -1;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    for (let at = MAGIC.length; at < bytes.length;) {
      const head = latin1.decode(bytes.subarray(at, at + HEAD));
      const name = head.slice(0, 16).trimEnd(), size = parseInt(head.slice(48, 58), 10), end = at + HEAD + size;
      this.#members.set(at, bytes.subarray(at, end + (size % 2)));
      if (name === SYMBOLS) this.#readSymbols(bytes.subarray(at + HEAD, end));
      if (name === LONG_NAMES) this.#longNames = at;
      at = end + (size % 2);
    }
  }

  /** A count, so many offsets, and the names. @param {Uint8Array} table */
  #readSymbols(table) {
    const view = new DataView(table.buffer, table.byteOffset), count = view.getUint32(0);
    const names = latin1.decode(table.subarray(4 + 4 * count)).split('\0');
    for (let i = 0; i < count; i++) this.#defines.set(names[i], view.getUint32(4 + 4 * i));
  }

  /** The names in the member that defines this one. @param {string} symbol @returns {string[]} */
  needs(symbol) {
    const at = this.#defines.get(symbol);
    if (at === undefined) return [];
    const known = this.#words.get(at) ?? words(this.#members.get(at) ?? '');
    this.#words.set(at, known);
    return known;
  }

  /** An archive of those members only that define one of the names. @param {Set<string>} names */
  only(names) {
    const wanted = new Set([this.#longNames]);
    for (const [symbol, at] of this.#defines) if (names.has(symbol)) wanted.add(at);
    /** @type {Uint8Array[]} */
    const parts = [new TextEncoder().encode(MAGIC)];
    for (const [at, member] of this.#members) if (wanted.has(at)) parts.push(member);
    const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}

export class Archives {
  /** @type {Record<string, Archive>} */
  #archives = {};

  /** @param {Record<string, Uint8Array>} files  by their names */
  constructor(files) {
    for (const [name, bytes] of Object.entries(files)) this.#archives[name] = new Archive(bytes);
  }

  /**
   * These archives without what cannot be needed: linked with them, a program is the same.
   * @param {string[]} archives
   * @param {Iterable<string>} symbols  what the program and the linker's flags name
   * @returns {Record<string, Uint8Array>}
   */
  needed(archives, symbols) {
    const names = new Set(symbols);
    for (const name of names) // it grows meanwhile
      for (const archive of archives) for (const word of this.#archives[archive].needs(name)) names.add(word);
    return Object.fromEntries(archives.map((archive) => [archive, this.#archives[archive].only(names)]));
  }
}
