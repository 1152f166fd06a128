/**
 * The panes of a lesson's page and how they share it. In a wide window dividers stand between them,
 * which are dragged or moved by the arrow keys; where they were left is remembered in this browser.
 * A narrow window shows one *place* at a time: text, code, terminals or views; going to another is a
 * step in the history, so that the back button goes back.
 */
import { all, make } from './dom.js';
import { texts } from './texts.js';

const KEY = 'portside:layout';
const STEP = 0.03; // of both panes, for a press of an arrow key
const LEAST = 0.08; // of both panes, that either keeps
export const narrow = matchMedia('(max-width: 999.98px)');

/** @typedef {'text'|'code'|'terminals'|'views'} Place */
/** @type {Place[]} */
export const places = ['text', 'code', 'terminals', 'views'];

/** Shares by the name of the panes' container, the way they lie in it, and their place. @returns {Record<string, number[]>} */
function readLayout() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    return {};
  }
}

const layout = readLayout();

function keepLayout() {
  try {
    localStorage.setItem(KEY, JSON.stringify(layout));
  } catch {
    // it stays until the page is left
  }
}

/**
 * Puts dividers between the children of a container, in place of those that were there.
 * @param {HTMLElement} container a flex box; in it the panes lie in a row or in a column
 * @param {string} name under which it is remembered how they share it
 */
export function divide(container, name) {
  for (const old of all(':scope > .divider', container)) old.remove();
  const panes = /** @type {HTMLElement[]} */ ([...container.children]);
  const row = () => getComputedStyle(container).flexDirection === 'row';
  const key = () => `${name} ${panes.length} ${row() ? 'row' : 'column'}`;
  const dividers = panes.slice(1).map((pane, i) => {
    const made = makeDivider(panes[i], pane, row, () => {
      layout[key()] = panes.map((one) => Number(getComputedStyle(one).flexGrow));
      keepLayout();
    }, () => {
      delete layout[key()];
      keepLayout();
      arrange();
    });
    pane.before(made.divider);
    return made;
  });
  const arrange = () => {
    panes.forEach((pane, i) => {
      pane.style.flexGrow = narrow.matches ? '' : String(layout[key()]?.[i] ?? '');
    });
    for (const { divider } of dividers) divider.setAttribute('aria-orientation', row() ? 'vertical' : 'horizontal');
    requestAnimationFrame(() => { // all that ask where they are ask after one layout
      for (const { tell } of dividers) tell();
    });
  };
  arrange();
  arrangers.set(container, arrange);
}

/** @type {Map<HTMLElement, () => void>} */
const arrangers = new Map();
function arrangeAll() {
  for (const [container, arrange] of arrangers) {
    if (container.isConnected) arrange();
  }
}
addEventListener('resize', arrangeAll);

/** A container lies the other way now. */
export const rearrange = arrangeAll;

/**
 * @param {HTMLElement} before
 * @param {HTMLElement} after
 * @param {() => boolean} row
 * @param {() => void} keep
 * @param {() => void} reset
 */
function makeDivider(before, after, row, keep, reset) {
  const divider = make('div');
  divider.className = 'divider';
  divider.role = 'separator';
  divider.tabIndex = 0;
  divider.title = texts.divider;
  divider.setAttribute('aria-label', texts.divider);
  const ends = () => {
    const [a, b] = [before.getBoundingClientRect(), after.getBoundingClientRect()];
    return row() ? [a.left, b.right] : [a.top, b.bottom];
  };
  const share = () => {
    const [start, end] = ends();
    const { left, top } = divider.getBoundingClientRect();
    return end > start ? ((row() ? left : top) - start) / (end - start) : 0;
  };
  const tell = () => divider.setAttribute('aria-valuenow', String(Math.round(100 * share())));
  const move = (/** @type {number} */ to) => {
    const both = Number(getComputedStyle(before).flexGrow) + Number(getComputedStyle(after).flexGrow);
    const [start, end] = ends();
    const [frame, other] = [frameOf(before, row()), frameOf(after, row())];
    const size = Math.min(Math.max(to, LEAST), 1 - LEAST) * (end - start);
    const part = Math.min(Math.max((size - frame) / (end - start - frame - other), 0.01), 0.99); // growing is on top of the frames
    before.style.flexGrow = String(both * part);
    after.style.flexGrow = String(both * (1 - part));
    tell();
  };
  divider.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    divider.setPointerCapture(event.pointerId);
    divider.classList.add('dragged');
  });
  divider.addEventListener('pointermove', (event) => {
    if (!divider.hasPointerCapture(event.pointerId)) return;
    const [start, end] = ends();
    move(((row() ? event.clientX : event.clientY) - start) / (end - start));
  });
  divider.addEventListener('lostpointercapture', () => {
    divider.classList.remove('dragged');
    keep();
  });
  divider.addEventListener('dblclick', reset);
  divider.addEventListener('focus', tell);
  divider.addEventListener('keydown', (event) => {
    const ways = row() ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown'];
    const way = ways.indexOf(event.key);
    if (event.key === 'Enter') reset();
    else if (way >= 0) move(share() + (way === 0 ? -STEP : STEP));
    else return;
    event.preventDefault();
    if (way >= 0) keep();
  });
  return { divider, tell };
}

/** What of an element's size is padding and border. @param {HTMLElement} element @param {boolean} row */
function frameOf(element, row) {
  const style = getComputedStyle(element);
  const parts = row
    ? [style.paddingLeft, style.paddingRight, style.borderLeftWidth, style.borderRightWidth]
    : [style.paddingTop, style.paddingBottom, style.borderTopWidth, style.borderBottomWidth];
  return parts.reduce((sum, part) => sum + parseFloat(part), 0);
}

/** @returns {Place} which one a narrow window shows */
export function place() {
  return places.find((name) => name === document.body.dataset.place) ?? 'text';
}

/** @type {Set<(place: Place) => void>} */
const watchers = new Set();

/** @param {(place: Place) => void} watcher called whenever another place is shown */
export function watchPlace(watcher) {
  watchers.add(watcher);
}

/** @param {Place} name */
function showPlace(name) {
  document.body.dataset.place = name;
  for (const button of all('.places button')) button.setAttribute('aria-current', String(button.dataset.place === name));
  for (const watcher of watchers) watcher(name);
}

/** Goes to a place; in a wide window, where all are shown, it does nothing. @param {Place} name */
export function goTo(name) {
  if (!narrow.matches || place() === name) return;
  history.pushState({ place: name }, '');
  showPlace(name);
}

/** Makes the places' buttons work. */
export function openPlaces() {
  for (const button of all('.places button')) {
    button.addEventListener('click', () => goTo(/** @type {Place} */ (button.dataset.place)));
  }
  addEventListener('popstate', ({ state }) => showPlace(state?.place ?? 'text'));
  showPlace(history.state?.place ?? 'text');
}
