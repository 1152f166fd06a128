/** The states of a TCP connection (RFC 9293, 3.3.2) as a picture: where it is, and how it came there. */
import { svg } from './parts.js';

/** @type {Record<string, [number, number]>} */
const PLACES = {
  CLOSED: [230, 20], LISTEN: [90, 66], 'SYN-SENT': [370, 66], 'SYN-RECEIVED': [90, 128], ESTABLISHED: [230, 172],
  'FIN-WAIT-1': [90, 222], 'CLOSE-WAIT': [370, 222], 'FIN-WAIT-2': [90, 292], CLOSING: [230, 262], 'LAST-ACK': [370, 292], 'TIME-WAIT': [230, 334],
};
/** From, to, what brings it about; where on the way that is written. @type {[string, string, string, number?][]} */
const STEPS = [
  ['CLOSED', 'LISTEN', 'listen'], ['CLOSED', 'SYN-SENT', 'connect: SYN →'], ['LISTEN', 'SYN-RECEIVED', '← SYN'], ['SYN-SENT', 'SYN-RECEIVED', '← SYN', 0.62],
  ['SYN-RECEIVED', 'ESTABLISHED', '← ACK'], ['SYN-SENT', 'ESTABLISHED', '← SYN ACK'], ['SYN-RECEIVED', 'FIN-WAIT-1', 'close: FIN →'],
  ['ESTABLISHED', 'FIN-WAIT-1', 'close: FIN →'], ['ESTABLISHED', 'CLOSE-WAIT', '← FIN'], ['FIN-WAIT-1', 'FIN-WAIT-2', '← ACK'], ['FIN-WAIT-1', 'CLOSING', '← FIN'],
  ['FIN-WAIT-2', 'TIME-WAIT', '← FIN'], ['CLOSING', 'TIME-WAIT', '← ACK'], ['CLOSE-WAIT', 'LAST-ACK', 'close: FIN →'],
];
const BOX = [104, 24];

/** @param {[number, number]} from @param {[number, number]} to */
function ends([ax, ay], [bx, by]) {
  const dx = bx - ax, dy = by - ay;
  const reach = Math.min(BOX[0] / 2 / Math.abs(dx || 1e-9), BOX[1] / 2 / Math.abs(dy || 1e-9));
  return [ax + dx * reach, ay + dy * reach, bx - dx * reach, by - dy * reach];
}

/** @param {string} title @param {string} now @param {string[]} path */
export function stateDiagram(title, now, path) {
  const went = new Set(path.slice(1).map((state, i) => `${path[i]} ${state}`));
  const lines = STEPS.flatMap(([from, to, what, part = 0.5]) => {
    const [x1, y1, x2, y2] = ends(PLACES[from], PLACES[to]);
    const length = Math.hypot(x2 - x1, y2 - y1), ux = (x2 - x1) / length, uy = (y2 - y1) / length;
    const passed = went.has(`${from} ${to}`) ? ' passed' : '';
    return [
      svg('line', { class: `step${passed}`, x1, y1, x2: x2 - ux * 6, y2: y2 - uy * 6 }),
      svg('path', { class: `tip${passed}`, d: `M${x2} ${y2}l${-ux * 8 - uy * 3.5} ${-uy * 8 + ux * 3.5}l${uy * 7} ${-ux * 7}z` }),
      svg('text', { class: `what${passed}`, x: x1 + (x2 - x1) * part, y: y1 + (y2 - y1) * part + 3 }, what),
    ];
  });
  const boxes = Object.entries(PLACES).map(([state, [x, y]]) => {
    const kind = state === now ? ' now' : path.includes(state) ? ' passed' : '';
    return svg('g', { class: `state${kind}`, transform: `translate(${x} ${y})` },
      svg('rect', { x: -BOX[0] / 2, y: -BOX[1] / 2, width: BOX[0], height: BOX[1], rx: 7 }), svg('text', { y: 4 }, state));
  });
  return svg('svg', { viewBox: '0 0 460 354', class: 'states', role: 'img', 'aria-label': `${title}: ${now}` }, ...lines, ...boxes);
}
