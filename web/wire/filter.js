/**
 * The language in which frames are picked, a little of tcpdump's:
 *
 *     host NAME    src NAME    dst NAME    a host's name, or an address
 *     port N       tcp udp icmp arp dns http ...
 *     syn fin rst ack              what flags a segment has
 *     data         lost            again
 *     conn N       "text"          what its bytes have, in any case of letters
 *
 * joined by `and` (which may be left out), `or`, `not` and parentheses.
 *
 * @typedef {import('./store.js').Entry} Entry
 * @typedef {(entry: Entry) => boolean} Test
 */
import { nameOfPort } from './text.js';
import { ACK, FIN, RST, SYN } from './transport.js';

const FLAGS = new Map([['syn', SYN], ['fin', FIN], ['rst', RST], ['ack', ACK]]);
const PROTOCOLS = ['tcp', 'udp', 'icmp', 'icmpv6', 'igmp', 'arp', 'fragment'];
const APPLICATIONS = ['dns', 'echo', 'daytime', 'ftp', 'telnet', 'smtp', 'gopher', 'finger', 'http', 'pop3', 'nntp', 'imap'];

/** What is wrong with a filter, and where. */
export class FilterError extends Error {
  /** @param {string} word */
  constructor(word) {
    super(word);
    this.word = word;
  }
}

/** The test that a filter stands for; throws FilterError. @param {string} text @returns {Test} */
export function parseFilter(text) {
  const words = text.match(/"[^"]*"?|[()]|[^\s()"]+/g) ?? [];
  let at = 0;
  const next = () => words[at++] ?? '';
  /** @returns {Test} */
  const either = () => {
    let left = both();
    while (words[at]?.toLowerCase() === 'or') {
      at++;
      const before = left, after = both();
      left = (entry) => before(entry) || after(entry);
    }
    return left;
  };
  /** @returns {Test} */
  const both = () => {
    let left = one();
    while (at < words.length && words[at] !== ')' && words[at].toLowerCase() !== 'or') {
      if (words[at].toLowerCase() === 'and') at++;
      const before = left, after = one();
      left = (entry) => before(entry) && after(entry);
    }
    return left;
  };
  /** @returns {Test} */
  const one = () => {
    const word = next();
    if (word.toLowerCase() === 'not') {
      const test = one();
      return (entry) => !test(entry);
    }
    if (word !== '(') return primitive(word, next);
    const test = either();
    if (next() !== ')') throw new FilterError('(');
    return test;
  };
  if (words.length === 0) return () => true;
  const test = either();
  if (at < words.length) throw new FilterError(words[at]);
  return test;
}

/** @param {string} word @param {() => string} next @returns {Test} */
function primitive(word, next) {
  const name = word.toLowerCase();
  if (word.startsWith('"')) return contains(word.replaceAll('"', ''));
  const flag = FLAGS.get(name);
  if (flag) return ({ glance }) => glance.protocol === 'TCP' && (glance.flags & flag) !== 0;
  if (PROTOCOLS.includes(name)) return ({ glance }) => glance.protocol.toLowerCase() === name;
  if (APPLICATIONS.includes(name)) return ({ glance }) => applicationOf(glance) === name;
  const tests = /** @type {Record<string, (argument: string) => Test>} */ ({
    host: (who) => ({ glance: g }) => [g.host, g.peer, g.from, g.to].includes(who),
    src: (who) => ({ glance: g }) => g.host === who || g.from === who,
    dst: (who) => ({ glance: g }) => g.peer === who || g.to === who,
    port: (n) => ({ glance: g }) => g.source === Number(n) || g.target === Number(n),
    conn: (n) => ({ segment }) => segment?.connection.number === Number(n),
  });
  if (tests[name]) {
    const argument = next();
    if (argument === '' || (/^(port|conn)$/.test(name) && !/^\d+$/.test(argument))) throw new FilterError(`${word} ${argument}`.trim());
    return tests[name](argument);
  }
  if (name === 'lost') return ({ lost }) => lost;
  if (name === 'again') return ({ segment }) => segment?.again ?? false;
  if (name === 'data') return ({ glance }) => glance.length > 0;
  throw new FilterError(word);
}

/** @param {import('./frame.js').Glance} g */
function applicationOf(g) {
  if (g.source === 53 || g.target === 53) return 'dns';
  return nameOfPort(g.source, g.target).toLowerCase();
}

/** @param {string} text @returns {Test} */
function contains(text) {
  const wanted = Array.from(new TextEncoder().encode(text), lower);
  return ({ frame: { bytes } }) => {
    for (let at = 0; at + wanted.length <= bytes.length; at++) {
      let i = 0;
      while (i < wanted.length && lower(bytes[at + i]) === wanted[i]) i++;
      if (i === wanted.length) return true;
    }
    return false;
  };
}

/** @param {number} byte */
function lower(byte) {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte;
}
