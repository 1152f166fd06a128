/** The first part of the editor, for who has it begin in a turn of its own. */
export { EditorView } from '@codemirror/view';
