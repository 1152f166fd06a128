/** Payloads: as lines, if they are text, as most application protocols are. */

/** @typedef {import('./layer.js').Reader} Reader */

const PORTS = new Map([[7, 'echo'], [13, 'daytime'], [17, 'qotd'], [21, 'FTP'], [23, 'Telnet'], [25, 'SMTP'], [70, 'Gopher'], [79, 'Finger'], [80, 'HTTP'], [110, 'POP3'], [119, 'NNTP'], [143, 'IMAP'], [587, 'SMTP'], [8000, 'HTTP'], [8080, 'HTTP']]);
const LINES = 40, SHOWN = 200;

/** The protocol that has one of the ports, or ''. @param {number[]} ports */
export function nameOfPort(...ports) {
  return ports.map((port) => PORTS.get(port)).find(Boolean) ?? '';
}

/** Whether people would read it. @param {Uint8Array} bytes */
export function isText(bytes) {
  let odd = 0;
  for (const byte of bytes) if (byte < 32 ? byte !== 9 && byte !== 10 && byte !== 13 : byte === 127) odd++;
  return odd * 20 <= bytes.length;
}

/**
 * The rest up to `end`, as far as it was kept. Gives its first line, '' if it is no text.
 * @param {Reader} r @param {string} name @param {number} end
 */
export function readText(r, name, end) {
  const n = Math.min(end, r.bytes.length) - r.at;
  if (n <= 0) return '';
  const bytes = r.bytes.subarray(r.at, r.at + n);
  r.layer(name);
  if (!isText(bytes)) {
    r.take(n);
    r.field('Bytes', '', n, r.at - n, n, `${n} bytes`);
    r.end(`${n} bytes`);
    return '';
  }
  const first = line(bytes, 0).text;
  for (let i = 0, at = 0; at < n; i++) {
    const { text, next } = i === LINES ? { text: '…', next: n } : line(bytes, at);
    r.take(next - at);
    r.field('', '', text, r.at - (next - at), next - at);
    at = next;
  }
  r.end(`${n} bytes`);
  return first;
}

/** @param {Uint8Array} bytes @param {number} at */
function line(bytes, at) {
  const feed = bytes.indexOf(10, at);
  const next = feed < 0 ? bytes.length : feed + 1;
  const text = new TextDecoder().decode(bytes.slice(at, Math.min(next, at + SHOWN))).replace(/[\r\n]+$/, '');
  return { text: next - at > SHOWN ? `${text}…` : text, next };
}
