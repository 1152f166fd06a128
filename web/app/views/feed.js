/** What the kernel tells the views of a lab: its frames, and whether its network is held. */
import { Store } from '../../wire/store.js';

/**
 * @typedef {import('../../runtime/lab.js').Lab} Lab
 * @typedef {import('../../wire/store.js').Entry} Entry
 * @typedef {(added: Entry[]) => void} Watcher   called after each look, also if nothing is new
 */

const EVERY = 120; // ms between two looks
const FLOOD = 100, SELDOM = 750; // frames in a look, more than anyone can read; ms to the next one then

/** @type {WeakMap<Lab, Feed>} */
const feeds = new WeakMap();

/** The one feed of a lab, which all views share. @param {Lab} lab */
export function feedOf(lab) {
  const feed = feeds.get(lab) ?? new Feed(lab);
  feeds.set(lab, feed);
  return feed;
}

export class Feed {
  store = new Store();
  held = false;
  /** Frames that have not arrived yet. */
  onWay = 0;
  /** Frames that nobody looked at in time. */
  missed = 0;
  #lab;
  /** @type {Set<Watcher>} */
  #watchers = new Set();
  #looking = false;

  /** @param {Lab} lab */
  constructor(lab) {
    this.#lab = lab;
  }

  /** Tells of frames as they come, for as long as it is not unwatched. @param {Watcher} watcher */
  watch(watcher) {
    this.#watchers.add(watcher);
    if (!this.#looking) void this.#look();
  }

  /** @param {Watcher} watcher */
  unwatch(watcher) {
    this.#watchers.delete(watcher);
  }

  async #look() {
    this.#looking = true;
    try {
      while (this.#watchers.size > 0) {
        const many = (await this.read()) > FLOOD; // to show them costs the programs their time
        await new Promise((resolve) => setTimeout(resolve, many ? SELDOM : EVERY));
      }
    } catch {
      // the lab is gone
    }
    this.#looking = false;
  }

  /** Takes what is there now. @returns {Promise<number>} how many frames that is */
  async read() {
    const { chunks, lost, onWay } = await this.#lab.frames();
    const added = chunks.flatMap((chunk) => this.store.add(chunk));
    this.onWay = onWay;
    this.missed = lost;
    for (const watcher of this.#watchers) watcher(added);
    return added.length;
  }

  /** @param {boolean} on */
  async hold(on) {
    this.held = on;
    await this.#lab.hold(on);
    await this.read();
  }

  /** The next frame arrives; the network is held for that. */
  async step() {
    if (!this.held) await this.hold(true);
    await this.#lab.step();
    await this.read();
  }

  /** The last frames sent that have not arrived, while the network is held. @returns {Set<Entry>} */
  waiting() {
    /** @type {Set<Entry>} */
    const waiting = new Set();
    const { entries } = this.store;
    for (let i = entries.length - 1; i >= 0 && this.held && waiting.size < this.onWay; i--) if (!entries[i].lost) waiting.add(entries[i]);
    return waiting;
  }
}
