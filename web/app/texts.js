/** The page's words, in the language that was chosen in this browser, or else is the browser's. */
import { all } from './dom.js';
import { texts as english } from './texts/en.js';

export const languages = { en: 'English', de: 'Deutsch' };
/** @typedef {keyof typeof languages} Language */

const KEY = 'portside:language';

/** @returns {Language} */
function chosen() {
  const known = Object.keys(languages);
  let wanted = navigator.languages.map((tag) => tag.slice(0, 2));
  try {
    wanted = [localStorage.getItem(KEY) ?? '', ...wanted];
  } catch {
    // the browser's language, then
  }
  return /** @type {Language} */ (wanted.find((tag) => known.includes(tag)) ?? 'en');
}

export const language = chosen();

/**
 * English, and over it what another language has.
 * @template T @param {T} all @param {any} some @returns {T}
 */
function over(all, some) {
  if (some === undefined || typeof all !== 'object' || all === null || Array.isArray(all)) return some ?? all;
  const both = Object.entries(all).map(([key, value]) => [key, over(value, some[key])]);
  return /** @type {T} */ (Object.fromEntries(both));
}

export const texts = language === 'de' ? over(english, (await import('./texts/de.js')).texts) : english;

/** Has the pages speak another language, from their next load on. @param {string} choice */
export function choose(choice) {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // it cannot be remembered
  }
}

/**
 * Puts the chosen language's words where the page was built with English ones.
 * @param {ParentNode} root
 */
export function translate(root) {
  if (language === 'en') return;
  const words = /** @type {Record<string, string>} */ (texts.page);
  const fill = (/** @type {string} */ key, /** @type {string} */ values = '') =>
    values.split('|').reduce((text, value, i) => text.replace(`{${i}}`, value), words[key] ?? '');
  for (const element of all('[data-t]', root)) element.textContent = fill(element.dataset.t ?? '', element.dataset.v);
  for (const element of all('[data-label]', root)) {
    element.setAttribute('aria-label', fill(element.dataset.label ?? '', element.dataset.v));
  }
}
