/** What a link between hosts does, in words: `delay=50ms`, `loss=1%`, `rate=10mbit`, `cut`. */

/** @typedef {import('./lab.js').Link} Link */

const UNITS = {
  delay: { ms: 1, s: 1000 }, jitter: { ms: 1, s: 1000 },
  loss: { '%': 0.01 }, duplicate: { '%': 0.01 }, reorder: { '%': 0.01 },
  rate: { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 },
};

/**
 * Throws an Error that says what is wrong with one.
 * @param {string[]} words
 * @returns {Link}
 */
export function parseLink(words) {
  /** @type {Record<string, number | boolean>} */
  const link = {};
  for (const word of words) {
    const [, key, number, unit] = word.match(/^(\w+)=(\d+(?:\.\d+)?)([a-z%]+)$/i) ?? [];
    const units = /** @type {Record<string, number>} */ (UNITS[/** @type {keyof typeof UNITS} */ (key)]);
    if (word === 'cut') link.cut = true;
    else if (units && unit.toLowerCase() in units) link[key] = Number(number) * units[unit.toLowerCase()];
    else throw new Error(`'${word}' is not a setting such as delay=50ms, loss=1%, rate=10mbit or cut`);
  }
  for (const part of ['loss', 'duplicate', 'reorder']) if (Number(link[part]) > 1) throw new Error(`${part} is more than 100%`);
  return link;
}
