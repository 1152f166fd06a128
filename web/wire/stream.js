/**
 * What went over a connection, both directions in the order in which it was sent. Bytes that were
 * sent again come once; those that were not kept are a gap.
 *
 * @typedef {object} Piece
 * @property {number} side         of the sender
 * @property {Uint8Array} bytes
 * @property {number} missing      bytes that were not kept, behind these
 * @property {import('./store.js').Entry} entry  the first that brought it
 */

/** @param {Iterable<import('./store.js').Entry>} entries  of one connection @returns {Piece[]} */
export function followStream(entries) {
  /** @type {Piece[]} */
  const pieces = [];
  const next = [1, 1];
  for (const entry of entries) {
    const { segment, glance, frame } = entry;
    if (!segment || glance.length === 0) continue;
    const { side } = segment;
    const seen = Math.max(next[side] - segment.sequence, 0);
    if (seen >= glance.length) continue;
    const gap = pieces.length > 0 ? Math.max(segment.sequence - next[side], 0) : 0;
    const kept = frame.bytes.subarray(glance.at + seen, glance.at + glance.length);
    const last = pieces[pieces.length - 1];
    next[side] = segment.sequence + glance.length;
    if (last?.side === side) last.missing += gap;
    pieces.push({ side, bytes: kept, missing: glance.length - seen - kept.length, entry });
  }
  return pieces;
}
