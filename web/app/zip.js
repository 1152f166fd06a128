/** Files as a zip archive, uncompressed (PKWARE's APPNOTE.TXT, 4.3), with a Makefile for Linux. */

const crcTable = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ crcTable[(crc ^ byte) & 255];
  return ~crc >>> 0;
}

/** Numbers of 2 and 4 bytes, little-endian. @param {[2|4, number][]} fields */
function pack(fields) {
  const bytes = new Uint8Array(fields.reduce((sum, [size]) => sum + size, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += size;
  }
  return bytes;
}

const VERSION = 10; // 1.0: files that are stored
const MADE_ON = 3 << 8; // Unix, so that the mode counts
const UTF8 = 1 << 11;
const MODE = 0o100644;

/** @param {Record<string, string>} files @param {Date} when @returns {Uint8Array<ArrayBuffer>[]} */
export function zip(files, when = new Date()) {
  const time = (when.getHours() << 11) | (when.getMinutes() << 5) | (when.getSeconds() >> 1);
  const date = ((when.getFullYear() - 1980) << 9) | ((when.getMonth() + 1) << 5) | when.getDate();
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const directory = [];
  let at = 0, size = 0;
  for (const [path, text] of Object.entries(files)) {
    const name = new TextEncoder().encode(path), bytes = new TextEncoder().encode(text);
    /** @type {[2|4, number][]} */
    const common = [[2, VERSION], [2, UTF8], [2, 0], [2, time], [2, date], [4, crc32(bytes)], [4, bytes.length], [4, bytes.length], [2, name.length], [2, 0]];
    const local = [pack([[4, 0x04034b50], ...common]), name, bytes];
    const central = [pack([[4, 0x02014b50], [2, VERSION | MADE_ON], ...common, [2, 0], [2, 0], [2, 0], [4, (MODE << 16) >>> 0], [4, at]]), name];
    parts.push(...local);
    directory.push(...central);
    at += local.reduce((sum, part) => sum + part.length, 0);
    size += central.reduce((sum, part) => sum + part.length, 0);
  }
  const count = Object.keys(files).length;
  return [...parts, ...directory, pack([[4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, size], [4, at], [2, 0]])];
}

/** A Makefile that builds these programs with gcc. @param {string[]} names of the files */
export function makefile(names) {
  const programs = names.filter((name) => name.endsWith('.c')).map((name) => name.slice(0, -2));
  const headers = names.filter((name) => name.endsWith('.h'));
  return `CC = gcc
CFLAGS = -Wall -Wextra -g -pthread
PROGRAMS = ${programs.join(' ')}

all: $(PROGRAMS)
${headers.length > 0 ? `$(PROGRAMS): ${headers.join(' ')}\n` : ''}clean:
\trm -f $(PROGRAMS)
.PHONY: all clean
`;
}
