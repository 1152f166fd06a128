/** One frame field by field, beside its bytes: what is pointed at in one is marked in the other. */
import { decode } from '../../wire/frame.js';
import { make } from '../dom.js';
import { box } from './parts.js';

/**
 * @typedef {import('../../wire/store.js').Entry} Entry
 * @typedef {{ at: number, length: number }} Place
 */

const WIDTH = 16, SHOWN = 4096;

export class PacketDetails {
  /** Layers that are closed, by name. @type {Set<string>} */
  #closed = new Set(['Ethernet']);
  /** Tree items, and where their bytes are. @type {Map<HTMLElement, Place>} */
  #places = new Map();
  /** @type {HTMLElement[]} */
  #bytes = [];
  /** @type {HTMLElement | undefined} */
  #focused;

  /** @param {import('../views.js').ViewHost['texts']} texts */
  constructor({ views: { packets: texts } }) {
    this.texts = texts;
    this.tree = box('fields');
    this.hex = box('hex');
    this.hex.role = 'group';
    this.hex.tabIndex = 0;
    this.hex.setAttribute('aria-label', texts.bytes);
    this.element = box('details', this.tree, this.hex);
    this.tree.addEventListener('pointerover', ({ target }) => this.#point(/** @type {Element} */ (target).closest('[role=treeitem]')));
    this.tree.addEventListener('focusin', ({ target }) => this.#point(/** @type {Element} */ (target)));
    this.tree.addEventListener('click', ({ target }) => this.#click(/** @type {Element} */ (target).closest('[role=treeitem]')));
    this.tree.addEventListener('keydown', (event) => this.#key(event));
    this.hex.addEventListener('pointerover', ({ target }) => this.#pointByte(/** @type {HTMLElement} */ (target)));
    this.element.addEventListener('pointerleave', () => this.#point(this.#focused ?? null));
  }

  /** @param {Entry | undefined} entry */
  show(entry) {
    this.#places.clear();
    this.#focused = undefined;
    this.element.classList.toggle('empty', !entry);
    if (!entry) {
      this.tree.replaceChildren(box('hint', this.texts.choose));
      for (const name of ['role', 'aria-label']) this.tree.removeAttribute(name);
      this.hex.replaceChildren();
      return;
    }
    this.tree.role = 'tree';
    this.tree.setAttribute('aria-label', this.texts.fields);
    const { layers } = decode(entry.frame, entry.segment);
    const about = entry.frame.comment ? [this.#note(entry.frame.comment)] : [];
    this.tree.replaceChildren(...about, ...layers.map((layer) => this.#layer(layer)));
    const first = this.#items()[0];
    if (first) first.tabIndex = 0;
    this.#showBytes(entry.frame);
  }

  /** @param {string} comment */
  #note(comment) {
    const item = this.#item(0, comment, '', { at: 0, length: 0 });
    item.classList.add('note');
    return item;
  }

  /** @param {import('../../wire/layer.js').Layer} layer */
  #layer({ name, summary, at, length, fields }) {
    const item = this.#item(1, name, summary, { at, length });
    item.setAttribute('aria-expanded', String(!this.#closed.has(name)));
    item.dataset.layer = name;
    const group = box('group', ...fields.map((field) => this.#item(2, field.name, field.text, field)));
    group.role = 'group';
    group.hidden = this.#closed.has(name);
    item.append(group);
    return item;
  }

  /** @param {number} level @param {string} name @param {string} text @param {Place} place */
  #item(level, name, text, { at, length }) {
    const said = make('span', name), value = make('span', text);
    said.className = 'name';
    value.className = 'value';
    const item = box('item', box('line', said, value));
    item.role = 'treeitem';
    item.tabIndex = -1;
    item.setAttribute('aria-level', String(Math.max(level, 1)));
    this.#places.set(item, { at, length });
    return item;
  }

  /** @param {import('../../wire/pcapng.js').Frame} frame */
  #showBytes({ bytes, length }) {
    this.#bytes = [];
    const lines = [];
    const shown = bytes.subarray(0, SHOWN);
    for (let at = 0; at < shown.length; at += WIDTH) {
      const row = shown.subarray(at, at + WIDTH);
      const digits = Array.from(row, (byte, i) => this.#byte(byte.toString(16).padStart(2, '0'), at + i));
      const signs = Array.from(row, (byte, i) => this.#byte(byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·', at + i));
      const gap = make('span', '   '.repeat(WIDTH - row.length));
      const offset = make('span', at.toString(16).padStart(4, '0'));
      offset.className = 'offset';
      lines.push(box('hex-line', offset, ' ', ...digits.flatMap((digit) => [digit, ' ']), gap, ' ', ...signs));
    }
    if (length > shown.length) lines.push(box('hint', this.texts.kept(shown.length, length)));
    this.hex.replaceChildren(...lines);
  }

  /** @param {string} text @param {number} at */
  #byte(text, at) {
    const span = make('span', text);
    span.dataset.at = String(at);
    this.#bytes.push(span);
    return span;
  }

  /** Marks what the item stands for, and its bytes. @param {Element | null} item */
  #point(item) {
    const place = item && this.#places.get(/** @type {HTMLElement} */ (item));
    for (const [other] of this.#places) other.classList.toggle('pointed', other === item);
    /** @type {HTMLElement | undefined} */
    let first;
    for (const span of this.#bytes) {
      const at = Number(span.dataset.at);
      const inside = Boolean(place && at >= place.at && at < place.at + place.length);
      span.classList.toggle('pointed', inside);
      if (inside) first ??= span;
    }
    const line = first?.parentElement;
    if (line && (line.offsetTop < this.hex.scrollTop || line.offsetTop + line.offsetHeight > this.hex.scrollTop + this.hex.clientHeight)) {
      this.hex.scrollTop = line.offsetTop - this.hex.clientHeight / 3;
    }
  }

  /** Marks the innermost field that a byte is in. @param {HTMLElement} span */
  #pointByte(span) {
    if (span.dataset.at === undefined) return;
    const at = Number(span.dataset.at);
    /** @type {[HTMLElement, Place] | undefined} */
    let best;
    for (const [item, place] of this.#places) {
      if (at >= place.at && at < place.at + place.length && (!best || place.length <= best[1].length)) best = [item, place];
    }
    if (!best) return;
    this.#point(best[0]);
    if (best[0].offsetParent) best[0].scrollIntoView({ block: 'nearest' });
  }

  /** Items in sight, in order. @returns {HTMLElement[]} */
  #items() {
    return [...this.#places.keys()].filter((item) => !item.parentElement?.closest('.group[hidden]'));
  }

  /** @param {Element | null} found */
  #click(found) {
    const item = /** @type {HTMLElement | null} */ (found);
    if (!item) return;
    if (item.dataset.layer && this.#focused === item) this.#open(item, item.getAttribute('aria-expanded') !== 'true');
    else if (item.dataset.layer) this.#open(item, item.getAttribute('aria-expanded') !== 'true');
    this.#focus(item);
  }

  /** @param {HTMLElement} item @param {boolean} open */
  #open(item, open) {
    const name = item.dataset.layer ?? '';
    if (open) this.#closed.delete(name);
    else this.#closed.add(name);
    item.setAttribute('aria-expanded', String(open));
    const group = /** @type {HTMLElement} */ (item.querySelector('.group'));
    group.hidden = !open;
  }

  /** @param {HTMLElement} item */
  #focus(item) {
    for (const other of this.#places.keys()) other.tabIndex = -1;
    this.#focused = item;
    item.tabIndex = 0;
    item.focus({ preventScroll: true });
    item.querySelector('.line')?.scrollIntoView({ block: 'nearest' });
  }

  focus() {
    const first = this.#items()[0];
    if (first) this.#focus(first);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const items = this.#items();
    const item = /** @type {HTMLElement} */ (event.target);
    const at = items.indexOf(item);
    if (at < 0) return;
    const parent = /** @type {HTMLElement | undefined} */ (item.parentElement?.closest('[role=treeitem]'));
    const expanded = item.getAttribute('aria-expanded');
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) this.#focus(items[Math.min(Math.max(to, 0), items.length - 1)]);
    else if (event.key === 'ArrowLeft' && expanded === 'true') this.#open(item, false);
    else if (event.key === 'ArrowLeft' && parent) this.#focus(parent);
    else if (event.key === 'ArrowRight' && expanded === 'false') this.#open(item, true);
    else if (event.key === 'ArrowRight' && expanded === 'true') this.#focus(items[at + 1] ?? item);
    else return;
    event.preventDefault();
  }
}
