/** The editor: one view, a state for each file, so that each keeps its own undo, place and marks. */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { cpp } from '@codemirror/lang-cpp';
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';

/**
 * @typedef {import('../runtime/toolchain.js').Diagnostic} Diagnostic
 *
 * @typedef {object} EditorEvents
 * @property {(name: string) => void} onChange
 * @property {(name: string) => void} onRun    Shift+Enter
 * @property {() => void} onCheck              Ctrl+Enter
 */

/** clang's words to the editor's; the others, as note, are 'info'. @type {Record<string, 'error'|'warning'>} */
const severities = { 'fatal error': 'error', error: 'error', warning: 'warning' };

export class Editor {
  #view;
  #current;
  #onChange;
  /** @type {Map<string, EditorState>} */
  #states = new Map();

  /**
   * @param {HTMLElement} parent
   * @param {{ name: string, text: string }[]} files
   * @param {EditorEvents} events
   */
  constructor(parent, files, { onChange, onRun, onCheck }) {
    this.#onChange = onChange;
    const extensions = [
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
        { key: 'Shift-Enter', run: () => (onRun(this.#current), true) },
        { key: 'Mod-Enter', run: () => (onCheck(), true) },
        { key: 'Mod-s', run: () => true },
        indentWithTab,
        ...defaultKeymap,
        ...historyKeymap,
        ...lintKeymap,
      ]),
      EditorView.contentAttributes.of({ 'aria-label': 'C source', spellcheck: 'false', autocapitalize: 'off' }),
      EditorView.updateListener.of((update) => {
        this.#states.set(this.#current, update.state);
        if (update.docChanged) onChange(this.#current);
      }),
    ];
    for (const { name, text } of files) this.#states.set(name, EditorState.create({ doc: text, extensions }));
    this.#current = files[0].name;
    parent.replaceChildren();
    this.#view = new EditorView({ parent, state: this.#state(this.#current) });
  }

  get current() {
    return this.#current;
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

  /** Puts the cursor on a line of the file that is shown. @param {number} line */
  reveal(line) {
    const { doc } = this.#view.state;
    const { from } = doc.line(Math.min(Math.max(line, 1), doc.lines));
    this.#view.dispatch({ selection: { anchor: from }, effects: EditorView.scrollIntoView(from, { y: 'center' }) });
    this.#view.focus();
  }

  /** @param {string} name */
  text(name) {
    return this.#state(name).doc.toString();
  }

  /** Can be undone, like typing. @param {string} name @param {string} text */
  replace(name, text) {
    this.#dispatch(name, { changes: { from: 0, to: this.#state(name).doc.length, insert: text } });
  }

  /**
   * Marks what the compiler found, in place of what it found before; the first error is brought into view.
   * @param {string} name
   * @param {Diagnostic[]} diagnostics
   */
  mark(name, diagnostics) {
    const state = this.#state(name);
    const marks = diagnostics.map(({ line, column, severity, message }) => {
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
    if (first && name === this.#current) this.#view.dispatch({ effects: EditorView.scrollIntoView(first.from, { y: 'nearest', yMargin: 80 }) });
  }

  /** @param {string} name */
  #state(name) {
    const state = this.#states.get(name);
    if (!state) throw new Error(`no file ${name} in the editor`);
    return state;
  }

  /** @param {string} name @param {import('@codemirror/state').TransactionSpec} spec */
  #dispatch(name, spec) {
    if (name === this.#current) return this.#view.dispatch(spec);
    const change = this.#state(name).update(spec);
    this.#states.set(name, change.state);
    if (change.docChanged) this.#onChange(name);
  }
}
