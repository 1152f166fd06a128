/** The view of packets: list and sequence diagram, one frame's fields and bytes, a stream's text. */
import { FilterError, parseFilter } from '../../wire/filter.js';
import { followStream } from '../../wire/stream.js';
import { make } from '../dom.js';
import { feedOf } from './feed.js';
import { PacketDetails } from './packet-details.js';
import { PacketList, lanesOf } from './packet-list.js';
import { box, download, holdControls, tool } from './parts.js';

/**
 * @typedef {import('../../wire/store.js').Entry} Entry
 * @typedef {import('../views.js').ViewHost} ViewHost
 */

const PCAPNG = 'application/octet-stream';

/** @param {ViewHost} host @returns {import('../views.js').View} */
export function create(host) {
  return new Packets(host);
}

class Packets {
  /** @type {import('./feed.js').Feed | undefined} */
  #feed;
  /** Those that pass the filter. @type {Entry[]} */
  #entries = [];
  /** @type {import('../../wire/filter.js').Test} */
  #test = () => true;
  /** @type {Entry | undefined} */
  #chosen;
  #shown = false;
  /** Number of the connection that is followed; -1: none. */
  #followed = -1;
  /** What has a line in the diagram. @type {Set<string>} */
  #seen = new Set();
  #first = 0;

  /** @param {ViewHost} host */
  constructor(host) {
    const { texts } = host, own = texts.views.packets;
    this.host = host;
    this.texts = own;
    this.hold = holdControls(texts);
    this.list = new PacketList(texts, { onChoose: (entry) => this.#choose(entry), onOpen: () => this.details.focus() });
    this.details = new PacketDetails(texts);
    this.stream = box('stream');
    this.filter = this.#makeFilter();
    this.problem = box('filter-problem');
    this.problem.role = 'status';
    this.followTool = tool(own.follow, own.followTitle, () => this.#follow());
    this.callsTool = tool(own.calls, own.callsTitle, () => this.#chosen && host.follow('calls', this.#chosen));
    this.callsTool.hidden = !document.getElementById('tab-calls');
    const save = tool(own.download, own.downloadTitle, () => this.#download());
    const clear = tool(own.clear, own.clearTitle, () => this.#clear());
    this.count = box('count');
    const bar = box('view-bar', this.hold.element, this.filter, this.followTool, this.callsTool, save, clear, this.count);
    bar.role = 'toolbar';
    bar.setAttribute('aria-label', own.tools);
    this.lower = box('packet-lower', this.details.element);
    this.element = box('packets', bar, this.problem, box('packet-both', this.list.element, this.lower));
    this.element.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && this.#followed >= 0) this.#unfollow();
      if (event.key === 'f' && event.target === this.list.element) this.#follow();
    });
    this.#choose(undefined);
    this.#update([]);
  }

  #makeFilter() {
    const input = document.createElement('input');
    input.type = 'search';
    input.className = 'filter';
    input.placeholder = this.texts.filter;
    input.title = this.texts.filterTitle;
    input.spellcheck = false;
    input.autocapitalize = 'off';
    input.setAttribute('aria-label', this.texts.filterLabel);
    input.addEventListener('input', () => this.#applyFilter());
    return input;
  }

  #applyFilter() {
    try {
      this.#test = parseFilter(this.filter.value);
      this.problem.textContent = '';
    } catch (error) {
      if (!(error instanceof FilterError)) throw error;
      this.problem.textContent = this.texts.filterWrong(error.word);
      this.filter.setAttribute('aria-invalid', 'true');
      return;
    }
    this.filter.removeAttribute('aria-invalid');
    this.#refilter();
  }

  /** @param {import('../../runtime/lab.js').Lab} lab */
  attach(lab) {
    this.detach();
    this.#feed = feedOf(lab);
    this.#reset();
    if (this.#shown) this.#feed.watch(this.#update);
  }

  detach() {
    this.#feed?.unwatch(this.#update);
    this.#feed = undefined;
    this.hold.show(undefined);
  }

  show() {
    this.#shown = true;
    this.#refilter();
    this.#feed?.watch(this.#update);
  }

  hide() {
    this.#shown = false;
    this.#feed?.unwatch(this.#update);
  }

  /** A connection, by what another view has seen of it. @param {{ filter: string }} what */
  follow({ filter }) {
    this.filter.value = filter;
    this.#applyFilter();
    this.list.choose(0);
  }

  #reset() {
    this.list.forget();
    this.#choose(undefined);
    this.#refilter();
  }

  #refilter() {
    this.#entries = (this.#feed?.store.entries ?? []).filter(this.#test);
    this.#seen.clear();
    this.#first = this.#feed?.store.entries[0]?.frame.number ?? 0;
    for (const entry of this.#entries) this.#see(entry);
    this.#draw();
  }

  /** Those before it gave way. @param {number} oldest its number */
  #forget(oldest) {
    this.#first = oldest;
    const kept = this.#entries.findIndex(({ frame }) => frame.number >= oldest);
    this.#entries = kept < 0 ? [] : this.#entries.slice(kept);
  }

  /** @param {Entry} entry */
  #see(entry) {
    for (const lane of lanesOf(entry)) this.#seen.add(lane);
  }

  /** @type {import('./feed.js').Watcher} */
  #update = (added) => {
    const oldest = this.#feed?.store.entries[0]?.frame.number ?? 0;
    if (oldest !== this.#first) this.#forget(oldest);
    for (const entry of added) {
      if (!this.#test(entry)) continue;
      this.#entries.push(entry);
      this.#see(entry);
    }
    if (added.some(({ segment }) => segment?.connection.number === this.#followed)) this.#drawStream();
    this.#draw();
  };

  #draw() {
    const feed = this.#feed;
    this.hold.show(feed);
    const seen = [...this.#seen];
    const lanes = (feed?.store.hostNames ?? []).flatMap((name) => seen.filter((lane) => lane === name || lane.startsWith(`${name}:`)).sort());
    this.list.show(this.#entries, lanes, feed?.waiting() ?? new Set());
    const all = feed?.store.entries.length ?? 0;
    const gone = (feed?.store.dropped ?? 0) + (feed?.missed ?? 0);
    this.count.textContent = this.texts.count(this.#entries.length, all, gone);
  }

  /** @param {Entry | undefined} entry */
  #choose(entry) {
    this.#chosen = entry;
    const tcp = Boolean(entry?.segment);
    this.followTool.disabled = this.callsTool.disabled = !tcp;
    this.details.show(entry);
    if (this.#followed >= 0 && entry?.segment?.connection.number === this.#followed) this.#drawStream();
    else this.#unfollow();
  }

  #follow() {
    if (!this.#chosen?.segment || this.#followed >= 0) return this.#unfollow();
    this.#followed = this.#chosen.segment.connection.number;
    this.#drawStream();
    this.lower.replaceChildren(this.stream);
    this.followTool.setAttribute('aria-pressed', 'true');
  }

  #unfollow() {
    this.#followed = -1;
    this.lower.replaceChildren(this.details.element);
    this.followTool.setAttribute('aria-pressed', 'false');
  }

  #drawStream() {
    const entries = (this.#feed?.store.entries ?? []).filter(({ segment }) => segment?.connection.number === this.#followed);
    const ends = entries[0]?.segment?.connection.ends ?? [];
    const decoders = ends.map(() => new TextDecoder());
    const pieces = followStream(entries).map(({ side, bytes, missing, entry }) => {
      const text = decoders[side].decode(bytes.slice(), { stream: true }).replace(/[^\P{C}\n\t\r]/gu, '·');
      const piece = make('span', text, missing > 0 ? this.texts.missing(missing) : '');
      piece.className = side === 0 ? 'first' : 'second';
      piece.addEventListener('click', () => this.list.chooseNumber(entry.frame.number));
      return piece;
    });
    const legend = box('legend', ...ends.map(({ host, address, port }, i) => {
      const end = make('span', this.texts.said(host, address, port));
      end.className = i === 0 ? 'first' : 'second';
      return end;
    }));
    const text = make('pre', ...pieces);
    text.tabIndex = 0;
    text.setAttribute('aria-label', this.texts.stream);
    text.role = 'group';
    this.stream.replaceChildren(legend, pieces.length > 0 ? text : box('hint', this.texts.nothingSaid));
  }

  #download() {
    if (this.#feed) download('portside.pcapng', this.#feed.store.file(this.#entries), PCAPNG);
  }

  #clear() {
    this.#feed?.store.clear();
    this.#reset();
  }
}
