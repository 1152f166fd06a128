/** Which exercises are done, in this browser. One is done in the version that it was done in. */

/** @typedef {Pick<Storage, 'getItem'|'setItem'>} Store */

const PREFIX = 'portside:done:';

export class Progress {
  #storage;
  /** What a browser that does not store has until the page is left. @type {Set<string>} */
  #here = new Set();

  /** @param {() => Store} storage   may throw, as a browser's does */
  constructor(storage) {
    this.#storage = storage;
  }

  /** @param {string} exercise `tcp/simple/numbers@VERSION` */
  has(exercise) {
    try {
      return this.#here.has(exercise) || this.#storage().getItem(PREFIX + exercise) !== null;
    } catch {
      return false;
    }
  }

  /** @param {string} exercise */
  add(exercise) {
    this.#here.add(exercise);
    try {
      this.#storage().setItem(PREFIX + exercise, 'done');
    } catch {
      // it is done until the page is left
    }
  }
}
