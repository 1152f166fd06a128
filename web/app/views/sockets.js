/** The view of sockets: as ss lists them, and of one connection its state and how its bytes flow. */
import { measure } from '../../wire/flow.js';
import { readSockets } from '../../wire/sockets.js';
import { make } from '../dom.js';
import { feedOf } from './feed.js';
import { amount, box, tool } from './parts.js';
import { plot } from './plot.js';
import { stateDiagram } from './state-diagram.js';

/**
 * @typedef {import('../../wire/sockets.js').Socket} Socket
 * @typedef {import('../../wire/flow.js').Connection} Connection
 */

const EVERY = 250, SAMPLES = 2000; // ms; of each plot

/** @param {import('../views.js').ViewHost} host @returns {import('../views.js').View} */
export function create(host) {
  return new Sockets(host);
}

/** What stays the same of a connection, though its socket goes. @param {Socket} s */
const keyOf = (s) => `${s.host} ${s.kind} ${s.local} ${s.peer}`;

class Sockets {
  /** @type {import('../../runtime/lab.js').Lab | undefined} */
  #lab;
  /** @type {import('./feed.js').Feed | undefined} */
  #feed;
  #shown = false;
  #looking = false;
  /** @type {Socket[]} */
  #sockets = [];
  /** @type {Socket | undefined} */
  #chosen;
  /** The chosen one's windows, as they were seen. @type {{ time: number, value: number }[]} */
  #windows = [];
  #drawn = '';

  /** @param {import('../views.js').ViewHost} host */
  constructor(host) {
    this.host = host;
    this.texts = host.texts.views.sockets;
    this.body = make('tbody');
    const head = make('thead', row(this.texts.columns.map((text) => cell('th', text, 'columnheader'))));
    this.table = make('table', head, this.body);
    this.table.role = 'grid';
    this.table.tabIndex = 0;
    this.table.setAttribute('aria-label', this.texts.list);
    this.empty = box('hint', this.texts.none);
    this.one = box('socket');
    this.element = box('sockets', box('sockets-both', box('socket-list', this.table, this.empty), this.one));
    this.body.addEventListener('click', ({ target }) => {
      const at = /** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('tr'))?.dataset.index;
      if (at) this.#choose(this.#sockets[Number(at)]);
    });
    this.table.addEventListener('keydown', (event) => this.#key(event));
    this.#draw();
  }

  /** @param {import('../../runtime/lab.js').Lab} lab */
  attach(lab) {
    this.detach();
    this.#lab = lab;
    this.#feed = feedOf(lab);
    if (this.#shown) this.show();
  }

  detach() {
    this.#feed?.unwatch(this.#watch);
    this.#lab = this.#feed = undefined;
    this.#sockets = [];
    this.#chosen = undefined;
    this.#draw();
  }

  show() {
    this.#shown = true;
    this.#feed?.watch(this.#watch);
    if (!this.#looking) void this.#look();
  }

  hide() {
    this.#shown = false;
    this.#feed?.unwatch(this.#watch);
  }

  #watch = () => {}; // frames are kept for the plots

  async #look() {
    this.#looking = true;
    try {
      while (this.#shown && this.#lab) {
        this.#sockets = readSockets(await this.#lab.sockets());
        this.#draw();
        await new Promise((resolve) => setTimeout(resolve, EVERY));
      }
    } catch {
      // the lab is gone
    }
    this.#looking = false;
  }

  /** @param {Socket | undefined} socket */
  #choose(socket) {
    if (socket && this.#chosen && keyOf(socket) === keyOf(this.#chosen)) return;
    this.#chosen = socket;
    this.#windows = [];
    this.#draw();
    if (socket) document.getElementById(`socket-${this.#sockets.indexOf(socket)}`)?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const last = this.#sockets.length - 1;
    const at = this.#sockets.findIndex((socket) => this.#chosen && keyOf(socket) === keyOf(this.#chosen));
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    this.#choose(this.#sockets[Math.min(Math.max(to, 0), last)]);
  }

  #draw() {
    const key = this.#chosen && keyOf(this.#chosen);
    const now = this.#sockets.find((socket) => keyOf(socket) === key);
    if (now) {
      this.#chosen = now;
      this.#windows.push({ time: Date.now(), value: now.congestionWindow });
      if (this.#windows.length > SAMPLES) this.#windows.shift();
    }
    const drawn = JSON.stringify([this.#sockets, key]);
    if (drawn !== this.#drawn) this.#drawList(key);
    this.#drawn = drawn;
    this.empty.hidden = this.#sockets.length > 0;
    this.#drawOne(now);
  }

  /** Rows stay where they are, so that they can be pointed at. @param {string | undefined} key */
  #drawList(key) {
    this.table.removeAttribute('aria-activedescendant');
    while (this.body.children.length > this.#sockets.length) this.body.lastElementChild?.remove();
    while (this.body.children.length < this.#sockets.length) this.body.append(row(this.texts.columns.map(() => cell('td', '', 'gridcell'))));
    for (const [i, s] of this.#sockets.entries()) {
      const line = /** @type {HTMLElement} */ (this.body.children[i]), chosen = keyOf(s) === key;
      const owner = s.pid ? `${s.program} ${s.pid}, fd ${s.fd}` : this.texts.nobody;
      const cells = [s.host, owner, s.kind, s.state, String(s.receiveQueue), String(s.sendQueue), s.local, s.peer, s.timer && this.texts.timer(s.timer, s.timerMs)];
      cells.forEach((text, n) => line.children[n].textContent !== text && (line.children[n].textContent = text));
      line.children[3].className = `socket-state ${s.state.toLowerCase()}`;
      line.id = `socket-${i}`;
      line.dataset.index = String(i);
      line.setAttribute('aria-selected', String(chosen));
      if (chosen) this.table.setAttribute('aria-activedescendant', line.id);
    }
  }

  /** The connection that frames have shown between the socket's two ends, and which of them it is. @param {Socket} socket */
  #connection({ local, peer, host }) {
    const entries = this.#feed?.store.entries ?? [];
    for (let i = entries.length - 1; i >= 0; i--) {
      const ends = entries[i].segment?.connection.ends;
      if (!ends) continue;
      const side = ends.findIndex((end, n) => endpoint(end) === local && endpoint(ends[1 - n]) === peer && end.host === host);
      if (side >= 0) return { connection: /** @type {import('../../wire/flow.js').Segment} */ (entries[i].segment).connection, side };
    }
    return undefined;
  }

  /** @param {Socket | undefined} now  the chosen one, unless it is gone */
  #drawOne(now) {
    const socket = this.#chosen, { texts } = this;
    if (!socket) return this.one.replaceChildren(box('hint', texts.choose));
    const parts = [make('h3', `${socket.host}: ${socket.local}${socket.peer === '*:*' ? '' : ` ↔ ${socket.peer}`}`)];
    if (socket.kind !== 'tcp') return this.one.replaceChildren(...parts);
    const found = this.#connection(socket);
    const seen = found?.connection.ends[found.side].states.map(({ state }) => state) ?? [];
    const state = now?.state ?? 'CLOSED';
    const path = seen.length > 0 ? (seen[seen.length - 1] === state || state === 'CLOSED' ? seen : [...seen, state]) : [state];
    const went = make('p', texts.went(path.join(' → ')));
    went.className = 'went';
    this.one.replaceChildren(...parts, stateDiagram(texts.diagram, state, path), went, this.#numbers(socket), ...(found ? this.#plots(found) : []));
  }

  /** @param {Socket} socket */
  #numbers(socket) {
    const { numbers } = this.texts;
    const shown = (/** @type {keyof typeof numbers} */ name) => {
      const value = socket[name];
      if (name === 'rtt') return value ? `${(value / 1000).toFixed(2)} ms ± ${(socket.rttVariation / 1000).toFixed(2)}` : this.texts.nothingYet;
      return name === 'rto' ? `${value} ms` : name === 'retransmitted' ? String(value) : amount(value);
    };
    const names = /** @type {(keyof typeof numbers)[]} */ (socket.peer === '*:*' ? [] : Object.keys(numbers));
    return Object.assign(make('dl', ...names.map((name) => box('number', make('dt', numbers[name]), make('dd', shown(name))))), { className: 'numbers' });
  }

  /** @param {{ connection: Connection, side: number }} found */
  #plots({ connection, side }) {
    const { texts } = this;
    const entries = (this.#feed?.store.entries ?? []).filter(({ segment }) => segment?.connection === connection);
    const { flight, trips } = measure(entries, side);
    const bytes = flight.slice(-SAMPLES).map(({ time, bytes: value }) => ({ time, value }));
    const since = bytes[0]?.time ?? 0, until = bytes[bytes.length - 1]?.time ?? 0;
    const windows = this.#windows.filter(({ time, value }) => value > 0 && time >= since && time <= until);
    const round = trips.slice(-SAMPLES).map(({ time, ms: value }) => ({ time, value }));
    const packets = tool(texts.packets, '', () => this.host.follow('packets', { filter: `conn ${connection.number}` }));
    const shown = [];
    if (bytes.length > 1) shown.push(make('h4', texts.flight), plot(texts.flight, [{ samples: bytes, kind: 'steps' }, { samples: windows, kind: 'dashed' }], (n) => amount(Math.round(n))));
    if (round.length > 0) shown.push(make('h4', texts.trips), plot(texts.trips, [{ samples: round, kind: 'dots' }], (ms) => `${ms.toPrecision(3)} ms`));
    return [...shown, packets];
  }
}

/** As the kernel writes it. @param {import('../../wire/flow.js').End} end */
function endpoint({ address, port }) {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** @param {HTMLElement[]} cells */
function row(cells) {
  const line = make('tr', ...cells);
  line.role = 'row';
  return line;
}

/** @param {string} tag @param {string} text @param {string} role */
function cell(tag, text, role) {
  const element = make(tag, text);
  element.role = role;
  return element;
}

