/** The terminals of a bench: those that run its programs, and those that the learner opens beside them. */
import { attachMenu } from './dialog.js';
import { all, button, make, one, reasonOf, turn } from './dom.js';
import { HOSTS } from '../runtime/lab.js';
import { divide, goTo } from './panes.js';
import { Screen } from './screen.js';
import { texts, translate } from './texts.js';

/**
 * @typedef {object} TerminalsParts
 * @property {(screen: Screen, name: string, args: string) => Promise<void>} run  builds and starts a terminal's program
 * @property {(name: string) => string} doing   what is being done before it can start
 * @property {(screen: Screen) => void} onOpen
 * @property {(screen: Screen) => void} onClose
 * @property {() => void} onRest                a shell has its terminal again, or a line was entered
 *
 * @typedef {object} Terminal
 * @property {string} name     of its file; '': it is a shell's alone
 * @property {string} host
 * @property {HTMLElement} pane
 * @property {Screen} screen
 * @property {() => Promise<void>} start
 * @property {() => void} show
 */

export class Terminals {
  #box;
  #parts;
  /** @type {Terminal[]} */
  #terminals = [];

  /** @param {HTMLElement} box with the panes @param {TerminalsParts} parts */
  constructor(box, parts) {
    this.#box = box;
    this.#parts = parts;
  }

  /** Opens those that the page came with, each in turns of its own. */
  async open() {
    for (const pane of all('.terminal', this.#box)) {
      const { screen } = this.#make(pane);
      await turn();
      screen.open();
      await turn();
    }
  }

  get screens() {
    return this.#terminals.map(({ screen }) => screen);
  }

  /** Runs a file's program in its terminal. @param {string} name */
  run(name) {
    void this.#terminals.find((terminal) => terminal.name === name)?.start();
  }

  /** What they wait for may have changed. */
  show() {
    for (const { show } of this.#terminals) show();
  }

  /** Gives one the focus: the first, or the one behind that which has it. */
  focusNext() {
    const at = this.#terminals.findIndex(({ pane }) => pane.contains(document.activeElement));
    this.#terminals[(at + 1) % this.#terminals.length]?.screen.focus();
  }

  /**
   * A terminal more, on a host.
   * @param {string} host
   * @param {string} [name] of the file whose program it runs
   * @param {boolean} [focus]
   */
  add(host, name = '', focus = true) {
    const last = this.#terminals[this.#terminals.length - 1].pane;
    const pane = makePane(host, name);
    last.after(pane);
    const { screen } = this.#make(pane);
    screen.open();
    divide(this.#box, 'terminals');
    this.#parts.onOpen(screen);
    if (focus) screen.focus();
  }

  /** @param {HTMLElement} pane */
  #make(pane) {
    const { file: name = '', host = '', args = '' } = pane.dataset;
    const runButton = /** @type {HTMLButtonElement|null} */ (one('.run', pane));
    const stopButton = /** @type {HTMLButtonElement} */ (one('.stop', pane));
    const state = one('.state', pane);
    let starting = false;
    const show = () => {
      if (runButton) runButton.disabled = starting || !screen.ready;
      stopButton.disabled = !screen.busy;
      pane.classList.toggle('running', screen.busy);
      state.textContent = (starting && this.#parts.doing(name)) || (screen.busy ? texts.running : '');
    };
    const start = async () => {
      if (!runButton || runButton.disabled) return;
      starting = true;
      show();
      try {
        await this.#parts.run(screen, name, args);
      } catch (error) {
        await screen.print(texts.notRun(reasonOf(error)));
      } finally {
        starting = false;
        show();
      }
    };
    const screen = new Screen(one('.screen', pane), host, () => {
      show();
      if (screen.ready && !screen.busy) this.#parts.onRest();
    });
    runButton?.addEventListener('click', async () => {
      await start();
      if (matchMedia('(pointer: fine)').matches) screen.focus(); // elsewhere a keyboard would cover it
    });
    stopButton.addEventListener('click', () => screen.stop());
    const terminal = { name, host, pane, screen, start, show };
    this.#terminals.push(terminal);
    this.#addTools(terminal);
    return terminal;
  }

  /** @param {Terminal} terminal */
  #addTools({ name, host, pane, screen }) {
    const bar = one('.bar', pane);
    const more = button('+', () => {});
    more.className = 'add';
    more.title = texts.page.newTerminal;
    more.setAttribute('aria-label', texts.page.newTerminal);
    attachMenu(more, () => HOSTS.map((one) => ({ label: `${texts.terminals.title} ${one.name}`, action: () => this.add(one.name) })));
    one('.stop', bar).before(more);
    if (name !== '') return;
    const close = button('×', () => this.#close(pane, screen));
    close.className = 'close';
    close.title = texts.terminals.close(host);
    close.setAttribute('aria-label', texts.terminals.close(host));
    bar.append(close);
  }

  /** @param {HTMLElement} pane @param {Screen} screen */
  #close(pane, screen) {
    this.#terminals = this.#terminals.filter((terminal) => terminal.screen !== screen);
    this.#parts.onClose(screen);
    pane.remove();
    divide(this.#box, 'terminals');
    goTo('terminals');
    this.#terminals[this.#terminals.length - 1].screen.focus();
  }
}

/** @param {string} host @param {string} name */
function makePane(host, name) {
  const pane = make('section');
  pane.className = 'pane terminal';
  Object.assign(pane.dataset, { file: name, host, args: '' });
  const program = name.replace(/\.c$/, '') || 'sh';
  pane.innerHTML = `<header class="bar"><h2></h2><span class="host" data-t="on" data-v="${host}">on ${host}</span>
<span class="state" role="status"></span><button type="button" class="stop" disabled data-t="stop">Stop</button>${
    name && '<button type="button" class="run" title="Shift+Enter" disabled data-t="run">Run</button>'}</header><div class="screen"></div>`;
  one('h2', pane).textContent = program;
  pane.setAttribute('aria-label', `${program}: ${host}`);
  translate(pane);
  return pane;
}
