/** The lesson's files: as they came with the page, and as the learner has left them in this browser. */

/**
 * @typedef {object} Starter
 * @property {string} name
 * @property {string} version   changes with the text
 * @property {string} text
 */

export class Files {
  /** @type {Map<string, Starter>} */
  #starters;
  #lesson;
  #storage;
  /** While what the editor shows is somebody else's, nothing is saved. */
  paused = false;

  /**
   * @param {string} lesson its id
   * @param {Starter[]} starters
   * @param {() => Pick<Storage, 'getItem'|'setItem'|'removeItem'>} storage   may throw, as a browser's does
   */
  constructor(lesson, starters, storage) {
    this.#lesson = lesson;
    this.#starters = new Map(starters.map((starter) => [starter.name, starter]));
    this.#storage = storage;
    for (const name of this.#quietly(() => JSON.parse(storage().getItem(this.#listKey) ?? '[]')) ?? []) this.#add(name);
  }

  get #listKey() {
    return `portside:${this.#lesson}:files`;
  }

  /** @param {string} name */
  #add(name) {
    this.#starters.set(name, { name, version: 'own', text: '' });
  }

  /** A file of the learner's own more, empty. @param {string} name */
  add(name) {
    this.#add(name);
    if (this.paused) return;
    const own = [...this.#starters.values()].filter(({ version }) => version === 'own').map((file) => file.name);
    this.#quietly(() => this.#storage().setItem(this.#listKey, JSON.stringify(own)));
  }

  get names() {
    return [...this.#starters.keys()];
  }

  /** @param {string} name */
  starter(name) {
    return this.#starter(name).text;
  }

  /** The learner's text, or the starter's. @param {string} name */
  load(name) {
    return this.#quietly(() => this.#storage().getItem(this.#key(name))) ?? this.starter(name);
  }

  /**
   * A browser that does not store (private mode, storage full) keeps the text until the page is left.
   * @param {string} name
   * @param {string} text
   */
  save(name, text) {
    if (this.paused) return;
    const key = this.#key(name);
    this.#quietly(() => {
      if (text === this.starter(name)) this.#storage().removeItem(key);
      else this.#storage().setItem(key, text);
    });
  }

  /** @param {string} name */
  #starter(name) {
    const starter = this.#starters.get(name);
    if (!starter) throw new Error(`no file ${name} in this lesson`);
    return starter;
  }

  /** @param {string} name */
  #key(name) {
    return `portside:${this.#lesson}/${name}@${this.#starter(name).version}`;
  }

  /** @template T @param {() => T} action @returns {T|undefined} */
  #quietly(action) {
    try {
      return action();
    } catch {
      return undefined;
    }
  }
}
