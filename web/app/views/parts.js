/** What the views are made of. */
import { button, make } from '../dom.js';

/** @param {string} className @param {(string|Node)[]} children */
export function box(className, ...children) {
  const element = make('div', ...children);
  element.className = className;
  return element;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {(string | Node)[]} children
 */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  element.append(...children);
  return element;
}

/** @param {string} label @param {string} title @param {() => void} action */
export function tool(label, title, action) {
  const element = button(label, action);
  element.className = 'tool';
  element.title = title;
  return element;
}

/** Hands the browser a file. @param {string} name @param {Uint8Array[]} parts @param {string} type */
export function download(name, parts, type) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(/** @type {BlobPart[]} */ (parts), { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/**
 * Pause, one packet, go on: the same in every view that shows the network.
 * @param {import('../views.js').ViewHost['texts']} texts
 */
export function holdControls({ views: { hold: texts } }) {
  /** @type {import('./feed.js').Feed | undefined} */
  let feed;
  const pause = tool(texts.pause, texts.pauseTitle, () => void feed?.hold(!feed.held).catch(() => {}));
  const step = tool(texts.step, texts.stepTitle, () => void feed?.step().catch(() => {}));
  const state = make('span');
  state.className = 'held';
  state.role = 'status';
  const element = box('hold', pause, step, state);
  return {
    element,
    /** @param {import('./feed.js').Feed | undefined} now */
    show(now) {
      feed = now;
      const held = feed?.held ?? false;
      pause.disabled = step.disabled = !feed;
      pause.setAttribute('aria-pressed', String(held));
      pause.textContent = held ? texts.go : texts.pause;
      const said = held ? texts.held(feed?.onWay ?? 0) : '';
      if (state.textContent !== said) state.textContent = said;
    },
  };
}

/** @param {number} bytes */
export function amount(bytes) {
  return bytes < 10_000 ? `${bytes} B` : bytes < 10_000_000 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1e6)} MB`;
}
