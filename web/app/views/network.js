/** The view of the network: hosts and their cables, frames on their way, and what a cable does to them. */
import { make } from '../dom.js';
import { feedOf } from './feed.js';
import { kindOf } from './packet-list.js';
import { box, holdControls, svg, tool } from './parts.js';

/**
 * @typedef {import('../../wire/store.js').Entry} Entry
 * @typedef {import('../../runtime/lab.js').Lab} Lab
 * @typedef {import('../../runtime/lab.js').Link} Link
 * @typedef {{ x: number, y: number }} Point
 */

const HOST = { width: 112, height: 48 };
const FEW = 14; // frames that are shown moving at a time
const TRIP = 700, LONGEST = 4000; // ms
const DELAYS = [0, 1, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];
const LOSSES = [0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1];
const RATES = [0, 10e6, 1e6, 256e3, 64e3, 16e3];
const still = matchMedia('(prefers-reduced-motion: reduce)');

/** @param {import('../views.js').ViewHost} host @returns {import('../views.js').View} */
export function create(host) {
  return new Network(host);
}

class Network {
  /** @type {Lab | undefined} */
  #lab;
  /** @type {import('./feed.js').Feed | undefined} */
  #feed;
  #shown = false;
  #chosen = '';
  /** Where the switch is. @type {Point} */
  #hub = { x: 0, y: 0 };
  /** Where each host is. @type {Map<string, Point>} */
  #places = new Map();
  /** @type {Map<string, SVGElement>} */
  #groups = new Map();
  /** Frames that stand on a cable while the network is held. @type {Map<Entry, SVGElement>} */
  #standing = new Map();

  /** @param {import('../views.js').ViewHost} host */
  constructor({ texts }) {
    this.texts = texts.views.network;
    this.hold = holdControls(texts);
    this.picture = svg('svg', { role: 'group', 'aria-label': this.texts.picture, class: 'picture' });
    this.cables = svg('g');
    this.dots = svg('g', { 'aria-hidden': 'true' });
    this.panel = box('cable');
    this.busy = box('count');
    const bar = box('view-bar', this.hold.element, this.busy);
    this.element = box('network', bar, box('network-both', box('picture-box', this.picture), this.panel));
    this.#build();
    new ResizeObserver(() => this.#shown && this.#build()).observe(this.picture);
  }

  /** @param {Lab} lab */
  attach(lab) {
    this.detach();
    this.#lab = lab;
    this.#feed = feedOf(lab);
    this.#build();
    if (this.#shown) this.#feed.watch(this.#update);
    this.hold.show(this.#feed);
  }

  detach() {
    this.#feed?.unwatch(this.#update);
    this.#feed = this.#lab = undefined;
    this.#standing.clear();
    this.dots.replaceChildren();
    this.hold.show(undefined);
  }

  show() {
    this.#shown = true;
    this.#feed?.watch(this.#update);
  }

  hide() {
    this.#shown = false;
    this.#feed?.unwatch(this.#update);
    this.dots.replaceChildren();
    this.#standing.clear();
  }

  /** Hosts in a ring around the switch. */
  #build() {
    const hosts = this.#lab?.hosts ?? [];
    const { clientWidth: width, clientHeight: height } = this.picture;
    const hub = (this.#hub = { x: width / 2, y: height / 2 });
    const reach = { x: Math.min(width / 2 - HOST.width / 2 - 12, 330), y: Math.min(height / 2 - HOST.height / 2 - 14, 190) };
    this.#places.clear();
    this.#groups.clear();
    hosts.forEach(({ name }, i) => {
      const angle = Math.PI * (2 * i / hosts.length + (hosts.length === 2 ? 1 : hosts.length === 3 ? 7 / 6 : -1 / 2));
      this.#places.set(name, { x: hub.x + Math.cos(angle) * reach.x, y: hub.y + Math.sin(angle) * reach.y });
    });
    const middle = svg('g', { class: 'hub', transform: `translate(${hub.x} ${hub.y})` }, svg('rect', { x: -38, y: -15, width: 76, height: 30, rx: 8 }), svg('text', { y: 5 }, this.texts.switch));
    this.picture.replaceChildren(this.cables, this.dots, middle, ...hosts.map((one) => this.#host(one)));
    this.#drawCables();
    if (!this.#places.has(this.#chosen)) this.#chosen = hosts[0]?.name ?? '';
    this.#mark();
    this.#drawPanel();
  }

  /** @param {{ name: string, address: string }} host */
  #host({ name, address }) {
    const { x, y } = /** @type {Point} */ (this.#places.get(name));
    const group = svg('g', { class: 'host', transform: `translate(${x} ${y})`, role: 'button', tabindex: 0 },
      svg('rect', { x: -HOST.width / 2, y: -HOST.height / 2, ...HOST, rx: 10 }),
      svg('text', { y: -3, class: 'name' }, name), ' ', svg('text', { y: 14, class: 'address' }, address));
    const choose = () => {
      this.#chosen = name;
      this.#mark();
      this.#drawPanel();
    };
    group.addEventListener('click', choose);
    group.addEventListener('keydown', (event) => {
      const { key } = /** @type {KeyboardEvent} */ (event);
      if (key !== 'Enter' && key !== ' ') return;
      event.preventDefault();
      choose();
    });
    this.#groups.set(name, group);
    return group;
  }

  #mark() {
    for (const { name, address } of this.#lab?.hosts ?? []) {
      const group = this.#groups.get(name);
      group?.setAttribute('aria-pressed', String(name === this.#chosen));
      group?.setAttribute('aria-label', this.texts.host(name, address, this.#link(name).cut ?? false));
    }
  }

  /** @param {string} name @returns {Link} */
  #link(name) {
    return this.#lab?.links.get(name) ?? {};
  }

  #drawCables() {
    this.cables.replaceChildren(...[...this.#places].flatMap(([name, { x, y }]) => {
      const { cut, delay, loss, rate } = this.#link(name);
      const said = [delay && this.texts.ms(delay), loss && this.texts.percent(loss), rate && this.texts.bits(rate)].filter(Boolean).join(' · ');
      const at = (/** @type {number} */ part) => between(this.#hub, { x, y }, part);
      const line = (/** @type {Point} */ a, /** @type {Point} */ b) => svg('line', { class: `line${cut ? ' cut' : said ? ' impaired' : ''}`, x1: a.x, y1: a.y, x2: b.x, y2: b.y });
      const middle = at(0.48);
      const label = svg('text', { class: 'what', x: middle.x, y: middle.y - 7 }, said);
      return cut ? [line(this.#hub, at(0.43)), line(at(0.55), { x, y }), svg('text', { class: 'scissors', x: at(0.49).x, y: at(0.49).y + 6 }, '✂')] : [line(this.#hub, { x, y }), label];
    }));
  }

  // --- what a cable does ---

  #drawPanel() {
    const name = this.#chosen, { texts } = this;
    if (!name) return this.panel.replaceChildren(box('hint', texts.waitForLab));
    const link = this.#link(name);
    const cut = tool(link.cut ? texts.mend : texts.cut, '', () => {
      void this.#set(name, { ...this.#link(name), cut: !this.#link(name).cut });
    });
    cut.setAttribute('aria-pressed', String(link.cut ?? false));
    const reset = tool(texts.reset, '', () => void this.#set(name, {}));
    this.panel.replaceChildren(make('h3', texts.title(name)), make('p', texts.explain),
      this.#slider(name, texts.delay, 'delay', DELAYS, texts.ms),
      this.#slider(name, texts.loss, 'loss', LOSSES, texts.percent),
      this.#slider(name, texts.rate, 'rate', RATES, texts.bits),
      box('cable-tools', cut, reset));
  }

  /**
   * @param {string} name
   * @param {string} label
   * @param {'delay' | 'loss' | 'rate'} key
   * @param {number[]} steps
   * @param {(value: number) => string} text
   */
  #slider(name, label, key, steps, text) {
    const value = this.#link(name)[key] ?? 0;
    const input = document.createElement('input');
    const output = make('output', text(value));
    input.type = 'range';
    input.max = String(steps.length - 1);
    input.value = String(steps.reduce((best, step, i) => (Math.abs(step - value) < Math.abs(steps[best] - value) ? i : best), 0));
    input.dataset.key = key;
    input.setAttribute('aria-valuetext', text(value));
    input.addEventListener('input', () => {
      const now = steps[Number(input.value)];
      output.textContent = text(now);
      input.setAttribute('aria-valuetext', text(now));
      void this.#set(name, { ...this.#link(name), [key]: now }, false);
    });
    const row = make('label', make('span', label), input, output);
    row.className = 'slider';
    return row;
  }

  /** @param {string} name @param {Link} link @param {boolean} [anew] draw the panel, too */
  async #set(name, link, anew = true) {
    await this.#lab?.link(name, link);
    this.#drawCables();
    this.#mark();
    if (!anew) return;
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.textContent;
    this.#drawPanel();
    const buttons = /** @type {HTMLElement[]} */ ([...this.panel.querySelectorAll('button')]);
    (buttons.find(({ textContent }) => textContent === focused) ?? buttons[0]).focus();
  }

  // --- frames on their way ---

  /** @type {import('./feed.js').Watcher} */
  #update = (added) => {
    const waiting = this.#feed?.waiting() ?? new Set();
    this.hold.show(this.#feed);
    for (const [entry, dot] of this.#standing) {
      if (waiting.has(entry)) continue;
      this.#standing.delete(entry);
      dot.remove();
      this.#move(entry, 0.45);
    }
    let place = this.#standing.size;
    for (const entry of waiting) if (!this.#standing.has(entry) && place < FEW) this.#stand(entry, place++);
    const moving = added.filter((entry) => !waiting.has(entry));
    this.busy.textContent = moving.length > FEW ? this.texts.busy(moving.length) : '';
    if (moving.length > FEW) this.#flash(moving);
    else for (const entry of moving) this.#move(entry, 0);
  };

  /** @param {Entry} entry */
  #dot(entry) {
    const dot = svg('circle', { r: 6, class: `dot ${kindOf(entry)}` });
    this.dots.append(dot);
    return dot;
  }

  /** @param {Entry} entry @param {number} i */
  #stand(entry, i) {
    const from = this.#places.get(entry.glance.host);
    if (!from) return;
    const dot = this.#dot(entry), part = entry.glance.loopback ? 0 : 0.45;
    const { x, y } = between(from, this.#hub, part);
    dot.setAttribute('cx', String(x + (entry.glance.loopback ? HOST.width / 2 + 10 : 0)));
    dot.setAttribute('cy', String(y - 13 * (i % 5)));
    this.#standing.set(entry, dot);
  }

  /** Shows it going its way, from that part of the first cable on. @param {Entry} entry @param {number} part */
  #move(entry, part) {
    const { glance, lost, delay } = entry;
    const from = this.#places.get(glance.host);
    if (!from || !this.#shown) return;
    if (still.matches) return this.#flash([entry]);
    const receivers = glance.peer === '*' ? [...this.#places.keys()].filter((name) => name !== glance.host) : [glance.peer];
    for (const receiver of receivers) {
      const to = this.#places.get(receiver);
      if (!to) continue;
      const dot = this.#dot(entry);
      const start = between(from, this.#hub, part);
      const points = glance.loopback ? around(from) : lost ? [start, between(start, this.#hub, 0.55)] : [start, this.#hub, to];
      const frames = points.map(({ x, y }, i) => ({ transform: `translate(${x}px, ${y}px)`, opacity: lost && i === points.length - 1 ? 0 : 1 }));
      dot.animate(frames, { duration: TRIP + Math.min(delay, LONGEST), easing: 'linear', fill: 'forwards' }).onfinish = () => dot.remove();
    }
  }

  /** Too many to be followed, or to be moved: their hosts light up. @param {Entry[]} entries */
  #flash(entries) {
    for (const name of new Set(entries.flatMap(({ glance }) => [glance.host, glance.peer]))) {
      const group = this.#groups.get(name);
      group?.classList.add('busy');
      clearTimeout(this.#calm.get(name));
      this.#calm.set(name, setTimeout(() => group?.classList.remove('busy'), 300));
    }
  }

  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #calm = new Map();
}

/** @param {Point} a @param {Point} b @param {number} part @returns {Point} */
function between(a, b, part) {
  return { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part };
}

/** @param {Point} host @returns {Point[]} */
function around({ x, y }) {
  return [{ x: x - 40, y: y - 24 }, { x: x - 24, y: y - 44 }, { x: x + 24, y: y - 44 }, { x: x + 40, y: y - 24 }];
}
