/** Search over all lessons, in an index that is made with the site (build/index.js) and fetched when it is first used. */
import { openDialog } from './dialog.js';
import { make } from './dom.js';
import { find } from './find.js';
import { texts } from './texts.js';

const SHOWN = 20;
const BEFORE = 40, AROUND = 160; // characters of an excerpt

/** @typedef {import('./find.js').Section} Section */

/** @type {Promise<Section[]>|undefined} */
let index;

/** @param {ReturnType<typeof find>[number]} hit @param {URL} root */
function entry({ section, at }, root) {
  const link = document.createElement('a');
  link.href = String(new URL(section.path, root));
  const from = Math.max(at - BEFORE, 0);
  const excerpt = make('span', `${from > 0 ? '… ' : ''}${section.text.slice(from, from + AROUND).trim()} …`);
  const title = make('strong', section.lesson);
  link.append(title, section.title && section.title !== section.lesson ? ` · ${section.title}` : '', excerpt);
  return make('li', link);
}

/** @param {URL} root the site's */
export function openSearch(root) {
  const input = document.createElement('input');
  input.type = 'search';
  input.placeholder = texts.search.placeholder;
  input.setAttribute('aria-label', texts.search.title);
  const list = make('ol');
  list.className = 'found';
  const count = make('p');
  count.role = 'status';
  index ??= fetch(new URL('search.json', root)).then((response) => response.json());
  const show = async () => {
    const query = input.value;
    try {
      const hits = find(await /** @type {Promise<Section[]>} */ (index), query);
      if (input.value !== query) return;
      list.replaceChildren(...hits.slice(0, SHOWN).map((hit) => entry(hit, root)));
      count.textContent = query.trim() === '' ? '' : hits.length === 0 ? texts.search.nothing : texts.search.found(hits.length);
    } catch {
      index = undefined;
      count.textContent = texts.search.failed;
    }
  };
  input.addEventListener('input', () => void show());
  const dialog = openDialog(texts.search.title, input, count, list);
  dialog.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('a')) dialog.close();
  });
  input.focus();
}
