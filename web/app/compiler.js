/** The compiler, fetched in the background; it can be asked before it is there. */
import { Toolchain } from '../runtime/toolchain.js';

/**
 * @typedef {{ state: 'absent'|'loading'|'ready'|'failed', percent: number, reason: string }} Progress
 */

export class Compiler {
  /** @type {Promise<Toolchain>|undefined} */
  #toolchain;
  #base;
  #onProgress;
  /** @type {Progress} */
  progress = { state: 'absent', percent: 0, reason: '' };

  /**
   * @param {URL} base the folder of the compiler's files
   * @param {(progress: Progress) => void} onProgress
   */
  constructor(base, onProgress) {
    this.#base = base;
    this.#onProgress = onProgress;
  }

  /** Begins to load it, if that has not begun or has failed. */
  load() {
    this.#toolchain ??= this.#load();
    return this.#toolchain;
  }

  /** Loads it in the background; `progress` says if it failed. */
  loadQuietly() {
    this.load().catch(() => {});
  }

  async #load() {
    this.#report('loading', 0);
    try {
      const toolchain = await Toolchain.load({
        base: this.#base,
        onProgress: ({ loaded, total }) => this.#report('loading', total > 0 ? Math.floor((100 * loaded) / total) : 0),
      });
      this.#report('ready', 100);
      return toolchain;
    } catch (error) {
      this.#toolchain = undefined;
      this.#report('failed', 0, String(error instanceof Error ? error.message : error));
      throw error;
    }
  }

  /** @param {Progress['state']} state @param {number} percent */
  #report(state, percent, reason = '') {
    this.progress = { state, percent, reason };
    this.#onProgress(this.progress);
  }
}
