/** The dialog of settings: language, keys, and the progress as a file. */
import { chooseFiles, openDialog, saveFile } from './dialog.js';
import { button, make } from './dom.js';
import { store } from './store.js';
import { choose, language, languages, texts } from './texts.js';

/** Saves all progress in a file. */
export function exportProgress() {
  const day = new Date().toISOString().slice(0, 10);
  saveFile(`portside-${day}.json`, new Blob([store.export()], { type: 'application/json' }));
}

/** @param {HTMLElement} result */
async function importProgress(result) {
  const [file] = await chooseFiles({ accept: '.json,application/json' });
  if (!file) return;
  try {
    const count = store.import(await file.text());
    result.textContent = texts.settings.imported(count);
    location.reload();
  } catch (error) {
    result.textContent = error instanceof SyntaxError || error instanceof TypeError ? texts.settings.notImported : texts.settings.unfit;
  }
}

/** @param {string} label @param {HTMLElement} control */
function field(label, control) {
  const row = make('label', make('span', label), control);
  row.className = 'field';
  return row;
}

export function openSettings() {
  const words = texts.settings;
  const select = /** @type {HTMLSelectElement} */ (make('select', ...Object.entries(languages).map(([tag, name]) => {
    const option = /** @type {HTMLOptionElement} */ (make('option', name));
    option.value = tag;
    option.lang = tag;
    option.selected = tag === language;
    return option;
  })));
  select.addEventListener('change', () => {
    choose(select.value);
    location.reload();
  });
  const vim = document.createElement('input');
  vim.type = 'checkbox';
  vim.checked = store.getItem('portside:vim') !== null;
  vim.addEventListener('change', () => {
    if (vim.checked) store.setItem('portside:vim', 'on');
    else store.removeItem('portside:vim');
    dispatchEvent(new Event('portside-vim'));
  });
  const result = make('p');
  result.role = 'status';
  const buttons = make('p', button(words.export, exportProgress), button(words.import, () => void importProgress(result)));
  buttons.className = 'buttons';
  openDialog(words.title, field(words.language, select), field(words.vim, vim), make('h3', words.progress),
    make('p', words.progressAbout), buttons, result);
}
