/** UDP and TCP with its options (RFC 768, 9293, 7323, 2018). */
import { checksum, hex } from './layer.js';
import { named } from './ip.js';

/**
 * @typedef {import('./layer.js').Reader} Reader
 * @typedef {import('./ip.js').Packet} Packet
 * @typedef {import('./flow.js').Segment} Segment
 */

export const FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32;
const FLAGS = /** @type {[number, string, string][]} */ ([
  [0x80, 'CWR', 'cwr'], [0x40, 'ECE', 'ece'], [URG, 'URG', 'urg'], [ACK, 'ACK', 'ack'], [PSH, 'PSH', 'push'], [RST, 'RST', 'reset'], [SYN, 'SYN', 'syn'], [FIN, 'FIN', 'fin'],
]);
const KINDS = new Map([[0, 'end of options'], [1, 'no operation'], [2, 'maximum segment size'], [3, 'window scale'], [4, 'SACK permitted'], [5, 'SACK'], [8, 'timestamps']]);

/**
 * The checksum of a whole segment over its pseudo header; 0: the sender made none.
 * @param {Reader} r @param {Packet} ip @param {number} start
 */
function judged(r, ip, start) {
  const length = ip.end - start;
  const tail = new Uint8Array([length >>> 24, length >>> 16, length >>> 8, length, 0, 0, 0, ip.protocol]);
  const whole = ip.end <= r.bytes.length && !ip.more;
  return (/** @type {number} */ n) => {
    if (n === 0) return '0x0000 (not made)';
    return hex(4)(n) + (whole ? ` (${checksum(ip.pseudo, tail, r.bytes.subarray(start, ip.end)) === 0 ? 'right' : 'wrong'})` : '');
  };
}

/** @param {Reader} r @param {Packet} ip */
export function readUdp(r, ip) {
  const start = r.at;
  r.layer('UDP');
  const from = r.read(2, 'Source port', 'udp.srcport');
  const to = r.read(2, 'Destination port', 'udp.dstport');
  const length = r.read(2, 'Length', 'udp.length', (n) => `${n} bytes`);
  r.read(2, 'Checksum', 'udp.checksum', judged(r, ip, start));
  r.end(`${from} → ${to}, ${length - 8} bytes`);
  return { from, to, length: length - 8 };
}

/** @param {number} flags */
export function flagNames(flags) {
  return FLAGS.filter(([mask]) => flags & mask).map(([, name]) => name).reverse();
}

/** @param {Reader} r @param {Packet} ip @param {Segment} [segment] what is known of its connection */
export function readTcp(r, ip, segment) {
  const start = r.at;
  r.layer('TCP');
  const from = r.read(2, 'Source port', 'tcp.srcport');
  const to = r.read(2, 'Destination port', 'tcp.dstport');
  if (segment) r.field('Connection', '', segment.connection.number, r.at, 0);
  const sequence = r.read(4, 'Sequence number', 'tcp.seq_raw');
  if (segment) r.field('Sequence number, relative', 'tcp.seq', segment.sequence, r.at - 4, 4);
  const acknowledged = r.read(4, 'Acknowledgment number', 'tcp.ack_raw');
  const word = r.number(2);
  const flags = word & 0xff, headerLength = (word >> 12) * 4;
  if (segment && flags & ACK) r.field('Acknowledgment number, relative', 'tcp.ack', segment.acknowledged, r.at - 6, 4);
  r.field('Data offset', 'tcp.hdr_len', headerLength, r.at - 2, 1, `${headerLength} bytes`);
  r.field('Flags', 'tcp.flags', word & 0xfff, r.at - 2, 2, `${hex(3)(word & 0xfff)} (${flagNames(flags).join(', ')})`);
  for (const [mask, name, key] of FLAGS) {
    r.field(name, `tcp.flags.${key}`, (flags & mask) !== 0, r.at - 1, 1, flags & mask ? 'set' : 'not set');
  }
  const window = r.read(2, 'Window', 'tcp.window_size_value');
  if (segment) r.field('Window, scaled', 'tcp.window_size', segment.window, r.at - 2, 2);
  r.read(2, 'Checksum', 'tcp.checksum', judged(r, ip, start));
  r.read(2, 'Urgent pointer', 'tcp.urgent_pointer');
  while (r.at < start + headerLength && readOption(r));
  r.at = Math.max(r.at, start + headerLength);
  r.end(`${from} → ${to} [${flagNames(flags).join(', ')}]`);
  return { from, to, sequence, acknowledged, flags, window, length: ip.end - start - headerLength };
}

/** @param {Reader} r */
function readOption(r) {
  const at = r.at;
  const kind = r.read(1, 'Option', 'tcp.option_kind', named(KINDS));
  if (kind === 0) return false;
  if (kind === 1) return true;
  const length = r.read(1, 'Option length', 'tcp.option_len');
  if (kind === 2) r.read(2, 'Maximum segment size', 'tcp.options.mss_val', (n) => `${n} bytes`);
  if (kind === 3) r.read(1, 'Window scale', 'tcp.options.wscale.shift', (n) => `${n} (times ${2 ** n})`);
  if (kind === 5) {
    for (let n = (length - 2) / 8; n >= 1; n--) {
      r.read(4, 'SACK left edge', '');
      r.read(4, 'SACK right edge', '');
    }
  }
  if (kind === 8) {
    r.read(4, 'Timestamp value', 'tcp.options.timestamp.tsval');
    r.read(4, 'Timestamp echo reply', 'tcp.options.timestamp.tsecr');
  }
  r.at = Math.max(at + length, r.at);
  return length >= 2;
}
