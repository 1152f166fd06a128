/** Ethernet, ARP, IPv4 and IPv6 (RFC 826, 791, 8200): each reads its header and says what follows. */
import { checksum, hex } from './layer.js';

/** @typedef {import('./layer.js').Reader} Reader */

const ETHERTYPES = new Map([[0x0800, 'IPv4'], [0x0806, 'ARP'], [0x86dd, 'IPv6']]);
const PROTOCOLS = new Map([[0, 'hop-by-hop options'], [1, 'ICMP'], [2, 'IGMP'], [6, 'TCP'], [17, 'UDP'], [44, 'fragment'], [58, 'ICMPv6'], [59, 'nothing'], [60, 'destination options']]);

/** @param {Map<number, string>} names @param {(value: number) => string} [digits] */
export const named = (names, digits = String) => (/** @type {number} */ value) =>
  names.has(value) ? `${digits(value)} (${names.get(value)})` : digits(value);

/** Gives the type of what follows. @param {Reader} r */
export function readEthernet(r) {
  r.layer('Ethernet');
  const to = r.address(6, 'Destination', 'eth.dst');
  const from = r.address(6, 'Source', 'eth.src');
  const type = r.read(2, 'Type', 'eth.type', named(ETHERTYPES, hex(4)));
  r.end(`${from} → ${to}`);
  return { from, to, type };
}

/** @param {Reader} r */
export function readArp(r) {
  r.layer('ARP');
  r.read(2, 'Hardware type', 'arp.hw.type', named(new Map([[1, 'Ethernet']])));
  r.read(2, 'Protocol type', 'arp.proto.type', named(ETHERTYPES, hex(4)));
  r.read(1, 'Hardware address length', 'arp.hw.size');
  r.read(1, 'Protocol address length', 'arp.proto.size');
  const operation = r.read(2, 'Operation', 'arp.opcode', named(new Map([[1, 'request'], [2, 'reply']])));
  const hardware = r.address(6, 'Sender hardware address', 'arp.src.hw_mac');
  const sender = r.address(4, 'Sender protocol address', 'arp.src.proto_ipv4');
  r.address(6, 'Target hardware address', 'arp.dst.hw_mac');
  const target = r.address(4, 'Target protocol address', 'arp.dst.proto_ipv4');
  const info = operation === 1 ? `Who has ${target}? Tell ${sender}` : `${sender} is at ${hardware}`;
  r.end(info);
  return { from: sender, to: target, info };
}

/**
 * @typedef {object} Packet   what an IP header says
 * @property {string} from
 * @property {string} to
 * @property {number} protocol
 * @property {number} end       where its payload ends, in the frame's bytes
 * @property {number} offset    of a fragment
 * @property {boolean} more     fragments follow
 * @property {Uint8Array} pseudo  the pseudo header without length and protocol
 */

/** @param {Reader} r @returns {Packet} */
export function readIPv4(r) {
  const start = r.at;
  r.layer('IPv4');
  const first = r.number(1);
  const headerLength = (first & 15) * 4;
  r.field('Version', 'ip.version', first >> 4, start, 1);
  r.field('Header length', 'ip.hdr_len', headerLength, start, 1, `${headerLength} bytes`);
  r.read(1, 'Type of service', 'ip.dsfield', hex(2));
  const length = r.read(2, 'Total length', 'ip.len', (n) => `${n} bytes`);
  r.read(2, 'Identification', 'ip.id', hex(4));
  const fragment = r.number(2);
  r.flag(2, fragment, 0x4000, "Don't fragment", 'ip.flags.df');
  const more = r.flag(2, fragment, 0x2000, 'More fragments', 'ip.flags.mf');
  const offset = (fragment & 0x1fff) * 8;
  r.field('Fragment offset', 'ip.frag_offset', offset / 8, r.at - 2, 2, `${offset} bytes`);
  r.read(1, 'Time to live', 'ip.ttl');
  const protocol = r.read(1, 'Protocol', 'ip.proto', named(PROTOCOLS));
  const header = r.bytes.subarray(start, start + headerLength);
  r.read(2, 'Header checksum', 'ip.checksum', (n) => `${hex(4)(n)} (${checksum(header) === 0 ? 'right' : 'wrong'})`);
  const from = r.address(4, 'Source address', 'ip.src');
  const to = r.address(4, 'Destination address', 'ip.dst');
  const pseudo = r.bytes.subarray(start + 12, start + 20);
  const options = start + headerLength - r.at;
  if (options > 0) {
    r.take(options);
    r.field('Options', '', '', r.at - options, options, `${options} bytes`);
  }
  r.end(`${from} → ${to}`);
  return { from, to, protocol, end: start + length, offset, more, pseudo };
}

/** @param {Reader} r @returns {Packet} */
export function readIPv6(r) {
  const start = r.at;
  r.layer('IPv6');
  const first = r.number(4);
  r.field('Version', 'ipv6.version', first >>> 28, start, 1);
  r.field('Traffic class', 'ipv6.tclass', (first >>> 20) & 0xff, start, 2, hex(2)((first >>> 20) & 0xff));
  r.field('Flow label', 'ipv6.flow', first & 0xfffff, start + 1, 3, hex(5)(first & 0xfffff));
  const length = r.read(2, 'Payload length', 'ipv6.plen', (n) => `${n} bytes`);
  let protocol = r.read(1, 'Next header', 'ipv6.nxt', named(PROTOCOLS));
  r.read(1, 'Hop limit', 'ipv6.hlim');
  const from = r.address(16, 'Source address', 'ipv6.src');
  const to = r.address(16, 'Destination address', 'ipv6.dst');
  const pseudo = r.bytes.subarray(start + 8, start + 40);
  r.end(`${from} → ${to}`);
  let offset = 0, more = false;
  for (; protocol === 0 || protocol === 44 || protocol === 60;) {
    if (protocol === 44) ({ protocol, offset, more } = readFragment(r));
    else protocol = readOptions(r, protocol);
    if (offset > 0) break;
  }
  return { from, to, protocol, end: start + 40 + length, offset, more, pseudo };
}

/** @param {Reader} r */
function readFragment(r) {
  r.layer('IPv6 fragment');
  const protocol = r.read(1, 'Next header', 'ipv6.fraghdr.nxt', named(PROTOCOLS));
  r.read(1, 'Reserved', '');
  const word = r.number(2);
  const offset = word & 0xfff8;
  r.field('Fragment offset', '', offset, r.at - 2, 2);
  const more = r.flag(2, word, 1, 'More fragments', 'ipv6.fraghdr.more');
  r.read(4, 'Identification', 'ipv6.fraghdr.ident', hex(8));
  r.end(`from byte ${offset}${more ? ', more follow' : ''}`);
  return { protocol, offset, more };
}

/** @param {Reader} r @param {number} kind */
function readOptions(r, kind) {
  const start = r.at;
  r.layer(kind === 0 ? 'IPv6 hop-by-hop options' : 'IPv6 destination options');
  const protocol = r.read(1, 'Next header', kind === 0 ? 'ipv6.hopopts.nxt' : 'ipv6.dstopts.nxt', named(PROTOCOLS));
  const length = 8 * (r.read(1, 'Length', kind === 0 ? 'ipv6.hopopts.len' : 'ipv6.dstopts.len', (n) => `${8 * n + 8} bytes`) + 1);
  const at = r.at;
  r.take(start + length - r.at);
  r.field('Options', '', '', at, r.at - at, `${r.at - at} bytes`);
  r.end();
  return protocol;
}

/** @param {number} protocol */
export const protocolName = (protocol) => PROTOCOLS.get(protocol) ?? `protocol ${protocol}`;
