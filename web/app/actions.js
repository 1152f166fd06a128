/** What the editor's menu offers: what is done with a bench's files as a whole. */
import { chooseFiles, openDialog, saveFile, toast } from './dialog.js';
import { button, make, one } from './dom.js';
import { isFileName, toFragment } from './share.js';
import { texts } from './texts.js';

const LARGEST = 256 * 1024; // of a file that is opened

/** @typedef {import('./bench.js').Bench} Bench */

/** @param {Bench} bench @returns {import('./dialog.js').Item[]} */
export function menuOf(bench) {
  const words = texts.menu;
  const solution = bench.solution();
  return [
    ...(bench.free ? [{ label: words.newFile, action: () => newFile(bench) }] : []),
    { label: words.format, action: () => void formatFile(bench), key: texts.help.keys[4][0] },
    ...(solution ? [
      { label: words.compare, action: () => void compareFile(bench, solution) },
      { label: words.solve, action: () => solve(bench, solution) },
    ] : []),
    { label: words.open, action: async () => openFiles(bench, await chooseFiles({ accept: '.c,.h', multiple: true })) },
    { label: words.download, action: () => void download(bench) },
    { label: words.share, action: () => void share(bench) },
  ];
}

/** @param {Bench} bench */
export async function formatFile(bench) {
  const name = bench.editor.current;
  const before = bench.editor.text(name);
  const { format } = await import('./format.js');
  const text = await format(name, before);
  if (bench.editor.text(name) === before && text !== before) bench.editor.replace(name, text);
}

/** @param {Bench} bench @param {Record<string, string>} solution */
async function compareFile(bench, solution) {
  const name = bench.editor.current;
  const { compare } = await import('./compare.js');
  compare(name, bench.editor.text(name), solution[name] ?? '');
}

/** @param {Bench} bench @param {Record<string, string>} solution */
function solve(bench, solution) {
  for (const [name, text] of Object.entries(solution)) bench.editor.replace(name, text);
}

/**
 * Puts files of the learner's disk into the editor: each in the place of the one of its name, a single
 * one of another name in the place of the one that is shown, and, where files may be added, added.
 * @param {Bench} bench @param {File[]} chosen
 */
export async function openFiles(bench, chosen) {
  for (const file of chosen) {
    const text = file.size > LARGEST ? '\0' : await file.text();
    const { names, current } = bench.editor;
    if (text.includes('\0') || !/\.[ch]$/.test(file.name)) toast(texts.opened.big(file.name));
    else if (names.includes(file.name)) bench.put(file.name, text);
    else if (bench.free && isFileName(file.name)) bench.put(file.name, text);
    else if (chosen.length === 1) bench.put(current, text);
    else toast(texts.opened.unknown(file.name));
  }
}

/** @param {Bench} bench */
async function download(bench) {
  const { makefile, zip } = await import('./zip.js');
  const folder = bench.id.replaceAll('/', '-');
  const files = { ...bench.texts(), Makefile: makefile(bench.editor.names) };
  const inFolder = Object.fromEntries(Object.entries(files).map(([name, text]) => [`${folder}/${name}`, text]));
  saveFile(`${folder}.zip`, new Blob(zip(inFolder), { type: 'application/zip' }));
}

/** @param {Bench} bench */
async function share(bench) {
  const link = new URL(location.href);
  link.hash = await toFragment({ bench: bench.id, files: bench.texts() });
  const words = texts.share;
  const input = document.createElement('input');
  Object.assign(input, { value: link.href, readOnly: true, className: 'link' });
  input.setAttribute('aria-label', words.link);
  const copy = button(words.copy, async () => {
    input.select();
    await navigator.clipboard.writeText(link.href);
    copy.textContent = words.copied;
  });
  const row = make('p', input, copy);
  row.className = 'buttons';
  openDialog(words.title, make('p', words.about), row);
  input.select();
}

/** @param {Bench} bench */
function newFile(bench) {
  const words = texts.newFile;
  const input = document.createElement('input');
  input.setAttribute('aria-label', words.name);
  const problem = make('p');
  problem.role = 'alert';
  const form = make('form', make('p', words.name), input, button(words.add, () => {}), problem);
  form.className = 'buttons';
  /** @type {HTMLButtonElement} */ (one('button', form)).type = 'submit';
  const dialog = openDialog(words.title, form);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const name = input.value.trim();
    if (!isFileName(name) || bench.editor.names.includes(name)) {
      problem.textContent = words.bad;
      return;
    }
    dialog.close();
    bench.put(name, name.endsWith('.c') ? '#include <stdio.h>\n\nint main(void) {\n  return 0;\n}\n' : '');
  });
  input.focus();
}
