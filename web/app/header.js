/** What every page has: its language, search, settings, help, and their keys. */
import { openDialog } from './dialog.js';
import { make, one } from './dom.js';
import { language, texts, translate } from './texts.js';

export const root = new URL(document.body.dataset.root ?? '', location.href);

/** The keys that the page heeds, as a table. */
function help() {
  const rows = texts.help.keys.map(([key, meaning]) => make('tr', make('td', make('kbd', key)), make('td', meaning)));
  const table = make('table', make('tbody', ...rows));
  table.className = 'keys';
  openDialog(texts.help.title, table);
}

const search = async () => (await import('./search.js')).openSearch(root);
const settings = async () => (await import('./settings.js')).openSettings();

/** Whether a key is meant for what has the focus. @param {EventTarget|null} target */
function takesKeys(target) {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select, .xterm *'));
}

export function openHeader() {
  document.documentElement.lang = language;
  translate(document);
  for (const [name, open] of /** @type {const} */ ([['search', search], ['settings', settings], ['help', help]])) {
    const opener = one(`#open-${name}`);
    opener.title = opener.getAttribute('aria-label') ?? '';
    opener.hidden = false;
    opener.addEventListener('click', () => void open());
  }
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || takesKeys(event.target)) return;
    if (document.querySelector('dialog[open]')) return;
    if (event.key !== '?' && event.key !== '/') return;
    event.preventDefault();
    if (event.key === '?') help();
    else void search();
  });
}
