/**
 * TCP's connections as their frames show them: relative sequence numbers, what was sent again, and
 * the states of both ends (RFC 9293, 3.3.2).
 *
 * @typedef {import('./frame.js').Glance} Glance
 *
 * @typedef {object} End
 * @property {string} host
 * @property {string} address
 * @property {number} port
 * @property {number | null} base   what relative sequence numbers count from
 * @property {number} next          relative, behind what was sent
 * @property {number} scale         of its window; -1: not told
 * @property {number} fin           the relative sequence number behind its FIN; 0: not sent
 * @property {{ state: string, time: number }[]} states  that it went through
 *
 * @typedef {object} Connection
 * @property {number} number   from 0 on
 * @property {End[]} ends      the first: who began
 * @property {number} begun    ms since 1970
 *
 * @typedef {object} Segment
 * @property {Connection} connection
 * @property {number} side        of the sender, in `ends`
 * @property {number} sequence    relative
 * @property {number} acknowledged
 * @property {number} window      in bytes
 * @property {boolean} again      it was sent before
 */
import { ACK, FIN, RST, SYN } from './transport.js';

export const STATES = ['CLOSED', 'LISTEN', 'SYN-SENT', 'SYN-RECEIVED', 'ESTABLISHED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'CLOSE-WAIT', 'CLOSING', 'LAST-ACK', 'TIME-WAIT'];

/** @param {number} a @param {number} b  numbers modulo 2 ** 32, at most half of that apart */
const behind = (a, b) => (a - b) | 0;

export class Flows {
  /** The latest of each pair of ends. @type {Map<string, Connection>} */
  #latest = new Map();
  #count = 0;

  /**
   * What a TCP segment is to its connection.
   * @param {Glance} g
   * @param {number} time
   * @param {boolean} lost
   * @returns {Segment}
   */
  add(g, time, lost) {
    const there = `${g.from} ${g.source}`, back = `${g.to} ${g.target}`;
    const key = g.loopback + (there < back ? `${there} ${back}` : `${back} ${there}`);
    let connection = this.#latest.get(key);
    if (!connection || this.#isNew(connection, g)) this.#latest.set(key, (connection = this.#begin(g, time)));
    const side = connection.ends[0].address === g.from && connection.ends[0].port === g.source ? 0 : 1;
    return follow(connection, side, g, time, lost);
  }

  /** A SYN on a pair of ends that had another connection. @param {Connection} c @param {Glance} g */
  #isNew({ ends }, g) {
    if ((g.flags & (SYN | ACK)) !== SYN) return false;
    const end = ends.find(({ address, port }) => address === g.from && port === g.source);
    return end?.base != null && behind(g.sequence, end.base) !== 0;
  }

  /** @param {Glance} g @param {number} time @returns {Connection} */
  #begin(g, time) {
    const answer = (g.flags & (SYN | ACK)) === (SYN | ACK);
    const end = (/** @type {string} */ host, /** @type {string} */ address, /** @type {number} */ port, /** @type {string} */ state) =>
      ({ host, address, port, base: null, next: 0, scale: -1, fin: 0, states: [{ state, time }] });
    const [first, second] = g.flags & SYN ? ['CLOSED', 'LISTEN'] : ['ESTABLISHED', 'ESTABLISHED'];
    const sender = end(g.host, g.from, g.source, answer ? second : first);
    const receiver = end(g.peer, g.to, g.target, answer ? first : second);
    return { number: this.#count++, ends: answer ? [receiver, sender] : [sender, receiver], begun: time };
  }
}

/** @param {Connection} connection @param {number} side @param {Glance} g @param {number} time @param {boolean} lost @returns {Segment} */
function follow(connection, side, g, time, lost) {
  const from = connection.ends[side], to = connection.ends[1 - side];
  const { flags } = g;
  from.base ??= (flags & SYN ? g.sequence : g.sequence - 1) >>> 0;
  if (flags & ACK) to.base ??= (g.acknowledged - 1) >>> 0;
  const sequence = behind(g.sequence, from.base), acknowledged = flags & ACK ? behind(g.acknowledged, to.base ?? 0) : 0;
  const length = g.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
  const again = length > 0 && sequence < from.next && (from.next > 0);
  from.next = Math.max(from.next, sequence + length);
  if (flags & SYN) from.scale = g.scale;
  const scaled = !(flags & SYN) && from.scale >= 0 && to.scale >= 0;
  if (flags & FIN) from.fin = sequence + length;
  move(from, to, g.flags, acknowledged, time, lost);
  return { connection, side, sequence, acknowledged, window: g.window * (scaled ? 2 ** from.scale : 1), again };
}

/** The states that both ends are in behind the segment. @param {End} from @param {End} to @param {number} flags @param {number} acknowledged @param {number} time @param {boolean} lost */
function move(from, to, flags, acknowledged, time, lost) {
  enter(from, sent(stateOf(from), flags), time);
  if (lost) return;
  const finished = to.fin > 0 && acknowledged >= to.fin;
  for (const state of received(stateOf(to), flags, finished)) enter(to, state, time);
}

/** @param {End} end */
export function stateOf({ states }) {
  return states[states.length - 1].state;
}

/** @param {End} end @param {string} state @param {number} time */
function enter(end, state, time) {
  if (stateOf(end) !== state) end.states.push({ state, time });
}

/** @param {string} state @param {number} flags */
function sent(state, flags) {
  if (flags & RST) return 'CLOSED';
  if (flags & SYN) return flags & ACK ? 'SYN-RECEIVED' : 'SYN-SENT';
  if (!(flags & FIN)) return state;
  if (state === 'ESTABLISHED' || state === 'SYN-RECEIVED') return 'FIN-WAIT-1';
  return state === 'CLOSE-WAIT' ? 'LAST-ACK' : state;
}

/** @param {string} state @param {number} flags @param {boolean} finished  its own FIN is acknowledged */
function received(state, flags, finished) {
  /** @type {string[]} */
  const through = [];
  const go = (/** @type {string} */ to) => through.push((state = to));
  if (flags & RST) return ['CLOSED'];
  if (flags & SYN) {
    if (state === 'SYN-SENT') go(flags & ACK ? 'ESTABLISHED' : 'SYN-RECEIVED');
    else if (state === 'LISTEN') go('SYN-RECEIVED');
    return through;
  }
  if (state === 'SYN-RECEIVED' && flags & ACK) go('ESTABLISHED');
  if (finished && state === 'FIN-WAIT-1') go('FIN-WAIT-2');
  if (finished && state === 'CLOSING') go('TIME-WAIT');
  if (finished && state === 'LAST-ACK') go('CLOSED');
  if (flags & FIN) {
    if (state === 'ESTABLISHED') go('CLOSE-WAIT');
    else if (state === 'FIN-WAIT-1') go('CLOSING');
    else if (state === 'FIN-WAIT-2') go('TIME-WAIT');
  }
  return through;
}

/**
 * Bytes in flight over time, and each round trip, as the segments of one side show them.
 * @param {Iterable<{ time: number, glance: Glance, segment?: Segment, lost: boolean, delay: number }>} entries  of the connection
 * @param {number} side
 */
export function measure(entries, side) {
  /** @type {{ time: number, bytes: number }[]} */
  const flight = [];
  /** @type {{ time: number, ms: number }[]} */
  const trips = [];
  /** @type {{ end: number, time: number }[]} */
  let waiting = [];
  let next = 0, acknowledged = 0;
  for (const { time, glance, segment, lost, delay } of entries) {
    if (!segment) continue;
    const length = glance.length + (glance.flags & (SYN | FIN) ? 1 : 0);
    if (segment.side === side) {
      if (length === 0) continue;
      if (segment.again) waiting = waiting.filter(({ end }) => end <= segment.sequence); // Karn
      else waiting.push({ end: segment.sequence + length, time });
      next = Math.max(next, segment.sequence + length);
    } else if (!lost && glance.flags & ACK && segment.acknowledged > acknowledged) {
      acknowledged = segment.acknowledged;
      const answered = waiting.filter(({ end }) => end <= acknowledged);
      const last = answered[answered.length - 1];
      if (last) trips.push({ time: time + delay, ms: time + delay - last.time });
      waiting = waiting.slice(answered.length);
    }
    flight.push({ time: segment.side === side ? time : time + delay, bytes: Math.max(next - acknowledged, 0) });
  }
  return { flight, trips };
}
