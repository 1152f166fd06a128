/** The few words in which the page speaks to its document. */

/** @template {HTMLElement} T @param {string} selector @param {ParentNode} within */
export function one(selector, within = document) {
  return /** @type {T} */ (within.querySelector(selector));
}

/** @param {string} selector @param {ParentNode} within */
export function all(selector, within = document) {
  return /** @type {HTMLElement[]} */ ([...within.querySelectorAll(selector)]);
}

/**
 * @param {string} tag
 * @param {(string|Node)[]} children
 */
export function make(tag, ...children) {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
}

/** @param {string} label @param {() => void} action */
export function button(label, action) {
  const element = /** @type {HTMLButtonElement} */ (make('button', label));
  element.type = 'button';
  element.addEventListener('click', action);
  return element;
}

/** @param {unknown} error */
export function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Says something above the panes, in place of what was said there before.
 * @param {string} close the button that takes it away
 * @param {string} title
 * @param {(string|Node)[]} lines
 */
export function notice(close, title, ...lines) {
  const box = one('#notice');
  const closing = button(close, hideNotice);
  closing.className = 'close';
  box.replaceChildren(closing, make('p', make('strong', title)), ...lines.map((line) => make('p', line)));
  box.hidden = false;
}

export function hideNotice() {
  one('#notice').hidden = true;
}

/** Resolves once the page has had its turn: to heed keys, to paint. @returns {Promise<void>} */
export function turn() {
  return new Promise((resolve) => setTimeout(resolve));
}

/** Resolves once what is there now is painted; at once where nobody sees it. @returns {Promise<void>} */
export async function painted() {
  if (!document.hidden) await new Promise((resolve) => requestAnimationFrame(resolve));
  await turn();
}
