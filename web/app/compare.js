/** A file beside its solution, with what differs marked; fetched when it is first asked for. */
import { cpp } from '@codemirror/lang-cpp';
import { syntaxHighlighting } from '@codemirror/language';
import { MergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView, lineNumbers } from '@codemirror/view';
import { classHighlighter } from '@lezer/highlight';
import { openDialog } from './dialog.js';
import { make } from './dom.js';
import { texts } from './texts.js';

/** @param {string} file @param {string} yours @param {string} solution */
export function compare(file, yours, solution) {
  const words = texts.compare;
  const extensions = (/** @type {string} */ label) => [
    cpp(), syntaxHighlighting(classHighlighter), lineNumbers(), EditorView.lineWrapping,
    EditorState.readOnly.of(true), EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
  ];
  const heads = make('div', make('strong', words.yours), make('strong', words.solution));
  heads.className = 'compare-heads';
  const box = make('div');
  box.className = 'compare source';
  const dialog = openDialog(words.title(file), heads, box);
  dialog.classList.add('large');
  const view = new MergeView({
    a: { doc: yours, extensions: extensions(words.yours) },
    b: { doc: solution, extensions: extensions(words.solution) },
    parent: box,
    gutter: true,
    collapseUnchanged: { margin: 4, minSize: 8 },
  });
  dialog.addEventListener('close', () => view.destroy());
}
