/** A bench: the editor and the terminals of a lesson, or those and the check of an exercise. */
import { Checking } from './checking.js';
import { all, button, hideNotice, notice, one, reasonOf } from './dom.js';
import { Editor } from './editor.js';
import { Files } from './files.js';
import { divide, goTo } from './panes.js';
import { Screen } from './screen.js';
import { texts } from './texts.js';
import { Workbench } from './workbench.js';

/** @typedef {ReturnType<typeof openTerminal>} Pane */

/**
 * A terminal with its buttons.
 * @param {HTMLElement} pane
 * @param {(screen: Screen, name: string, args: string) => Promise<void>} run builds and starts the pane's program
 * @param {(name: string) => string} doing what is being done before it can start
 */
function openTerminal(pane, run, doing) {
  const { file: name = '', host = '', args = '' } = pane.dataset;
  const runButton = /** @type {HTMLButtonElement} */ (one('.run', pane));
  const stopButton = /** @type {HTMLButtonElement} */ (one('.stop', pane));
  const state = one('.state', pane);
  let starting = false;
  const show = () => {
    runButton.disabled = starting || !screen.ready;
    stopButton.disabled = !screen.busy;
    pane.classList.toggle('running', screen.busy);
    state.textContent = (starting && doing(name)) || (screen.busy ? texts.running : '');
  };
  const start = async () => {
    if (runButton.disabled) return;
    starting = true;
    show();
    try {
      await run(screen, name, args);
    } catch (error) {
      await screen.print(texts.notRun(reasonOf(error)));
    } finally {
      starting = false;
      show();
    }
  };
  const screen = new Screen(one('.screen', pane), host, show);
  runButton.addEventListener('click', async () => {
    await start();
    if (matchMedia('(pointer: fine)').matches) screen.focus(); // elsewhere a keyboard would cover it
  });
  stopButton.addEventListener('click', () => screen.stop());
  return { name, screen, start, show };
}

/**
 * @typedef {object} BenchEvents
 * @property {(id: string) => void} onPassed                            the exercise's check passed
 * @property {(lab: import('../runtime/lab.js').Lab) => void} onLab     its lab runs
 * @property {() => void} onNoLab                                       it has ended
 */

export class Bench {
  /** @type {Pane[]} */
  #terminals = [];
  /** @type {Workbench|undefined} */
  #workbench;
  /** @type {Checking|undefined} */
  #checking;
  /** Is it the one that is shown? */
  #entered = false;
  #events;
  #files;
  #editor;

  /**
   * Opens the editor; the section is in the page.
   * @param {HTMLElement} section
   * @param {BenchEvents} events
   */
  constructor(section, events) {
    this.section = section;
    this.#events = events;
    this.#files = this.#readFiles();
    this.#editor = this.#openEditor();
    this.#divide();
  }

  #divide() {
    divide(this.section, 'bench');
    divide(one('.terminals', this.section), 'terminals');
  }

  get id() {
    return this.section.dataset.lesson ?? '';
  }

  #readFiles() {
    const starters = all('.listing', this.section).map((listing) => ({
      name: listing.dataset.file ?? '',
      version: listing.dataset.version ?? '',
      text: one('code', listing).textContent ?? '',
    }));
    return new Files(this.id, starters, () => localStorage);
  }

  #openEditor() {
    const files = this.#files;
    const reset = /** @type {HTMLButtonElement} */ (one('.reset', this.section));
    const editor = new Editor(one('.source', this.section), files.names.map((name) => ({ name, text: files.load(name) })), {
      onRun: (name) => this.#run(name),
      onCheck: () => this.#check(),
      onChange: (name) => {
        files.save(name, editor.text(name));
        this.#mark();
      },
    });
    for (const tab of all('.tab', this.section)) {
      tab.addEventListener('click', () => {
        this.#open(tab.dataset.file ?? '');
        editor.focus();
      });
    }
    reset.addEventListener('click', () => editor.replace(editor.current, files.starter(editor.current)));
    this.#mark(editor);
    return editor;
  }

  /** Runs a file's program in its terminal. @param {string} name */
  #run(name) {
    goTo('terminals');
    void this.#terminals.find((terminal) => terminal.name === name)?.start();
  }

  #check() {
    if (this.#checking) goTo('terminals');
    void this.#checking?.start();
  }

  /** Brings a line of a file into view. @param {string} file @param {number} line */
  reveal(file, line) {
    if (!this.#files.names.includes(file)) return;
    goTo('code');
    this.#open(file);
    this.#editor.reveal(line);
  }

  /** Shows on the tabs which file is open, and which are changed. */
  #mark(editor = this.#editor) {
    const modified = (/** @type {string} */ name) => editor.text(name) !== this.#files.starter(name);
    for (const tab of all('.tab', this.section)) {
      const name = tab.dataset.file ?? '';
      tab.setAttribute('aria-selected', String(name === editor.current));
      tab.classList.toggle('modified', modified(name));
    }
    /** @type {HTMLButtonElement} */ (one('.reset', this.section)).disabled = !modified(editor.current);
  }

  /** @param {string} name */
  #open(name) {
    this.#editor.open(name);
    this.#mark();
  }

  /** This browser cannot run programs. */
  showElsewhere() {
    for (const hint of all('.elsewhere', this.section)) hint.hidden = false;
  }

  /**
   * Opens the terminals.
   * @param {URL} root the site's
   * @param {import('./compiler.js').Compiler} compiler
   */
  equip(root, compiler) {
    const doing = (/** @type {string} */ name) => {
      if (this.#editor.text(name) === this.#files.starter(name)) return '';
      return compiler.progress.state === 'loading' ? texts.waiting(compiler.progress.percent) : texts.compiling;
    };
    const run = async (/** @type {Screen} */ screen, /** @type {string} */ name, /** @type {string} */ args) => {
      const built = await this.#build(name);
      if (built.output !== '') await screen.print(built.output);
      if (built.wasm) await this.#workbench?.run(screen, name, args, built.wasm);
    };
    this.#terminals = all('.terminal', this.section).map((pane) => openTerminal(pane, run, doing));
    const base = new URL(this.section.dataset.base ?? '', location.href);
    const { servers, links } = JSON.parse(this.section.dataset.setting ?? '{}');
    this.#workbench = new Workbench({
      root, base, servers, links, compiler,
      files: this.#files,
      screens: this.#terminals.map(({ screen }) => screen),
      onLab: (lab) => this.#events.onLab(lab),
      onFailure: (message, soon) => this.#failed(message, soon),
    });
    const pane = one('.results', this.section);
    if (pane) this.#equipCheck(pane, root, { servers, links }, doing);
  }

  /**
   * @param {HTMLElement} pane
   * @param {URL} root
   * @param {Pick<import('./workbench.js').Parts, 'servers'|'links'>} setting
   * @param {(name: string) => string} doing
   */
  #equipCheck(pane, root, setting, doing) {
    const workbench = /** @type {Workbench} */ (this.#workbench);
    this.#checking = new Checking(pane, {
      build: async () => {
        const compiled = [];
        for (const file of this.#files.names) compiled.push({ file, built: await this.#build(file) });
        return compiled;
      },
      checker: () => workbench.prebuilt('check.c'),
      waiting: () => this.#files.names.map(doing).find((text) => text !== '') ?? texts.compiling,
      lab: { ...setting, assets: new URL('runtime/', root), symbolize: (program, offsets) => workbench.symbolize(program, offsets) },
      onPassed: () => this.#events.onPassed(this.id),
    });
    this.section.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
      event.preventDefault();
      this.#check();
    });
  }

  /** Compiles what the editor has, and marks there what is wrong with it. @param {string} name */
  async #build(name) {
    const built = await /** @type {Workbench} */ (this.#workbench).build(name, this.#editor.text(name));
    if (!built.ok) this.#open(name);
    this.#editor.mark(name, built.diagnostics);
    return built;
  }

  /** The compiler has come further. */
  progress() {
    for (const terminal of this.#terminals) terminal.show();
    this.#checking?.progress();
  }

  /** It is shown now: starts its lab. */
  async enter() {
    this.#entered = true;
    await this.#start();
  }

  /** It is no longer shown: its programs end. */
  leave() {
    this.#entered = false;
    this.#checking?.stop();
    this.#workbench?.stop();
    this.#events.onNoLab();
  }

  async #start() {
    try {
      await this.#workbench?.start();
    } catch (error) {
      if (!this.#entered) return;
      for (const { screen } of this.#terminals) screen.detach();
      notice(texts.close, texts.notStarted, reasonOf(error), this.#restartButton());
    }
  }

  #restartButton() {
    return button(texts.failure.restart, () => {
      hideNotice();
      void this.#start();
    });
  }

  /** @param {string} message @param {boolean} soon */
  #failed(message, soon) {
    const { title, repeated, kept } = texts.failure;
    this.#events.onNoLab();
    if (soon) return notice(texts.close, repeated, message, this.#restartButton());
    notice(texts.close, title, message, kept);
    void this.#start();
  }
}
