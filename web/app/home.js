/** The files in the lab's home directory that are no program and not the editor's: kept for the lesson's next visit. */
import { HOME } from '../runtime/lab.js';

const LONGEST = 64 * 1024; // bytes of a file
const MOST = 512 * 1024; // characters of all of a lesson

/** @typedef {Pick<import('../runtime/lab.js').Lab, 'files'|'install'>} HomeLab */
/** @typedef {Pick<Storage, 'getItem'|'setItem'|'removeItem'>} Store */
/** A file: its mode and its text, or its bytes in base64. @typedef {{ mode: number, text?: string, bytes?: string }} Kept */

/** @param {Uint8Array} bytes @param {number} mode @returns {Kept} */
function pack(bytes, mode) {
  try {
    return { mode, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) };
  } catch {
    return { mode, bytes: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
  }
}

/** @param {Kept} kept */
function unpack({ text, bytes }) {
  if (text !== undefined) return new TextEncoder().encode(text);
  return Uint8Array.from(atob(bytes ?? ''), (c) => c.charCodeAt(0));
}

export class Home {
  #key;
  #store;
  #not;

  /**
   * @param {string} lesson its id
   * @param {Store} store
   * @param {() => string[]} not what is not kept, as the editor's files
   */
  constructor(lesson, store, not) {
    this.#key = `portside:home:${lesson}`;
    this.#store = store;
    this.#not = not;
  }

  /** Keeps what is there now; files for which there is no room are left out. @param {HomeLab} lab */
  async save(lab) {
    /** @type {Record<string, Kept>} */
    const all = {};
    let room = MOST;
    for (const { path, mode, bytes } of await lab.files(HOME, LONGEST)) {
      if (this.#not().includes(path)) continue;
      const kept = pack(bytes, mode);
      room -= (kept.text ?? kept.bytes ?? '').length + path.length;
      if (room < 0) break;
      all[path] = kept;
    }
    const text = JSON.stringify(all);
    if (text === (this.#store.getItem(this.#key) ?? '{}')) return;
    if (text === '{}') this.#store.removeItem(this.#key);
    else this.#store.setItem(this.#key, text);
  }

  /** Puts back what was kept. @param {HomeLab} lab */
  async restore(lab) {
    try {
      const all = /** @type {Record<string, Kept>} */ (JSON.parse(this.#store.getItem(this.#key) ?? '{}'));
      for (const [path, kept] of Object.entries(all)) {
        if (!path.split('/').includes('..')) await lab.install(`${HOME}/${path}`, unpack(kept), kept.mode & 0o777);
      }
    } catch {
      // what was kept is no home's: the lab begins without it
    }
  }
}
