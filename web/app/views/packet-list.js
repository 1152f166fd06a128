/**
 * The frames in a list, with the arrow of each between the hosts' lines beside it: a sequence diagram
 * that is the list. Only the rows in sight are there.
 */
import { decode, label } from '../../wire/frame.js';
import { ACK, FIN, RST, SYN } from '../../wire/transport.js';
import { box, svg } from './parts.js';

/** @typedef {import('../../wire/store.js').Entry} Entry */

const ROW = 26, MORE = 8; // pixels; rows beyond those in sight
const LANE = 108, EDGE = 44, END = 64; // pixels between lines, left of the first and right of the last

/**
 * The lines that its arrow begins and ends at. Two ends on one host have a line each: the host's for
 * the one that began the connection, and one for the other's port.
 * @param {Entry} entry
 */
export function lanesOf({ glance, segment }) {
  if (!glance.loopback || !segment) return [glance.host, glance.peer];
  const lanes = [glance.host, `${glance.host}:${segment.connection.ends[1].port}`];
  return segment.side === 0 ? lanes : lanes.reverse();
}

/** How its arrow is drawn. @param {Entry} entry */
export function kindOf({ glance: g }) {
  if (g.protocol !== 'TCP') return g.protocol === 'UDP' ? 'udp' : 'other';
  if (g.flags & RST) return 'rst';
  if (g.flags & SYN) return 'syn';
  if (g.flags & FIN) return 'fin';
  return g.length > 0 ? 'data' : g.flags & ACK ? 'ack' : 'other';
}

export class PacketList {
  /** @type {Entry[]} */
  #entries = [];
  /** @type {string[]} */
  #hosts = [];
  /** Of the entry that is chosen; 0: none. */
  #chosen = 0;
  /** @type {Set<Entry>} */
  #waiting = new Set();
  #start = 0;
  /** What was shown last. */
  #state = '';
  #drawn = '';

  /**
   * @param {import('../views.js').ViewHost['texts']} texts
   * @param {{ onChoose: (entry: Entry) => void, onOpen: () => void }} events
   */
  constructor({ views: { packets: texts } }, { onChoose, onOpen }) {
    this.texts = texts;
    this.onChoose = onChoose;
    this.onOpen = onOpen;
    this.head = box('packet-head');
    this.rows = box('packet-rows');
    this.empty = box('packet-empty', texts.none);
    this.empty.role = 'presentation';
    this.element = box('packet-list', this.head, this.rows, this.empty);
    this.element.tabIndex = 0;
    this.element.role = 'grid';
    this.element.setAttribute('aria-label', texts.list);
    this.rows.role = 'rowgroup';
    this.element.addEventListener('scroll', () => this.draw(), { passive: true });
    this.element.addEventListener('keydown', (event) => this.#key(event));
    this.rows.addEventListener('click', (event) => {
      const row = /** @type {Element} */ (event.target).closest('[data-index]');
      if (row) this.choose(Number(row.getAttribute('data-index')));
    });
    this.rows.addEventListener('dblclick', () => this.onOpen());
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /**
   * @param {Entry[]} entries
   * @param {string[]} hosts     that have a line, if a frame is theirs
   * @param {Set<Entry>} waiting which have not arrived
   */
  show(entries, hosts, waiting) {
    const { element } = this;
    const state = `${entries.length} ${entries[0]?.frame.number} ${hosts} ${[...waiting].map(({ frame }) => frame.number)}`;
    if (entries === this.#entries && state === this.#state) return;
    this.#state = state;
    const atEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - ROW;
    const moved = this.#entries.length > 0 && entries.length > 0 ? entries[0].frame.number - this.#entries[0].frame.number : 0;
    if (entries !== this.#entries) this.#start = entries[0]?.time ?? 0;
    this.#entries = entries;
    this.#hosts = hosts;
    this.#waiting = waiting;
    this.rows.style.height = `${entries.length * ROW}px`;
    this.empty.hidden = entries.length > 0;
    element.setAttribute('aria-rowcount', String(entries.length + 1));
    if (atEnd) element.scrollTop = element.scrollHeight;
    else if (moved > 0) element.scrollTop -= moved * ROW;
    this.draw(true);
  }

  /** @param {boolean} [anew] */
  draw(anew = false) {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(Math.floor(scrollTop / ROW) - MORE, 0);
    const last = Math.min(Math.ceil((scrollTop + clientHeight) / ROW) + MORE, this.#entries.length);
    const drawn = `${first} ${last} ${this.#chosen}`;
    if (!anew && drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.element.style.setProperty('--lanes', `${this.#width}px`);
    this.#drawHead();
    const rows = [];
    for (let i = first; i < last; i++) rows.push(this.#row(this.#entries[i], i));
    this.rows.replaceChildren(...rows);
  }

  #drawHead() {
    const { texts } = this;
    const lanes = box('lanes', ...this.#hosts.map((host, i) => {
      const name = box('lane', host);
      name.style.left = `${this.#x(i)}px`;
      return name;
    }));
    if (this.#hosts.length === 0) {
      const name = box('unseen', texts.list);
      lanes.append(name);
    }
    const cells = [box('number', texts.number), box('time', texts.time), lanes, box('protocol', texts.protocol), box('info', texts.info)];
    for (const cell of cells) cell.role = 'columnheader';
    const row = box('packet-row', ...cells);
    row.role = 'row';
    row.setAttribute('aria-rowindex', '1');
    this.head.role = 'rowgroup';
    this.head.replaceChildren(row);
  }

  get #width() {
    return this.#x(Math.max(this.#hosts.length - 1, 0)) + END;
  }

  /** @param {number} lane */
  #x(lane) {
    return EDGE + lane * LANE;
  }

  /** @param {Entry} entry @param {number} i */
  #row(entry, i) {
    const { frame, glance, segment } = entry;
    const { protocol, info } = decode(frame, segment);
    const marks = [];
    if (entry.lost) marks.push(this.texts.lost);
    if (segment?.again) marks.push(this.texts.again);
    if (this.#waiting.has(entry)) marks.push(this.texts.waiting);
    const lanes = box('lanes', this.#arrow(entry));
    lanes.setAttribute('aria-label', `${this.texts.from(glance.host, glance.peer === '*' ? this.texts.all : glance.peer)}: ${label(glance, segment)}`);
    const text = box('info', ...marks.map((mark) => Object.assign(box('mark', mark))), info);
    text.title = [info, frame.comment].filter(Boolean).join('\n');
    const cells = [box('number', String(frame.number)), box('time', ((frame.time - this.#start) / 1000).toFixed(4)), lanes, box('protocol', protocol), text];
    for (const cell of cells) cell.role = 'gridcell';
    const row = box(`packet-row ${kindOf(entry)}`, ...cells);
    row.role = 'row';
    row.id = `packet-${frame.number}`;
    row.style.top = `${i * ROW}px`;
    row.dataset.index = String(i);
    row.setAttribute('aria-rowindex', String(i + 2));
    const chosen = frame.number === this.#chosen;
    row.setAttribute('aria-selected', String(chosen));
    row.classList.toggle('lost', entry.lost);
    row.classList.toggle('waiting', this.#waiting.has(entry));
    return row;
  }

  /** @param {Entry} entry */
  #arrow(entry) {
    const { lost } = entry;
    const width = this.#width, middle = ROW / 2;
    const [sender, receiver] = lanesOf(entry);
    const from = this.#x(this.#hosts.indexOf(sender)), to = this.#x(this.#hosts.indexOf(receiver));
    const lines = this.#hosts.map((_, i) => svg('line', { class: 'life', x1: this.#x(i), x2: this.#x(i), y1: 0, y2: ROW }));
    const said = label(entry.glance, entry.segment);
    if (receiver === sender) lines.push(...loop(from, middle), svg('text', { class: 'beside', x: from + 24, y: middle + 4 }, said));
    else {
      const all = receiver === '*';
      const ends = all ? this.#hosts.map((_, i) => this.#x(i)).filter((x) => x !== from) : [to];
      for (const end of ends) lines.push(...arrow(from, lost ? from + (end - from) * 0.62 : end, middle, lost));
      lines.push(svg('text', { x: all ? from + (from + LANE < width ? LANE : -LANE) / 2 : (from + to) / 2, y: middle - 2 }, said));
    }
    return svg('svg', { width, height: ROW, 'aria-hidden': 'true' }, ...lines);
  }

  /** @param {number} i @param {boolean} [quiet] without telling */
  choose(i, quiet = false) {
    const entry = this.#entries[i];
    if (!entry) return;
    this.#chosen = entry.frame.number;
    const { element } = this, top = i * ROW, head = ROW;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + 2 * head > element.scrollTop + element.clientHeight) element.scrollTop = top + 2 * head - element.clientHeight;
    this.draw();
    element.setAttribute('aria-activedescendant', `packet-${entry.frame.number}`);
    if (!quiet) this.onChoose(entry);
  }

  /** Chooses a frame by its number, if it is in the list. @param {number} number */
  chooseNumber(number) {
    this.choose(this.#entries.findIndex(({ frame }) => frame.number === number));
  }

  forget() {
    this.#chosen = 0;
    this.element.removeAttribute('aria-activedescendant');
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const page = Math.max(Math.floor(this.element.clientHeight / ROW) - 2, 1);
    const at = this.#entries.findIndex(({ frame }) => frame.number === this.#chosen);
    const last = this.#entries.length - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? last : at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: last }[event.key];
    if (event.key === 'Enter') this.onOpen();
    else if (to === undefined) return;
    else this.choose(Math.min(Math.max(to, 0), last));
    event.preventDefault();
  }
}

/** @param {number} from @param {number} to @param {number} y @param {boolean} lost */
function arrow(from, to, y, lost) {
  const way = Math.sign(to - from);
  const line = svg('line', { class: 'arrow', x1: from, x2: to - way * (lost ? 0 : 7), y1: y + 3, y2: y + 3 });
  const end = lost
    ? svg('path', { class: 'cross', d: `M${to - 4} ${y - 1}l8 8m0-8l-8 8` })
    : svg('path', { class: 'tip', d: `M${to} ${y + 3}l${-way * 8}-4v8z` });
  return [line, end];
}

/** @param {number} x @param {number} y */
function loop(x, y) {
  return [
    svg('path', { class: 'arrow', d: `M${x} ${y - 6}h12q6 0 6 6t-6 6h-6`, fill: 'none' }),
    svg('path', { class: 'tip', d: `M${x} ${y + 6}l8-4v8z` }),
  ];
}
