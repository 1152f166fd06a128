/**
 * The views of the network beside the programs: a strip of tabs, and below it the one that is open.
 *
 * A view is a module `views/NAME.js`, fetched when its tab is first opened, that exports
 *
 *     create(host: ViewHost) → View
 *
 * `attach(lab)` tells it that a lab runs, also one that ran before the view was made; `detach()` that
 * it is gone. `show()` and `hide()` are called as its tab is opened and closed: a hidden view should
 * cost nothing. `follow(what)`, if it has it, is asked by another view to show what that tells of.
 */
import { all, make, one, reasonOf } from './dom.js';
import { narrow, rearrange } from './panes.js';
import { texts } from './texts.js';

/**
 * @typedef {import('../runtime/lab.js').Lab} Lab
 * @typedef {'packets'|'calls'|'sockets'|'network'} ViewName
 *
 * @typedef {object} ViewHost
 * @property {typeof texts} texts
 * @property {(file: string, line: number) => void} reveal       brings a line of a source file into view
 * @property {(name: ViewName, what: unknown) => void} follow    opens another view, and has it show this
 *
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {() => void} show
 * @property {() => void} hide
 * @property {(lab: Lab) => void} attach
 * @property {() => void} detach
 * @property {(what: any) => void} [follow]
 */

/** @type {ViewName[]} */
const names = ['packets', 'calls', 'sockets', 'network'];

const KEY = 'portside:view';

export class Views {
  #pane;
  #body;
  #reveal;
  /** @type {Partial<Record<ViewName, Promise<View>>>} */
  #views = {};
  /** @type {View|undefined} */
  #shown;
  /** @type {ViewName|''} */
  #open = '';
  /** @type {Lab|undefined} */
  #lab;

  /** @param {HTMLElement} pane @param {ViewHost['reveal']} reveal */
  constructor(pane, reveal) {
    this.#pane = pane;
    this.#body = one('.view', pane);
    this.#reveal = reveal;
    for (const tab of this.#tabs) {
      const name = /** @type {ViewName} */ (tab.dataset.view);
      tab.addEventListener('click', () => this.open(this.#open === name && !narrow.matches ? '' : name));
    }
    one('.close', pane).addEventListener('click', () => {
      const tab = this.#tabs.find(({ dataset }) => dataset.view === this.#open);
      void this.open('');
      tab?.focus();
    });
    pane.addEventListener('keydown', (event) => this.#move(event));
    this.#mark();
    const kept = remembered();
    if (this.#tabs.some(({ dataset }) => dataset.view === kept) && !narrow.matches) void this.open(kept);
  }

  get #tabs() {
    return all('[role=tab]', this.#pane);
  }

  /** A lab runs. @param {Lab} lab */
  attach(lab) {
    this.#lab = lab;
    for (const view of Object.values(this.#views)) void view.then((made) => made.attach(lab), () => {});
  }

  /** The lab is gone. */
  detach() {
    this.#lab = undefined;
    for (const view of Object.values(this.#views)) void view.then((made) => made.detach(), () => {});
  }

  /**
   * Opens a view in place of the one that is open; '' closes it.
   * @param {ViewName|''} name
   * @param {unknown} [what] it is to show
   */
  async open(name, what) {
    this.#open = name;
    remember(name);
    this.#mark();
    rearrange();
    this.#shown?.hide();
    this.#shown = undefined;
    this.#body.replaceChildren();
    if (name === '') return;
    try {
      const view = await (this.#views[name] ??= this.#make(name));
      if (this.#open !== name || this.#shown === view) return;
      this.#shown = view;
      this.#body.replaceChildren(view.element);
      view.show();
      if (what !== undefined) view.follow?.(what);
    } catch (error) {
      delete this.#views[name];
      const problem = make('p', texts.views.failed(reasonOf(error)));
      problem.className = 'problem';
      this.#body.replaceChildren(problem);
    }
  }

  /** Opens the one that was open last. */
  openLast() {
    if (this.#open === '') void this.open(/** @type {ViewName} */ (this.#tabs[0].dataset.view));
  }

  /** @param {ViewName} name */
  async #make(name) {
    /** @type {{ create(host: ViewHost): View }} */
    const { create } = await import(String(new URL(`views/${name}.js`, import.meta.url)));
    const view = create({ texts, reveal: this.#reveal, follow: (other, what) => this.open(other, what) });
    if (this.#lab) view.attach(this.#lab);
    return view;
  }

  #mark() {
    const { classList } = this.#pane;
    classList.toggle('open', this.#open !== '');
    this.#tabs.forEach((tab, i) => {
      const selected = tab.dataset.view === this.#open;
      tab.setAttribute('aria-selected', String(selected));
      tab.tabIndex = selected || (this.#open === '' && i === 0) ? 0 : -1;
    });
  }

  /** Arrow keys go from tab to tab. @param {KeyboardEvent} event */
  #move(event) {
    const tabs = this.#tabs;
    const at = tabs.indexOf(/** @type {HTMLElement} */ (event.target));
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (at < 0 || !by) return;
    event.preventDefault();
    const tab = tabs[(at + by + tabs.length) % tabs.length];
    if (this.#open !== '') tab.click();
    tab.focus();
  }
}

/** @returns {ViewName|''} */
function remembered() {
  try {
    return names.find((name) => name === localStorage.getItem(KEY)) ?? '';
  } catch {
    return '';
  }
}

/** @param {string} name */
function remember(name) {
  try {
    localStorage.setItem(KEY, name);
  } catch {
    // it opens closed the next time
  }
}
