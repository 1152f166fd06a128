/**
 * pcapng (IETF draft-ietf-opsawg-pcapng), as the kernel writes it: one section, interfaces, frames.
 *
 * @typedef {object} Interface
 * @property {boolean} ethernet  frames have an Ethernet header; or else they begin with IP's
 * @property {string} host
 * @property {string} device     eth0, lo
 * @property {string[]} addresses  the card's: Ethernet, IPv4, IPv6
 *
 * @typedef {object} Frame
 * @property {number} number     from 1 on
 * @property {number} time       ms since 1970
 * @property {Interface} interface
 * @property {Uint8Array} bytes  those that were kept
 * @property {number} length     that it had
 * @property {string} comment    what became of it, '' if it arrived at once
 * @property {Uint8Array} block  what the file has of it
 */

import { addressText } from './layer.js';

const SECTION = 0x0a0d0d0a, INTERFACE = 1, PACKET = 6;
const COMMENT = 1, NAME = 2, IPV4 = 4, IPV6 = 5, MAC = 6;
const ETHERNET = 1;

/** Makes frames of blocks as they come. */
export class PcapngReader {
  /** The section and the interfaces, to begin a file with. @type {Uint8Array[]} */
  header = [];
  /** @type {Interface[]} */
  interfaces = [];
  #count = 0;

  /**
   * The frames of whole blocks.
   * @param {Uint8Array} bytes
   * @returns {Frame[]}
   */
  read(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const frames = [];
    for (let at = 0; at + 12 <= bytes.length; at += view.getUint32(at + 4, true)) {
      const type = view.getUint32(at, true), size = view.getUint32(at + 4, true);
      if (type === PACKET) frames.push(this.#frame(view, bytes.subarray(at, at + size)));
      else this.#head(type, view, bytes.subarray(at, at + size), at);
    }
    return frames;
  }

  /** @param {number} type @param {DataView} view @param {Uint8Array} block @param {number} at */
  #head(type, view, block, at) {
    if (type === SECTION) {
      this.header = [];
      this.interfaces = [];
    } else if (type === INTERFACE) {
      const [host, device] = text(option(block, 16, NAME)).split(' ');
      const addresses = [option(block, 16, MAC), option(block, 16, IPV4).subarray(0, 4), option(block, 16, IPV6).subarray(0, 16)];
      this.interfaces.push({
        ethernet: view.getUint16(at + 8, true) === ETHERNET, host, device,
        addresses: addresses.filter(({ length }) => length > 0).map(addressText),
      });
    }
    if (type === SECTION || type === INTERFACE) this.header.push(block.slice());
  }

  /** @param {DataView} view @param {Uint8Array} block @returns {Frame} */
  #frame(view, block) {
    const at = block.byteOffset - view.byteOffset;
    const captured = view.getUint32(at + 20, true), padded = (captured + 3) & ~3;
    return {
      number: ++this.#count,
      time: (view.getUint32(at + 12, true) * 2 ** 32 + view.getUint32(at + 16, true)) / 1e6,
      interface: this.interfaces[view.getUint32(at + 8, true)],
      bytes: block.subarray(28, 28 + captured),
      length: view.getUint32(at + 24, true),
      comment: block.length > 32 + padded ? text(option(block, 28 + padded, COMMENT)) : '',
      block,
    };
  }
}

/** An option's value; empty if there is none. @param {Uint8Array} block @param {number} at @param {number} wanted */
function option(block, at, wanted) {
  const view = new DataView(block.buffer, block.byteOffset, block.byteLength);
  for (let code; at + 4 <= block.length - 4 && (code = view.getUint16(at, true)); ) {
    const length = view.getUint16(at + 2, true);
    if (code === wanted) return block.subarray(at + 4, at + 4 + length);
    at += 4 + ((length + 3) & ~3);
  }
  return new Uint8Array();
}

/** @param {Uint8Array} bytes */
const text = (bytes) => new TextDecoder().decode(bytes);
