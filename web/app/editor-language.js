/** The second part of the editor, for who has it begin in a turn of its own. */
export { cpp } from '@codemirror/lang-cpp';
