/** Completion of POSIX's names, and a line about the one that the pointer rests on. */
import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { hoverTooltip, keymap } from '@codemirror/view';
import { make } from './dom.js';
import { names } from './names.js';

/** @param {import('./names.js').Known} known */
function describe({ name, header, meaning }) {
  const box = make('div', make('code', name), ` ${meaning} `, make('small', `<${header}>`));
  box.className = 'known';
  return box;
}

const kinds = /** @type {const} */ ([[/^[A-Z]/, 'constant'], [/_t$|^(sockaddr|addrinfo|pollfd|msghdr|iovec|time)/, 'type'], [/./, 'function']]);
const options = [...names.values()].map((known) => ({
  label: known.name,
  detail: `<${known.header}>`,
  type: kinds.find(([pattern]) => pattern.test(known.name))?.[1],
  info: () => describe(known),
}));

/** The other words of the file. @param {import('@codemirror/autocomplete').CompletionContext} context @param {number} from */
function wordsOf({ state, pos }, from) {
  const words = new Set(state.doc.toString().match(/\b[A-Za-z_]\w{2,}\b/g));
  words.delete(state.sliceDoc(from, pos));
  return [...words].filter((word) => !names.has(word)).map((label) => ({ label, type: 'text', boost: -1 }));
}

export const completion = [
  autocompletion({
    icons: false,
    override: [(context) => {
      const word = context.matchBefore(/[A-Za-z_]\w*/);
      if (!context.explicit && (!word || word.to - word.from < 2)) return null;
      const from = word?.from ?? context.pos;
      return { from, options: [...options, ...wordsOf(context, from)], validFor: /^\w*$/ };
    }],
  }),
  keymap.of(completionKeymap),
  hoverTooltip((view, pos) => {
    const word = view.state.wordAt(pos);
    const known = word && names.get(view.state.sliceDoc(word.from, word.to));
    return known ? { pos: word.from, end: word.to, above: true, create: () => ({ dom: describe(known) }) } : null;
  }),
];
