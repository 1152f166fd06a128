/** One terminal pane: xterm.js on a terminal of the lab, with a shell in it. */
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';

const killAfter = 300; // milliseconds that a program has to end itself once it has been asked to
const pace = 4096; // bytes for a millisecond: a program that prints without end leaves the page its time

/** The terminal's colours as the style sheet names them. */
const theme = {
  background: '--screen',
  foreground: '--screen-text',
  cursor: '--screen-accent',
  selectionBackground: '--screen-line',
  scrollbarSliderBackground: '--screen-line',
  black: '--screen-line',
  brightBlack: '--screen-muted',
  ...Object.fromEntries(['red', 'green', 'yellow', 'blue', 'magenta', 'cyan'].flatMap((name) => [
    [name, `--ansi-${name}`],
    [`bright${name[0].toUpperCase()}${name.slice(1)}`, `--ansi-${name}`],
  ])),
};

/** @typedef {Awaited<ReturnType<import('../runtime/lab.js').Lab['terminal']>>} LabTerminal */

export class Screen {
  #xterm;
  #element;
  #fit = new FitAddon();
  #host;
  #onForeground;
  /** @type {LabTerminal|undefined} */
  #terminal;
  /** The process group that has the terminal; 0: not known. */
  #foreground = 0;
  /** @type {Set<() => void>} */
  #waiting = new Set();

  /**
   * @param {HTMLElement} element
   * @param {string} host
   * @param {() => void} onForeground when `busy` may have changed, or a line was entered
   */
  constructor(element, host, onForeground) {
    this.#element = element;
    this.#host = host;
    this.#onForeground = onForeground;
    const style = getComputedStyle(element);
    const color = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const colors = () => Object.fromEntries(Object.entries(theme).map(([part, name]) => [part, color(name)]));
    this.#xterm = new Terminal({
      theme: colors(),
      fontFamily: color('--mono'),
      fontSize: parseFloat(color('--code-size')),
      lineHeight: 1.25,
      cursorBlink: false,
      scrollback: 5000,
    });
    this.#xterm.loadAddon(this.#fit);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => { this.#xterm.options.theme = colors(); });
    this.#xterm.onData((text) => {
      this.#terminal?.input(text);
      if (text.includes('\r')) this.#onForeground();
    });
    this.#xterm.onResize(({ cols, rows }) => this.#terminal?.resize(cols, rows));
  }

  /** Puts it into its element: takes a while, and so may have a turn of its own. */
  open() {
    this.#xterm.open(this.#element);
    this.#fit.fit();
    new ResizeObserver(() => this.#fit.fit()).observe(this.#element);
  }

  /** Opens a terminal in the lab. @param {import('../runtime/lab.js').Lab} lab */
  async attach(lab) {
    this.#xterm.reset();
    const terminal = await lab.terminal({
      host: this.#host,
      cols: this.#xterm.cols,
      rows: this.#xterm.rows,
      onOutput: (bytes, done) => this.#xterm.write(bytes, () => setTimeout(done, bytes.length / pace)),
      onForeground: (group) => this.#changed(group),
    });
    terminal.resize(this.#xterm.cols, this.#xterm.rows); // it may have changed meanwhile
    this.#terminal = terminal;
    this.#changed(this.#foreground);
  }

  /** The lab is gone: nothing that waits will come. */
  detach() {
    this.#terminal = undefined;
    this.#changed(0);
  }

  /** Ends for good: what runs in it is hung up on. */
  close() {
    this.#terminal?.signal('SIGHUP');
    this.detach();
    this.#xterm.dispose();
  }

  /** @param {number} group */
  #changed(group) {
    this.#foreground = group;
    for (const check of this.#waiting) check();
    this.#onForeground();
  }

  /** Whether the lab is there. */
  get ready() {
    return this.#terminal !== undefined;
  }

  /** Whether a program runs, other than the shell. */
  get busy() {
    return this.#foreground !== 0 && this.#foreground !== this.#terminal?.shell;
  }

  focus() {
    this.#xterm.focus();
  }

  /** Gives the shell a line, in place of what stands at its prompt. @param {string} line */
  type(line) {
    this.#terminal?.input(`\x15${line}\r`);
  }

  /**
   * Prints something of the page's own; the line that stood at the cursor, as a prompt, stands
   * below it again.
   * @param {string} text
   */
  async print(text) {
    await new Promise((resolve) => this.#xterm.write('', () => resolve(undefined)));
    const { active } = this.#xterm.buffer;
    const line = active.getLine(active.baseY + active.cursorY);
    const kept = line ? line.translateToString(false, 0, active.cursorX) : '';
    this.#xterm.write(`\r\x1b[K${text.replace(/\r?\n/g, '\r\n').replace(/([^\n])$/, '$1\r\n')}${kept}`);
  }

  /** Ends what runs in the foreground: by Ctrl-C, or else killed. */
  async stop() {
    if (!this.busy) return;
    this.#terminal?.input('\x03');
    if (await this.#idle(killAfter)) return;
    this.#terminal?.signal('SIGKILL');
    await this.#idle(Infinity);
  }

  /**
   * @param {number} patience in milliseconds
   * @returns {Promise<boolean>} whether the shell has the terminal again
   */
  #idle(patience) {
    return new Promise((resolve) => {
      const settle = (/** @type {boolean} */ idle) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve(idle);
      };
      const check = () => {
        if (!this.busy) settle(true);
      };
      const timer = patience === Infinity ? undefined : setTimeout(() => settle(false), patience);
      this.#waiting.add(check);
      check();
    });
  }
}
