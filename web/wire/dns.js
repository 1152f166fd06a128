/** DNS messages (RFC 1035, 3596). */
import { hex } from './layer.js';
import { named } from './ip.js';

/** @typedef {import('./layer.js').Reader} Reader */

const TYPES = new Map([[1, 'A'], [2, 'NS'], [5, 'CNAME'], [6, 'SOA'], [12, 'PTR'], [15, 'MX'], [16, 'TXT'], [28, 'AAAA'], [33, 'SRV'], [41, 'OPT'], [255, 'ANY']]);
const CLASSES = new Map([[1, 'IN'], [255, 'ANY']]);
const CODES = new Map([[0, 'no error'], [1, 'format error'], [2, 'server failure'], [3, 'no such name'], [4, 'not implemented'], [5, 'refused']]);
const LONGEST = 255;

/** @param {Reader} r @param {number} end */
export function readDns(r, end) {
  const start = r.at;
  r.layer('DNS');
  r.read(2, 'Transaction ID', 'dns.id', hex(4));
  const flags = r.number(2), response = (flags & 0x8000) !== 0;
  r.field('Flags', 'dns.flags', flags, r.at - 2, 2, hex(4)(flags));
  r.flag(2, flags, 0x8000, 'Response', 'dns.flags.response');
  r.field('Opcode', 'dns.flags.opcode', (flags >> 11) & 15, r.at - 2, 2);
  if (response) r.flag(2, flags, 0x0400, 'Authoritative answer', 'dns.flags.authoritative');
  r.flag(2, flags, 0x0200, 'Truncated', 'dns.flags.truncated');
  r.flag(2, flags, 0x0100, 'Recursion desired', 'dns.flags.recdesired');
  if (response) {
    r.flag(2, flags, 0x0080, 'Recursion available', 'dns.flags.recavail');
    r.field('Response code', 'dns.flags.rcode', flags & 15, r.at - 2, 2, named(CODES)(flags & 15));
  }
  const questions = r.read(2, 'Questions', 'dns.count.queries'), answers = r.read(2, 'Answers', 'dns.count.answers');
  const authorities = r.read(2, 'Authority records', 'dns.count.auth_rr'), more = r.read(2, 'Additional records', 'dns.count.add_rr');
  const said = [];
  for (let i = 0; i < questions; i++) said.push(question(r, start));
  for (let i = 0; i < answers + authorities + more && r.at < end; i++) {
    const text = resource(r, start);
    if (i < answers) said.push(text);
  }
  const failed = response && flags & 15 ? ` ${CODES.get(flags & 15) ?? flags & 15}` : '';
  const info = `${response ? 'Answer' : 'Query'} ${said.join(', ')}${failed}`;
  r.end(info);
  return info;
}

/** @param {Reader} r @param {number} start */
function question(r, start) {
  const name = domain(r, start, 'Name', 'dns.qry.name');
  const type = r.read(2, 'Type', 'dns.qry.type', named(TYPES));
  r.read(2, 'Class', 'dns.qry.class', named(CLASSES));
  return `${TYPES.get(type) ?? type} ${name}`;
}

/** @param {Reader} r @param {number} start */
function resource(r, start) {
  domain(r, start, 'Record name', 'dns.resp.name');
  const type = r.read(2, 'Record type', 'dns.resp.type', named(TYPES));
  if (type !== 41) r.read(2, 'Record class', 'dns.resp.class', named(CLASSES));
  else r.read(2, 'UDP payload size', 'dns.rr.udp_payload_size');
  if (type !== 41) r.read(4, 'Time to live', 'dns.resp.ttl', (n) => `${n} s`);
  else r.take(4);
  const length = r.read(2, 'Data length', 'dns.resp.len', (n) => `${n} bytes`);
  const end = r.at + length;
  const text = data(r, start, type, length);
  r.at = end;
  return `${TYPES.get(type) ?? type} ${text}`;
}

/** @param {Reader} r @param {number} start @param {number} type @param {number} length */
function data(r, start, type, length) {
  switch (type) {
    case 1: return length === 4 ? r.address(4, 'Address', 'dns.a') : '';
    case 28: return length === 16 ? r.address(16, 'Address', 'dns.aaaa') : '';
    case 2: return domain(r, start, 'Name server', 'dns.ns');
    case 5: return domain(r, start, 'Canonical name', 'dns.cname');
    case 12: return domain(r, start, 'Domain name', 'dns.ptr.domain_name');
    case 15: r.read(2, 'Preference', 'dns.mx.preference'); return domain(r, start, 'Mail exchange', 'dns.mx.mail_exchange');
    case 16: return texts(r, r.at + length);
    case 6: return authority(r, start);
    default: return '';
  }
}

/** @param {Reader} r @param {number} start */
function authority(r, start) {
  const name = domain(r, start, 'Primary name server', 'dns.soa.mname');
  domain(r, start, 'Responsible mailbox', 'dns.soa.rname');
  r.read(4, 'Serial number', 'dns.soa.serial_number');
  r.read(4, 'Refresh', 'dns.soa.refresh_interval', (n) => `${n} s`);
  r.read(4, 'Retry', 'dns.soa.retry_interval', (n) => `${n} s`);
  r.read(4, 'Expire', 'dns.soa.expire_limit', (n) => `${n} s`);
  r.read(4, 'Minimum', 'dns.soa.minimum_ttl', (n) => `${n} s`);
  return name;
}

/** @param {Reader} r @param {number} end */
function texts(r, end) {
  const said = [];
  while (r.at < end) {
    const at = r.at;
    const text = new TextDecoder().decode(r.take(r.number(1)).slice());
    r.field('Text', 'dns.txt', text, at, r.at - at);
    said.push(text);
  }
  return said.join(' ');
}

/** A name, which may point back to one before it. @param {Reader} r @param {number} start @param {string} name @param {string} key */
function domain(r, start, name, key) {
  const at = r.at;
  /** @type {string[]} */
  const labels = [];
  let after = 0;
  for (let length, total = 0; (length = r.number(1)) !== 0 && total < LONGEST; total += length + 1) {
    if (length >= 0xc0) {
      const to = start + ((length & 0x3f) << 8) + r.number(1);
      after ||= r.at;
      r.at = to;
      length = 1;
    } else labels.push(String.fromCharCode(...r.take(length)));
  }
  if (after) r.at = after;
  const text = labels.join('.') || '<Root>';
  r.field(name, key, text, at, r.at - at);
  return text;
}

