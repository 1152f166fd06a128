/**
 * What the page keeps in this browser: localStorage, behind which a browser that does not store
 * (private mode, no room left) keeps it in memory until the page is left.
 */
const PREFIX = 'portside:';
/** What is the browser's own, and no progress. */
const own = /^portside:(language|layout|view|vim)$/;

class Store {
  /** What localStorage did not take; null: to be removed there. @type {Map<string, string|null>} */
  #lost = new Map();
  #told = false;
  onFull = () => {};

  /** @param {string} key */
  getItem(key) {
    const lost = this.#lost.get(key);
    if (lost !== undefined) return lost;
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  /** @param {string} key @param {string} value */
  setItem(key, value) {
    try {
      localStorage.setItem(key, value);
      this.#lost.delete(key);
    } catch {
      this.#lost.set(key, value);
      if (!this.#told) this.onFull();
      this.#told = true;
    }
  }

  /** @param {string} key */
  removeItem(key) {
    try {
      localStorage.removeItem(key);
      this.#lost.delete(key);
    } catch {
      this.#lost.set(key, null);
    }
  }

  /** Whether all that was written is kept beyond this page. */
  get keeps() {
    return this.#lost.size === 0;
  }

  /** @param {string} start @returns {string[]} the keys that begin so */
  keys(start) {
    /** @type {Set<string>} */
    const keys = new Set();
    try {
      for (const key of Object.keys(localStorage)) keys.add(key);
    } catch {
      // what is in memory, then
    }
    for (const key of this.#lost.keys()) keys.add(key);
    return [...keys].filter((key) => key.startsWith(start) && this.getItem(key) !== null);
  }

  /** All progress, as the text of a file. */
  export() {
    const entries = this.keys(PREFIX).filter((key) => !own.test(key)).sort().map((key) => [key, this.getItem(key)]);
    return `${JSON.stringify({ portside: 1, entries: Object.fromEntries(entries) }, null, 1)}\n`;
  }

  /**
   * Takes what export() gave, over what is there under the same names; all of it or nothing.
   * @param {string} text
   * @returns {number} of entries; throws a SyntaxError if the text is none, else if there is no room
   */
  import(text) {
    const { portside, entries } = JSON.parse(text) ?? {};
    if (portside !== 1 || typeof entries !== 'object' || entries === null) throw new SyntaxError('no progress');
    const list = Object.entries(entries);
    for (const [key, value] of list) {
      if (!key.startsWith(PREFIX) || own.test(key) || typeof value !== 'string') throw new SyntaxError(key);
    }
    const before = list.map(([key]) => /** @type {const} */ ([key, this.getItem(key)]));
    try {
      for (const [key, value] of list) localStorage.setItem(key, /** @type {string} */ (value));
    } catch (error) {
      for (const [key, value] of before) {
        if (value === null) localStorage.removeItem(key);
        else localStorage.setItem(key, value);
      }
      throw error;
    }
    return list.length;
  }
}

export const store = new Store();
