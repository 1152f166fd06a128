/**
 * The kernel's list of sockets (src/kernel/socket_list.h).
 *
 * @typedef {ReturnType<typeof readSockets>[number]} Socket
 */

const SIZE = 292;
const NUMBERS = ['id', 'pid', 'fd', 'domain', 'type', 'protocol', 'state', 'receiveQueue', 'sendQueue', 'inFlight', 'congestionWindow', 'slowStartThreshold', 'sendWindow', 'receiveWindow', 'segment', 'rto', 'rtt', 'rttVariation', 'retransmitted', 'timer', 'timerMs'];
const TEXTS = /** @type {[string, number, number][]} */ ([['local', 84, 56], ['peer', 140, 56], ['host', 196, 64], ['program', 260, 32]]);
const STATES = ['', 'ESTABLISHED', 'SYN-SENT', 'SYN-RECEIVED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED', 'CLOSE-WAIT', 'LAST-ACK', 'LISTEN', 'CLOSING'];
const TIMERS = ['', 'retransmit', 'keepalive', 'persist', 'timewait'];
const TCP = 6, UDP = 17, STREAM = 1, RAW = 3;

/** @param {Uint8Array} bytes */
export function readSockets(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / SIZE) }, (_, i) => {
    const at = i * SIZE;
    const number = Object.fromEntries(NUMBERS.map((name, n) => [name, view.getInt32(at + 4 * n, true)]));
    const text = Object.fromEntries(TEXTS.map(([name, offset, size]) => [name, until0(bytes.subarray(at + offset, at + offset + size))]));
    return /** @type {Record<'id'|'pid'|'fd'|'receiveQueue'|'sendQueue'|'inFlight'|'congestionWindow'|'slowStartThreshold'|'sendWindow'|'receiveWindow'|'segment'|'rto'|'rtt'|'rttVariation'|'retransmitted'|'timerMs', number> & Record<'local'|'peer'|'host'|'program'|'kind'|'state'|'timer', string>} */ ({
      ...number, ...text,
      kind: number.type === STREAM ? 'tcp' : number.type === RAW ? 'raw' : number.protocol === UDP ? 'udp' : 'icmp',
      state: number.type === STREAM && (number.protocol === TCP || number.protocol === 0) ? STATES[number.state] : text.peer === '*:*' ? 'UNCONNECTED' : 'ESTABLISHED',
      timer: TIMERS[number.timer],
    });
  });
}

/** @param {Uint8Array} bytes */
function until0(bytes) {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(bytes.slice(0, end < 0 ? bytes.length : end));
}
