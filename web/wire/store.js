/**
 * The frames of a lab, in memory that is bounded: the oldest give way, and are counted.
 *
 * @typedef {object} Entry
 * @property {import('./pcapng.js').Frame} frame
 * @property {number} time      ms since 1970, as the frame's
 * @property {import('./frame.js').Glance} glance
 * @property {import('./flow.js').Segment} [segment]  of TCP
 * @property {boolean} lost
 * @property {number} delay     ms that the link takes
 */
import { Flows } from './flow.js';
import { glance } from './frame.js';
import { PcapngReader } from './pcapng.js';

const FRAMES = 100_000, BYTES = 48 << 20, PART = 5000;

export class Store {
  /** @type {Entry[]} */
  entries = [];
  /** Entries that gave way. */
  dropped = 0;
  /** Names by address. @type {Map<string, string>} */
  hosts = new Map();
  #reader = new PcapngReader();
  #flows = new Flows();
  #bytes = 0;

  /** @param {{ frames?: number, bytes?: number }} [limits] */
  constructor({ frames = FRAMES, bytes = BYTES } = {}) {
    this.limits = { frames, bytes };
  }

  /** @param {Uint8Array} chunk  whole blocks @returns {Entry[]} */
  add(chunk) {
    const known = this.#reader.interfaces.length;
    const frames = this.#reader.read(chunk);
    if (this.#reader.interfaces.length !== known) this.#learn();
    const added = frames.map((frame) => this.#entry(frame));
    for (const entry of added) this.entries.push(entry);
    if (this.entries.length > this.limits.frames + PART || this.#bytes > this.limits.bytes) this.#makeRoom();
    return added;
  }

  #learn() {
    for (const { host, addresses } of this.#reader.interfaces) for (const address of addresses) this.hosts.set(address, host);
  }

  /** Hosts, in their order. */
  get hostNames() {
    return [...new Set(this.#reader.interfaces.map(({ host }) => host))];
  }

  /** @param {import('./pcapng.js').Frame} frame @returns {Entry} */
  #entry(frame) {
    this.#bytes += frame.block.length;
    const seen = glance(frame, this.hosts);
    const lost = frame.comment.startsWith('lost');
    const delay = Number(/^arrives ([\d.]+) ms/.exec(frame.comment)?.[1] ?? 0);
    const segment = seen.protocol === 'TCP' ? this.#flows.add(seen, frame.time, lost) : undefined;
    return { frame, time: frame.time, glance: seen, segment, lost, delay };
  }

  #makeRoom() {
    let n = Math.max(this.entries.length - this.limits.frames, 0);
    for (let bytes = this.#bytes; bytes > this.limits.bytes * 0.9 && n < this.entries.length; n++) bytes -= this.entries[n].frame.block.length;
    for (const { frame } of this.entries.splice(0, n)) this.#bytes -= frame.block.length;
    this.dropped += n;
  }

  clear() {
    this.entries = [];
    this.dropped = this.#bytes = 0;
  }

  /** A pcapng file of these. @param {Entry[]} entries @returns {Uint8Array[]} */
  file(entries) {
    return [...this.#reader.header, ...entries.map(({ frame }) => frame.block)];
  }
}
