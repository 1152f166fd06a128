/** Dialogs, menus, and files that go to and come from the learner's disk. */
import { button, make } from './dom.js';
import { texts } from './texts.js';

/**
 * Opens a dialog over the page. Escape, its button and a click beside it close it.
 * @param {string} title
 * @param {(string|Node)[]} content
 */
export function openDialog(title, ...content) {
  const dialog = /** @type {HTMLDialogElement} */ (make('dialog'));
  const heading = make('h2', title);
  heading.id = 'dialog-title';
  dialog.setAttribute('aria-labelledby', heading.id);
  const head = make('header', heading, button(texts.close, () => dialog.close()));
  const body = make('div', ...content);
  body.className = 'dialog-body';
  dialog.append(head, body);
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * @typedef {{ label: string, action: () => void, key?: string }} Item
 *
 * Has a button open a menu below itself.
 * @param {HTMLElement} opener
 * @param {() => Item[]} items
 */
export function attachMenu(opener, items) {
  opener.setAttribute('aria-haspopup', 'menu');
  opener.setAttribute('aria-expanded', 'false');
  opener.addEventListener('click', () => {
    if (opener.getAttribute('aria-expanded') === 'true') return;
    openMenu(opener, items());
  });
}

/** @param {HTMLElement} opener @param {Item[]} items */
function openMenu(opener, items) {
  const list = make('div');
  list.className = 'popup';
  list.role = 'menu';
  const away = new AbortController();
  const close = (/** @type {boolean} */ back) => {
    away.abort();
    list.remove();
    opener.setAttribute('aria-expanded', 'false');
    if (back) opener.focus();
  };
  for (const { label, action, key } of items) {
    const item = button(label, () => {
      close(true);
      action();
    });
    item.role = 'menuitem';
    if (key) item.append(make('kbd', key));
    list.append(item);
  }
  list.addEventListener('keydown', (event) => {
    const buttons = /** @type {HTMLElement[]} */ ([...list.children]);
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to !== undefined) buttons.at(to % buttons.length)?.focus();
    else if (event.key === 'Escape' || event.key === 'Tab') close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  document.addEventListener('pointerdown', (event) => {
    if (!list.contains(/** @type {Node} */ (event.target))) close(false);
  }, { capture: true, signal: away.signal });
  (opener.closest('section') ?? document.body).append(list);
  const { right, bottom } = opener.getBoundingClientRect();
  list.style.top = `${Math.max(8, Math.min(bottom + 4, innerHeight - list.offsetHeight - 8))}px`;
  list.style.left = `${Math.max(8, right - list.offsetWidth)}px`;
  opener.setAttribute('aria-expanded', 'true');
  /** @type {HTMLElement|null} */ (list.firstElementChild)?.focus();
}

/** @param {string} name @param {Blob} content */
export function saveFile(name, content) {
  const link = document.createElement('a');
  link.download = name;
  link.href = URL.createObjectURL(content);
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000); // the browser may begin late
}

/** Asks for files. @param {{ accept: string, multiple?: boolean }} kind @returns {Promise<File[]>} none if nothing was chosen */
export function chooseFiles({ accept, multiple = false }) {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    Object.assign(input, { type: 'file', accept, multiple });
    input.addEventListener('change', () => resolve([...(input.files ?? [])]));
    input.addEventListener('cancel', () => resolve([]));
    input.click();
  });
}

/** Says something for a moment, at the foot of the window. @param {string} text */
export function toast(text) {
  document.querySelector('.toast')?.remove();
  const box = make('div', text);
  box.className = 'toast';
  box.role = 'status';
  document.body.append(box);
  setTimeout(() => box.remove(), 4000);
}
