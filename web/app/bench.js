/** A bench: the editor and the terminals of a lesson, or those and the check of an exercise. */
import { HOSTS } from '../runtime/lab.js';
import { formatFile, menuOf, openFiles } from './actions.js';
import { Checking } from './checking.js';
import { attachMenu } from './dialog.js';
import { all, button, hideNotice, make, notice, one, reasonOf } from './dom.js';
import { Editor } from './editor.js';
import { Files } from './files.js';
import { Home } from './home.js';
import { divide, goTo } from './panes.js';
import { store } from './store.js';
import { Terminals } from './terminals.js';
import { texts } from './texts.js';
import { Workbench, settingOf } from './workbench.js';

const QUIET = 500; // ms without a keystroke, after which the compiler looks at the text

/**
 * @typedef {object} BenchEvents
 * @property {(id: string) => void} onPassed                            the exercise's check passed
 * @property {(lab: import('../runtime/lab.js').Lab) => void} onLab     its lab runs
 * @property {() => void} onNoLab                                       it has ended
 */

export class Bench {
  /** @type {Terminals|undefined} */
  #terminals;
  /** @type {Workbench|undefined} */
  #workbench;
  /** @type {Checking|undefined} */
  #checking;
  /** @type {import('./compiler.js').Compiler|undefined} */
  #compiler;
  /** Is it the one that is shown? */
  #entered = false;
  /** Of the lab. @type {Promise<void>|undefined} */
  #started;
  #events;
  #setting;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #typed;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  #rested;

  /**
   * Opens the editor; the section is in the page.
   * @param {HTMLElement} section
   * @param {BenchEvents} events
   */
  constructor(section, events) {
    this.section = section;
    this.#events = events;
    this.#setting = JSON.parse(section.dataset.setting ?? '{}');
    this.files = this.#readFiles();
    this.editor = this.#openEditor();
    for (const name of this.files.names) this.#showFile(name);
    divide(this.section, 'bench');
    divide(one('.terminals', this.section), 'terminals');
  }

  get id() {
    return this.section.dataset.lesson ?? '';
  }

  /** May files be added? */
  get free() {
    return Boolean(this.#setting.free);
  }

  /** All files as the editor has them. */
  texts() {
    return Object.fromEntries(this.editor.names.map((name) => [name, this.editor.text(name)]));
  }

  /** An exercise's solution, as the text of the page has it. @returns {Record<string, string>|null} */
  solution() {
    const listings = all('.solution pre[data-file]', all('.exercise').find(({ dataset }) => dataset.exercise === this.id) ?? make('p'));
    return listings.length === 0 ? null : Object.fromEntries(listings.map((pre) => [pre.dataset.file, pre.textContent ?? '']));
  }

  #readFiles() {
    const starters = all('.listing', this.section).map((listing) => ({
      name: listing.dataset.file ?? '',
      version: listing.dataset.version ?? '',
      text: one('code', listing).textContent ?? '',
    }));
    return new Files(this.id, starters, () => store);
  }

  #openEditor() {
    const files = this.files;
    const reset = /** @type {HTMLButtonElement} */ (one('.reset', this.section));
    const source = one('.source', this.section);
    const editor = new Editor(source, files.names.map((name) => ({ name, text: files.load(name) })), {
      onRun: (name) => this.#run(name),
      onCheck: () => this.#check(),
      onFormat: () => void formatFile(this),
      onChange: (name) => {
        files.save(name, editor.text(name));
        this.#workbench?.edited(name, editor.text(name));
        this.#mark();
        this.#look();
        this.#prepare();
      },
    });
    reset.addEventListener('click', () => editor.replace(editor.current, files.starter(editor.current)));
    attachMenu(one('.more', this.section), () => menuOf(this));
    source.addEventListener('dragover', (event) => event.dataTransfer?.types.includes('Files') && event.preventDefault());
    source.addEventListener('drop', (event) => {
      if (!event.dataTransfer?.files.length) return;
      event.preventDefault();
      event.stopPropagation();
      void openFiles(this, [...event.dataTransfer.files]);
    }, true);
    return editor;
  }

  /** The compiler will be needed: it loads once the lab, which goes first, is there. */
  #prepare() {
    if (this.#compiler?.progress.state === 'absent') this.#started?.then(() => this.#compiler?.loadQuietly(), () => {});
  }

  /** Puts a text into the editor, in a file of this name. @param {string} name @param {string} text */
  put(name, text) {
    if (!this.editor.names.includes(name)) {
      this.files.add(name);
      this.editor.add(name, text);
      this.files.save(name, text);
      this.#workbench?.edited(name, text);
      this.#showFile(name);
    } else if (this.editor.text(name) !== text) this.editor.replace(name, text);
    this.#open(name);
    this.editor.focus();
  }

  /** Saves what came with a link as the learner's own. @param {string} name @param {string} text */
  keep(name, text) {
    if (!this.files.names.includes(name)) this.files.add(name);
    this.files.save(name, text);
    this.#mark();
  }

  /** Gives a file its tab, and a program its terminal, unless they are there. @param {string} name */
  #showFile(name) {
    const tabs = one('.tabs', this.section);
    let tab = all('.tab', tabs).find(({ dataset }) => dataset.file === name);
    if (!tab) {
      tab = button(name, () => {});
      tab.className = 'tab';
      tab.role = 'tab';
      tab.dataset.file = name;
      tabs.append(tab);
      if (name.endsWith('.c')) this.#terminals?.add(HOSTS[0].name, name, false);
    }
    tab.addEventListener('click', () => {
      this.#open(name);
      this.editor.focus();
    });
    this.#mark();
  }

  /** Shows on the tabs which file is open, and which are changed. */
  #mark() {
    if (!this.editor) return;
    const { editor, files } = this;
    const modified = (/** @type {string} */ name) => editor.text(name) !== files.starter(name);
    for (const tab of all('.tab', this.section)) {
      const name = tab.dataset.file ?? '';
      tab.setAttribute('aria-selected', String(name === editor.current));
      tab.classList.toggle('modified', modified(name));
    }
    /** @type {HTMLButtonElement} */ (one('.reset', this.section)).disabled = !modified(editor.current);
  }

  /** @param {string} name */
  #open(name) {
    this.editor.open(name);
    this.#mark();
    this.#look();
  }

  /** Compiles the text, once nobody types: for what the compiler says of it, and for a Run that may come. */
  #look() {
    clearTimeout(this.#typed);
    this.#typed = setTimeout(async () => {
      const { editor } = this, name = editor.current;
      if (this.#compiler?.progress.state !== 'ready' || !name.endsWith('.c')) return;
      const text = editor.text(name);
      const built = await this.#workbench?.build(name, this.#source(name)).catch(() => undefined); // a Run says why
      if (built && editor.text(name) === text) editor.mark(name, built.diagnostics, true);
    }, QUIET);
  }

  /** A file with the headers. @param {string} name */
  #source(name) {
    return Object.fromEntries(Object.entries(this.texts()).filter(([other]) => other === name || other.endsWith('.h')));
  }

  /** Runs a file's program in its terminal. @param {string} name */
  #run(name) {
    goTo('terminals');
    this.#terminals?.run(name);
  }

  #check() {
    if (this.#checking) goTo('terminals');
    void this.#checking?.start();
  }

  focusTerminal() {
    this.#terminals?.focusNext();
  }

  /** Brings a line of a file into view. @param {string} file @param {number} line */
  reveal(file, line) {
    if (!this.editor.names.includes(file)) return;
    goTo('code');
    this.#open(file);
    this.editor.reveal(line);
  }

  /** This browser cannot run programs. */
  showElsewhere() {
    for (const hint of all('.elsewhere', this.section)) hint.hidden = false;
  }

  /**
   * Opens the terminals.
   * @param {URL} root the site's
   * @param {import('./compiler.js').Compiler} compiler
   * @param {Workbench} [workbench] that has begun already
   */
  async equip(root, compiler, workbench = new Workbench(settingOf(this.section, root))) {
    this.#compiler = compiler;
    const doing = (/** @type {string} */ name) => {
      if (this.#workbench?.hasProgram(name, this.editor.text(name))) return '';
      return compiler.progress.state === 'loading' ? texts.waiting(compiler.progress.percent) : texts.compiling;
    };
    const terminals = new Terminals(one('.terminals', this.section), {
      doing,
      run: async (screen, name, args) => {
        const built = await this.#build(name);
        if (built.output !== '') await screen.print(built.output);
        if (built.wasm) await this.#workbench?.run(screen, name, args, built.wasm);
      },
      onOpen: (screen) => void this.#workbench?.addScreen(screen),
      onClose: (screen) => screen.close(),
      onRest: () => this.#keepHome(),
    });
    await terminals.open();
    this.#terminals = terminals;
    const paned = all('.terminal', this.section).map(({ dataset }) => dataset.file);
    for (const name of this.files.names) if (name.endsWith('.c') && !paned.includes(name)) terminals.add(HOSTS[0].name, name, false);
    this.#workbench = workbench;
    workbench.equip({
      compiler,
      files: this.files,
      texts: () => this.editor.names.map((name) => [name, this.editor.text(name)]),
      home: new Home(this.id, store, () => this.editor.names),
      screens: () => terminals.screens,
      onLab: (lab) => this.#events.onLab(lab),
      onFailure: (message, soon) => this.#failed(message, soon),
    });
    const pane = one('.results', this.section);
    if (pane) this.#equipCheck(pane, root, workbench, doing);
  }

  /**
   * @param {HTMLElement} pane
   * @param {URL} root
   * @param {Workbench} workbench
   * @param {(name: string) => string} doing
   */
  #equipCheck(pane, root, workbench, doing) {
    const { servers, links } = this.#setting;
    this.#checking = new Checking(pane, {
      build: async () => {
        const compiled = [];
        for (const file of this.files.names) compiled.push({ file, built: await this.#build(file) });
        return compiled;
      },
      checker: () => workbench.prebuilt('check.c'),
      waiting: () => this.files.names.map(doing).find((text) => text !== '') ?? texts.compiling,
      lab: { servers, links, assets: new URL('runtime/', root), symbolize: (program, offsets) => workbench.symbolize(program, offsets) },
      onPassed: () => this.#events.onPassed(this.id),
    });
    this.section.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
      event.preventDefault();
      this.#check();
    });
  }

  /** Keeps what programs have written, a moment after one has ended. */
  #keepHome() {
    clearTimeout(this.#rested);
    this.#rested = setTimeout(() => void this.#workbench?.saveHome().catch(() => {}), QUIET);
  }

  /** Compiles what the editor has, and marks there what is wrong with it. @param {string} name */
  async #build(name) {
    const built = await /** @type {Workbench} */ (this.#workbench).build(name, this.#source(name));
    if (!built.ok) this.#open(name);
    this.editor.mark(name, built.diagnostics);
    return built;
  }

  /** The compiler has come further. */
  progress() {
    this.#terminals?.show();
    if (this.#compiler?.progress.state === 'ready') this.#look(); // at what was typed meanwhile
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
      await (this.#started = this.#workbench?.start());
    } catch (error) {
      if (!this.#entered) return;
      for (const screen of this.#terminals?.screens ?? []) screen.detach();
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
