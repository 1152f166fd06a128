/** The view of system calls: each as strace prints it, the time it waited, its line and its packets. */
import { TraceDecoder } from '../../runtime/trace.js';
import { readSockets } from '../../wire/sockets.js';
import { make } from '../dom.js';
import { box, tool } from './parts.js';

/**
 * @typedef {import('../../runtime/trace.js').Traced} Traced
 * @typedef {import('../../runtime/lab.js').Lab} Lab
 * @typedef {import('../../wire/store.js').Entry} Entry
 * @typedef {{ number: number, traced: Traced, program: string, shell: boolean }} Call  shell: a terminal's made it
 */

const ROW = 24, MORE = 10, MOST = 20_000, PART = 2000;
const SHOWN = 80; // bytes of a string
const WAITED = 1; // ms from which on it is told

/** @param {import('../views.js').ViewHost} host @returns {import('../views.js').View} */
export function create(host) {
  return new Calls(host);
}

/** A tool that is on or off. @param {string} label @param {string} title @param {(on: boolean) => void} action */
function choice(label, title, action) {
  const element = tool(label, title, () => {
    const on = element.getAttribute('aria-pressed') !== 'true';
    element.setAttribute('aria-pressed', String(on));
    action(on);
  });
  element.setAttribute('aria-pressed', 'false');
  return element;
}

/** @param {number} ms */
function duration(ms) {
  return ms < 1000 ? `${ms.toPrecision(ms < 100 ? 2 : 3)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

class Calls {
  /** @type {Lab | undefined} */
  #lab;
  /** @type {(() => Promise<void>) | undefined} */
  #end;
  /** @type {Promise<TraceDecoder> | undefined} */
  #decoder;
  /** @type {Call[]} */
  #calls = [];
  /** Those that are listed. @type {Call[]} */
  #listed = [];
  #gone = 0;
  #count = 0;
  /** Calls that have not returned, by thread. @type {Map<number, Call>} */
  #waiting = new Map();
  /** Names of programs by process. @type {Map<number, string>} */
  #programs = new Map();
  /** Processes of terminals' shells that have not become another program. @type {Set<number>} */
  #shells = new Set();
  /** @type {Call | undefined} */
  #chosen;
  #shown = false;
  #all = false;
  #shellToo = false;
  /** Ends of the connection whose calls are listed; none: all calls are. @type {string[]} */
  #ends = [];
  #due = false;

  /** @param {import('../views.js').ViewHost} host */
  constructor(host) {
    this.host = host;
    const texts = (this.texts = host.texts.views.calls);
    this.filter = document.createElement('input');
    Object.assign(this.filter, { type: 'search', className: 'filter', placeholder: texts.filter, spellcheck: false });
    this.filter.setAttribute('aria-label', texts.filterLabel);
    this.filter.addEventListener('input', () => {
      this.#ends = [];
      this.#relist();
    });
    const allTool = choice(texts.all, texts.allTitle, (on) => {
      this.#all = on;
      this.#relist();
    });
    const shellTool = choice(texts.shell, texts.shellTitle, (on) => {
      this.#shellToo = on;
      this.#relist();
    });
    this.packetsTool = tool(texts.packets, texts.packetsTitle, () => this.#packets());
    this.sourceTool = tool(texts.source, texts.sourceTitle, () => void this.#source(true));
    this.place = box('place');
    this.count = box('count');
    const bar = box('view-bar', this.filter, allTool, shellTool, this.packetsTool, this.sourceTool, tool(texts.clear, '', () => this.#clear()), this.place, this.count);
    this.rows = box('call-rows');
    this.empty = box('hint', texts.none);
    this.list = box('call-list', this.rows);
    Object.assign(this.list, { tabIndex: 0, role: 'listbox' });
    this.list.setAttribute('aria-label', texts.list);
    this.list.addEventListener('scroll', () => this.#draw(), { passive: true });
    this.list.addEventListener('keydown', (event) => this.#key(event));
    this.rows.role = 'presentation';
    this.rows.addEventListener('click', ({ target }) => this.#choose(Number(/** @type {HTMLElement | null} */ (/** @type {Element} */ (target).closest('.call'))?.dataset.index ?? -1)));
    this.rows.addEventListener('dblclick', () => void this.#source(true));
    this.element = box('calls', bar, this.empty, this.list);
    new ResizeObserver(() => this.#draw()).observe(this.list);
    this.#choose(-1);
  }

  /** @param {Lab} lab */
  attach(lab) {
    this.detach();
    this.#lab = lab;
    this.#clear();
    if (this.#shown) void this.#begin();
  }

  detach() {
    this.#lab = this.#end = undefined;
  }

  show() {
    this.#shown = true;
    void this.#begin();
  }

  hide() {
    this.#shown = false;
  }

  /** Traces from when the view is first shown; of programs that ran before, those with sockets have names. */
  async #begin() {
    const lab = this.#lab;
    if (!lab || this.#end) return;
    this.#end = async () => {};
    const ready = this.#ready(lab); // the records wait for it
    this.#end = await lab.trace({
      bytes: SHOWN, stack: true,
      onRecords: async (bytes, done) => {
        const decoder = await ready;
        if (lab === this.#lab) for (const traced of decoder.decode(bytes, SHOWN)) this.#add(traced);
        done();
        this.#soon();
      },
    });
  }

  /** @param {Lab} lab */
  async #ready(lab) {
    const decoder = await (this.#decoder ??= TraceDecoder.load(new URL('../../runtime/', import.meta.url)));
    for (const { pid, program } of readSockets(await lab.sockets())) if (pid) this.#programs.set(pid, program);
    this.#shells = new Set(lab.shells);
    for (const pid of lab.shells) this.#programs.set(pid, 'sh');
    return decoder;
  }

  /** @param {Traced} traced */
  #add(traced) {
    const { kind, pid } = traced;
    if (kind === 'start') this.#started(traced);
    if (kind === 'lost') this.#gone += traced.result;
    const call = { number: this.#count++, traced, program: this.#programs.get(pid) ?? '', shell: this.#shells.has(pid) };
    const before = this.#waiting.get(traced.tid);
    if (kind === 'waits') this.#waiting.set(traced.tid, call);
    else if (before?.traced.entered === traced.entered) {
      this.#waiting.delete(traced.tid);
      before.traced = traced; // it has returned
      return;
    }
    this.#calls.push(call);
    if (this.#calls.length > MOST + PART) {
      this.#gone += PART;
      this.#calls.splice(0, PART);
      this.#relist();
    } else if (this.#lists(call)) this.#listed.push(call);
  }

  /** A process began, or became another program. @param {Traced} traced */
  #started({ pid, parent = 0, line }) {
    const forked = parent !== 0;
    const program = forked ? this.#programs.get(parent) : /^execve\("(?:[^"]*\/)?([^"]*)"/.exec(line)?.[1];
    this.#programs.set(pid, program ?? '');
    if (forked ? this.#shells.has(parent) : program === 'sh' && this.#lab?.shells.has(pid)) this.#shells.add(pid);
    else this.#shells.delete(pid);
  }

  /** @param {Call} call */
  #lists({ traced, program, shell }) {
    if (this.#ends.length > 0) return [traced.socket, traced.given].some((socket) => socket && this.#ends.includes(socket.local) && this.#ends.includes(socket.peer));
    if (shell && !this.#shellToo) return false;
    if (!this.#all && traced.name !== undefined && !['network', 'desc', 'process', 'signal'].includes(traced.class ?? '') ) return false;
    if (!this.#all && (traced.class === 'hidden' || /^(mmap|brk|munmap|fstat|close)\b/.test(traced.name ?? '') && !traced.socket)) return false;
    const wanted = this.filter.value.toLowerCase();
    return wanted === '' || `${traced.host} ${program} ${traced.pid} ${traced.line}`.toLowerCase().includes(wanted);
  }

  #relist() {
    this.#listed = this.#calls.filter((call) => this.#lists(call));
    this.#soon();
  }

  #clear() {
    this.#calls = [];
    this.#waiting.clear();
    this.#gone = 0;
    this.#choose(-1);
    this.#relist();
  }

  #soon() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      const { list } = this;
      const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - ROW;
      this.rows.style.height = `${this.#listed.length * ROW}px`;
      if (atEnd) list.scrollTop = list.scrollHeight;
      this.#draw();
    });
  }

  #draw() {
    const { scrollTop, clientHeight } = this.list;
    const first = Math.max(Math.floor(scrollTop / ROW) - MORE, 0), last = Math.min(Math.ceil((scrollTop + clientHeight) / ROW) + MORE, this.#listed.length);
    const rows = [];
    for (let i = first; i < last; i++) rows.push(this.#row(this.#listed[i], i));
    this.rows.replaceChildren(...rows);
    this.empty.hidden = this.#listed.length > 0;
    this.count.textContent = this.texts.count(this.#listed.length, this.#gone);
  }

  /** @param {Call} call @param {number} i */
  #row(call, i) {
    const { traced, program, number } = call, { texts } = this;
    const { kind, blocked } = traced;
    const waited = kind === 'waits' ? texts.waits : blocked >= WAITED ? texts.blocked(duration(blocked)) : '';
    const time = new Date(traced.entered).toISOString().slice(14, 23);
    const text = make('code', ...painted(traced));
    const row = box(`call ${kind}${traced.error ? ' failed' : ''}`, box('time', time), box('who', `${traced.host} ${program || `pid ${traced.pid}`}`), text, box('waited', waited));
    row.role = 'option';
    row.id = `call-${number}`;
    row.style.top = `${i * ROW}px`;
    row.dataset.index = String(i);
    row.setAttribute('aria-selected', String(call === this.#chosen));
    row.title = traced.line;
    return row;
  }

  /** @param {number} i */
  #choose(i) {
    this.#chosen = this.#listed[i];
    const { traced, number } = this.#chosen ?? {};
    this.packetsTool.disabled = !connectionOf(traced);
    this.sourceTool.disabled = !traced?.offsets?.length;
    this.place.textContent = '';
    if (number === undefined) return this.list.removeAttribute('aria-activedescendant');
    const top = i * ROW;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    else if (top + ROW > this.list.scrollTop + this.list.clientHeight) this.list.scrollTop = top + ROW - this.list.clientHeight;
    this.#draw();
    this.list.setAttribute('aria-activedescendant', `call-${number}`);
    void this.#source(false);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const last = this.#listed.length - 1, at = this.#chosen ? this.#listed.indexOf(this.#chosen) : -1;
    const page = Math.max(Math.floor(this.list.clientHeight / ROW) - 1, 1);
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? last : at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: last }[event.key];
    if (event.key === 'Enter') void this.#source(true);
    else if (to === undefined || last < 0) return;
    else this.#choose(Math.min(Math.max(to, 0), last));
    event.preventDefault();
  }

  /** Where the chosen call was made: told, or shown in the editor. @param {boolean} reveal */
  async #source(reveal) {
    const chosen = this.#chosen, { image = 0, offsets = [] } = chosen?.traced ?? {};
    const places = offsets.length > 0 ? await this.#lab?.places(image, offsets).catch(() => []) : [];
    const place = places?.find((one) => one?.file && !one.file.startsWith('/'));
    if (!place || chosen !== this.#chosen) return;
    this.place.textContent = `${place.file}:${place.line}`;
    if (reveal) this.host.reveal(place.file, place.line);
  }

  #packets() {
    const socket = connectionOf(this.#chosen?.traced);
    if (!socket) return;
    const port = (/** @type {string} */ end) => /\d+$/.exec(end)?.[0];
    this.host.follow('packets', { filter: `port ${port(socket.local)} port ${port(socket.peer)}` });
  }

  /** Lists the calls of a packet's connection. @param {Entry} entry */
  follow({ segment }) {
    this.#ends = (segment?.connection.ends ?? []).map(({ address, port }) => (address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`));
    this.filter.value = this.#ends.join(' ↔ ');
    this.#relist();
  }
}

/** The connection that a call was made on, or that it made. @param {Traced} [traced] */
function connectionOf(traced) {
  return [traced?.given, traced?.socket].find((socket) => socket?.peer && socket.local);
}

/** The line, its parts coloured. @param {Traced} traced */
function painted({ line, name, error }) {
  if (!name || !line.startsWith(name)) return [line];
  const called = make('span', name);
  called.className = 'tok-variableName tok-definition';
  const at = line.lastIndexOf(' = ');
  if (at < 0) return [called, line.slice(name.length)];
  const result = make('span', line.slice(at));
  result.className = error ? 'result failed' : 'result';
  return [called, line.slice(name.length, at), result];
}
