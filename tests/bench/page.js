/** The bench's page: does the tasks it is handed, and posts what came out. */
import { create } from '../../web/app/views/packets.js';
import { texts } from '../../web/app/texts/en.js';
import { bootLab, PROGRAMS } from './lab.js';

/** @type {Awaited<ReturnType<typeof bootLab>>} */
let lab;
/** Another, whose packets are shown. @type {Awaited<ReturnType<typeof bootLab>>} */
let viewed;
const view = create({ texts, reveal: () => {}, follow: () => {} });
/** Ends the processes that were started together. @type {() => Promise<void>} */
let apart;
/** @type {Worker} */
let bare;
/** @type {Promise<null>} */
let kept;

/** @param {string} path */
async function bytesOf(path) {
  return new Uint8Array(await (await fetch(new URL(path, location.origin))).arrayBuffer());
}

/** @param {() => any} condition */
async function until(condition) {
  for (let value; ;) {
    value = condition();
    if (value) return value;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
}

/** @returns {Document} the lesson's page */
const lesson = () => /** @type {any} */ (document.querySelector('iframe')).contentDocument;

/** @param {string} selector @returns {HTMLElement | null} */
const pane = (selector) => lesson()?.querySelector(`.terminal[data-file="server.c"] ${selector}`) ?? null;

/** @typedef {{ text: number, output: number, scripts: number }} Visit  scripts: bytes as they were sent, of style too */

/** What has been fetched of the site's scripts and style. */
function scriptBytes() {
  const { performance: clock } = /** @type {Window} */ (document.querySelector('iframe')?.contentWindow);
  const entries = /** @type {PerformanceResourceTiming[]} */ (clock.getEntriesByType('resource'));
  return entries.filter(({ name }) => /\.(js|css)$/.test(name)).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0);
}

/** The last line that the terminal shows. */
function lastLine() {
  const rows = [...(pane('.xterm-rows')?.children ?? [])].map((row) => row.textContent?.replaceAll('\u00a0', ' ').trim());
  return rows.filter(Boolean).pop() ?? '';
}

const tasks = {
  /** @param {string | null} proxy */
  async boot(proxy) {
    const programs = Object.fromEntries(await Promise.all(
      PROGRAMS.map(async (name) => [name, await bytesOf(`/programs/${name}.wasm`)])));
    const options = { assets: new URL('/site/runtime/', location.origin), proxy };
    lab = await bootLab(programs, options);
    viewed = await bootLab(programs, options);
    await viewed.lab.record();
    view.attach(viewed.lab);
  },

  /** As client, while the view of packets shows what goes over the network. @param {Parameters<typeof lab.client>} args */
  async viewed(...args) {
    const pane = document.createElement('div');
    pane.className = 'view';
    pane.append(view.element);
    document.body.prepend(pane);
    view.show();
    const result = await viewed.client(...args);
    view.hide();
    pane.remove();
    return result;
  },

  /** @param {Parameters<typeof lab.client>} args */
  client: (...args) => lab.client(...args),

  /** @param {string[]} args */
  many: (...args) => lab.many(...args),

  /** @param {Parameters<typeof lab.run>} args */
  run: (...args) => lab.run(...args),

  /** Starts so many processes; answers how long that took. @param {number} count */
  async together(count) {
    const { ms, end } = await lab.together(count);
    apart = end;
    return ms;
  },

  /** Ends them. */
  apart: () => apart(),

  /**
   * The same as the client, without a lab: as near to the WebSocket as JavaScript comes.
   * @param {string} url
   * @param {string} what
   * @param {number} n
   */
  bare(url, what, n) {
    bare ??= new Worker('bare.js', { type: 'module' });
    return new Promise((resolve, reject) => {
      bare.onmessage = ({ data }) => (typeof data === 'number' ? resolve(data) : reject(new Error(data)));
      bare.onerror = ({ message }) => reject(new Error(message));
      bare.postMessage({ url, what, n });
    });
  },

  /**
   * Opens the lesson's page and runs its server, both as soon as can be. Times are ms.
   * @returns {Promise<Visit>}
   */
  async visit() {
    const start = performance.now();
    const frame = document.createElement('iframe');
    frame.src = '/site/lessons/tcp/simple/index.html';
    document.body.replaceChildren(frame);
    await until(() => /** @type {HTMLButtonElement} */ (pane('.run'))?.disabled === false);
    const scripts = scriptBytes();
    kept = new Promise((resolve) => frame.contentWindow?.navigator.serviceWorker.addEventListener('message', () => resolve(null), { once: true }));
    pane('.run')?.click();
    await until(() => /^waiting on port/.test(lastLine()));
    const output = performance.now() - start;
    pane('.stop')?.click();
    await until(() => /\$$/.test(lastLine()));
    const { performance: clock } = /** @type {Window} */ (frame.contentWindow);
    const [paint] = clock.getEntriesByName('first-contentful-paint');
    return { text: clock.timeOrigin + paint.startTime - performance.timeOrigin - start, output, scripts };
  },

  /** The page is there. */
  ready: () => null,

  /** Resolves once the site's service worker has kept it, which takes a core for a while. */
  kept: () => kept,

  /**
   * Types into server.c, clicks Run, and answers how long it took until the program said something.
   * @param {string} text
   * @param {number} [pause] ms between the last key and Run
   */
  async editAndRun(text, pause = 0) {
    lesson().querySelector('.source')?.dispatchEvent(new PointerEvent('pointerenter')); // as who comes near
    /** @type {HTMLElement} */
    const content = await until(() => lesson().querySelector('.cm-content'));
    content.focus();
    const line = /** @type {HTMLElement} */ (content.querySelector('.cm-line'));
    lesson().getSelection()?.collapse(line, 0);
    lesson().execCommand('insertText', false, text);
    await until(() => lesson().querySelector('.tab.modified[data-file="server.c"]'));
    await new Promise((resolve) => setTimeout(resolve, pause));
    const start = performance.now();
    pane('.run')?.click();
    await until(() => /^waiting on port/.test(lastLine()));
    const ms = performance.now() - start;
    pane('.stop')?.click();
    await until(() => /\$$/.test(lastLine()));
    return ms;
  },
};

const desk = new URLSearchParams(location.search).get('desk') ?? '';
for (;;) {
  const { name, args } = await (await fetch(desk)).json();
  let answer;
  try {
    answer = { value: await /** @type {Record<string, (...args: any[]) => any>} */ (tasks)[name](...args) };
  } catch (error) {
    answer = { error: String(/** @type {Error} */ (error).stack) };
  }
  await fetch(desk, { method: 'POST', body: JSON.stringify(answer) });
}
