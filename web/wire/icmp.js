/** ICMP, ICMPv6 with neighbour discovery and MLD, IGMP (RFC 792, 4443, 4861, 2710, 3810, 2236). */
import { checksum, hex } from './layer.js';
import { named } from './ip.js';

/** @typedef {import('./layer.js').Reader} Reader */

const ICMP = new Map([[0, 'Echo reply'], [3, 'Destination unreachable'], [5, 'Redirect'], [8, 'Echo request'], [11, 'Time exceeded'], [12, 'Parameter problem']]);
const UNREACHABLE = new Map([[0, 'network'], [1, 'host'], [2, 'protocol'], [3, 'port'], [4, 'fragmentation needed']]);
const ICMPV6 = new Map([[1, 'Destination unreachable'], [2, 'Packet too big'], [3, 'Time exceeded'], [4, 'Parameter problem'], [128, 'Echo request'], [129, 'Echo reply'], [130, 'Multicast listener query'], [131, 'Multicast listener report'], [132, 'Multicast listener done'], [133, 'Router solicitation'], [134, 'Router advertisement'], [135, 'Neighbor solicitation'], [136, 'Neighbor advertisement'], [143, 'Multicast listener report v2']]);
const UNREACHABLE6 = new Map([[0, 'no route'], [1, 'prohibited'], [3, 'address'], [4, 'port']]);
const IGMP = new Map([[0x11, 'Membership query'], [0x12, 'Membership report v1'], [0x16, 'Membership report'], [0x17, 'Leave group'], [0x22, 'Membership report v3']]);
const OPTIONS = new Map([[1, 'source link-layer address'], [2, 'target link-layer address']]);

/** Checks the sum of a message that is whole. @param {Uint8Array[]} parts */
const judged = (...parts) => (/** @type {number} */ n) => `${hex(4)(n)} (${checksum(...parts) === 0 ? 'right' : 'wrong'})`;

/** @param {Reader} r @param {number} end @param {boolean} whole */
export function readIcmp(r, end, whole) {
  const start = r.at;
  r.layer('ICMP');
  const type = r.read(1, 'Type', 'icmp.type', named(ICMP));
  const code = r.read(1, 'Code', 'icmp.code', type === 3 ? named(UNREACHABLE) : String);
  r.read(2, 'Checksum', 'icmp.checksum', whole ? judged(r.bytes.subarray(start, end)) : hex(4));
  let info = ICMP.get(type) ?? `type ${type}`;
  if (type === 0 || type === 8) info += echo(r, 'icmp.ident', 'icmp.seq');
  else r.read(4, 'Unused', '', hex(8));
  if (type === 3) info += `: ${UNREACHABLE.get(code) ?? code}`;
  r.end(info);
  return info;
}

/** @param {Reader} r @param {string} identifier @param {string} sequence */
function echo(r, identifier, sequence) {
  const id = r.read(2, 'Identifier', identifier, hex(4));
  const number = r.read(2, 'Sequence number', sequence);
  return ` id ${hex(4)(id)}, seq ${number}`;
}

/** @param {Reader} r @param {number} end @param {boolean} whole @param {Uint8Array} pseudo */
export function readIcmpv6(r, end, whole, pseudo) {
  const start = r.at, length = end - start;
  const tail = new Uint8Array([length >>> 24, length >>> 16, length >>> 8, length, 0, 0, 0, 58]);
  r.layer('ICMPv6');
  const type = r.read(1, 'Type', 'icmpv6.type', named(ICMPV6));
  const code = r.read(1, 'Code', 'icmpv6.code', type === 1 ? named(UNREACHABLE6) : String);
  r.read(2, 'Checksum', 'icmpv6.checksum', whole ? judged(pseudo, tail, r.bytes.subarray(start, end)) : hex(4));
  const info = (ICMPV6.get(type) ?? `type ${type}`) + body6(r, type, code, end);
  r.end(info);
  return info;
}

/** @param {Reader} r @param {number} type @param {number} code @param {number} end */
function body6(r, type, code, end) {
  switch (type) {
    case 1: r.read(4, 'Unused', '', hex(8)); return `: ${UNREACHABLE6.get(code) ?? code}`;
    case 2: return `: at most ${r.read(4, 'MTU', 'icmpv6.mtu')} bytes`;
    case 128: case 129: return echo(r, 'icmpv6.echo.identifier', 'icmpv6.echo.sequence_number');
    case 130: case 131: case 132: return listener(r);
    case 135: case 136: return neighbor(r, type, end);
    case 143: return reports(r, end);
    default: return '';
  }
}

/** @param {Reader} r */
function listener(r) {
  r.read(2, 'Maximum response delay', 'icmpv6.mld.maximum_response_delay', (n) => `${n} ms`);
  r.read(2, 'Reserved', '');
  return ` ${r.address(16, 'Multicast address', 'icmpv6.mld.multicast_address')}`;
}

/** @param {Reader} r @param {number} end */
function reports(r, end) {
  r.read(2, 'Reserved', '');
  const count = r.read(2, 'Number of records', '');
  for (let i = 0; i < count && r.at < end; i++) {
    r.read(1, 'Record type', '');
    const words = r.read(1, 'Auxiliary data length', ''), sources = r.read(2, 'Number of sources', '');
    r.address(16, 'Multicast address', '');
    for (let s = 0; s < sources; s++) r.address(16, 'Source address', '');
    r.take(4 * words);
  }
  return '';
}

/** @param {Reader} r @param {number} type @param {number} end */
function neighbor(r, type, end) {
  const advertised = type === 136;
  const flags = r.number(4);
  if (advertised) {
    r.flag(4, flags >>> 24, 0x80, 'Router', 'icmpv6.nd.na.flag.r');
    r.flag(4, flags >>> 24, 0x40, 'Solicited', 'icmpv6.nd.na.flag.s');
    r.flag(4, flags >>> 24, 0x20, 'Override', 'icmpv6.nd.na.flag.o');
  } else r.field('Reserved', '', flags, r.at - 4, 4);
  const target = r.address(16, 'Target address', `icmpv6.nd.${advertised ? 'na' : 'ns'}.target_address`);
  while (r.at + 8 <= end) {
    const at = r.at;
    const option = r.read(1, 'Option type', 'icmpv6.opt.type', named(OPTIONS));
    const length = r.read(1, 'Option length', '', (n) => `${8 * n} bytes`);
    if (option < 3 && length === 1) r.address(6, 'Link-layer address', 'icmpv6.opt.linkaddr');
    else r.take(Math.max(at + 8 * length - r.at, 0));
    if (length === 0) break;
  }
  return ` ${target}`;
}

/** @param {Reader} r @param {number} end @param {boolean} whole */
export function readIgmp(r, end, whole) {
  const start = r.at;
  r.layer('IGMP');
  const type = r.read(1, 'Type', 'igmp.type', named(IGMP, hex(2)));
  r.read(1, 'Maximum response time', type === 0x22 ? '' : 'igmp.max_resp', (n) => `${n / 10} s`);
  r.read(2, 'Checksum', 'igmp.checksum', whole ? judged(r.bytes.subarray(start, end)) : hex(4));
  const group = type === 0x22 ? '' : r.address(4, 'Group address', 'igmp.maddr');
  const info = `${IGMP.get(type) ?? `type ${type}`} ${group}`;
  r.end(info);
  return info;
}
