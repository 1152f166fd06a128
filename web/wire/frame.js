/**
 * A frame as a whole: at a glance, which is cheap, and field by field.
 *
 * @typedef {import('./pcapng.js').Frame} Frame
 * @typedef {import('./flow.js').Segment} Segment
 *
 * @typedef {object} Glance
 * @property {string} protocol      the innermost that is told by numbers: TCP, UDP, ICMP, ARP, ...
 * @property {string} from          IP addresses; Ethernet's if there are none
 * @property {string} to
 * @property {string} host          the sender's name
 * @property {string} peer          the receiver's name; '*': everybody's
 * @property {string} loopback      the host, if the frame never left it
 * @property {number} source        ports; 0: there are none
 * @property {number} target
 * @property {number} sequence      of TCP
 * @property {number} acknowledged
 * @property {number} flags
 * @property {number} window
 * @property {number} scale         the option of a SYN; -1: it has none
 * @property {number} at            where the payload of TCP or UDP begins
 * @property {number} length        of the payload, also what of it was not kept
 *
 * @typedef {object} Decoded
 * @property {import('./layer.js').Layer[]} layers
 * @property {string} protocol
 * @property {string} info
 */
import { readDns } from './dns.js';
import { readIcmp, readIcmpv6, readIgmp } from './icmp.js';
import { protocolName, readArp, readEthernet, readIPv4, readIPv6 } from './ip.js';
import { Reader, Short, addressText } from './layer.js';
import { nameOfPort, readText } from './text.js';
import { ACK, FIN, RST, SYN, flagNames, readTcp, readUdp } from './transport.js';

const DNS = 53;

/** @param {Frame} frame @param {Map<string, string>} hosts  by address */
export function glance({ bytes, interface: device }, hosts) {
  const host = device.host;
  /** @type {Glance} */
  const g = { protocol: 'Ethernet', from: '', to: '', host, peer: host, loopback: device.ethernet ? '' : host, source: 0, target: 0, sequence: 0, acknowledged: 0, flags: 0, window: 0, scale: -1, at: 0, length: 0 };
  const u16 = (/** @type {number} */ at) => (bytes[at] << 8) | bytes[at + 1];
  let at = 0, type = bytes[0] >> 4 === 6 ? 0x86dd : 0x0800;
  if (device.ethernet) {
    g.from = addressText(bytes.subarray(6, 12));
    g.to = addressText(bytes.subarray(0, 6));
    g.peer = bytes[0] & 1 ? '*' : (hosts.get(g.to) ?? g.to);
    type = u16(12);
    at = 14;
  }
  if (type === 0x0800) glance4(g, bytes, at);
  else if (type === 0x86dd) glance6(g, bytes, at);
  else if (type === 0x0806) {
    g.protocol = 'ARP';
    g.from = addressText(bytes.subarray(at + 14, at + 18));
    g.to = addressText(bytes.subarray(at + 24, at + 28));
  }
  return g;
}

/** @param {Glance} g @param {Uint8Array} bytes @param {number} at */
function glance4(g, bytes, at) {
  g.from = addressText(bytes.subarray(at + 12, at + 16));
  g.to = addressText(bytes.subarray(at + 16, at + 20));
  const end = at + ((bytes[at + 2] << 8) | bytes[at + 3]), later = ((bytes[at + 6] & 31) << 8) | bytes[at + 7];
  glanceInside(g, bytes, at + (bytes[at] & 15) * 4, end, bytes[at + 9], later > 0);
}

/** @param {Glance} g @param {Uint8Array} bytes @param {number} at */
function glance6(g, bytes, at) {
  g.from = addressText(bytes.subarray(at + 8, at + 24));
  g.to = addressText(bytes.subarray(at + 24, at + 40));
  const end = at + 40 + ((bytes[at + 4] << 8) | bytes[at + 5]);
  let protocol = bytes[at + 6], later = false;
  at += 40;
  while ((protocol === 0 || protocol === 44 || protocol === 60) && at + 8 < bytes.length && !later) {
    if (protocol === 44) later = (((bytes[at + 2] << 8) | bytes[at + 3]) & 0xfff8) > 0;
    const length = protocol === 44 ? 8 : 8 * bytes[at + 1] + 8;
    protocol = bytes[at];
    at += length;
  }
  glanceInside(g, bytes, at, end, protocol, later);
}

/** @param {Glance} g @param {Uint8Array} bytes @param {number} at @param {number} end @param {number} protocol @param {boolean} later */
function glanceInside(g, bytes, at, end, protocol, later) {
  g.protocol = later ? 'fragment' : protocolName(protocol);
  if (later || (protocol !== 6 && protocol !== 17) || at + 8 > bytes.length) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  g.source = view.getUint16(at);
  g.target = view.getUint16(at + 2);
  g.at = at + 8;
  if (protocol === 6 && at + 20 <= bytes.length) {
    g.sequence = view.getUint32(at + 4);
    g.acknowledged = view.getUint32(at + 8);
    g.flags = bytes[at + 13];
    g.window = view.getUint16(at + 14);
    g.at = at + (bytes[at + 12] >> 4) * 4;
    if (g.flags & SYN) g.scale = scaleOption(bytes, at + 20, g.at);
  }
  g.length = Math.max(end - g.at, 0);
}

/** @param {Uint8Array} bytes @param {number} at @param {number} end */
function scaleOption(bytes, at, end) {
  while (at < end && bytes[at]) {
    if (bytes[at] === 3) return bytes[at + 2];
    at += bytes[at] === 1 ? 1 : Math.max(bytes[at + 1], 2);
  }
  return -1;
}

/** @param {Frame} frame @param {Segment} [segment] @returns {Decoded} */
export function decode({ bytes, interface: device, length }, segment) {
  const r = new Reader(bytes);
  const said = { protocol: 'Ethernet', info: '' };
  try {
    let type = bytes[0] >> 4 === 6 ? 0x86dd : 0x0800;
    if (device.ethernet) type = readEthernet(r).type;
    if (type === 0x0806) Object.assign(said, { protocol: 'ARP', info: readArp(r).info });
    else if (type === 0x0800) inside(r, readIPv4(r), said, segment);
    else if (type === 0x86dd) inside(r, readIPv6(r), said, segment);
  } catch (error) {
    if (!(error instanceof Short)) throw error;
    r.at = bytes.length;
    if (r.layers.length > 0) r.end('cut short');
  }
  if (bytes.length < length) said.info += ` (${bytes.length} of ${length} bytes kept)`;
  return { layers: r.layers, ...said };
}

/** @param {Reader} r @param {import('./ip.js').Packet} ip @param {{ protocol: string, info: string }} said @param {Segment} [segment] */
function inside(r, ip, said, segment) {
  const whole = ip.end <= r.bytes.length && !ip.more && ip.offset === 0;
  said.protocol = protocolName(ip.protocol);
  if (ip.offset > 0) {
    said.info = `fragment of ${said.protocol}, from byte ${ip.offset}`;
    readText(r, 'Fragment', ip.end);
  } else if (ip.protocol === 1) said.info = readIcmp(r, ip.end, whole);
  else if (ip.protocol === 2) said.info = readIgmp(r, ip.end, whole);
  else if (ip.protocol === 58) said.info = readIcmpv6(r, ip.end, whole, ip.pseudo);
  else if (ip.protocol === 17) datagram(r, ip, said);
  else if (ip.protocol === 6) stream(r, ip, said, segment);
  else readText(r, said.protocol, ip.end);
  if (ip.protocol === 1 || ip.protocol === 58) readText(r, 'Data', ip.end);
}

/** @param {Reader} r @param {import('./ip.js').Packet} ip @param {{ protocol: string, info: string }} said */
function datagram(r, ip, said) {
  const { from, to, length } = readUdp(r, ip);
  said.info = `${from} → ${to}, ${length} bytes`;
  if ((from === DNS || to === DNS) && length >= 12) {
    said.info = readDns(r, Math.min(ip.end, r.bytes.length));
    said.protocol = 'DNS';
  } else readText(r, 'Data', ip.end);
}

/** @param {Reader} r @param {import('./ip.js').Packet} ip @param {{ protocol: string, info: string }} said @param {Segment} [segment] */
function stream(r, ip, said, segment) {
  const { from, to, flags, length } = readTcp(r, ip, segment);
  const names = flagNames(flags).filter((name) => name !== 'PSH').join(' ');
  said.info = `${from} → ${to} ${names}`;
  if (segment) said.info += ` seq ${segment.sequence}${flags & ACK ? ` ack ${segment.acknowledged}` : ''}`;
  if (length === 0) return;
  said.info += `, ${length} bytes`;
  if ((from === DNS || to === DNS) && wholeMessage(r, length)) {
    r.layer('DNS over TCP');
    r.read(2, 'Length', 'dns.length', (n) => `${n} bytes`);
    r.end();
    said.info = readDns(r, ip.end);
    said.protocol = 'DNS';
    return;
  }
  const name = nameOfPort(from, to);
  const first = readText(r, name || 'Data', ip.end);
  if (name) said.protocol = name;
  if (first) said.info += `: ${first}`;
}

/** @param {Reader} r @param {number} length */
function wholeMessage(r, length) {
  return length > 14 && r.left >= length && ((r.bytes[r.at] << 8) | r.bytes[r.at + 1]) === length - 2;
}

/** What a diagram says of it in a word or two. @param {Glance} g @param {Segment} [segment] */
export function label(g, segment) {
  if (g.protocol !== 'TCP') return g.length ? `${g.protocol} ${g.length} B` : g.protocol;
  const names = [[SYN, 'SYN'], [FIN, 'FIN'], [RST, 'RST']].filter(([mask]) => g.flags & Number(mask)).map(([, name]) => name);
  if (g.length) names.unshift(`${g.length} B`);
  if (g.flags & ACK && (names.length === 0 || g.flags & SYN)) names.push(g.flags & SYN ? 'ACK' : `ACK ${segment?.acknowledged ?? ''}`);
  return names.join(' ');
}
