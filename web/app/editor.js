/**
 * The editor of a bench: the page's own listings as long as they are only read, and CodeMirror in their
 * place once somebody comes near, so that a first visit need not wait for it.
 */
import { all, notice, one, reasonOf, turn } from './dom.js';
import { texts } from './texts.js';

/**
 * @typedef {import('../runtime/toolchain.js').Diagnostic} Diagnostic
 * @typedef {import('./code-editor.js').CodeEditor} CodeEditor
 *
 * @typedef {object} EditorEvents
 * @property {(name: string) => void} onChange
 * @property {(name: string) => void} onRun    Shift+Enter
 * @property {() => void} onCheck              Ctrl+Enter
 * @property {() => void} onFormat             Shift+Alt+F
 */

/** Fetches CodeMirror, and has each part of it begin in a turn of its own. */
async function fetchEditor() {
  for (const part of [() => import('./editor-view.js'), () => import('./editor-language.js')]) {
    await part();
    await turn();
  }
  return import('./code-editor.js');
}

/** Is it a key that types something, or takes it back? @param {KeyboardEvent} event */
function types(event) {
  const { key, ctrlKey, altKey, metaKey } = event;
  if ((ctrlKey || altKey || metaKey) && !event.getModifierState('AltGraph')) return false;
  return [...key].length === 1 || key === 'Enter' || key === 'Backspace';
}

export class Editor {
  #parent;
  #events;
  #current;
  /** The texts, before `replace`. @type {Map<string, string>} */
  #files = new Map();
  /** What has taken their places before CodeMirror was there. @type {Map<string, string>} */
  #replaced = new Map();
  /** @type {CodeEditor|undefined} */
  #view;
  /** @type {Promise<CodeEditor|undefined>|undefined} */
  #coming;
  /** Where the pointer was pressed on a listing. @type {{ x: number, y: number }|undefined} */
  #pressed;
  /** The keys that were typed into it before CodeMirror was there. @type {string[]} */
  #typed = [];

  /**
   * @param {HTMLElement} parent  it has the listings
   * @param {{ name: string, text: string }[]} files
   * @param {EditorEvents} events
   */
  constructor(parent, files, events) {
    this.#parent = parent;
    this.#events = events;
    this.#current = files[0].name;
    for (const { name, text } of files) this.add(name, text);
    for (const event of ['pointerenter', 'focusin']) parent.addEventListener(event, () => void this.#load());
    parent.addEventListener('pointerdown', ({ x, y }) => {
      if (!this.#view) this.#pressed = { x, y };
    });
    parent.addEventListener('keydown', (event) => {
      if (this.#view || !types(event)) return;
      event.preventDefault();
      if (event.shiftKey && event.key === 'Enter') events.onRun(this.#current);
      else this.#typed.push(event.key);
    });
  }

  /** A file more. @param {string} name @param {string} text */
  add(name, text) {
    this.#files.set(name, text);
    if (this.#view) return this.#view.add(name, text);
    const listing = all('.listing', this.#parent).find(({ dataset }) => dataset.file === name);
    if (!listing || one('code', listing).textContent !== text) void this.#load();
  }

  get names() {
    return [...this.#files.keys()];
  }

  get current() {
    return this.#current;
  }

  /** Shows another file. @param {string} name */
  open(name) {
    this.#current = name;
    if (this.#view) return this.#view.open(name);
    for (const listing of all('.listing', this.#parent)) listing.hidden = listing.dataset.file !== name;
  }

  focus() {
    if (this.#view) return this.#view.focus();
    const listing = one('.listing:not([hidden]) pre', this.#parent);
    if (listing) listing.focus(); // and CodeMirror takes that over, unless somebody has gone on meanwhile
    else this.#when((view) => view.focus());
  }

  /** Puts the cursor on a line of the file that is shown. @param {number} line */
  reveal(line) {
    this.#when((view) => view.reveal(line));
  }

  /** @param {string} name @returns {string} */
  text(name) {
    const text = this.#view ? this.#view.text(name) : this.#replaced.get(name) ?? this.#files.get(name);
    if (text === undefined) throw new Error(`no file ${name} in the editor`);
    return text;
  }

  /** Can be undone, like typing. @param {string} name @param {string} text */
  replace(name, text) {
    if (this.#view) return this.#view.replace(name, text);
    this.#replaced.set(name, text);
    this.#events.onChange(name);
    void this.#load();
  }

  /**
   * Marks what the compiler found, in place of what it found before.
   * @param {string} name
   * @param {Diagnostic[]} diagnostics
   * @param {boolean} [quietly] the first error need not be brought into view
   */
  mark(name, diagnostics, quietly = false) {
    if (this.#view || diagnostics.length > 0) this.#when((view) => view.mark(name, diagnostics, quietly));
  }

  /** Does it now, or once CodeMirror is there. @param {(view: CodeEditor) => void} act */
  #when(act) {
    if (this.#view) act(this.#view);
    else this.#load().then((view) => view && act(view));
  }

  /** @returns {Promise<CodeEditor|undefined>} undefined: it could not be fetched, which the page says */
  #load() {
    this.#coming ??= this.#create().catch((error) => { // for good: a browser does not fetch a module again
      notice(texts.close, texts.editor.missing, reasonOf(error), texts.editor.reload);
      return undefined;
    });
    return this.#coming;
  }

  async #create() {
    const { CodeEditor } = await fetchEditor();
    const { scrollTop, scrollLeft } = this.#parent;
    const focused = this.#parent.contains(document.activeElement);
    const view = new CodeEditor(this.#parent, this.#files, this.#current, this.#events);
    this.#view = view;
    view.scroll({ scrollTop, scrollLeft });
    for (const [name, text] of this.#replaced) view.replace(name, text);
    if (this.#pressed) view.place(this.#pressed);
    if (focused) view.focus();
    view.type(this.#typed);
    return view;
  }
}
