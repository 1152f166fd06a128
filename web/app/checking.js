/** The pane that makes an exercise's check, and lists what came of it. */
import { runCheck } from '../runtime/check.js';
import { all, make, one, reasonOf } from './dom.js';
import { texts } from './texts.js';

/**
 * @typedef {import('../runtime/check.js').Result} Result
 * @typedef {import('./workbench.js').Built} Built
 * @typedef {{ file: string, built: Built }} Compiled
 *
 * @typedef {object} Parts
 * @property {() => Promise<Compiled[]>} build      all files; the editor shows what is wrong with one
 * @property {() => Promise<Uint8Array>} checker
 * @property {() => string} waiting                 what building waits for
 * @property {Omit<Parameters<typeof runCheck>[0], 'programs'|'checker'>} lab
 * @property {() => void} onPassed
 */

export class Checking {
  #parts;
  #list;
  #state;
  #start;
  #stop;
  /** @type {AbortController|undefined} of the check that is being made */
  #running;

  /** @param {HTMLElement} pane @param {Parts} parts */
  constructor(pane, parts) {
    this.#parts = parts;
    this.#list = one('.outcome', pane);
    this.#state = one('.state', pane);
    this.#start = /** @type {HTMLButtonElement} */ (one('.check', pane));
    this.#stop = /** @type {HTMLButtonElement} */ (one('.stop', pane));
    this.#start.addEventListener('click', () => this.start());
    this.#stop.addEventListener('click', () => this.stop());
    this.#start.disabled = false;
  }

  stop() {
    this.#running?.abort();
  }

  /** What building waits for has changed. */
  progress() {
    if (this.#running && this.#list.childElementCount === 0) this.#state.textContent = this.#parts.waiting();
  }

  async start() {
    if (this.#running) return;
    const running = new AbortController();
    this.#running = running;
    this.#start.disabled = true;
    this.#stop.disabled = false;
    this.#list.replaceChildren();
    this.progress();
    try {
      const outcome = await this.#check(running.signal);
      this.#state.textContent = outcome;
    } catch (error) {
      this.#say('failed', texts.notChecked(reasonOf(error)));
      this.#state.textContent = '';
    }
    this.#running = undefined;
    this.#start.disabled = false;
    this.#stop.disabled = true;
  }

  /** @param {AbortSignal} signal @returns {Promise<string>} how it ended, in a word or two */
  async #check(signal) {
    const aborted = new Promise((resolve) => signal.addEventListener('abort', () => resolve(null)));
    const compiled = await Promise.race([this.#parts.build(), aborted]);
    if (compiled === null) return texts.stopped;
    /** @type {Record<string, Uint8Array>} */
    const programs = {};
    for (const { file, built } of /** @type {Compiled[]} */ (compiled)) {
      if (built.plain !== '') this.#say(built.ok ? 'warned' : 'failed', built.ok ? texts.warned(file) : texts.notCompiled(file), built.plain);
      if (!built.wasm) return texts.failed;
      programs[file.replace(/\.c$/, '')] = built.wasm;
    }
    this.#state.textContent = texts.checking;
    const { passed, problem, results, complaints } = await runCheck({
      ...this.#parts.lab,
      programs,
      checker: await this.#parts.checker(),
      signal,
      onResult: (result) => this.#result(result),
    });
    if (problem) this.#say('failed', problem, complaints);
    if (passed) this.#parts.onPassed();
    return passed ? texts.passed : texts.passedOf(results.filter(({ ok }) => ok).length, results.length);
  }

  /** @param {Result} result */
  #result({ ok, title, lines }) {
    this.#say(ok ? 'passed' : 'failed', title, lines.join('\n'));
    const failures = all('.failed', this.#list);
    if (!ok && failures.length === 1) failures[0].scrollIntoView({ block: 'nearest' });
  }

  /** @param {'passed'|'failed'|'warned'} kind @param {string} title @param {string} [lines] */
  #say(kind, title, lines = '') {
    const word = make('span', `${texts.outcome[kind]}: `);
    word.className = 'unseen';
    const item = make('li', make('p', word, title));
    item.className = kind;
    if (lines !== '') item.append(make('pre', lines.trimEnd()));
    this.#list.append(item);
  }
}
