/**
 * For the tests of the page: the built site under a sub-path, Chromium, and the lesson's page as a
 * learner handles it. Everything waits for what it is to see.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { serveStatic } from '../../web/build/static.js';

export const top = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const lessonPath = 'lessons/tcp/simple/';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @typedef {import('playwright-core').Page} Page */

export function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
}

/**
 * Serves the site under a sub-path, as many static hosts do.
 * @param {object} options
 * @param {boolean} options.isolated   with the headers that shared memory needs
 * @param {string} [options.without]   what of the site is missing until restore()
 */
export async function serveSite({ isolated, without }) {
  const root = await mkdtemp(join(tmpdir(), 'portside-'));
  const site = join(root, 'courses/sockets');
  const add = (/** @type {string} */ name) => symlink(join(top, 'build/site', name), join(site, name));
  await mkdir(site, { recursive: true });
  for (const name of await readdir(join(top, 'build/site'))) if (name !== without) await add(name);
  const server = await serveStatic({ root, isolated });
  return {
    url: `${server.url}courses/sockets/`,
    restore: () => add(without ?? ''),
    close: async () => {
      await server.close();
      await rm(root, { recursive: true });
    },
  };
}

/** One terminal of a lesson's page. */
export class TerminalPane {
  #pane;

  /** @param {Page} page @param {string | import('playwright-core').Locator} pane the pane, or its file */
  constructor(page, pane) {
    this.page = page;
    this.#pane = typeof pane === 'string' ? page.locator(`.terminal[data-file="${pane}"]`) : pane;
  }

  get run() {
    return this.#pane.locator('.run');
  }

  get stop() {
    return this.#pane.locator('.stop');
  }

  /** What it shows, without the spaces at the lines' ends. */
  async text() {
    const rows = await this.#pane.locator('.xterm-rows > div').allTextContents();
    return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd()).join('\n').trimEnd();
  }

  /** Waits until its text matches. @param {RegExp} pattern @param {number} patience milliseconds */
  async shows(pattern, patience = 60_000) {
    const end = performance.now() + patience;
    for (;;) {
      const text = await this.text();
      if (pattern.test(text)) return text;
      if (performance.now() > end) throw new Error(`no ${pattern} in the terminal, which shows:\n${text}`);
      await this.page.evaluate(() => new Promise(requestAnimationFrame));
    }
  }

  /** Waits until the pane says that a program runs, or that none does. @param {boolean} yes */
  async running(yes) {
    const running = this.#pane.and(this.page.locator('.running'));
    await running.waitFor({ state: yes ? 'attached' : 'detached' });
  }

  /** Types a line at the prompt, once that is there. @param {string} line */
  async type(line) {
    await this.shows(/\$$/);
    await this.#pane.locator('.screen').click();
    await this.page.keyboard.type(`${line}\n`);
  }
}

/** The code as the page shows it, to be read or to be edited. @param {Page} page */
export const code = (page) => page.locator('.source').locator('.cm-content, .listing:visible code');

/** Goes near the code, as who wants to edit it. @param {Page} page */
export async function openEditor(page) {
  await page.locator('.source').hover();
  await page.locator('.cm-content').waitFor();
}

/**
 * Replaces text on the first line that has it, as someone would who marks the line and types.
 * @param {Page} page
 * @param {string} file
 * @param {string} before
 * @param {string} after
 */
export async function edit(page, file, before, after) {
  await page.locator(`.tab[data-file="${file}"]`).click();
  await openEditor(page);
  await page.locator('.cm-content').focus();
  await page.keyboard.press('Control+Home');
  const line = page.locator('.cm-line', { hasText: before }).first();
  for (let pages = 0; pages < 20 && (await line.count()) === 0; pages++) await page.keyboard.press('PageDown');
  const text = (await line.textContent()) ?? '';
  await line.click();
  await page.keyboard.press('End');
  await page.keyboard.press('Shift+Home'); // as far as the indentation
  await page.keyboard.insertText(text.trimStart().replace(before, after));
}

/**
 * A page without the site's service worker, unless options say otherwise: that keeps the whole site,
 * which takes a core for a quarter of a minute.
 * @param {import('playwright-core').Browser} browser
 * @param {import('playwright-core').BrowserContextOptions} [options]
 */
export function newPage(browser, options) {
  return browser.newPage({ serviceWorkers: 'block', ...options });
}

/**
 * Opens a lesson. close() fails if an error of the page's own went to the console.
 * @param {import('playwright-core').Browser} browser
 * @param {string} site
 * @param {{ proxy?: string|null }} [config] what the site's config.json says
 * @param {import('playwright-core').BrowserContextOptions & { path?: string }} [options] path: the lesson's
 */
export async function openLesson(browser, site, config, { path = lessonPath, ...options } = {}) {
  const page = await newPage(browser, { viewport: { width: 2400, height: 1000 }, ...options });
  /** @type {string[]} */
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error.stack)));
  if (config) await page.route('**/config.json', (route) => route.fulfill({ json: config }));
  await page.goto(site + path);
  const server = new TerminalPane(page, 'server.c');
  const client = new TerminalPane(page, 'client.c');
  const close = async () => {
    await page.close();
    assert.deepEqual(errors, []);
  };
  return { page, server, client, close };
}
