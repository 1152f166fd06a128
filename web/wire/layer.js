/**
 * A layer of a frame: its fields, each with its place in the bytes.
 *
 * @typedef {object} Field
 * @property {string} name    as the RFC calls it
 * @property {string} key     as tshark calls it; '' where it has no name for it
 * @property {number | string | boolean} value
 * @property {string} text    the value as it is shown
 * @property {number} at      in the frame's bytes
 * @property {number} length  0: it is in no byte, but was reckoned
 *
 * @typedef {object} Layer
 * @property {string} name
 * @property {string} summary
 * @property {number} at
 * @property {number} length
 * @property {Field[]} fields
 *
 * @typedef {Reader & { done: boolean }} Cursor
 */

/** Reads a frame's bytes into the fields of one layer after the other. Past the end it throws Short. */
export class Reader {
  /** @type {Layer[]} */
  layers = [];

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
  }

  get left() {
    return this.bytes.length - this.at;
  }

  /** @param {string} name */
  layer(name) {
    this.layers.push({ name, summary: '', at: this.at, length: 0, fields: [] });
  }

  get #last() {
    return this.layers[this.layers.length - 1];
  }

  /** The layer ends here. @param {string} [summary] */
  end(summary = '') {
    this.#last.length = this.at - this.#last.at;
    this.#last.summary = summary;
  }

  /**
   * A field of bytes that were read, or that are in none.
   * @param {string} name
   * @param {string} key
   * @param {number | string | boolean} value
   * @param {number} at
   * @param {number} length
   * @param {string} [text]
   */
  field(name, key, value, at, length, text = String(value)) {
    this.#last.fields.push({ name, key, value, text, at, length });
  }

  /** @param {number} n */
  #need(n) {
    if (n > this.left) throw new Short();
  }

  /** An unsigned number of n bytes. @param {number} n */
  number(n) {
    this.#need(n);
    let value = 0;
    for (let i = 0; i < n; i++) value = value * 256 + this.bytes[this.at++];
    return value;
  }

  /**
   * A field of n bytes that is a number.
   * @param {number} n
   * @param {string} name
   * @param {string} key
   * @param {(value: number) => string} [text]
   */
  read(n, name, key, text = String) {
    const at = this.at;
    const value = this.number(n);
    this.field(name, key, value, at, n, text(value));
    return value;
  }

  /** @param {number} n */
  take(n) {
    this.#need(n);
    this.at += n;
    return this.bytes.subarray(this.at - n, this.at);
  }

  /**
   * A field of n bytes that is an address.
   * @param {number} n  4, 6 or 16
   * @param {string} name
   * @param {string} key
   */
  address(n, name, key) {
    const at = this.at;
    const value = addressText(this.take(n));
    this.field(name, key, value, at, n);
    return value;
  }

  /** A flag: one bit of a number of n bytes that has just been read. @param {number} n @param {number} value @param {number} mask @param {string} name @param {string} key */
  flag(n, value, mask, name, key) {
    const set = (value & mask) !== 0;
    this.field(name, key, set, this.at - n, n, set ? 'set' : 'not set');
    return set;
  }
}

/** The frame ends before the field does. */
export class Short extends Error {}

/** @param {number} digits */
export const hex = (digits) => (/** @type {number} */ value) => `0x${value.toString(16).padStart(digits, '0')}`;

/**
 * An address as text: Ethernet's, IPv4's, or IPv6's (RFC 5952).
 * @param {Uint8Array} bytes  6, 4 or 16 of them
 */
export function addressText(bytes) {
  const key = String.fromCharCode(...bytes);
  let text = addresses.get(key);
  if (text === undefined) {
    if (addresses.size > MOST) addresses.clear();
    addresses.set(key, (text = spell(bytes)));
  }
  return text;
}

/** The few addresses of a lab, that are asked for again and again. @type {Map<string, string>} */
const addresses = new Map();
const MOST = 10_000;

/** @param {Uint8Array} bytes */
function spell(bytes) {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length === 6) return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16));
  const [zeros] = groups.join(':').match(/\b0(:0)+\b/g)?.sort((a, b) => b.length - a.length) ?? [''];
  if (!zeros) return groups.join(':');
  const text = groups.join(':');
  const at = text.search(new RegExp(`(^|:)${zeros}(:|$)`));
  const before = text.slice(0, at), after = text.slice(at).replace(/^:/, '').slice(zeros.length).replace(/^:/, '');
  return `${before}::${after}`;
}

/** The sum of RFC 1071 over the bytes: 0 if they hold a right checksum. @param {Uint8Array[]} parts */
export function checksum(...parts) {
  let sum = 0;
  for (const part of parts) for (let i = 0; i < part.length; i += 2) sum += (part[i] << 8) | (part[i + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65536);
  return ~sum & 0xffff;
}
