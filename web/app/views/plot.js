/** A small plot over time. */
import { svg } from './parts.js';

/**
 * @typedef {{ time: number, value: number }} Sample
 * @typedef {{ samples: Sample[], kind: 'steps' | 'dots' | 'dashed' }} Line
 */

const WIDTH = 420, HEIGHT = 116, LEFT = 52, BOTTOM = 18, TOP = 10;

/**
 * @param {string} title
 * @param {Line[]} lines
 * @param {(value: number) => string} text
 */
export function plot(title, lines, text) {
  const all = lines.flatMap(({ samples }) => samples);
  const start = Math.min(...all.map(({ time }) => time)), end = Math.max(...all.map(({ time }) => time), start + 1);
  const most = Math.max(...all.map(({ value }) => value), 1e-9) * 1.05;
  const x = (/** @type {number} */ time) => LEFT + ((time - start) / (end - start)) * (WIDTH - LEFT - 8);
  const y = (/** @type {number} */ value) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - BOTTOM - TOP);
  const latest = lines[0].samples[lines[0].samples.length - 1]?.value ?? 0;
  const shapes = lines.map(({ samples, kind }) => {
    if (kind === 'dots') return svg('path', { class: 'dots', d: samples.map((s) => `M${x(s.time)} ${y(s.value)}h0`).join('') });
    const d = samples.map((s, i) => (i === 0 ? `M${x(s.time)} ${y(s.value)}` : `H${x(s.time)}V${y(s.value)}`)).join('');
    return svg('path', { class: kind, d });
  });
  return svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'plot', role: 'img', 'aria-label': `${title}: ${text(latest)}, ${text(most / 1.05)}` },
    svg('line', { class: 'axis', x1: LEFT, x2: WIDTH - 8, y1: y(0), y2: y(0) }), svg('line', { class: 'axis', x1: LEFT, x2: LEFT, y1: TOP, y2: y(0) }),
    svg('text', { x: LEFT - 6, y: TOP + 8, class: 'end' }, text(most / 1.05)), svg('text', { x: LEFT - 6, y: y(0), class: 'end' }, '0'),
    svg('text', { x: WIDTH - 8, y: HEIGHT - 4, class: 'end' }, `${((end - start) / 1000).toFixed(2)} s`), ...shapes);
}
