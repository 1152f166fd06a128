/** CodeMirror as the editor: one view, a state for each file, so that each keeps its own undo, place and marks. */
import { defaultKeymap, deleteCharBackward, history, historyKeymap, indentWithTab, insertNewlineAndIndent } from '@codemirror/commands';
import { cpp } from '@codemirror/lang-cpp';
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { completion } from './complete.js';
import { store } from './store.js';
import { texts } from './texts.js';

/**
 * @typedef {import('../runtime/toolchain.js').Diagnostic} Diagnostic
 * @typedef {import('./editor.js').EditorEvents} EditorEvents
 */

/** clang's words to the editor's; the others, as note, are 'info'. @type {Record<string, 'error'|'warning'>} */
const severities = { 'fatal error': 'error', error: 'error', warning: 'warning' };

/** Vim's keys, where the learner has chosen them; fetched only then. */
const vim = new Compartment();
const wantsVim = () => store.getItem('portside:vim') !== null;

export class CodeEditor {
  #view;
  #extensions;
  #current;
  #onChange;
  /** @type {import('@codemirror/state').Extension} */
  #vim = [];
  /** Their states, or the texts of those that have not been shown yet. @type {Map<string, EditorState|string>} */
  #files = new Map();

  /**
   * @param {HTMLElement} parent
   * @param {Map<string, string>} files  their texts
   * @param {string} current             the one that is shown
   * @param {EditorEvents} events
   */
  constructor(parent, files, current, { onChange, onRun, onCheck, onFormat }) {
    this.#onChange = onChange;
    this.#extensions = () => [
      keymap.of([
        { key: 'Shift-Enter', run: () => (onRun(this.#current), true) },
        { key: 'Mod-Enter', run: () => (onCheck(), true) },
        { key: 'Shift-Alt-f', run: () => (onFormat(), true) },
      ]),
      vim.of(this.#vim),
      completion,
      lineNumbers(),
      lintGutter(),
      history(),
      drawSelection(),
      indentOnInput(),
      indentUnit.of('  '),
      bracketMatching(),
      highlightActiveLine(),
      cpp(),
      syntaxHighlighting(classHighlighter),
      keymap.of([
        indentWithTab,
        ...defaultKeymap,
        ...historyKeymap,
        ...lintKeymap,
      ]),
      EditorView.contentAttributes.of(() => ({ 'aria-label': texts.editor.source(this.#current), tabindex: '0', spellcheck: 'false', autocapitalize: 'off' })),
      EditorView.updateListener.of((update) => {
        this.#files.set(this.#current, update.state);
        if (update.docChanged) onChange(this.#current);
      }),
    ];
    this.#current = current;
    for (const [name, text] of files) this.add(name, text);
    parent.replaceChildren();
    this.#view = new EditorView({ parent, state: this.#state(this.#current) });
    if (wantsVim()) void this.#setVim();
    addEventListener('portside-vim', () => void this.#setVim());
  }

  async #setVim() {
    this.#vim = wantsVim() ? (await import('@replit/codemirror-vim')).vim({ status: true }) : [];
    const effects = vim.reconfigure(this.#vim);
    for (const [name, file] of this.#files) if (typeof file !== 'string') this.#dispatch(name, { effects });
  }

  /** A file more. @param {string} name @param {string} text */
  add(name, text) {
    this.#files.set(name, text);
  }

  /** Shows another file. @param {string} name */
  open(name) {
    if (name === this.#current) return;
    this.#current = name;
    this.#view.setState(this.#state(name));
  }

  focus() {
    this.#view.focus();
  }

  /** Puts the cursor where the pointer is. @param {{ x: number, y: number }} coordinates of the window */
  place(coordinates) {
    this.#view.dispatch({ selection: { anchor: this.#view.posAtCoords(coordinates, false) } });
  }

  /** What was typed before it was there. Vim's keys are commands, of which nobody has seen what they do. @param {string[]} keys */
  type(keys) {
    if (wantsVim()) return;
    for (const key of keys) {
      if (key === 'Enter') insertNewlineAndIndent(this.#view);
      else if (key === 'Backspace') deleteCharBackward(this.#view);
      else this.#view.dispatch(this.#view.state.replaceSelection(key), { userEvent: 'input.type', scrollIntoView: true });
    }
  }

  /** @param {{ scrollTop: number, scrollLeft: number }} like */
  scroll({ scrollTop, scrollLeft }) {
    Object.assign(this.#view.scrollDOM, { scrollTop, scrollLeft });
  }

  /** Puts the cursor on a line of the file that is shown. @param {number} line */
  reveal(line) {
    const { doc } = this.#view.state;
    const { from } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    this.#view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    this.#view.focus();
  }

  /** @param {string} name */
  text(name) {
    const file = this.#files.get(name);
    return typeof file === 'string' ? file : this.#state(name).doc.toString();
  }

  /** Can be undone, like typing. @param {string} name @param {string} text */
  replace(name, text) {
    this.#dispatch(name, { changes: { from: 0, to: this.#state(name).doc.length, insert: text } });
  }

  /**
   * Marks what the compiler found, in place of what it found before.
   * @param {string} name
   * @param {Diagnostic[]} diagnostics
   * @param {boolean} [quietly] the first error need not be brought into view
   */
  mark(name, diagnostics, quietly = false) {
    const state = this.#state(name);
    const marks = diagnostics.filter(({ file }) => file === name).map(({ line, column, severity, message }) => {
      const { from, to } = state.doc.line(Math.min(Math.max(line, 1), state.doc.lines));
      const at = Math.min(from + Math.max(column, 1) - 1, to);
      const word = state.wordAt(at);
      return {
        from: at,
        to: word && word.from === at ? word.to : Math.min(at + 1, to),
        severity: severities[severity] ?? 'info',
        message,
      };
    });
    marks.sort((a, b) => a.from - b.from);
    this.#dispatch(name, setDiagnostics(state, marks));
    const first = marks.find((mark) => mark.severity === 'error');
    if (first && !quietly && name === this.#current) this.#view.dispatch({ effects: EditorView.scrollIntoView(first.from, { y: 'nearest', yMargin: 80 }) });
  }

  /** @param {string} name */
  #state(name) {
    const file = this.#files.get(name);
    if (file === undefined) throw new Error(`no file ${name} in the editor`);
    if (typeof file !== 'string') return file;
    const state = EditorState.create({ doc: file, extensions: this.#extensions() });
    this.#files.set(name, state);
    return state;
  }

  /** @param {string} name @param {import('@codemirror/state').TransactionSpec} spec */
  #dispatch(name, spec) {
    if (name === this.#current) return this.#view.dispatch(spec);
    const change = this.#state(name).update(spec);
    this.#files.set(name, change.state);
    if (change.docChanged) this.#onChange(name);
  }
}
