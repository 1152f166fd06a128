/** An exercise's check, in a lab of its own. The same in the page and under Node. */
import { HOME, Lab } from './lab.js';
import { Tap } from './tap.js';

const LIMIT = 20_000; // milliseconds
const CHECKER = '/tmp/check';

/**
 * @typedef {import('./tap.js').Result} Result
 * @typedef {{ passed: boolean, results: Result[], problem: string, complaints: string }} Outcome
 *     problem: why there is no whole result, or ''; complaints: what the checker itself said on standard error
 *
 * @typedef {object} Check
 * @property {Record<string, Uint8Array>} programs   the learner's, by name
 * @property {Uint8Array} checker
 * @property {string[]} [servers]
 * @property {{ host: string, settings: import('./lab.js').Link }[]} [links]
 * @property {number} [patience]   milliseconds that each step of the checker waits
 * @property {number} [limit]      milliseconds that the whole may take
 * @property {URL | string} [assets]
 * @property {import('./lab.js').Symbolize} [symbolize]
 * @property {(result: Result) => void} [onResult]
 * @property {AbortSignal} [signal]   stops it
 */

/** @param {Check} check @returns {Promise<Outcome>} */
export async function runCheck({ programs, checker, servers, links = [], patience, limit = LIMIT, assets, symbolize, onResult, signal }) {
  /** @type {(problem: string) => void} */
  let stop = () => {};
  /** @type {Promise<string>} */
  const stopped = new Promise((resolve) => { stop = resolve; });
  const timer = setTimeout(() => stop(`the check took longer than ${limit / 1000} s`), limit);
  const onAbort = () => stop('the check was stopped');
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  const tap = new Tap(onResult);
  let complaints = '';
  /** @type {Lab | undefined} */
  let lab;
  const run = async () => {
    lab = await Lab.boot({ assets, servers, symbolize, onFailure: (message) => stop(`the lab broke down: ${message}`) });
    for (const { host, settings } of links) await lab.link(host, settings);
    for (const [name, wasm] of Object.entries(programs)) await lab.install(`${HOME}/${name}`, wasm);
    await lab.install(CHECKER, checker);
    const env = ['PATH=/bin', `HOME=${HOME}`, 'LANG=C.UTF-8', ...(patience ? [`CHECK_PATIENCE=${patience}`] : [])];
    const { exited } = await lab.spawn({
      path: CHECKER,
      argv: ['check', ...Object.keys(programs).map((name) => `./${name}`)],
      env,
      stdout: { onData: (bytes, done) => { tap.write(bytes); done(); } },
      stderr: { onData: (bytes, done) => { complaints += new TextDecoder().decode(bytes); done(); } },
    });
    const ended = await exited;
    return ended.code === (tap.results.every(({ ok }) => ok) ? 0 : 1) ? '' : `the checker itself ended with status ${ended.code}`;
  };
  /** @type {Promise<string>} */
  const running = run();
  running.catch(() => {}); // a lab that is shut down rejects
  try {
    const problem = await Promise.race([running, stopped]);
    tap.end();
    return { passed: problem === '' && tap.passed, results: tap.results, problem, complaints };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    if (lab) lab.shutdown();
    else void running.finally(() => lab?.shutdown()).catch(() => {});
  }
}
